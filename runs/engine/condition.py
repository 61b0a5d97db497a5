"""How a server is, judged from what was seen of it. Decides only; `servers.py` asks and writes down."""

from dataclasses import dataclass

from runs.states import ServerState

SLUGGISH = 5.0  # seconds for the few short questions of a probe
STALLED_AFTER = 20.0  # seconds in which work waits there and none is done; between two prompts it is a moment
DEAF_AFTER = 30.0  # seconds after which a stopped picture should be off the GPU: a node ends at its next step
LAGS = 4.0  # times slower than the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one round of questions showed. Times in seconds."""

    answered_in: float
    waiting: int  # prompts in its queue, anybody's
    others: int  # prompts there that are not ours
    quiet_for: float  # how long something has waited there while nothing ran
    stopped_for: float  # how long ago a picture was stopped that it still paints
    pace: float | None  # what it takes for a picture, lately
    usual_pace: float | None  # what the other servers take


def judge(seen: Seen) -> tuple[ServerState, str]:
    """The state, and why, in a sentence; for one that is well only what is good to know."""
    if seen.quiet_for >= STALLED_AFTER:
        words = f"It responds, but ignores the {_prompts(seen.waiting)} in its queue. Restart ComfyUI there."
        return ServerState.STALLED, words
    if seen.stopped_for >= DEAF_AFTER:
        words = (
            f"It is still making a picture that was stopped {seen.stopped_for:.0f} s ago; it ignores stop."
        )
        return ServerState.SLOW, words
    if seen.answered_in >= SLUGGISH:
        return ServerState.SLOW, f"It took {seen.answered_in:.0f} s to report its status."
    if seen.pace and seen.usual_pace and seen.pace > LAGS * seen.usual_pace:
        words = f"It takes {seen.pace:.0f} s per picture; the others take {seen.usual_pace:.0f} s."
        return ServerState.SLOW, words
    return ServerState.UP, f"Busy with {_jobs(seen.others)} from elsewhere." if seen.others else ""


def _prompts(count: int) -> str:
    return f"{count} prompt" if count == 1 else f"{count} prompts"


def _jobs(count: int) -> str:
    return f"{count} job" if count == 1 else f"{count} jobs"
