"""One of two servers goes away in the middle of a run and stays away: the other one makes all pictures.

Simulators always; with two addresses in COMFYUI_TEST_URL also two real ComfyUI servers, each behind a door that shuts.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from runs.engine.database import rows
from runs.engine.driver import Waits
from runs.engine.supervisor import Engine
from runs.models import Picture, Run, Server
from runs.simulator.server import Simulator
from runs.states import RunStatus, Status
from tests.runs.comfyui.cutting_proxy import CuttingProxy
from tests.runs.engine.conftest import PATIENCE, ended, first_in, make_engine, order, pictures

REAL = os.environ.get("COMFYUI_TEST_URL", "").replace(",", " ").split()
LONG = 500.0 if len(REAL) >= 2 else PATIENCE  # real ones load a model first
FOUR = {"formats": ["meta_feed_square"], "variations": 4, "picture": {"steps": 4, "pixels": 65536}}


@pytest.fixture(params=["simulator", pytest.param("real", marks=pytest.mark.real)])
async def doors(request: pytest.FixtureRequest) -> AsyncIterator[list[CuttingProxy]]:
    """Two servers, each behind a proxy of its own that can shut."""
    async with AsyncExitStack() as stack:
        if request.param == "simulator":
            ends = [Simulator(seconds_per_step=0.2, load_seconds=0) for _ in range(2)]
            urls = [(await stack.enter_async_context(end)).url for end in ends]
        elif len(REAL) >= 2:
            urls = REAL[:2]
        else:
            pytest.skip("COMFYUI_TEST_URL does not name two real ComfyUI servers")
        yield [await stack.enter_async_context(CuttingProxy(url)) for url in urls]


@pytest.fixture
async def engine(
    transactional_db: None, settings: Any, doors: list[CuttingProxy], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    # How long it waits is not what is shown.
    monkeypatch.setattr("runs.engine.scheduler.OUTAGE", 2.0)
    settings.COMFYUI_URLS = [door.url for door in doors]
    settings.COMFYUI_CHECKPOINT = os.environ.get("COMFYUI_CHECKPOINT", "")
    settings.TEST_MODE = "off"
    running = make_engine(Waits(outage=2.0))
    await running.start()
    yield running
    await running.stop()


async def _painters(run: Run) -> set[str]:
    names = Picture.objects.filter(generation__run=run).values_list("server", flat=True)
    return set(await rows(list, names))


async def test_a_server_that_dies_in_the_middle_of_a_run_is_made_up_for(
    engine: Engine, doors: list[CuttingProxy]
) -> None:
    run = await order(**FOUR)
    painted = await first_in(run, Status.RENDERING, patience=LONG)
    assert painted.server_id is not None
    server = await rows(Server.objects.get, pk=painted.server_id)
    dead = next(door for door in doors if door.url == server.url)
    await dead.shut()
    assert (await ended(run, LONG)).status == RunStatus.DONE
    assert [row.status for row in await pictures(run)] == [Status.DONE] * 4
    survivors = {other.name for other in await rows(list, Server.objects.exclude(pk=server.pk))}
    assert survivors & await _painters(run)
    lost = await rows(lambda: run.generations.get(pk=painted.pk))
    assert lost.attempt == 1, "the picture under way was not sent anew elsewhere"
