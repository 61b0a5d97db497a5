"""Every frame and every body that the real servers sent is read, and written back as it was."""

import json
import struct
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from runs.comfyui import protocol
from runs.comfyui.events import (
    Event,
    ExecutionFailed,
    ExecutionInterrupted,
    ExecutionStarted,
    ExecutionSucceeded,
    FeatureFlags,
    NodeOutput,
    NodesCached,
    NodeStarted,
    Preview,
    ProgressState,
    ProgressText,
    PromptEnded,
    QueueChanged,
    StepProgress,
    UnknownEvent,
)

from . import traces

ALL = traces.every()
DROPPED = ("traceback", "current_inputs", "current_outputs")  # server paths and tensors (fact 25)


def texts(version: str, name: str) -> list[dict[str, Any]]:
    return [
        event["msg"]
        for event in traces.trace(version, name)["ws_events"]
        if isinstance(event.get("msg"), dict)
    ]


def binaries(version: str, name: str) -> list[dict[str, Any]]:
    return [event["bin"] for event in traces.trace(version, name)["ws_events"] if "bin" in event]


def without_dropped(value: Any) -> Any:
    match value:
        case {"traceback": _}:
            return {**value, "traceback": [], "current_inputs": {}, "current_outputs": []}
        case dict():
            return {key: without_dropped(entry) for key, entry in value.items()}
        case list():
            return [without_dropped(entry) for entry in value]
        case _:
            return value


@pytest.mark.parametrize(("version", "name"), ALL)
def test_every_text_frame_is_a_known_event_and_is_written_back_as_it_was(version: str, name: str) -> None:
    for message in texts(version, name):
        event = protocol.decode_text(json.dumps(message))
        if message["type"].startswith("assets.seed."):
            assert event == UnknownEvent(message["type"])  # only with --enable-assets (D33)
        else:
            assert not isinstance(event, UnknownEvent)
            assert json.loads(protocol.encode(event)) == without_dropped(message)


def as_frame(recorded: dict[str, Any]) -> bytes:
    """The frame a recording describes; of the picture itself only the length and the beginning were kept."""
    header = bytes.fromhex(recorded["header_hex"])
    if recorded["binary_type"] == 3:
        return header + str(recorded["node_id"]).encode() + str(recorded["text"]).encode()
    metadata = b""
    if recorded["binary_type"] == 4:
        metadata = json.dumps(recorded["metadata"]).encode()
        header = header[:4] + struct.pack(">I", len(metadata))
    magic = bytes.fromhex(recorded["image_magic_hex"])
    return header + metadata + magic.ljust(int(recorded["image_bytes"]), b"\0")


@pytest.mark.parametrize(("version", "name"), ALL)
def test_every_binary_frame_is_a_known_event_and_is_written_back_as_it_was(version: str, name: str) -> None:
    for recorded in binaries(version, name):
        frame = as_frame(recorded)
        event = protocol.decode_binary(frame)
        match event:
            case ProgressText(node=node, text=text):
                assert (node, text) == (recorded["node_id"], recorded["text"])
            case Preview(image=image, mime=mime):
                assert len(image) == recorded["image_bytes"]
                assert mime == f"image/{recorded['format'].lower()}"
            case _:
                pytest.fail(f"unexpected {event}")
        assert protocol.encode(event) == frame


def test_the_traces_hold_all_kinds_of_frames() -> None:
    kinds: set[type[Event]] = set()
    for version, name in ALL:
        kinds |= {type(protocol.decode_text(json.dumps(message))) for message in texts(version, name)}
        kinds |= {type(protocol.decode_binary(as_frame(recorded))) for recorded in binaries(version, name)}
    assert kinds == set(Event.__value__.__args__)


def jobs_page(body: Any) -> Any:
    return {**body, "jobs": [protocol.Job.parse(job).to_json() for job in body["jobs"]]}


def history(body: Any) -> Any:
    return {key: entry.to_json() for key, entry in protocol.parse_history(body).items()}


def object_info(body: Any) -> Any:
    return {key: node.to_json() for key, node in protocol.parse_object_info(body).items()}


SHAPES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("GET", "/queue", lambda body: protocol.Queue.parse(body).to_json()),
    ("GET", "/history", history),
    ("GET", "/system_stats", lambda body: protocol.SystemStats.parse(body).to_json()),
    ("GET", "/object_info", object_info),
    ("GET", "/jobs/", lambda body: protocol.Job.parse(body).to_json()),
    ("GET", "/jobs", jobs_page),
    ("POST", "/upload/", lambda body: protocol.Uploaded.parse(body).to_json()),
    ("POST", "/prompt", lambda body: protocol.PromptAccepted.parse(body).to_json()),
]


def shape_of(exchange: dict[str, Any]) -> Callable[[Any], Any] | None:
    """What reads the body of an exchange; None for routes and failures that have no shape of their own."""
    method, path = exchange["request"]["method"], exchange["request"]["path"].removeprefix("/api")
    if (method, path, exchange.get("status")) == ("POST", "/prompt", 400):
        return lambda body: protocol.PromptRefusal.parse(body).to_json()
    if exchange.get("status") != 200 or "json" not in exchange:
        return None
    fitting = (shape for verb, start, shape in SHAPES if verb == method and path.startswith(start))
    return None if path == "/jobs/cancel" else next(fitting, None)


def as_read(body: Any) -> Any:
    """A body without what we leave out on purpose: tracebacks, null extra_data, the asset of an upload."""
    match without_dropped(body):
        case {"queue_running": [[number, prompt_id, graph, None, outputs]]} as queue:
            return {**queue, "queue_running": [[number, prompt_id, graph, {}, outputs]]}
        case {"name": _, "asset": _} as upload:
            return {key: value for key, value in upload.items() if key != "asset"}
        case other:
            return other


def exchanges(version: str, name: str) -> list[dict[str, Any]]:
    return [exchange for exchange in traces.trace(version, name)["http"] if shape_of(exchange)]


@pytest.mark.parametrize(("version", "name"), ALL)
def test_every_body_has_its_shape_and_is_written_back_as_it_was(version: str, name: str) -> None:
    for exchange in exchanges(version, name):
        shape = shape_of(exchange)
        assert shape is not None
        assert without_dropped(shape(exchange["json"])) == as_read(exchange["json"]), exchange["note"]


def test_the_traces_hold_all_shapes() -> None:
    seen = {
        (ask["request"]["method"], ask["request"]["path"].removeprefix("/api").split("?")[0].split("/")[1])
        for version, name in ALL
        for ask in exchanges(version, name)
    }
    assert seen >= {("GET", part) for part in ("queue", "history", "system_stats", "object_info", "jobs")}
    assert seen >= {("POST", "prompt"), ("POST", "upload")}


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_the_requests_that_were_recorded_are_read_as_requests(version: str) -> None:
    sent = [
        ask["request"]["json"] for ask in traces.trace(version, "a01")["http"] if "json" in ask["request"]
    ]
    assert sent
    for body in sent:
        assert protocol.PromptRequest.parse(body).to_json() == body


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_a_described_node_is_written_back_as_it_was(version: str) -> None:
    described = traces.object_info(version)
    assert object_info(described) == described


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_fact_1_the_first_message_is_the_status_and_has_the_sid(version: str) -> None:
    events = [protocol.decode_text(json.dumps(message)) for message in texts(version, "a01")]
    statuses = [event for event in events if isinstance(event, QueueChanged)]
    assert events[0] is statuses[0]
    assert [status.sid is not None for status in statuses] == [True] + [False] * (len(statuses) - 1)


def told(version: str, name: str) -> list[Event]:
    return [protocol.decode_text(json.dumps(message)) for message in texts(version, name)]


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_fact_2_a_run_is_told_from_its_start_to_its_end_mark(version: str) -> None:
    events = told(version, "a01")
    start = next(event for event in events if isinstance(event, ExecutionStarted))
    kinds = [type(event) for event in events if getattr(event, "prompt_id", None) == start.prompt_id]
    assert kinds[:2] == [ExecutionStarted, NodesCached]
    assert kinds[-2:] == [ExecutionSucceeded, PromptEnded]
    assert kinds.index(NodeStarted) < kinds.index(StepProgress) < kinds.index(NodeOutput)


@pytest.mark.parametrize("version", traces.VERSIONS)
@pytest.mark.parametrize(
    ("name", "end"),
    [("a01", ExecutionSucceeded), ("d01", ExecutionFailed), ("e01", ExecutionInterrupted)],
)
def test_fact_3_the_end_mark_follows_success_error_and_interrupt(
    version: str, name: str, end: type[ExecutionSucceeded | ExecutionFailed | ExecutionInterrupted]
) -> None:
    events = told(version, name)
    ended = [event.prompt_id for event in events if isinstance(event, end)]
    marked = [event.prompt_id for event in events if isinstance(event, PromptEnded)]
    assert ended
    assert set(ended) <= set(marked) | prompts_without_client(version, name)


def prompts_without_client(version: str, name: str) -> set[str]:
    """Their end is told to nobody, but an interruption is broadcast (fact 33)."""
    posted = [ask for ask in traces.trace(version, name)["http"] if ask["request"]["path"] == "/prompt"]
    nobodys = [ask for ask in posted if "client_id" not in ask["request"].get("json", {"client_id": ""})]
    return {ask["json"]["prompt_id"] for ask in nobodys if "prompt_id" in ask.get("json", {})}


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_fact_14_the_state_of_all_nodes_is_cumulative(version: str) -> None:
    states = [event for event in told(version, "a01") if isinstance(event, ProgressState)]
    for before, after in pairwise(states):
        if before.prompt_id == after.prompt_id:
            assert set(before.nodes) <= set(after.nodes)


def test_d3_progress_is_throttled_so_ticks_are_never_counted() -> None:
    ticks = [event for event in told("0.33", "n11") if isinstance(event, StepProgress)]
    longest = max(ticks, key=lambda tick: tick.max)
    same = [tick for tick in ticks if tick.prompt_id == longest.prompt_id]
    assert len(same) < longest.max / 10


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_fact_15_a_cached_run_tells_its_outputs_and_no_node(version: str) -> None:
    events = told(version, "b01")
    cached = next(event for event in events if isinstance(event, NodesCached) and len(event.nodes) > 4)
    run = [type(event) for event in events if getattr(event, "prompt_id", None) == cached.prompt_id]
    assert NodeOutput in run and PromptEnded in run
    assert NodeStarted not in run


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_fact_25_a_failure_keeps_neither_traceback_nor_inputs(version: str) -> None:
    events = [protocol.decode_text(json.dumps(message)) for message in texts(version, "d01")]
    failures = [event for event in events if isinstance(event, ExecutionFailed)]
    assert {failure.message for failure in failures} >= {"lab boom"}
    assert not any("Traceback" in repr(failure) or "execution.py" in repr(failure) for failure in failures)


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_fact_34_after_a_reconnect_the_running_node_comes_without_a_prompt(version: str) -> None:
    events = [protocol.decode_text(json.dumps(message)) for message in texts(version, "f01")]
    assert any(isinstance(event, NodeStarted) and event.prompt_id is None for event in events)


def test_d2_a_newer_server_announces_more_and_we_take_it() -> None:
    events = [protocol.decode_text(json.dumps(message)) for message in texts("0.33", "a02")]
    answer = next(event for event in events if isinstance(event, FeatureFlags) and "assets" in event.flags)
    assert answer.flags["max_upload_size"] == 104857600
