"""What the client makes of a server that misbehaves: the simulator's faults, in both dialects."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from runs.comfyui import Absent, Comfy, Completed, Dialect, Endpoint, ServerUnreachable, UnsafeName, Waiting
from runs.comfyui.events import Event, ExecutionStarted, PromptEnded
from runs.simulator.server import Simulator

from .scene import Scene, Server, playing, until_event


@pytest.fixture(params=list(Dialect))
async def simulator(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    async with Simulator(dialect=request.param, seconds_per_step=0.005, load_seconds=0) as simulator:
        yield simulator


@pytest.fixture
async def scene(simulator: Simulator) -> AsyncIterator[Scene]:
    async with Comfy(Endpoint(simulator.url)) as comfy:
        checkpoint = (await comfy.checkpoints())[0]
    async with playing(Server(simulator.url, simulator, checkpoint, side=64, steps=2)) as scene:
        yield scene


async def test_fact_39_a_prompt_whose_answer_was_lost_is_found_and_need_not_be_sent_again(
    simulator: Simulator, scene: Scene
) -> None:
    simulator.lose_answer()
    prompt_id = str(uuid4())
    scene.ids.append(prompt_id)
    with pytest.raises(ServerUnreachable):
        await scene.comfy.submit(scene.graph(), prompt_id=prompt_id, client_id=scene.client_id)
    assert isinstance(await scene.ended(prompt_id), Completed)
    assert simulator.executed == (prompt_id,)


async def test_fact_49_after_a_restart_the_events_end_and_the_prompt_is_absent(
    simulator: Simulator, scene: Scene
) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(scene.long())
        await until_event(events, ExecutionStarted, prompt_id)
        await simulator.restart_empty()
        with pytest.raises(ServerUnreachable):
            async for _ in events:
                pass
    assert isinstance(await scene.comfy.find(prompt_id), Absent)


async def test_a_lost_queue_leaves_the_prompt_absent(simulator: Simulator, scene: Scene) -> None:
    simulator.hold()
    prompt_id = await scene.submit(scene.graph())
    await simulator.lose_queue()
    simulator.release()
    assert isinstance(await scene.comfy.find(prompt_id), Absent)


async def test_fact_35_a_deaf_socket_hears_nothing_and_the_prompt_is_found_all_the_same(
    simulator: Simulator, scene: Scene
) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        await anext(events)
        simulator.deaf_socket()
        prompt_id = await scene.submit(scene.graph())
        assert isinstance(await scene.ended(prompt_id), Completed)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await until_event(events, PromptEnded, prompt_id)


async def test_fact_40_a_dead_worker_shows_in_a_queue_where_nothing_runs(
    simulator: Simulator, scene: Scene
) -> None:
    simulator.zombie_worker()
    prompt_id = await scene.submit(scene.graph())
    queue = await scene.comfy.queue()
    assert queue.running == () and [item.prompt_id for item in queue.pending] == [prompt_id]
    assert await scene.comfy.find(prompt_id) == Waiting(0)


async def test_fact_46_an_output_with_a_path_for_a_name_is_refused(
    simulator: Simulator, scene: Scene
) -> None:
    simulator.misname_outputs("../../etc/passwd")
    prompt_id = await scene.submit(scene.graph())
    async with asyncio.timeout(20):
        with pytest.raises(UnsafeName):
            await scene.ended(prompt_id)
    simulator.heal()
    await scene.comfy.forget(prompt_id)
    scene.ids.clear()


async def test_sockets_that_are_cut_end_the_events(simulator: Simulator, scene: Scene) -> None:
    heard: list[Event] = []
    async with scene.comfy.events(scene.client_id) as events:
        heard.append(await anext(events))
        simulator.cut_sockets()
        with pytest.raises(ServerUnreachable, match="Connect again"):
            async for event in events:
                heard.append(event)
    assert heard
