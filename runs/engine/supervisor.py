"""Holds the engine of one process together: its links, its jobs and its clocks. Started and stopped by the server."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.tasks import task_backends

from runs import leases, live, signals
from runs.comfyui import ComfyError
from runs.engine import scheduler, servers
from runs.engine.database import rows
from runs.engine.link import Link
from runs.engine.render import Job, Stop
from runs.models import Server

if TYPE_CHECKING:
    from runs.simulator.server import Simulator

log = logging.getLogger(__name__)

BEAT, SWEEP, PROBE = 5.0, 5.0, 10.0  # seconds
FIRST_PROBE = 2.0

_current: "Engine | None" = None


def current() -> "Engine | None":
    """The engine of this process, while it runs."""
    return _current


class Engine:
    def __init__(self) -> None:
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.simulator: Simulator | None = None
        self._links: dict[int, Link] = {}
        self._replaced: list[Link] = []  # their servers got another address; jobs may still be on them
        self._linking = asyncio.Lock()
        self._jobs: dict[int, Job] = {}
        self._clocks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._first_probe: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Know the servers, then take work. What a process before this one held comes back by its leases."""
        global _current
        self._loop = asyncio.get_running_loop()
        await rows(servers.register_configured)
        await self._simulate(await rows(servers.test_mode))
        _current = self
        live.bind(self._loop)
        task_backends["default"].bind(self._loop)  # type: ignore[attr-defined]
        signals.cancel_requested.connect(self._cancel_soon, dispatch_uid=f"cancel {self.worker}")
        signals.prompt_abandoned.connect(self._abandon_soon, dispatch_uid=f"abandon {self.worker}")
        # Known servers get work at once; one that does not answer must not hold up the pages.
        self._first_probe = asyncio.create_task(self._probe())
        await asyncio.wait([self._first_probe], timeout=FIRST_PROBE)
        self._clocks = [
            asyncio.create_task(_every(BEAT, self._beat), name="beat"),
            asyncio.create_task(_every(SWEEP, self._sweep), name="sweep"),
            asyncio.create_task(_every(PROBE, self._probe, at_once=False), name="probe"),
        ]

    async def _simulate(self, wanted: bool) -> None:
        if not wanted:
            await rows(servers.retire_simulator)
            return
        from runs.simulator.server import Simulator  # only test mode pays for its painter

        self.simulator = Simulator(seconds_per_step=settings.SIMULATOR_SECONDS_PER_STEP)
        await rows(servers.register_simulator, await self.simulator.start())

    async def stop(self) -> None:
        """Take no more work, hand back what is under way, say goodbye to the servers."""
        global _current
        self._stopping = True
        task_backends["default"].bind(None)  # type: ignore[attr-defined]
        signals.cancel_requested.disconnect(dispatch_uid=f"cancel {self.worker}")
        signals.prompt_abandoned.disconnect(dispatch_uid=f"abandon {self.worker}")
        clocks = [*self._clocks, *([self._first_probe] if self._first_probe else [])]
        for clock in clocks:
            clock.cancel()
        await asyncio.gather(*clocks, return_exceptions=True)
        for job in list(self._jobs.values()):
            job.stop(Stop.SHUTDOWN)
        await task_backends["default"].drain()  # type: ignore[attr-defined]
        for link in [*self._links.values(), *self._replaced]:
            await link.close()
        if self.simulator is not None:
            await self.simulator.stop()
        live.bind(None)
        _current = None

    async def render(self, pk: int) -> None:
        """Work on one assigned generation, unless another has it."""
        if self._stopping or pk in self._jobs:  # a late second delivery must not share the worker's name
            return
        generation = await rows(leases.take, pk, self.worker)
        if generation is None or generation.server is None:
            return
        try:
            job = Job(generation, await self._link(generation.server), self.worker)
            if not self._stopping:
                self._jobs[pk] = job
                await job.work()
        finally:
            # However it ended: what is not settled by now is given back, never held by a worker that forgot it.
            self._jobs.pop(pk, None)
            await asyncio.shield(rows(leases.hand_back, pk, self.worker))

    async def _link(self, server: Server) -> Link:
        async with self._linking:  # two pictures at once must not open two
            link = self._links.get(server.pk)
            if link is not None and link.endpoint == servers.endpoint(server):
                return link
            if link is not None:
                self._replaced.append(link)
            fresh = Link(servers.endpoint(server))
            await fresh.open()
            self._links[server.pk] = fresh
            return fresh

    async def _close_idle(self, known: list[Server]) -> None:
        """Close what leads to servers that are switched off, gone or elsewhere now, once nobody works on it."""
        wanted, busy = {server.pk for server in known}, {id(job.link) for job in self._jobs.values()}
        for pk in self._links.keys() - wanted:
            self._replaced.append(self._links.pop(pk))
        idle = [link for link in self._replaced if id(link) not in busy]
        self._replaced = [link for link in self._replaced if id(link) in busy]
        for link in idle:
            await link.close()

    async def _beat(self) -> None:
        await rows(leases.renew, self.worker, list(self._jobs))
        await self._stop_cancelled()

    async def _sweep(self) -> None:
        await rows(scheduler.sweep)

    async def _probe(self) -> None:
        known = await rows(servers.enabled)
        await self._close_idle(known)
        await asyncio.gather(*(servers.probe(server) for server in known))

    def _cancel_soon(self, **_: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._stop_cancelled(), self._loop)

    def _abandon_soon(self, server: Server, prompt_id: str, **_: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._abandon(server, prompt_id), self._loop)

    async def _abandon(self, server: Server, prompt_id: str) -> None:
        """Take off the GPU what nobody waits for any more; a server that is away forgets it by itself."""
        try:
            await (await self._link(server)).client.cancel(prompt_id)
        except ComfyError as fault:
            log.warning("A stopped picture could not be taken off %s: %s", server, fault)

    async def _stop_cancelled(self) -> None:
        for pk in await rows(leases.to_cancel, self.worker):
            if pk in self._jobs:
                self._jobs[pk].stop(Stop.CANCEL)


async def _every(pause: float, turn: Callable[[], Awaitable[None]], *, at_once: bool = True) -> None:
    """A clock survives its own turns: it logs what went wrong and comes again."""
    if not at_once:
        await asyncio.sleep(pause)
    while True:
        try:
            await turn()
        except Exception:
            log.exception("A turn of the engine failed; it comes again in %s s", pause)
        await asyncio.sleep(pause)
