"""The run page's socket: first the whole state, then every changed part, as the page's own partials."""

import asyncio
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from accounts.access import Deed, may
from accounts.standing import Ticket, still_good
from runs import gauges
from runs.models import Run
from studio import feed
from studio.feed import AGAIN, NOT_YOURS
from studio.frames import Audience

MOST_WAITING = 32  # frames; a browser that is further behind begins anew


class NotFound(AsyncWebsocketConsumer):
    """Any other address: refused in the handshake."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close(NOT_YOURS)


class RunSocket(AsyncWebsocketConsumer):
    """One browser on one run. What it is shown comes from the run's feed."""

    channel_layer_alias = "none"  # the feed listens for all; a channel for each would need Redis to open one

    async def connect(self) -> None:
        self._feed: feed.Feed | None = None
        self._sending: asyncio.Task[None] | None = None
        uid: UUID = self.scope["url_route"]["kwargs"]["uid"]
        try:
            place = await feed.aside(_place, self.scope, uid)
        except DatabaseError:
            await self.close(AGAIN)
            return
        if place is None:
            await self.close(NOT_YOURS)
            return
        await self.accept()
        self.ticket = place[2]
        self._outbox: asyncio.Queue[str | int] = asyncio.Queue()
        self._sending = asyncio.create_task(self._send_all())
        self._feed = feed.join(uid, place[0], self, place[1])
        gauges.SOCKETS.inc()

    async def disconnect(self, code: int) -> None:
        if self._feed is not None:
            self._feed.leave(self)
            gauges.SOCKETS.dec()
        if self._sending is not None:
            self._sending.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page only listens; what it sends is not looked at."""

    def show(self, frame: str) -> None:
        """Send this when the browser is ready; one that does not read must not hold up the others."""
        if self._outbox.qsize() < MOST_WAITING:
            self._outbox.put_nowait(frame)
        elif self._feed is not None and self._sending is not None:
            self._feed.leave(self)
            self._sending.cancel()
            self._sending = asyncio.create_task(self._close(AGAIN))

    def dismiss(self, code: int) -> None:
        self._outbox.put_nowait(code)

    async def _send_all(self) -> None:
        while not isinstance(item := await self._outbox.get(), int):
            try:
                await self.send(text_data=item)
            except (RuntimeError, OSError):  # the browser left meanwhile
                return
        await self._close(item)

    async def _close(self, code: int) -> None:
        try:
            await self.close(code)
        except (RuntimeError, OSError):
            return


def _place(scope: Any, uid: UUID) -> tuple[int, Audience, Ticket] | None:
    """The run's workspace, whether the user may change the run, and what lets them in; None where it is not there."""
    user = scope["user"]
    if not user.is_authenticated or not still_good([Ticket.of(scope)]):
        return None
    run = Run.objects.for_member(user).filter(uid=uid).select_related("workspace").first()
    return (run.workspace_id, may(user, Deed.EDIT, run.workspace), Ticket.of(scope)) if run else None
