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
        self._jobs: dict[int, Job] = {}
        self._clocks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
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
        # Known servers get work at once; one that does not answer must not hold up the pages.
        await asyncio.wait([asyncio.ensure_future(self._probe())], timeout=FIRST_PROBE)
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
        for clock in self._clocks:
            clock.cancel()
        await asyncio.gather(*self._clocks, return_exceptions=True)
        for job in list(self._jobs.values()):
            job.stop(Stop.SHUTDOWN)
        await task_backends["default"].drain()  # type: ignore[attr-defined]
        for link in self._links.values():
            await link.close()
        if self.simulator is not None:
            await self.simulator.stop()
        live.bind(None)
        _current = None

    async def render(self, pk: int) -> None:
        """Work on one assigned generation, unless another has it."""
        if self._stopping:
            return
        generation = await rows(leases.take, pk, self.worker)
        if generation is None or generation.server is None:
            return
        job = Job(generation, await self._link(generation.server), self.worker)
        self._jobs[pk] = job
        try:
            await job.work()
        finally:
            self._jobs.pop(pk, None)

    async def _link(self, server: Server) -> Link:
        link = self._links.get(server.pk)
        if link is not None and link.endpoint == servers.endpoint(server):
            return link
        if link is not None:
            await link.close()
        link = self._links[server.pk] = Link(servers.endpoint(server))
        await link.open()
        return link

    async def _beat(self) -> None:
        await rows(leases.renew, self.worker)
        await self._stop_cancelled()

    async def _sweep(self) -> None:
        await rows(scheduler.sweep)

    async def _probe(self) -> None:
        known = await rows(servers.enabled)
        await asyncio.gather(*(servers.probe(server) for server in known))

    def _cancel_soon(self, **_: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._stop_cancelled(), self._loop)

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
