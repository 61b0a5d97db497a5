"""A server that is stuck or slow: what it holds is taken back, and it does not hold up the others."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from runs import lifecycle
from runs.engine import scheduler
from runs.engine.driver import Waits
from runs.engine.supervisor import Engine
from runs.models import Generation, Run
from runs.simulator.server import Simulator
from runs.states import RunStatus, Status
from tests.conftest import brief, make_server
from tests.runs.engine.conftest import ended, first_in, order, pictures

ONE = {"formats": ["meta_feed_square"]}


@pytest.fixture
async def pair() -> AsyncIterator[list[Simulator]]:
    async with Simulator(seconds_per_step=0.01) as one, Simulator(seconds_per_step=0.01) as other:
        yield [one, other]


async def test_a_picture_that_is_stuck_is_taken_off_and_made_elsewhere(
    transactional_db: None, settings: Any, pair: list[Simulator]
) -> None:
    settings.COMFYUI_URLS, settings.TEST_MODE = [one.url for one in pair], "off"
    # Fifteen minutes without progress are its deadline; here only that it passes is of interest.
    engine = Engine(waits=Waits(stall=0.5, silence=0.2))
    for one in pair:
        one.hold()
    await engine.start()
    try:
        run = await order(**ONE)
        await first_in(run, Status.RENDERING)
        (row,) = await pictures(run)
        stuck = next(one for one in pair if row.server and one.url == row.server.url)
        (other,) = [one for one in pair if one is not stuck]
        other.release()
        assert (await ended(run)).status == RunStatus.DONE
    finally:
        await engine.stop()
    assert (len(stuck.executed), len(other.executed)) == (1, 1)
    assert stuck.machine.queue.remaining == 0, "it still paints what was taken from it"


def test_nothing_waits_for_a_slow_server_that_a_fast_one_makes_sooner(run: Run) -> None:
    slow, fast = make_server("slow", pace=20.0), make_server("fast", pace=1.0)
    lifecycle.start(run.workspace, None, brief(variations=2))
    scheduler.assign()
    given = Generation.objects.exclude(server=None).values_list("server__name", flat=True)
    assert list(given) == [fast.name] * 2
    assert not Generation.objects.filter(server=slow).exists()
