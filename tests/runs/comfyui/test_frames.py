"""Frames: what is written is read back the same, and what is ill-formed is refused, not guessed at."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.comfyui import events as ev
from runs.comfyui.errors import ProtocolViolation
from runs.comfyui.protocol import decode_binary, decode_message, decode_text, encode, encode_message

ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
times = st.integers(min_value=0, max_value=2**53)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
pixels = st.binary(max_size=200)
mimes = st.sampled_from(["image/jpeg", "image/png"])
json_values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(words, json_values, max_size=4)
places = st.builds(ev.NodeProgress, numbers, numbers, st.sampled_from(["running", "finished"]))
KNOWN = {"status", "feature_flags", "executing", "progress", "progress_state", "executed"}
KNOWN |= {f"execution_{end}" for end in ("start", "cached", "success", "error", "interrupted")}

any_event = st.one_of(
    st.builds(ev.QueueChanged, st.integers(0, 10_000), st.none() | ids),
    st.builds(ev.FeatureFlags, objects),
    st.builds(ev.ExecutionStarted, ids, times),
    st.builds(ev.NodesCached, ids, st.lists(ids, max_size=5).map(tuple), times),
    st.builds(ev.NodeStarted, st.none() | ids, ids),
    st.builds(ev.PromptEnded, ids),
    st.builds(ev.ProgressState, ids, st.dictionaries(ids, places, max_size=4)),
    st.builds(ev.StepProgress, st.none() | ids, st.none() | ids, numbers, numbers),
    st.builds(ev.NodeOutput, ids, ids, objects),
    st.builds(ev.ExecutionSucceeded, ids, times),
    st.builds(ev.ExecutionFailed, ids, ids, ids, words, words, times, st.lists(ids, max_size=3).map(tuple)),
    st.builds(ev.ExecutionInterrupted, ids, ids, ids, times, st.lists(ids, max_size=3).map(tuple)),
    st.builds(ev.Preview, ids, st.none() | ids, st.sampled_from(["image/jpeg", "image/webp"]), pixels),
    st.builds(ev.Preview, st.none(), st.none(), mimes, pixels),
    st.builds(ev.ProgressText, ids, words),
    st.builds(ev.UnknownEvent, words.filter(lambda kind: kind not in KNOWN)),
)


def decode(frame: str | bytes) -> ev.Event:
    return decode_text(frame) if isinstance(frame, str) else decode_binary(frame)


@given(any_event)
def test_what_is_written_is_read_back_the_same(event: ev.Event) -> None:
    assert decode(encode(event)) == event


@given(any_event.filter(lambda event: not isinstance(event, ev.Preview | ev.ProgressText)))
def test_the_messages_of_a_history_are_the_same_events(event: ev.Event) -> None:
    assert decode_message(*encode_message(event)) == event


@given(st.binary(max_size=64))
def test_any_bytes_are_an_event_or_a_violation(raw: bytes) -> None:
    try:
        decode_binary(raw)
    except ProtocolViolation as error:
        assert "server" in str(error)


@given(json_values.map(json.dumps) | st.text(max_size=40))
def test_any_text_is_an_event_or_a_violation(raw: str) -> None:
    try:
        decode_text(raw)
    except ProtocolViolation as error:
        assert "server" in str(error)


@given(st.sampled_from(sorted(KNOWN)), objects)
def test_a_known_type_with_any_data_is_an_event_or_a_violation(kind: str, data: dict[str, object]) -> None:
    try:
        decode_text(json.dumps({"type": kind, "data": data}))
    except ProtocolViolation as error:
        assert "server" in str(error)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"type": 5, "data": {}}',
        '{"type": "status", "data": {}}',
        '{"type": "status", "data": {"status": {"exec_info": {"queue_remaining": "1"}}}}',
        '{"type": "execution_start", "data": {"timestamp": 1}}',
        '{"type": "execution_start", "data": {"prompt_id": 7, "timestamp": 1}}',
        '{"type": "executing", "data": {"node": null}}',
        '{"type": "progress", "data": {"value": true, "max": 1}}',
        '{"type": "progress", "data": {"value": NaN, "max": 1}}',
        '{"type": "progress", "data": {"value": 1' + "0" * 400 + ', "max": 1}}',
        '{"type": "executed", "data": {"prompt_id": "p", "node": "1", "output": []}}',
        "[" * 100_000,
    ],
)
def test_an_ill_formed_text_frame_is_a_violation(raw: str) -> None:
    with pytest.raises(ProtocolViolation):
        decode_text(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\0",
        struct.pack(">I", 1),
        struct.pack(">II", 1, 3) + b"image",
        struct.pack(">II", 3, 9) + b"node",
        struct.pack(">II", 3, 1) + b"1\xff",
        struct.pack(">II", 4, 2**31) + b"{}",
        struct.pack(">II", 4, 2) + b"{}image",
        struct.pack(">II", 4, 3) + b"not json",
    ],
)
def test_an_ill_formed_binary_frame_is_a_violation(raw: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_binary(raw)


def test_an_unknown_type_is_an_event_of_its_own() -> None:
    assert decode_text('{"type": "crystools.monitor", "data": {"cpu": 1}}') == ev.UnknownEvent(
        "crystools.monitor"
    )
    assert decode_text('{"type": "somebodys", "data": [1]}') == ev.UnknownEvent("somebodys")
    assert decode_binary(struct.pack(">I", 9) + b"x") == ev.UnknownEvent("binary 9")


def test_fact_10_a_preview_without_metadata_says_format_and_picture_only() -> None:
    frame = encode(ev.Preview(None, None, "image/png", b"pixels"))
    assert frame == bytes.fromhex("0000000100000002") + b"pixels"
    assert decode(frame) == ev.Preview(None, None, "image/png", b"pixels")


def test_fact_11_a_preview_with_metadata_says_whose_it_is() -> None:
    frame = encode(ev.Preview("p", "3", "image/jpeg", b"pixels"))
    assert isinstance(frame, bytes)
    length = int.from_bytes(frame[4:8], "big")
    assert json.loads(frame[8 : 8 + length]) == {
        "node_id": "3",
        "prompt_id": "p",
        "display_node_id": "3",
        "parent_node_id": None,
        "real_node_id": "3",
        "image_type": "image/jpeg",
    }


def test_a_preview_without_metadata_is_jpeg_or_png() -> None:
    with pytest.raises(ValueError, match="image/webp"):
        encode(ev.Preview(None, None, "image/webp", b""))


def test_fact_13_a_line_of_text_belongs_to_a_node() -> None:
    assert decode_binary(bytes.fromhex("0000000300000001") + "7wörld".encode()) == ev.ProgressText(
        "7", "wörld"
    )


def test_fact_25_a_message_of_failure_ends_in_a_newline_only_on_the_wire() -> None:
    frame = encode(ev.ExecutionFailed("p", "2", "LabRaise", "lab boom", "ValueError", 5))
    assert isinstance(frame, str)
    assert json.loads(frame)["data"]["exception_message"] == "lab boom\n"
    assert decode(frame) == ev.ExecutionFailed("p", "2", "LabRaise", "lab boom", "ValueError", 5)


def test_a_cached_node_without_a_result_has_an_empty_output() -> None:
    frame = '{"type": "executed", "data": {"prompt_id": "p", "node": "9", "output": null}}'
    assert decode_text(frame) == ev.NodeOutput("p", "9", {})
