"""GET /queue and GET /history: what runs, what waits, and what has ended (facts 6 to 9, 42, 50)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any, Self

from runs.comfyui.events import (
    Event,
    ExecutionFailed,
    ExecutionInterrupted,
    ExecutionStarted,
    ExecutionSucceeded,
)
from runs.comfyui.frames import decode_message, encode_message
from runs.comfyui.reading import (
    Json,
    as_list,
    as_object,
    as_text,
    object_or_empty,
)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One prompt on the server: its place, its id, its graph, what was sent along, and the output nodes.

    Prompts of strangers stand here too: whatever they posted, reading the queue must not fail (fact 41).
    """

    number: float
    prompt_id: str
    graph: Json = field(default_factory=dict)
    extra_data: Json = field(default_factory=dict)
    outputs: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the 5-tuple; raises ProtocolViolation."""
        number, prompt_id, graph, extra_data, outputs, *_ = as_list(value, "queue", least=5)
        return cls(
            _place(number),
            as_text(prompt_id, "prompt_id"),
            graph if isinstance(graph, Mapping) else {},
            extra_data if isinstance(extra_data, Mapping) else {},
            tuple(str(node) for node in as_list(outputs, "outputs")),
        )

    def to_json(self) -> list[Any]:
        """The 5-tuple."""
        return [self.number, self.prompt_id, self.graph, self.extra_data, list(self.outputs)]


@dataclass(frozen=True, slots=True)
class Queue:
    """What runs and what waits, in the order of the server, which is a heap and not the order of running."""

    running: tuple[QueueItem, ...] = ()
    pending: tuple[QueueItem, ...] = ()

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the answer of GET /queue; raises ProtocolViolation."""
        data = as_object(body, "queue")
        running, pending = (as_list(data.get(key), key) for key in ("queue_running", "queue_pending"))
        return cls(tuple(map(QueueItem.parse, running)), tuple(map(QueueItem.parse, pending)))

    def to_json(self) -> dict[str, Any]:
        """The answer of GET /queue."""
        running, pending = ([item.to_json() for item in items] for items in (self.running, self.pending))
        return {"queue_running": running, "queue_pending": pending}

    @property
    def waiting(self) -> tuple[QueueItem, ...]:
        """The pending ones in the order in which they will run (fact 42)."""
        return tuple(sorted(self.pending, key=lambda item: item.number))

    def runs(self, prompt_id: str) -> bool:
        """Whether that prompt is being executed."""
        return any(item.prompt_id == prompt_id for item in self.running)

    def ahead_of(self, prompt_id: str) -> int | None:
        """How many prompts run or wait before that one; None when it does not wait."""
        for place, item in enumerate(self.waiting):
            if item.prompt_id == prompt_id:
                return len(self.running) + place
        return None


class Outcome(StrEnum):
    """`status_str` of a history entry. An interrupted prompt says "error" too (fact 28)."""

    SUCCESS = "success"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A prompt that has ended: the ui result of each output node, and its execution_* events."""

    item: QueueItem
    outputs: Mapping[str, Json]
    outcome: Outcome
    messages: tuple[Event, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the value of one id in GET /history; raises ProtocolViolation."""
        data = as_object(value, "history")
        status = as_object(data.get("status"), "status")
        return cls(
            QueueItem.parse(data.get("prompt")),
            parse_outputs(data.get("outputs")),
            Outcome.SUCCESS if status.get("status_str") == Outcome.SUCCESS else Outcome.ERROR,
            parse_messages(status.get("messages")),
        )

    def to_json(self) -> dict[str, Any]:
        """The value of one id in GET /history."""
        return {
            "prompt": self.item.to_json(),
            "outputs": dict(self.outputs),
            "status": self.status_to_json(),
            "meta": {node: _meta(node) for node in self.outputs},
        }

    def status_to_json(self) -> dict[str, Any]:
        """`status`; the jobs API gives the same as `execution_status` (D22)."""
        messages = [list(encode_message(event)) for event in self.messages]
        return {"status_str": str(self.outcome), "completed": self.completed, "messages": messages}

    @property
    def prompt_id(self) -> str:
        """The id of the prompt."""
        return self.item.prompt_id

    @property
    def completed(self) -> bool:
        """Whether it ended well."""
        return self.outcome is Outcome.SUCCESS

    @property
    def failure(self) -> ExecutionFailed | None:
        """The error it ended with, if any."""
        return next((event for event in self.messages if isinstance(event, ExecutionFailed)), None)

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it: the last message is the only sign (fact 28)."""
        return any(isinstance(event, ExecutionInterrupted) for event in self.messages)

    @property
    def started_ms(self) -> int | None:
        """Epoch milliseconds of execution_start (fact 9)."""
        return next((event.timestamp for event in self.messages if isinstance(event, ExecutionStarted)), None)

    @property
    def ended_ms(self) -> int | None:
        """Epoch milliseconds of the last execution_* event, whichever way it ended."""
        ends = (ExecutionSucceeded, ExecutionFailed, ExecutionInterrupted)
        return next((event.timestamp for event in self.messages if isinstance(event, ends)), None)


def parse_history(body: object) -> dict[str, HistoryEntry]:
    """The entries of GET /history and GET /history/{id}; empty for an unknown id (fact 7)."""
    return {key: HistoryEntry.parse(value) for key, value in as_object(body, "history").items()}


def parse_outputs(value: object) -> dict[str, Json]:
    """`outputs` by node; raises ProtocolViolation."""
    entries = object_or_empty(value, "outputs").items()
    return {node: object_or_empty(result, "outputs") for node, result in entries}


def parse_messages(value: object) -> tuple[Event, ...]:
    """`messages` as events; raises ProtocolViolation."""
    pairs = (as_list(pair, "messages", least=2) for pair in as_list(value or [], "messages"))
    return tuple(decode_message(as_text(pair[0], "messages"), pair[1]) for pair in pairs)


def _place(value: object) -> float:
    """A posted number may be NaN or infinite; then it runs last, so far as we can tell."""
    return value if isinstance(value, int | float) and value < inf else inf


def _meta(node: str) -> dict[str, Any]:
    return {"node_id": node, "display_node": node, "parent_node": None, "real_node_id": node}
