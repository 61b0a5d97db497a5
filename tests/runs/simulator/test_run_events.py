"""What a client hears while a prompt runs, compared with what the real servers said."""

import json
import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from websockets.asyncio.client import connect

from tests.runs.comfyui import traces

from .conftest import Meet
from .speaking import SAMPLER, Ear, Talk, graph, kinds, node, tiny

METADATA = {"supports_preview_metadata": True}


def of_prompt(heard: list[Any], prompt_id: str) -> list[Any]:
    """What belongs to one prompt, its previews included; status messages come from elsewhere."""
    return [one for one in heard if isinstance(one, bytes) or one["data"].get("prompt_id") == prompt_id]


def recorded_run(version: str, name: str) -> tuple[list[str], dict[str, Any]]:
    """The types of the first run's messages with the classes of their nodes, as a real server sent them."""
    trace = traces.trace(version, name)
    ask = next(ask for ask in trace["http"] if ask["request"]["path"] == "/prompt")
    prompt_id, nodes = ask["json"]["prompt_id"], ask["request"]["json"]["prompt"]
    story: list[str] = []
    for event in trace["ws_events"]:
        if "bin" in event and "executing KSampler" in story and "executing VAEDecode" not in story:
            story.append(f"binary {event['bin']['binary_type']}")
        message = event.get("msg")
        if isinstance(message, dict) and message["data"].get("prompt_id") == prompt_id:
            story.append(told(message, nodes))
            if story[-1] == "executing None":
                break
    return story, nodes


def told(message: dict[str, Any], nodes: dict[str, Any]) -> str:
    data = message["data"]
    match message["type"]:
        case "progress_state":
            last, place = list(data["nodes"].items())[-1]
            return (
                f"progress_state {nodes[last]['class_type']} {place['state']} {place['value']}/{place['max']}"
            )
        case "executing" | "executed" | "progress" as kind:
            rest = f" {data['value']}/{data['max']}" if kind == "progress" else ""
            return f"{kind} {nodes[data['node']]['class_type'] if data['node'] else None}{rest}"
        case kind:
            return str(kind)


def story_of(heard: list[Any], prompt_id: str, nodes: dict[str, Any]) -> list[str]:
    return [
        f"binary {one[3]}" if isinstance(one, bytes) else told(one, nodes)
        for one in of_prompt(heard, prompt_id)
    ]


@pytest.mark.parametrize(("trace", "flags"), [("a01", None), ("a02", METADATA)])
async def test_a_run_is_told_in_the_recorded_order(
    talk: Talk, trace: str, flags: dict[str, Any] | None
) -> None:
    version = talk.dialect
    story, nodes = recorded_run(version, trace)
    nodes = {**nodes, "4": node("CheckpointLoaderSimple", ckpt_name="simulated-studio.safetensors")}
    if trace == "a02":  # recorded with the loader and the texts in the cache
        await talk.run({**nodes, "5": node("EmptyLatentImage", width=64, height=64, batch_size=1)})
    ear = await talk.listen(flags=flags)

    prompt_id = await talk.submit(nodes, ear.sid)
    heard = await ear.end_of(prompt_id)

    assert story_of(heard, prompt_id, nodes) == story


async def test_the_first_message_names_the_id_and_later_ones_do_not(talk: Talk) -> None:
    ear = await talk.listen("me")
    assert ear.heard == [
        {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "me"}}
    ]
    await ear.end_of(await talk.submit(tiny(), "me"))
    assert all("sid" not in message["data"] for message in ear.messages("status")[1:])


async def test_without_a_client_id_the_server_makes_one_of_32_digits(talk: Talk) -> None:
    async with connect(talk.simulator.url.replace("http", "ws", 1) + "/ws") as socket:
        assert len(json.loads(await socket.recv())["data"]["sid"]) == 32


async def test_status_counts_running_and_pending_and_comes_twice_at_the_start(talk: Talk) -> None:
    ear = await talk.listen()
    await ear.end_of(await talk.submit(tiny(), ear.sid))
    counts = [message["data"]["status"]["exec_info"]["queue_remaining"] for message in ear.messages("status")]
    assert counts == [0, 1, 1, 0]


async def test_the_end_mark_comes_on_success_error_and_interrupt(talk: Talk) -> None:
    ear = await talk.listen()
    await ear.end_of(await talk.submit(tiny(), ear.sid))
    talk.simulator.fail_on("VAEDecode")
    await ear.end_of(await talk.submit(graph(), ear.sid))
    talk.simulator.heal()
    talk.simulator.hold()
    stopped = await talk.submit(graph(seed=5), ear.sid)
    await ear.until("execution_start", prompt_id=stopped)
    await talk.http.post("/interrupt")
    await ear.end_of(stopped)
    assert len(ear.messages("execution_success", "execution_error", "execution_interrupted")) == 3


async def test_only_execution_messages_have_timestamps_in_milliseconds(talk: Talk) -> None:
    ear = await talk.listen()
    await ear.end_of(await talk.submit(graph(), ear.sid))
    stamped = {one["type"] for one in ear.heard if isinstance(one, dict) and "timestamp" in one["data"]}
    assert stamped == {"execution_start", "execution_cached", "execution_success"}
    start = ear.messages("execution_start")[0]["data"]["timestamp"]
    assert 1_700_000_000_000 < start <= ear.messages("execution_success")[0]["data"]["timestamp"]


async def test_a_preview_without_flags_is_a_jpeg_of_512_pixels_after_its_progress(talk: Talk) -> None:
    ear = await talk.listen()
    heard = await ear.end_of(await talk.submit(graph(), ear.sid))
    order = kinds(heard)
    assert order[order.index("binary 1") - 1] == "progress"
    frame = ear.frames[0]
    assert struct.unpack(">II", frame[:8]) == (1, 1)
    picture = Image.open(BytesIO(frame[8:]))
    assert (picture.format, max(picture.size)) == ("JPEG", 512)


async def test_a_preview_with_flags_names_prompt_and_node_and_comes_before_its_progress(talk: Talk) -> None:
    ear = await talk.listen(flags=METADATA)
    prompt_id = await talk.submit(graph(), ear.sid)
    order = kinds(await ear.end_of(prompt_id))
    assert order[order.index("binary 4") + 1] == "progress"
    assert "binary 1" not in order
    frame = ear.frames[0]
    length = int.from_bytes(frame[4:8], "big")
    assert json.loads(frame[8 : 8 + length]) == {
        "node_id": SAMPLER, "display_node_id": SAMPLER, "parent_node_id": None, "real_node_id": SAMPLER,
        "prompt_id": prompt_id, "image_type": "image/jpeg",
    }  # fmt: skip


async def test_previews_become_finer_step_by_step(talk: Talk) -> None:
    ear = await talk.listen()
    await ear.end_of(await talk.submit(graph(steps=8), ear.sid))
    sizes = [len(frame) for frame in ear.frames]
    assert len(sizes) == 8
    assert sizes[-1] > sizes[0]


FIRST_MESSAGES = {
    "flags": (['{"type": "feature_flags", "data": {"supports_preview_metadata": true}}'], True),
    "no JSON, then flags": (
        ["junk", '{"type": "feature_flags", "data": {"supports_preview_metadata": true}}'],
        True,
    ),
    "a list, then flags": (
        ["[1]", '{"type": "feature_flags", "data": {"supports_preview_metadata": true}}'],
        True,
    ),
    "another object, then flags": (
        ['{"type": "hello"}', '{"type": "feature_flags", "data": {"supports_preview_metadata": true}}'],
        False,
    ),
}


@pytest.mark.parametrize("case", FIRST_MESSAGES)
async def test_feature_flags_count_only_as_the_first_object(talk: Talk, case: str) -> None:
    texts, counted = FIRST_MESSAGES[case]
    ear = await talk.listen()
    for text in texts:
        await ear.socket.send(text)
    if counted:
        await ear.until("feature_flags")
    await ear.end_of(await talk.submit(graph(), ear.sid))
    assert {frame[3] for frame in ear.frames} == ({4} if counted else {1})


async def test_the_server_answers_flags_with_its_own(talk: Talk) -> None:
    ear = await talk.listen(flags=METADATA)
    answer = ear.messages("feature_flags")[0]["data"]
    assert answer == await talk.get("/features")
    recorded = traces.trace(talk.dialect, "f04")["ws_events"]
    assert answer in [event["msg"]["data"] for event in recorded if isinstance(event.get("msg"), dict)]


async def test_a_line_of_text_goes_out_as_binary_3(talk: Talk) -> None:
    ear = await talk.listen()
    talk.simulator.say("7", "hello wörld")
    frame = await ear.next()
    assert frame == b"\x00\x00\x00\x03\x00\x00\x00\x017" + "hello wörld".encode()


async def test_save_image_websocket_sends_pngs_and_leaves_no_output(talk: Talk) -> None:
    nodes = {
        "1": node("EmptyImage", width=64, height=64, batch_size=2, color=9),
        "2": node("SaveImageWebsocket", images=["1", 0]),
    }
    ear = await talk.listen()
    prompt_id = await talk.submit(nodes, ear.sid)
    story = story_of(await ear.end_of(prompt_id), prompt_id, nodes)
    assert story[story.index("progress_state SaveImageWebsocket running 0/2") :] == [
        "progress_state SaveImageWebsocket running 0/2", "progress SaveImageWebsocket 0/2", "binary 1",
        "progress_state SaveImageWebsocket running 1/2", "progress SaveImageWebsocket 1/2", "binary 1",
        "progress_state SaveImageWebsocket finished 2/2", "execution_success", "executing None",
    ]  # fmt: skip
    assert struct.unpack(">II", ear.frames[0][:8]) == (1, 2)
    assert Image.open(BytesIO(ear.frames[0][8:])).size == (64, 64)
    assert (await talk.entry(prompt_id))["outputs"] == {}


async def test_a_cached_run_only_repeats_its_outputs(talk: Talk) -> None:
    first = await talk.run(graph())
    ear = await talk.listen()
    prompt_id = await talk.submit(graph(), ear.sid)
    story = story_of(await ear.end_of(prompt_id), prompt_id, graph())
    assert story == [
        "execution_start", "execution_cached", "executed SaveImage", "progress_state SaveImage finished 1/1",
        "execution_success", "executing None",
    ]  # fmt: skip
    assert set(ear.messages("execution_cached")[0]["data"]["nodes"]) == set(graph())
    entry = await talk.entry(prompt_id)
    assert entry["outputs"] == first["outputs"]
    assert entry["status"]["status_str"] == "success"


async def test_only_the_changed_end_of_a_graph_runs_again(talk: Talk) -> None:
    await talk.run(graph())
    ear = await talk.listen()
    heard = await ear.end_of(await talk.submit(graph(prefix="lab/other"), ear.sid))
    started = [one["data"]["node"] for one in heard if isinstance(one, dict) and one["type"] == "executing"]
    assert started == ["9", None]


async def test_the_cache_knows_only_the_latest_prompt(talk: Talk) -> None:
    await talk.run(graph())
    await talk.run(tiny())
    assert (await talk.run(graph()))["status"]["messages"][1][1]["nodes"] == []


async def test_after_a_failure_only_the_newer_server_keeps_older_entries(talk: Talk) -> None:
    await talk.run(tiny())
    talk.simulator.fail_on("KSampler")
    await talk.run(graph())
    talk.simulator.heal()
    cached = (await talk.run(tiny()))["status"]["messages"][1][1]["nodes"]
    assert cached == (["1", "2"] if talk.newer else [])


async def test_free_empties_the_cache(talk: Talk) -> None:
    await talk.run(graph())
    await talk.http.post("/free", json={"unload_models": True, "free_memory": True})
    assert (await talk.run(graph()))["status"]["messages"][1][1]["nodes"] == []


def values(ear: Ear) -> list[int]:
    return [message["data"]["value"] for message in ear.messages("progress")]


async def test_only_the_newer_server_throttles_progress_without_previews(talk: Talk) -> None:
    ear = await talk.listen()
    quiet = {"preview_method": "none"}
    await ear.end_of(await talk.submit(graph(steps=60), ear.sid, extra_data=quiet))
    if talk.newer:
        assert values(ear)[0] == 1
        assert values(ear)[-1] == 60
        assert len(values(ear)) < 30
        assert ear.frames == []
    else:
        assert values(ear) == list(range(1, 61))
        assert len(ear.frames) == 60


async def test_every_tick_with_a_preview_is_sent(talk: Talk) -> None:
    ear = await talk.listen()
    await ear.end_of(await talk.submit(graph(steps=20), ear.sid))
    assert values(ear) == list(range(1, 21))


@pytest.mark.parametrize(
    ("method", "seen"),
    [("latent2rgb", True), ("taesd", True), ("auto", True), ("default", False), ("odd", False)],
)
async def test_a_prompt_can_ask_for_previews_of_a_server_without_them(
    meet: Meet, method: str, seen: bool
) -> None:
    talk = await meet(previews=False)
    ear = await talk.listen()
    await ear.end_of(await talk.submit(graph(), ear.sid, extra_data={"preview_method": method}))
    assert bool(ear.frames) == seen


async def test_a_node_with_an_intermediate_output_shows_itself(newer: Talk) -> None:
    region = {"x": 0, "y": 0, "width": 16, "height": 16}
    nodes = {
        "1": node("EmptyImage", width=64, height=64, batch_size=1, color=6),
        "2": node("ImageCropV2", image=["1", 0], crop_region=region),
        "3": node("SaveImage", images=["2", 0], filename_prefix="lab/crop"),
    }
    first = await newer.run(nodes)
    assert list(first["outputs"]) == ["2", "3"]
    assert first["outputs"]["2"]["animated"] == [False]
    assert first["outputs"]["2"]["images"][0]["type"] == "temp"
    assert list((await newer.run(nodes))["outputs"]) == ["3", "2"]  # when cached it comes last


async def test_a_failing_node_is_told_with_its_class_and_its_words(talk: Talk) -> None:
    talk.simulator.fail_on("KSampler", "out of memory", "torch.OutOfMemoryError")
    ear = await talk.listen()
    prompt_id = await talk.submit(graph(), ear.sid)
    await ear.end_of(prompt_id)
    error = ear.messages("execution_error")[0]["data"]
    recorded = next(
        event["msg"]["data"]
        for event in traces.trace(talk.dialect, "d01")["ws_events"]
        if isinstance(event.get("msg"), dict) and event["msg"]["type"] == "execution_error"
    )
    assert error.keys() == recorded.keys()
    assert (error["node_id"], error["node_type"]) == ("3", "KSampler")
    assert (error["exception_message"], error["exception_type"]) == (
        "out of memory\n",
        "torch.OutOfMemoryError",
    )
    assert error["executed"] == ["4", "5", "6", "7"]
    status = (await talk.entry(prompt_id))["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)
    assert status["messages"][-1] == ["execution_error", error]


async def test_an_errored_prompt_keeps_the_outputs_of_its_finished_branches(talk: Talk) -> None:
    talk.simulator.fail_on("ImageInvert")
    nodes = tiny() | {"3": node("ImageInvert", image=["1", 0]), "4": node("PreviewImage", images=["3", 0])}
    assert list((await talk.run(nodes))["outputs"]) == ["2"]
