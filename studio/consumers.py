"""The run page's socket: first the whole state, then every changed part, as the page's own partials."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.template.loader import render_to_string

from accounts.access import Deed, may
from runs import live
from runs.models import Run
from studio.room import Room, brief_url

FRAME = 0.25  # seconds: progress within this time goes out as one frame
TEMPLATE = "studio/run.html"
NOT_YOURS, ENDED, NO_NEWS = 4404, 4000, 4503
EVERYTHING = ""  # a change that names no picture, such as stop and retry, concerns them all


class NotFound(AsyncWebsocketConsumer):
    """Any other address: refused in the handshake."""

    async def connect(self) -> None:
        await self.close(NOT_YOURS)


class RunSocket(AsyncWebsocketConsumer):
    """One browser on one run. Messages name what changed; the rows are read again and rendered here."""

    async def connect(self) -> None:
        self._changed: set[str] = set()
        self._flushing: asyncio.Task[None] | None = None
        self._uid: UUID = self.scope["url_route"]["kwargs"]["uid"]
        self._group = live.group(self._uid)
        if not live.tells():
            # Nothing in this process would ever send a change: refused, the page asks by itself instead.
            await self.close(NO_NEWS)
            return
        # In the group before the state is read: what changes in between is told, not lost.
        await self.channel_layer.group_add(self._group, self.channel_name)
        page = await database_sync_to_async(whole)(self.scope["user"], self._uid)
        if page is None:
            await self.close(NOT_YOURS)
            return
        await self.accept()
        await self.send(text_data=page)

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self._group, self.channel_name)
        if self._flushing is not None:
            self._flushing.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page only listens; what it sends is not looked at."""

    async def run_changed(self, message: dict[str, Any]) -> None:
        self._changed.add(message["generation"] or EVERYTHING)
        if self._flushing is None or self._flushing.done():
            pause = 0.0 if message["urgent"] else FRAME
            self._flushing = asyncio.create_task(self._flush(pause))

    async def _flush(self, pause: float) -> None:
        # Even what is urgent waits a moment: a step of life comes with several announcements.
        await asyncio.sleep(max(pause, 0.02))
        changed, self._changed = self._changed, set()
        frame, final = await database_sync_to_async(part)(self.scope["user"], self._uid, changed)
        if frame is None:
            await self.close(NOT_YOURS)
            return
        with suppress(RuntimeError):  # the browser left while we rendered
            await self.send(text_data=frame)
        if final:
            await self.close(ENDED)
        elif self._changed:
            self._flushing = asyncio.create_task(self._flush(FRAME))


def _room(user: Any, uid: UUID) -> Room | None:
    run = Run.objects.for_member(user).filter(uid=uid).select_related("workspace").first()
    if run is None:
        return None
    editor = may(user, Deed.EDIT, run.workspace)
    return Room(run, brief_url=brief_url(run) if editor else "", may_change=editor)


def whole(user: Any, uid: UUID) -> str | None:
    """The whole state, as on a fresh page; None where the run is not the user's."""
    room = _room(user, uid)
    if room is None:
        return None
    everything = {str(generation.uid) for generation in room.generations}
    return _frame(room, everything)


def part(user: Any, uid: UUID, changed: set[str]) -> tuple[str | None, bool]:
    """The changed tiles and the head; and whether the run has ended."""
    room = _room(user, uid)
    if room is None:
        return None, True
    final = room.final
    everything = final or EVERYTHING in changed
    shown = {str(g.uid) for g in room.generations} if everything else changed | room.next_ones
    return _frame(room, shown), final


def _frame(room: Room, shown: set[str]) -> str:
    context = {"run": room, "oob": True}
    parts = [
        render_to_string(f"{TEMPLATE}#{name}", context) for name in ("head", "banner", "servers", "activity")
    ]
    for look in room.looks_with(shown):
        if look.tiles:
            parts.append(render_to_string(f"{TEMPLATE}#look_head", {"look": look, "oob": True}))
        parts += [render_to_string(f"{TEMPLATE}#tile", {"tile": tile, "oob": True}) for tile in look.tiles]
    return "\n".join(parts)
