"""A whole engine in the test's own loop, its servers simulators over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings as chosen

from accounts.models import Workspace
from runs import lifecycle
from runs.engine import servers, worker
from runs.engine.database import rows
from runs.engine.driver import Waits
from runs.engine.supervisor import Engine
from runs.models import Generation, Run
from runs.simulator.server import Simulator
from runs.states import Status
from tests.conftest import brief

PATIENCE = 40.0  # seconds; only a bound, nothing is measured


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(seconds_per_step=0.01, load_seconds=0) as running:
        yield running


@pytest.fixture
def engine_settings(settings: Any, simulator: Simulator) -> Any:
    settings.COMFYUI_URLS = [simulator.url]
    settings.TEST_MODE = "off"
    return settings


class WorkerEngine(Engine):
    """As a worker process has it: procrastinate brings it calls and the time."""

    def __init__(self, waits: Waits) -> None:
        super().__init__(periodic=False, waits=waits)
        self._deliveries: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await super().start()
        await asyncio.wait(self._clocks[:1])  # the tests begin with servers that are known
        self._deliveries = asyncio.create_task(worker._deliveries())

    async def stop(self) -> None:
        if self._deliveries is not None:
            self._deliveries.cancel()
            await asyncio.gather(self._deliveries, return_exceptions=True)
        await super().stop()


def make_engine(waits: Waits | None = None) -> Engine:
    """The engine that belongs to the settings: all in one process, or a worker beside others."""
    waits = waits or Waits()
    return Engine(waits=waits) if chosen.ENGINE == "embedded" else WorkerEngine(waits)


@pytest.fixture
def waits() -> Waits:
    """As in the studio; what is right for a GPU is too long for some tests, which have their own."""
    return Waits()


@pytest.fixture
async def engine(transactional_db: None, engine_settings: Any, waits: Waits) -> AsyncIterator[Engine]:
    running = make_engine(waits)
    await running.start()
    yield running
    await running.stop()


async def order(**changes: Any) -> Run:
    """Start a run in a workspace of its own."""
    workspace = await rows(Workspace.objects.create, name="Nordlys")
    return await rows(lifecycle.start, workspace, None, brief(**changes))


async def until[T](question: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """Ask again until the answer is a yes."""
    async with asyncio.timeout(patience):
        while not (answer := await question()):
            await asyncio.sleep(0.05)
    return answer


async def ended(run: Run, patience: float = PATIENCE) -> Run:
    async def final() -> bool:
        await rows(run.refresh_from_db)
        return run.is_final

    await until(final, patience)
    return run


async def pictures(run: Run) -> list[Generation]:
    return await rows(lambda: list(run.generations.select_related("server").order_by("pk")))


async def first_in(run: Run, *statuses: Status, patience: float = PATIENCE) -> Generation:
    """Wait until a picture of this run is in one of these statuses."""

    async def found() -> Generation | None:
        return await rows(run.generations.filter(status__in=statuses).first)

    return await until(found, patience)


async def turn(engine: Engine) -> None:
    """What the clocks do every few seconds, now."""
    await servers.probe_all()
    await engine._beat()
