"""One delivery of `render`: take the row, work on it, and leave it in a state that somebody can go on from."""

import asyncio
import logging
from enum import StrEnum, auto

from django.db import DatabaseError

from runs import leases, lifecycle, withdrawals
from runs.comfyui import (
    AccessRefused,
    BadAddress,
    ComfyError,
    MissingModel,
    MissingNode,
    NotComfyUI,
    ProtocolViolation,
    Running,
    ServerFault,
    ServerTimeout,
    ServerUnreachable,
    UnsupportedVersion,
    Waiting,
)
from runs.engine import servers
from runs.engine.database import rows
from runs.engine.driver import PaintingFailed, PromptLost, Waits, paint
from runs.engine.link import Link
from runs.engine.typesetting import typeset
from runs.errors import LeaseLost
from runs.models import Generation, Picture
from runs.states import Event, Status

log = logging.getLogger(__name__)

BROKEN = "It failed in the studio itself. Your studio admin can find out why in its log."


class Stop(StrEnum):
    """Why a worker lets go of a generation before its end."""

    CANCEL = auto()  # somebody wants it stopped
    SHUTDOWN = auto()  # this process ends; another goes on
    LOST = auto()  # this process slept longer than its lease; whoever has it now goes on


class Job:
    """A generation this worker holds."""

    def __init__(self, generation: Generation, link: Link | None, worker: str, waits: Waits) -> None:
        """Without a `link` there is no server to talk to any more: only its stored picture can be composed."""
        self.generation, self.link, self.worker, self.waits = generation, link, worker, waits
        self.stopping: Stop | None = None
        self._task: asyncio.Task[None] | None = None

    def stop(self, why: Stop) -> None:
        if self.stopping is None and self._task is not None:
            self.stopping = why
            self._task.cancel()

    async def work(self) -> None:
        """Never raises but for bugs; the row says what happened."""
        self._task = asyncio.current_task()
        if self.generation.cancel_requested:
            await self._cancel()
            return
        try:
            await self._paint_and_typeset()
        except LeaseLost as lost:
            log.warning("%s: %s", self.generation, lost)
            # What we stored for it may be a file that no row names.
            await rows(leases.mark_disturbed, self.generation.pk)
        except asyncio.CancelledError:
            await asyncio.shield(self._let_go())
        except Exception as fault:
            await asyncio.shield(self._end_badly(fault))

    async def _paint_and_typeset(self) -> None:
        if Status(self.generation.status) == Status.COMPOSING or self.link is None:
            picture = await rows(_last_picture, self.generation)
        else:
            picture = await paint(self.generation, self.link, self.worker, self.waits)
        ads = await typeset(self.generation, picture)
        await rows(lifecycle.composed, self.generation, ads, worker=self.worker)

    async def _let_go(self) -> None:
        match self.stopping:
            case Stop.CANCEL:
                await self._cancel()
            case Stop.SHUTDOWN | Stop.LOST | None:
                return  # the engine hands it back, as it does with all that is not settled

    async def _cancel(self) -> None:
        """Take it off the GPU first: a stopped picture must not go on costing time."""
        server, prompt_id = self.generation.server, self.generation.prompt_id
        if server is not None and prompt_id is not None and not await self._is_off(str(prompt_id)):
            await rows(withdrawals.note, server, prompt_id)
        await self._settle(
            lifecycle.advance, self.generation, Event.CANCEL, worker=self.worker, words="Stopped"
        )

    async def _is_off(self, prompt_id: str) -> bool:
        """A node ends only at its next step, and a server may be away: then it is looked at again later."""
        if self.link is None:
            return False
        try:
            return not isinstance(await self.link.client.cancel(prompt_id), Waiting | Running)
        except ComfyError as fault:
            log.warning("%s could not be taken off %s: %s", self.generation, self.generation.server, fault)
            return False

    async def _end_badly(self, fault: Exception) -> None:
        await self._count_against_server(fault)
        match fault:
            case DatabaseError():
                # Nothing can be written down now. Its lease ends, and whoever is there then goes on.
                log.warning("%s is left to the next worker: %s", self.generation, fault)
            case PromptLost():
                await self._settle(lifecycle.lose, self.generation, str(fault), worker=self.worker)
            case ServerUnreachable() | ServerTimeout() | BadAddress():
                await self._wait_for_server(str(fault), blame=False)
            case ServerFault():
                # Of the server or a proxy before it; what was sent may be there all the same.
                await self._settle(
                    lifecycle.lose, self.generation, str(fault), worker=self.worker, keep_prompt=True
                )
            case AccessRefused() | NotComfyUI() | UnsupportedVersion() | ProtocolViolation():
                await self._wait_for_server(str(fault), blame=True)
            case ComfyError(permanent=False) | MissingModel() | MissingNode():
                await self._settle(lifecycle.lose, self.generation, str(fault), worker=self.worker)
            case ComfyError() | PaintingFailed():
                await self._fail(str(fault))
            case _:
                # Our own storage, database or code: the picture is paid for, so its prompt is kept for the next try.
                log.exception("%s failed", self.generation, exc_info=fault)
                await self._settle(
                    lifecycle.lose, self.generation, BROKEN, worker=self.worker, keep_prompt=True
                )

    async def _count_against_server(self, fault: Exception) -> None:
        # Once a picture: one that can never be made must not look like a broken server.
        server, first = self.generation.server, self.generation.tries == 0
        if server is not None and first and isinstance(fault, PromptLost | PaintingFailed | ServerFault):
            await rows(servers.note_failure, server, str(fault))

    async def _wait_for_server(self, words: str, *, blame: bool) -> None:
        """It is the server that fails, not the picture: it waits for it or goes to another.

        An outage is nobody's try; a server that refuses us would let it come back for ever.
        """
        await rows(servers.mark_down, self.generation, words, self.worker)
        how = {"worker": self.worker, "keep_prompt": not blame, "blame": blame}
        await self._settle(lifecycle.lose, self.generation, words, **how)

    async def _fail(self, words: str) -> None:
        await self._settle(
            lifecycle.advance, self.generation, Event.FAIL, worker=self.worker, words=words, error=words
        )

    async def _settle(self, verb: object, *args: object, **kwargs: object) -> None:
        try:
            await rows(verb, *args, **kwargs)  # type: ignore[arg-type]
        except LeaseLost as lost:
            log.warning("%s: %s", self.generation, lost)


def _last_picture(generation: Generation) -> Picture:
    return Picture.everything.filter(generation_id=generation.pk).latest("pk")
