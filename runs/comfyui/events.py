"""What a ComfyUI server tells on its websocket: one frozen type an event, for the client and the simulator.

`protocol.py` turns frames into these and back. Numbers in brackets are the recorded facts of the protocol
(docs/comfyui-protocol.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """`status`: how many prompts run and wait on the server; the first message has the sid (fact 1)."""

    remaining: int
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureFlags:
    """`feature_flags`: what one side can do; counts only as the first message of the client (fact 12)."""

    flags: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """`execution_start`; `timestamp` in epoch milliseconds, as in all execution_* events (fact 9)."""

    prompt_id: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class NodesCached:
    """`execution_cached`: these nodes will not be executed again (fact 15)."""

    prompt_id: str
    nodes: tuple[str, ...]
    timestamp: int


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """`executing` with a node. After a reconnect the server sends it without prompt_id (fact 34)."""

    prompt_id: str | None
    node: str


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """`executing` with node null: the end mark of that prompt on success, error and interrupt (fact 3)."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """One node's place in `progress_state`; `state` is "running" or "finished"."""

    value: float
    max: float
    state: str


@dataclass(frozen=True, slots=True)
class ProgressState:
    """`progress_state`: every node that is not pending, cumulative (fact 14)."""

    prompt_id: str
    nodes: Mapping[str, NodeProgress]


@dataclass(frozen=True, slots=True)
class StepProgress:
    """`progress`: ticks of one node, not of the prompt (fact 14)."""

    prompt_id: str | None
    node: str | None
    value: float
    max: float


@dataclass(frozen=True, slots=True)
class NodeOutput:
    """`executed`: the ui result of an output node, e.g. {"images": [{filename, subfolder, type}]}."""

    prompt_id: str
    node: str
    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionSucceeded:
    """`execution_success`; the history entry may come up to 0.5 s later (fact 4)."""

    prompt_id: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class ExecutionFailed:
    """`execution_error`, without the traceback and the inputs: they hold server paths (fact 25)."""

    prompt_id: str
    node_id: str
    node_type: str
    message: str
    exception_type: str
    timestamp: int = 0
    executed: tuple[str, ...] = ()  # the nodes that had ended before


@dataclass(frozen=True, slots=True)
class ExecutionInterrupted:
    """`execution_interrupted`: somebody stopped it, we or another (fact 28)."""

    prompt_id: str
    node_id: str
    node_type: str
    timestamp: int = 0
    executed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A latent preview. Binary type 1 carries neither prompt nor node; type 4 carries both (facts 10, 11)."""

    prompt_id: str | None
    node: str | None
    mime: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProgressText:
    """Binary type 3: a line of text about a node (fact 13)."""

    node: str
    text: str


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """A message this version does not know; newer servers and custom nodes send their own."""

    kind: str


type Event = (
    QueueChanged
    | FeatureFlags
    | ExecutionStarted
    | NodesCached
    | NodeStarted
    | PromptEnded
    | ProgressState
    | StepProgress
    | NodeOutput
    | ExecutionSucceeded
    | ExecutionFailed
    | ExecutionInterrupted
    | Preview
    | ProgressText
    | UnknownEvent
)
