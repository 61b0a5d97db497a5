"""A loop that is held up by something that should be in a thread: it shows."""

import asyncio
import time

import pytest
from django.core.cache import cache

from runs import gauges, worker_loops
from runs.engine import worker


async def test_a_loop_that_is_held_up_is_measured() -> None:
    before = _late()
    pulse = gauges.Pulse(asyncio.get_running_loop(), every=0.02)
    time.sleep(0.3)  # what no coroutine of ours may do
    await asyncio.sleep(0.05)
    pulse.stop()
    assert _late() > before
    assert pulse.worst() > 0.25
    assert pulse.worst() == 0.0


async def test_a_worker_that_is_held_up_tells_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TOLD", 1.2)
    await cache.adelete("worker-loops")
    telling = asyncio.create_task(worker.keep_telling())
    await asyncio.sleep(0)
    time.sleep(1.5)
    while not (told := worker_loops.lags()):
        await asyncio.sleep(0.05)
    telling.cancel()
    assert next(iter(told.values())) > 0.25
    await asyncio.to_thread(worker_loops.tell, "another", 0.01)
    assert len(worker_loops.lags()) == 2


def test_a_worker_that_fell_silent_is_not_there() -> None:
    cache.set("worker-loops", {"gone": (time.time() - 60, 0.1), "here": (time.time(), 0.2)})
    assert worker_loops.lags() == {"here": 0.2}


def _late() -> float:
    """How often the loop of this process was more than a quarter of a second late."""
    told = {
        sample.labels["le"]: sample.value
        for sample in next(iter(gauges.LOOP.collect())).samples
        if "le" in sample.labels
    }
    return told["+Inf"] - told["0.25"]
