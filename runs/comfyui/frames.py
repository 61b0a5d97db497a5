"""The text frames of ComfyUI's websocket, decoded and encoded here alone (`binary.py` has the others).

`protocol.py` is the face of this module; client and simulator both go through it, so neither can cheat.
"""

import json
from collections.abc import Callable
from typing import Any

from runs.comfyui.binary import encode_binary
from runs.comfyui.events import (
    Event,
    ExecutionFailed,
    ExecutionInterrupted,
    ExecutionStarted,
    ExecutionSucceeded,
    FeatureFlags,
    NodeOutput,
    NodeProgress,
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
from runs.comfyui.reading import (
    Json,
    as_number,
    as_object,
    as_text,
    as_whole,
    decode_json,
    object_or_empty,
    text_or_none,
    texts,
    without_nulls,
)


def decode_text(raw: str) -> Event:
    """The event of a text frame; UnknownEvent for a type we do not know; raises ProtocolViolation."""
    message = as_object(decode_json(raw), "message")
    kind = as_text(message.get("type"), "type")
    read = _READERS.get(kind)
    return UnknownEvent(kind) if read is None else read(as_object(message.get("data"), kind))


def encode(event: Event) -> str | bytes:
    """The frame of an event: bytes for ProgressText and Preview (type 4 when it has a prompt_id, else 1).

    A type 1 preview carries neither prompt nor node; its mime must be image/jpeg or image/png (ValueError).
    """
    match event:
        case Preview() | ProgressText():
            return encode_binary(event)
        case _:
            kind, data = encode_message(event)
            return json.dumps({"type": kind, "data": data})


def encode_message(event: Event) -> tuple[str, dict[str, Any]]:
    """Type and data of a text event; also the form of the entries in a history's `messages` (fact 8)."""
    match event:
        case QueueChanged():
            status = {"status": {"exec_info": {"queue_remaining": event.remaining}}}
            return "status", status | without_nulls(sid=event.sid)
        case FeatureFlags():
            return "feature_flags", dict(event.flags)
        case UnknownEvent():
            return event.kind, {}
        case NodeStarted() | PromptEnded() | ProgressState() | StepProgress() | NodeOutput():
            return _write_node_event(event)
        case _:
            return _write_execution(event)


def decode_message(kind: str, data: object) -> Event:
    """The event of one entry in a history's `messages`."""
    read = _READERS.get(kind)
    return UnknownEvent(kind) if read is None else read(as_object(data, kind))


def _write_node_event(
    event: NodeStarted | PromptEnded | ProgressState | StepProgress | NodeOutput,
) -> tuple[str, dict[str, Any]]:
    match event:
        case NodeStarted(prompt_id=None):
            return "executing", {"node": event.node}  # after a reconnect (fact 34)
        case NodeStarted():
            return "executing", {"node": event.node, "display_node": event.node, "prompt_id": event.prompt_id}
        case PromptEnded():
            return "executing", {"node": None, "prompt_id": event.prompt_id}
        case ProgressState():
            return "progress_state", {"prompt_id": event.prompt_id, "nodes": _write_nodes(event)}
        case StepProgress():
            place = {"value": event.value, "max": event.max}
            return "progress", place | {"prompt_id": event.prompt_id, "node": event.node}
        case NodeOutput():
            result = {"node": event.node, "display_node": event.node, "output": dict(event.output)}
            return "executed", result | {"prompt_id": event.prompt_id}


def _write_nodes(event: ProgressState) -> dict[str, Any]:
    return {
        node: {"value": place.value, "max": place.max, "state": place.state}
        | _identity(node, event.prompt_id)
        for node, place in event.nodes.items()
    }


def _identity(node: str, prompt_id: str) -> dict[str, Any]:
    ids = {"node_id": node, "prompt_id": prompt_id, "display_node_id": node}
    return ids | {"parent_node_id": None, "real_node_id": node}


def _write_execution(event: Event) -> tuple[str, dict[str, Any]]:
    match event:
        case ExecutionStarted():
            return "execution_start", {"prompt_id": event.prompt_id, "timestamp": event.timestamp}
        case NodesCached():
            ids = {"nodes": list(event.nodes), "prompt_id": event.prompt_id}
            return "execution_cached", ids | {"timestamp": event.timestamp}
        case ExecutionSucceeded():
            return "execution_success", {"prompt_id": event.prompt_id, "timestamp": event.timestamp}
        case ExecutionFailed():
            return "execution_error", _write_failure(event)
        case ExecutionInterrupted():
            where = {"prompt_id": event.prompt_id, "node_id": event.node_id, "node_type": event.node_type}
            return "execution_interrupted", where | {
                "executed": list(event.executed),
                "timestamp": event.timestamp,
            }
        case _:
            raise TypeError(f"{event!r} has no text frame")


def _write_failure(event: ExecutionFailed) -> dict[str, Any]:
    return {
        "prompt_id": event.prompt_id,
        "node_id": event.node_id,
        "node_type": event.node_type,
        "executed": list(event.executed),
        "exception_message": event.message + "\n",  # the server's messages end so (fact 25)
        "exception_type": event.exception_type,
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
        "timestamp": event.timestamp,
    }


def _prompt(data: Json) -> str:
    return as_text(data.get("prompt_id"), "prompt_id")


def _time(data: Json) -> int:
    return as_whole(data.get("timestamp", 0), "timestamp")


def _executed(data: Json) -> tuple[str, ...]:
    return texts(data.get("executed", []), "executed")


def _read_status(data: Json) -> QueueChanged:
    info = as_object(as_object(data.get("status"), "status").get("exec_info"), "exec_info")
    remaining = as_whole(info.get("queue_remaining"), "queue_remaining")
    return QueueChanged(remaining, text_or_none(data.get("sid"), "sid"))


def _read_executing(data: Json) -> NodeStarted | PromptEnded:
    node = text_or_none(data.get("node"), "node")
    if node is None:
        return PromptEnded(_prompt(data))
    return NodeStarted(text_or_none(data.get("prompt_id"), "prompt_id"), node)


def _read_node_progress(value: object) -> NodeProgress:
    place = as_object(value, "nodes")
    return NodeProgress(
        as_number(place.get("value"), "value"),
        as_number(place.get("max"), "max"),
        as_text(place.get("state"), "state"),
    )


def _read_progress_state(data: Json) -> ProgressState:
    nodes = as_object(data.get("nodes"), "nodes")
    return ProgressState(_prompt(data), {node: _read_node_progress(place) for node, place in nodes.items()})


def _read_progress(data: Json) -> StepProgress:
    return StepProgress(
        text_or_none(data.get("prompt_id"), "prompt_id"),
        text_or_none(data.get("node"), "node"),
        as_number(data.get("value"), "value"),
        as_number(data.get("max"), "max"),
    )


def _read_failure(data: Json) -> ExecutionFailed:
    return ExecutionFailed(
        _prompt(data),
        as_text(data.get("node_id"), "node_id"),
        as_text(data.get("node_type"), "node_type"),
        as_text(data.get("exception_message"), "exception_message").removesuffix("\n"),
        as_text(data.get("exception_type"), "exception_type"),
        _time(data),
        _executed(data),
    )


def _read_interruption(data: Json) -> ExecutionInterrupted:
    node_id, node_type = as_text(data.get("node_id"), "node_id"), as_text(data.get("node_type"), "node_type")
    return ExecutionInterrupted(_prompt(data), node_id, node_type, _time(data), _executed(data))


_READERS: dict[str, Callable[[Json], Event]] = {
    "status": _read_status,
    "feature_flags": lambda data: FeatureFlags(dict(data)),
    "execution_start": lambda data: ExecutionStarted(_prompt(data), _time(data)),
    "execution_cached": lambda data: NodesCached(
        _prompt(data), texts(data.get("nodes"), "nodes"), _time(data)
    ),
    "executing": _read_executing,
    "progress_state": _read_progress_state,
    "progress": _read_progress,
    # A cached node without a ui result has output null.
    "executed": lambda data: NodeOutput(
        _prompt(data), as_text(data.get("node"), "node"), object_or_empty(data.get("output"), "output")
    ),
    "execution_success": lambda data: ExecutionSucceeded(_prompt(data), _time(data)),
    "execution_error": _read_failure,
    "execution_interrupted": _read_interruption,
}
