"""`manage.py run_worker` as a process beside the test: PostgreSQL, Redis, the simulator, real sockets, real signals."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from runs import storage
from runs.engine.database import rows
from runs.engine.worker import _deliveries as deliveries_of_a_worker
from runs.models import Creative
from runs.simulator.server import Simulator
from runs.states import RunStatus, Status
from tests.browser.processes import Process, environment
from tests.runs.engine.conftest import ended, first_in, order, pictures

ONE = {"formats": ["meta_feed_square"]}
NAME = "adgen-test-worker"
GRACE = 40.0  # seconds; about what the patient ones give a process before they kill it
NOWHERE = "postgres://studio@127.0.0.1:1/studio"


class Worker(Process):
    def __init__(self, folder: Path, **knobs: Any) -> None:
        usual = {"VAR_DIR": folder, "SECRET_KEY": settings.SECRET_KEY, "MEDIA_ROOT": settings.MEDIA_ROOT}
        usual |= {"PGAPPNAME": NAME}  # by which PostgreSQL knows its connections
        super().__init__(["run_worker"], environment(usual | knobs), folder / "worker.log")
        self.wait_for(r"(The worker runs)")

    def end(self) -> int:
        return self.stop(GRACE)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


@pytest.fixture
def knobs(transactional_db: None, simulator: Simulator) -> dict[str, str]:
    """A worker of the test's own database."""
    return {
        "DATABASE_URL": _address(connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "COMFYUI_URLS": simulator.url,
        "TEST_MODE": "off",
    }


@pytest.fixture
async def worker(knobs: dict[str, str], tmp_path: Path) -> AsyncIterator[Worker]:
    running = await asyncio.to_thread(Worker, tmp_path, **knobs)
    yield running
    running.kill()


async def test_a_worker_paints_what_was_ordered(worker: Worker, simulator: Simulator) -> None:
    run = await ended(await order())
    ads = await rows(list, Creative.objects.filter(run=run))
    assert run.status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 2
    assert [storage.digest(storage.get(ad.key)) for ad in ads] == [ad.sha256 for ad in ads]


async def test_a_worker_that_is_told_to_stop_hands_back_and_ends_well(
    worker: Worker, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    held = await first_in(run, Status.RENDERING)
    assert held.worker_id
    assert await asyncio.to_thread(worker.end) == 0, worker.words
    left = (await pictures(run))[0]
    assert (left.status, left.worker_id, left.tries) == (Status.RENDERING, "", 0)
    assert left.prompt_id == held.prompt_id
    assert left.due_at is not None


async def test_a_worker_outlives_its_database(worker: Worker, simulator: Simulator) -> None:
    first = await ended(await order(**ONE))
    await rows(_shut, True)
    await asyncio.sleep(1)
    assert worker.runs
    await rows(_shut, False)
    second = await ended(await order(**ONE))
    assert (first.status, second.status) == (RunStatus.DONE, RunStatus.DONE)
    assert await asyncio.to_thread(worker.end) == 0, worker.words


@pytest.mark.parametrize("after", [0.0, 0.01, 0.05, 0.2])
async def test_deliveries_that_are_stopped_while_they_open_leave_nothing_behind(
    transactional_db: None, after: float
) -> None:
    """A task that is left over may swallow that it is cancelled; then the process never ends."""
    before = asyncio.all_tasks()
    deliveries = asyncio.create_task(deliveries_of_a_worker())
    await asyncio.sleep(after)
    deliveries.cancel()
    await asyncio.gather(deliveries, return_exceptions=True)
    assert asyncio.all_tasks() - before == set()


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Worker]:
    """A worker whose database does not answer."""
    elsewhere = {"DATABASE_URL": NOWHERE, "REDIS_URL": settings.REDIS_URL, "TEST_MODE": "off"}
    running = Worker(tmp_path, **elsewhere)
    yield running
    running.kill()


def test_a_worker_that_never_found_its_database_can_be_stopped(lost: Worker) -> None:
    lost.wait_for(r"(The worker waits for its database)")
    assert lost.end() == 0, lost.words


async def test_a_worker_that_lost_its_database_can_be_stopped(worker: Worker) -> None:
    await ended(await order(**ONE))
    await rows(_shut, True)
    await asyncio.sleep(1)
    code = await asyncio.to_thread(worker.end)
    await rows(_shut, False)
    assert code == 0, worker.words


def _shut(away: bool) -> None:
    """Let the database be away for the worker, as while it restarts; or let it be back."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(_address("postgres"), autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS {not away}'.encode())
        if away:
            ended = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND application_name = %s",
                [name, NAME],
            )
            assert ended.fetchall(), "the worker was not connected"


def _address(database: str) -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}"
