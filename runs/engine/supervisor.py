"""Holds the engine of one process together: its links, its jobs and its clocks.

`manage.py studio` runs one inside the web server, `manage.py run_worker` one in each worker.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError
from django.tasks import task_backends

from runs import leases, lifecycle, live, marks
from runs.engine import scheduler, servers, tasks, tidying
from runs.engine.database import aside, rows
from runs.engine.driver import Waits
from runs.engine.link import Link
from runs.engine.recomposing import Recomposer
from runs.engine.render import BROKEN, Job, Stop
from runs.engine.taking import Taking
from runs.errors import LeaseLost
from runs.models import Generation, Server

if TYPE_CHECKING:
    from runs.simulator.server import Simulator

log = logging.getLogger(__name__)

BEAT, SWEEP, PROBE, TIDY, CLEAN = 5.0, 5.0, 10.0, 600.0, 600.0  # seconds
FIRST_PROBE = 2.0
CANCELS = 2.0  # seconds before a broken line to whoever wants pictures stopped is tried again
DRAIN = 10.0  # seconds for jobs to be handed back; what is not by then comes back by its lease

_current: "Engine | None" = None


def current() -> "Engine | None":
    """The engine of this process, while it runs."""
    return _current


class Engine:
    def __init__(self, *, periodic: bool = True, waits: Waits | None = None) -> None:
        """With `periodic` it sweeps and probes by its own clocks; else the task engine calls those."""
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.simulator: Simulator | None = None
        self._periodic, self._waits = periodic, waits or Waits()
        self._links: dict[int, Link] = {}
        self._replaced: list[Link] = []  # their servers got another address; jobs may still be on them
        self._linking = asyncio.Lock()
        self._taking = Taking(self.worker)
        self._jobs: dict[int, Job] = {}
        self._again: set[int] = set()  # delivered while an earlier job on the same row had not ended
        self._working: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly
        self._clocks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.revisions = Recomposer()

    async def start(self) -> None:
        """Know the servers, then take work. What a process before this one held comes back by its leases."""
        global _current
        await rows(servers.register_configured)
        await self._simulate(await rows(servers.test_mode))
        _current = self
        live.bind(asyncio.get_running_loop())
        first_probe = asyncio.create_task(servers.probe_all(), name="first probe")
        self._clocks = [
            first_probe,
            asyncio.create_task(_every(BEAT, self._beat), name="beat"),
            asyncio.create_task(_every(CANCELS, self._hear_cancels), name="cancels"),
        ]
        if self._periodic:
            await self._start_clocks(first_probe)

    async def _start_clocks(self, first_probe: asyncio.Task[None]) -> None:
        backend: Any = task_backends["default"]
        backend.bind(asyncio.get_running_loop())
        # Known servers get work at once; one that does not answer must not hold up the pages.
        await asyncio.wait([first_probe], timeout=FIRST_PROBE)
        self._clocks += [
            asyncio.create_task(_every(SWEEP, _sweep), name="sweep"),
            asyncio.create_task(_every(PROBE, servers.probe_all, at_once=False), name="probe"),
            asyncio.create_task(_every(TIDY, _tidy), name="tidy"),
            asyncio.create_task(_every(CLEAN, tasks.clean_up.func, at_once=False), name="clean-up"),
        ]

    async def _simulate(self, wanted: bool) -> None:
        # Several processes share a simulator that is named like any server.
        if not wanted or not self._periodic:
            await rows(servers.retire_simulator)
            return
        from runs.simulator.server import Simulator  # only test mode pays for its painter

        self.simulator = Simulator(seconds_per_step=settings.SIMULATOR_SECONDS_PER_STEP)
        await rows(servers.register_simulator, await self.simulator.start())

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    async def stop(self) -> None:
        """Take no more work, hand back what is under way, say goodbye to the servers."""
        global _current
        self._stopping = True
        for clock in self._clocks:
            clock.cancel()
        await asyncio.gather(*self._clocks, return_exceptions=True)
        for job in list(self._jobs.values()):
            job.stop(Stop.SHUTDOWN)
        ending = set(self._working) | {asyncio.create_task(self.revisions.stop())}
        await asyncio.wait(ending, timeout=DRAIN)
        if self._periodic:
            backend: Any = task_backends["default"]
            backend.bind(None)
            await backend.drain()
        for link in [*self._links.values(), *self._replaced]:
            await link.close()
        if self.simulator is not None:
            await self.simulator.stop()
        live.bind(None)
        _current = None

    async def render(self, pk: int) -> None:
        """Begin to work on one assigned generation, unless another has it. Returns when it is taken."""
        if self._stopping:
            return
        if pk in self._jobs:
            # Two jobs must not share the worker's name. But the first may have lost its lease: then look again.
            self._again.add(pk)
            return
        generation = await self._taking.take(pk)
        if generation is None:
            return
        task = asyncio.create_task(self._work(generation), name=f"picture {pk}")
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, generation: Generation) -> None:
        marks.about(generation)
        try:
            link = await self._link(generation.server) if generation.server is not None else None
            job = Job(generation, link, self.worker, self._waits)
            if not self._stopping:
                self._jobs[generation.pk] = job
                await job.work()
        except Exception:
            # What nobody foresaw counts as a try: the next worker may meet it too. The reason must be seen.
            log.exception("Work on %s ended in a fault", generation)
            await asyncio.shield(rows(_lose, generation.pk, self.worker))
        finally:
            # However it ended: what is not settled by now is given back, never held by a worker that forgot it.
            self._jobs.pop(generation.pk, None)
            await asyncio.shield(rows(_give_back, generation.pk, self.worker))
        if generation.pk in self._again:
            self._again.discard(generation.pk)
            await self.render(generation.pk)

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
        await self._renew()
        await self._stop_cancelled()
        if self._links:
            await self._close_idle(await rows(servers.enabled))

    async def _renew(self) -> None:
        mine = list(self._jobs)
        kept = await rows(leases.renew, self.worker, mine)
        for pk in mine:
            if pk not in kept and pk in self._jobs:
                self._jobs[pk].stop(Stop.LOST)

    async def _hear_cancels(self) -> None:
        layer = get_channel_layer()
        assert layer is not None  # the settings always name one
        channel = await layer.new_channel()
        await layer.group_add(live.WORKERS, channel)
        while True:
            await layer.receive(channel)
            await self._stop_cancelled()

    async def _stop_cancelled(self) -> None:
        for pk in await rows(leases.to_cancel, self.worker):
            if pk in self._jobs:
                self._jobs[pk].stop(Stop.CANCEL)


def _lose(pk: int, worker: str) -> None:
    """Without a database its lease ends, and the sweep takes it up."""
    with suppress(LeaseLost, DatabaseError):
        if held := Generation.objects.filter(pk=pk, worker_id=worker).first():
            lifecycle.lose(held, BROKEN, worker=worker, keep_prompt=True)


def _give_back(pk: int, worker: str) -> None:
    """With a word to the other workers: the sweep would find it too, but seconds later."""
    if leases.hand_back(pk, worker):
        tasks.render.enqueue(pk)


async def _sweep() -> None:
    await rows(scheduler.sweep)


async def _tidy() -> None:
    await aside(tidying.tidy)


async def _every(pause: float, turn: Callable[[], Awaitable[None]], *, at_once: bool = True) -> None:
    """A clock survives its own turns: it logs what went wrong and comes again."""
    if not at_once:
        await asyncio.sleep(pause)
    while True:
        try:
            await turn()
        except DatabaseError as fault:
            log.warning(
                "The database does not answer; what is due is looked at again in %s s. %s", pause, fault
            )
        except Exception:
            log.exception("A turn of the engine failed; it comes again in %s s", pause)
        await asyncio.sleep(pause)
