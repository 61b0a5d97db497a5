"""The life of a run and of a generation. Every status and every legal move is in this file.

Nothing here touches the database: `lifecycle.py` is the only caller that writes what these tables decide.
"""

from collections import Counter
from enum import StrEnum, auto


class Status(StrEnum):
    WAITING = auto()  # in our queue; no server has it
    CLAIMED = auto()  # has a seat on a server; that server has not accepted it yet
    QUEUED = auto()  # the server accepted the prompt
    RENDERING = auto()  # the server executes its graph
    COMPOSING = auto()  # the picture is stored; the ads are being made from it
    DONE = auto()
    FAILED = auto()
    CANCELLED = auto()


class Event(StrEnum):
    ASSIGN = auto()
    ACCEPT = auto()
    START = auto()
    RENDERED = auto()
    COMPOSED = auto()
    FAIL = auto()
    CANCEL = auto()
    LOSE = auto()  # the lease ran out, or the server lost the prompt
    RETRY = auto()


S, E = Status, Event

FINAL = frozenset({S.DONE, S.FAILED, S.CANCELLED})
ACTIVE = frozenset({S.CLAIMED, S.QUEUED, S.RENDERING, S.COMPOSING})
SEATED = frozenset({S.CLAIMED, S.QUEUED, S.RENDERING})  # these hold a seat on their server

_ENDS = {E.FAIL: S.FAILED, E.CANCEL: S.CANCELLED}

# An event may skip forward: a worker that re-attaches finds a prompt done while the row still says claimed.
TRANSITIONS: dict[Status, dict[Event, Status]] = {
    S.WAITING: {E.ASSIGN: S.CLAIMED, E.CANCEL: S.CANCELLED, E.FAIL: S.FAILED},
    S.CLAIMED: {
        E.ACCEPT: S.QUEUED,
        E.START: S.RENDERING,
        E.RENDERED: S.COMPOSING,
        E.LOSE: S.WAITING,
        **_ENDS,
    },
    S.QUEUED: {E.START: S.RENDERING, E.RENDERED: S.COMPOSING, E.LOSE: S.WAITING, **_ENDS},
    S.RENDERING: {E.RENDERED: S.COMPOSING, E.LOSE: S.WAITING, **_ENDS},
    # The picture is kept: whoever comes next only composes, without a seat and without a GPU.
    S.COMPOSING: {E.COMPOSED: S.DONE, E.LOSE: S.COMPOSING, **_ENDS},
    S.DONE: {},
    S.FAILED: {E.RETRY: S.WAITING},
    S.CANCELLED: {E.RETRY: S.WAITING},
}


class IllegalTransition(Exception):
    """That event cannot happen to a generation in that status."""

    def __init__(self, status: Status, event: Event) -> None:
        super().__init__(f"{event} cannot happen while {status}")
        self.status, self.event = status, event


def after(status: Status, event: Event) -> Status:
    """The status that follows; raises IllegalTransition where the table has no such move."""
    try:
        return TRANSITIONS[status][event]
    except KeyError:
        raise IllegalTransition(status, event) from None


class RunStatus(StrEnum):
    WAITING = auto()
    RUNNING = auto()
    DONE = auto()
    PARTIAL = auto()  # some pictures failed or were stopped, at least one is finished
    FAILED = auto()
    CANCELLED = auto()


RUN_FINAL = frozenset({RunStatus.DONE, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.CANCELLED})


def run_status(generations: Counter[Status]) -> RunStatus:
    """A run has no life of its own: its status is a function of its generations."""
    total, done = generations.total(), generations[S.DONE]
    if sum(generations[status] for status in FINAL) < total:
        return RunStatus.WAITING if generations[S.WAITING] == total else RunStatus.RUNNING
    if done:
        return RunStatus.DONE if done == total else RunStatus.PARTIAL
    return RunStatus.FAILED if generations[S.FAILED] else RunStatus.CANCELLED


class AdState(StrEnum):
    """Copy that does not fit is a state of the ad, not a failure of its picture."""

    PENDING = auto()  # ordered as a new revision of an earlier ad; being made
    READY = auto()
    DOES_NOT_FIT = auto()
    FAILED = auto()


class ServerState(StrEnum):
    UNKNOWN = auto()  # not asked yet
    UP = auto()
    SLOW = auto()  # works, but takes long or is held up; gets what others cannot do sooner
    STALLED = auto()  # answers, but does nothing with what waits there
    DOWN = auto()  # does not answer as ComfyUI


WORKING = frozenset({ServerState.UP, ServerState.SLOW})  # these get work
