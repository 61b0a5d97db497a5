"""What fails in the studio itself costs no GPU: the picture and its prompt are kept, and it is tried again."""

import asyncio
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from runs.engine import scheduler
from runs.engine.database import rows
from runs.engine.embedded import WithEngine
from runs.engine.pool import processes
from runs.engine.supervisor import Engine
from runs.models import Generation, Run, Server, Transition
from runs.simulator.server import Simulator
from runs.states import RunStatus, Status
from tests.runs.engine.conftest import ended, first_in, order, pictures, until

ONE = {"formats": ["meta_feed_square"]}


def _blocked(run: Run, folder: str) -> Path:
    """A file where the storage wants a folder: every write below it fails."""
    place = Path(settings.MEDIA_ROOT) / "w" / str(run.workspace.uid) / folder
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    return place


async def _lost(run: Run) -> bool:
    return await rows(Transition.objects.filter(run=run, event="lose").exists)


def _due(run: Run) -> None:
    """Let the pause pass. A row for which nobody has set a time would wait for ever."""
    assert not Generation.objects.filter(run=run, status=Status.COMPOSING, due_at=None).exists()
    Generation.objects.filter(run=run).update(due_at="2000-01-01T00:00:00Z")
    scheduler.sweep()


async def _through_a_fault(run: Run, simulator: Simulator, folder: str) -> Status:
    await first_in(run, Status.RENDERING)
    place = await rows(_blocked, run, folder)
    simulator.release()
    await until(lambda: _lost(run))
    at = Status((await pictures(run))[0].status)
    place.unlink()
    await rows(_due, run)
    return at


async def test_a_storage_that_fails_while_composing_keeps_the_picture(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    assert await _through_a_fault(run, simulator, "a") == Status.COMPOSING
    words = await rows(Transition.objects.get, run=run, event="lose")
    assert str(settings.MEDIA_ROOT) not in words.words and "Errno" not in words.words  # that is for the log
    assert (await ended(run)).status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


async def test_a_storage_that_fails_before_keeps_the_prompt(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    assert await _through_a_fault(run, simulator, "g") in (Status.WAITING, Status.CLAIMED, Status.RENDERING)
    assert (await ended(run)).status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


async def _painted_but_not_composed(simulator: Simulator) -> Run:
    """Its picture is stored; composing failed once, and nothing is in its way any more."""
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    place = await rows(_blocked, run, "a")
    simulator.release()
    await until(lambda: _lost(run))
    place.unlink()
    return run


async def test_ads_are_composed_though_their_server_is_gone(engine: Engine, simulator: Simulator) -> None:
    run = await _painted_but_not_composed(simulator)
    await rows(Server.objects.all().delete)
    await rows(_due, run)
    assert (await ended(run)).status == RunStatus.DONE


async def test_a_row_without_a_time_is_swept_up(engine: Engine, simulator: Simulator) -> None:
    run = await _painted_but_not_composed(simulator)
    await rows(Generation.objects.filter(run=run).update, due_at=None)
    await rows(scheduler.sweep)
    assert (await ended(run)).status == RunStatus.DONE


async def test_a_worker_that_slept_too_long_can_go_on_with_what_was_taken_from_it(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    # As it wakes: its lease ran out, and its own sweep comes before its beat.
    await rows(Generation.objects.filter(run=run).update, due_at="2000-01-01T00:00:00Z")
    await rows(scheduler.sweep)
    await until(lambda: _lost(run))
    await first_in(run, Status.CLAIMED)
    await engine._beat()
    await first_in(run, Status.RENDERING)
    simulator.release()
    assert (await ended(run)).status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


async def test_a_new_studio_does_not_wait_for_the_leases_of_a_dead_one(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    held = await first_in(run, Status.RENDERING)
    await engine.stop()
    # As kill -9 leaves it: the dead one's name on the row, its lease not over for long.
    dead = {"worker_id": "dead", "due_at": "2100-01-01T00:00:00Z"}
    await rows(Generation.objects.filter(pk=held.pk).update, **dead)
    studio = WithEngine(no_pages)
    await studio.start()
    simulator.release()
    try:
        assert (await ended(run)).status == RunStatus.DONE
    finally:
        await studio.stop()
    assert len(simulator.prompts_accepted) == 1


async def no_pages(*_: object) -> None:
    raise AssertionError("nobody asked for a page")


def _composers() -> list[int]:
    """The processes that work on pixels, all started."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(processes.compute, [time.sleep] * 2, [0.5] * 2))
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "runs.processes"], capture_output=True)
    return [int(pid) for pid in found.stdout.split()]


async def _at_work() -> bool:
    return processes._free.qsize() < 2


async def test_a_process_that_is_killed_over_a_picture_costs_no_gpu(
    engine: Engine, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    composers = await asyncio.to_thread(_composers)
    assert len(composers) >= 2
    for pid in composers:
        os.kill(pid, signal.SIGSTOP)
    simulator.release()
    await until(_at_work)
    for pid in composers:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: _lost(run))
    assert "ended in the middle" in caplog.text
    await rows(_due, run)
    assert (await ended(run)).status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1
