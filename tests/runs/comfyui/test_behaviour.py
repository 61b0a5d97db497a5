"""One behaviour for all servers: the simulator in both dialects and, with COMFYUI_TEST_URL set, a real ComfyUI.

A real server takes the first of its checkpoints, or the one that COMFYUI_CHECKPOINT names.
"""

import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from runs.comfyui import (
    TEXT_TO_IMAGE,
    Absent,
    Comfy,
    Completed,
    Dialect,
    Endpoint,
    Errored,
    ImageRef,
    MissingModel,
    MissingNode,
    OutputMissing,
    Running,
    ServerUnreachable,
    Waiting,
    WasInterrupted,
)
from runs.comfyui.events import (
    Event,
    ExecutionStarted,
    ExecutionSucceeded,
    NodeOutput,
    NodesCached,
    NodeStarted,
    Preview,
    ProgressState,
    PromptEnded,
    QueueChanged,
    StepProgress,
)
from runs.simulator.server import Simulator

from .cutting_proxy import CuttingProxy
from .scene import Scene, Server, pixels_of, playing, png, size_of, until_event

REAL = next(iter(os.environ.get("COMFYUI_TEST_URL", "").replace(",", " ").split()), "")
SAMPLER = next(iter(TEXT_TO_IMAGE.weights().samplers))


async def real_server() -> Server:
    async with Comfy(Endpoint(REAL)) as comfy:
        checkpoint = os.environ.get("COMFYUI_CHECKPOINT") or (await comfy.checkpoints())[0]
    return Server(REAL, None, checkpoint, side=64, steps=3)


async def simulated_server(simulator: Simulator) -> Server:
    url = await simulator.start()
    async with Comfy(Endpoint(url)) as comfy:
        return Server(url, simulator, (await comfy.checkpoints())[0], side=256, steps=4)


SERVERS = [Dialect.V0_33, Dialect.V0_3_64, *([pytest.param("real", marks=pytest.mark.real)] if REAL else [])]


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    if request.param == "real":
        yield await real_server()
        return
    simulator = Simulator(dialect=request.param, seconds_per_step=0.02)
    try:
        yield await simulated_server(simulator)
    finally:
        await simulator.stop()


@pytest.fixture
async def scene(server: Server) -> AsyncIterator[Scene]:
    async with playing(server) as scene:
        yield scene


async def picture_of(scene: Scene, prompt_id: str) -> bytes:
    state = await scene.ended(prompt_id)
    assert isinstance(state, Completed), state
    (ref,) = state.images(TEXT_TO_IMAGE.output_node)
    return await scene.comfy.view(ref)


async def test_a_probe_tells_version_and_whether_it_is_simulated(server: Server) -> None:
    async with Comfy(Endpoint(server.url)) as comfy:
        info = await comfy.probe()
    assert info.simulated == (server.simulator is not None)
    assert info.version.startswith(info.dialect) or not info.simulated
    assert info.devices


async def test_a_submitted_graph_becomes_a_picture(scene: Scene) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(scene.graph())
        heard = await until_event(events, PromptEnded, prompt_id)
    ours = [type(event) for event in heard if getattr(event, "prompt_id", None) == prompt_id]
    for kind in (ExecutionStarted, NodesCached, NodeStarted, StepProgress, NodeOutput, ExecutionSucceeded):
        assert kind in ours
    assert isinstance(heard[0], QueueChanged) and heard[0].sid == scene.client_id
    assert size_of(await picture_of(scene, prompt_id)) == (scene.server.side, scene.server.side)


async def test_width_and_height_are_those_of_the_picture(scene: Scene) -> None:
    prompt_id = await scene.submit(scene.graph(width=128, height=64))
    assert size_of(await picture_of(scene, prompt_id)) == (128, 64)


async def test_the_same_seed_gives_the_same_picture_and_another_seed_another(scene: Scene) -> None:
    pictures = [await picture_of(scene, await scene.submit(scene.graph(seed=seed))) for seed in (7, 8, 7)]
    first, other, again = map(pixels_of, pictures)
    assert first == again != other


async def test_previews_come_with_the_prompt_and_the_node_they_belong_to(scene: Scene) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(scene.graph())
        heard = await until_event(events, PromptEnded, prompt_id)
    previews = [event for event in heard if isinstance(event, Preview)]
    assert previews
    assert {(preview.prompt_id, preview.node) for preview in previews} == {(prompt_id, SAMPLER)}
    assert all(min(size_of(preview.image)) > 0 for preview in previews)


async def test_progress_never_goes_back_and_ends_full(scene: Scene) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(scene.graph())
        heard = await until_event(events, PromptEnded, prompt_id)
    values = [event.value for event in heard if isinstance(event, StepProgress) and event.node == SAMPLER]
    assert values == sorted(values) and values[-1] == scene.server.steps
    states = [event for event in heard if isinstance(event, ProgressState)]
    assert {place.state for place in states[-1].nodes.values()} == {"finished"}


async def test_our_own_prompt_id_is_kept(scene: Scene) -> None:
    prompt_id = str(uuid4())
    scene.ids.append(prompt_id)
    accepted = await scene.comfy.submit(scene.graph(), prompt_id=prompt_id, client_id=scene.client_id)
    assert accepted.prompt_id == prompt_id
    await scene.ended(prompt_id)
    entry = await scene.comfy.history(prompt_id)
    assert entry is not None and entry.item.extra_data["client_id"] == scene.client_id


async def test_a_missing_checkpoint_is_refused_with_the_ones_there_are(scene: Scene) -> None:
    with pytest.raises(MissingModel, match=r"nope\.safetensors") as caught:
        await scene.submit(scene.graph(checkpoint="nope.safetensors"))
    assert sorted(caught.value.choices) == list(await scene.comfy.checkpoints())
    assert isinstance(await scene.comfy.find(scene.ids[-1]), Absent)


async def test_a_missing_node_is_refused_by_its_name(scene: Scene) -> None:
    graph = scene.graph()
    graph[SAMPLER]["class_type"] = "NoSuchSampler"
    with pytest.raises(MissingNode, match="NoSuchSampler"):
        await scene.submit(graph)


async def test_a_prompt_is_found_in_every_state_of_its_life(scene: Scene) -> None:
    running, waiting = await scene.submit(scene.long()), await scene.submit(scene.graph())
    await scene.until(running, Running)
    state = await scene.comfy.find(waiting)
    assert isinstance(state, Waiting) and state.ahead >= 1
    assert isinstance(await scene.comfy.find(str(uuid4())), Absent)
    await scene.comfy.cancel(running)
    assert isinstance(await scene.ended(running), WasInterrupted)
    completed = await scene.ended(waiting)
    assert isinstance(completed, Completed)
    assert completed.started_ms is not None and completed.ended_ms is not None
    assert completed.started_ms <= completed.ended_ms


def breaking_graph(scene: Scene) -> dict[str, Any]:
    """A graph that is accepted and fails when it runs."""
    if scene.server.simulator is not None:
        scene.server.simulator.fail_on("KSampler")
        return scene.graph()
    colour = random_colour()
    empty = {"width": 64, "height": 64, "batch_size": 1, "color": colour}
    return {
        "1": {"class_type": "EmptyImage", "inputs": empty},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "../../x"}},
    }


def random_colour() -> int:
    return uuid4().int % 2**24


async def test_a_node_that_fails_ends_the_prompt_as_failed_with_a_reason(scene: Scene) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(breaking_graph(scene))
        await until_event(events, PromptEnded, prompt_id)
    state = await scene.ended(prompt_id)
    assert isinstance(state, Errored)
    assert state.failure.message and state.failure.node_type in ("KSampler", "SaveImage")
    assert "Traceback" not in state.failure.message


async def test_fact_4_a_prompt_is_never_absent_between_success_and_history(scene: Scene) -> None:
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(scene.graph())
        await until_event(events, ExecutionSucceeded, prompt_id)
        assert isinstance(await scene.comfy.find(prompt_id), Running | Completed)
        await until_event(events, PromptEnded, prompt_id)
        assert isinstance(await scene.comfy.find(prompt_id), Completed)


async def test_cancelling_a_waiting_prompt_takes_it_out_and_leaves_the_running_one(scene: Scene) -> None:
    running, waiting = await scene.submit(scene.long()), await scene.submit(scene.graph())
    await scene.until(running, Running)
    assert isinstance(await scene.comfy.cancel(waiting), Absent)
    assert isinstance(await scene.comfy.find(running), Running)


async def test_cancelling_a_running_prompt_interrupts_it_and_the_next_one_runs(scene: Scene) -> None:
    running, waiting = await scene.submit(scene.long()), await scene.submit(scene.graph())
    await scene.until(running, Running)
    await scene.comfy.cancel(running)
    assert isinstance(await scene.ended(running), WasInterrupted)
    assert isinstance(await scene.ended(waiting), Completed)


async def test_cancelling_an_unknown_or_an_ended_prompt_touches_nobody(scene: Scene) -> None:
    done = await scene.submit(scene.graph())
    await scene.ended(done)
    running = await scene.submit(scene.long())
    await scene.until(running, Running)
    assert isinstance(await scene.comfy.cancel(str(uuid4())), Absent)
    assert isinstance(await scene.comfy.cancel(done), Completed)
    assert isinstance(await scene.comfy.find(running), Running)


async def test_interrupting_a_waiting_prompt_leaves_it_and_the_running_one_alone(scene: Scene) -> None:
    running, waiting = await scene.submit(scene.long()), await scene.submit(scene.graph())
    await scene.until(running, Running)
    await scene.comfy.interrupt(waiting)
    await scene.comfy.interrupt(str(uuid4()))
    assert isinstance(await scene.comfy.find(running), Running)
    assert isinstance(await scene.comfy.find(waiting), Waiting)


async def test_deleting_leaves_a_running_prompt_alone(scene: Scene) -> None:
    running = await scene.submit(scene.long())
    await scene.until(running, Running)
    await scene.comfy.delete(running)
    assert isinstance(await scene.comfy.find(running), Running)


async def test_a_forgotten_prompt_is_absent(scene: Scene) -> None:
    prompt_id = await scene.submit(scene.graph())
    await scene.ended(prompt_id)
    await scene.comfy.forget(prompt_id)
    assert isinstance(await scene.comfy.find(prompt_id), Absent)


async def test_fact_15_the_same_graph_again_is_answered_from_the_cache_with_the_same_files(
    scene: Scene,
) -> None:
    graph = scene.graph()
    first = await scene.ended(await scene.submit(graph))
    async with scene.comfy.events(scene.client_id) as events:
        again = await scene.submit(graph)
        heard = await until_event(events, PromptEnded, again)
    cached = next(event for event in heard if isinstance(event, NodesCached) and event.prompt_id == again)
    assert set(cached.nodes) == set(graph)
    assert not any(isinstance(event, NodeStarted) and event.prompt_id == again for event in heard)
    second = await scene.ended(again)
    assert isinstance(first, Completed) and isinstance(second, Completed)
    assert second.outputs == first.outputs


async def test_fact_20_what_nobody_heard_is_found_all_the_same(scene: Scene) -> None:
    prompt_id = await scene.submit(scene.graph())
    assert size_of(await picture_of(scene, prompt_id)) == (scene.server.side, scene.server.side)


async def test_fact_32_the_events_of_others_do_not_reach_us(server: Server) -> None:
    async with (
        playing(server) as ours,
        playing(server) as theirs,
        ours.comfy.events(ours.client_id) as events,
    ):
        strange = await theirs.submit(theirs.graph())
        prompt_id = await ours.submit(ours.graph())
        heard = await until_event(events, PromptEnded, prompt_id)
    assert not any(getattr(event, "prompt_id", None) == strange for event in heard)


async def test_fact_44_an_upload_keeps_its_name_unless_other_content_has_it(scene: Scene) -> None:
    name = f"{uuid4()}.png"
    red, blue = png((255, 0, 0)), png((0, 0, 255))
    assert await scene.comfy.upload(name, red) == name
    assert await scene.comfy.upload(name, red) == name
    other = await scene.comfy.upload(name, blue)
    assert other not in (name, "") and other.endswith(".png")
    assert await scene.comfy.upload(name, blue, overwrite=True) == name


async def test_an_uploaded_picture_can_be_used_in_a_graph(scene: Scene) -> None:
    name = await scene.comfy.upload(f"{uuid4()}.png", png((255, 0, 0)))
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    state = await scene.ended(await scene.submit(graph))
    assert isinstance(state, Completed)
    (ref,) = state.images("2")
    assert pixels_of(await scene.comfy.view(ref)) == pixels_of(png((255, 0, 0)))


async def test_a_picture_that_is_not_there_is_missing(scene: Scene) -> None:
    with pytest.raises(OutputMissing):
        await scene.comfy.view(ImageRef(f"{uuid4()}.png", "", "temp"))


# The socket cut, wherever it may happen


async def cut_after(scene: Scene, proxy: CuttingProxy, kind: type[Event] | None) -> str:
    """Submit, follow the events up to one of that kind, cut every connection, and see the events end."""
    async with scene.comfy.events(scene.client_id) as events:
        prompt_id = await scene.submit(scene.graph())
        if kind is not None:
            await until_event(events, kind, prompt_id)
        assert proxy.cut() > 0
        with pytest.raises(ServerUnreachable):
            async for _ in events:
                pass
    return prompt_id


@pytest.mark.parametrize(
    "moment",
    [None, ExecutionStarted, StepProgress, NodeOutput],
    ids=["start", "begun", "progress", "before-success"],
)
async def test_a_cut_socket_ends_in_the_same_picture(server: Server, moment: type[Event] | None) -> None:
    async with CuttingProxy(server.url) as proxy, playing(server, proxy.url) as scene:
        prompt_id = await cut_after(scene, proxy, moment)
        picture = await picture_of(scene, prompt_id)
        entry = await scene.comfy.history(prompt_id)
        assert entry is not None
        await scene.ended(await scene.submit(scene.graph()))  # drives ours out of the cache (fact 19)
        undisturbed = await picture_of(scene, await scene.submit(dict(entry.item.graph)))
    assert pixels_of(picture) == pixels_of(undisturbed)


async def test_fact_34_a_new_socket_with_the_same_id_hears_the_rest(server: Server) -> None:
    async with CuttingProxy(server.url) as proxy, playing(server, proxy.url) as scene:
        async with scene.comfy.events(scene.client_id) as events:
            running = await scene.submit(scene.long())
            await until_event(events, StepProgress, running)
            proxy.cut()
        async with scene.comfy.events(scene.client_id) as events:
            await until_event(events, StepProgress, running)
            await scene.comfy.cancel(running)
            await until_event(events, PromptEnded, running)
        assert isinstance(await scene.ended(running), WasInterrupted)
