"""How a server is, judged from what was seen of it."""

from dataclasses import replace

import pytest

from runs.engine.condition import DEAF_AFTER, LAGS, SLUGGISH, STALLED_AFTER, Seen, judge
from runs.states import ServerState

WELL = Seen(answered_in=0.1, waiting=0, others=0, quiet_for=0, stopped_for=0, pace=None, usual_pace=None)


@pytest.mark.parametrize(
    ("seen", "state", "words"),
    [
        ({}, ServerState.UP, ""),
        ({"others": 1, "waiting": 1}, ServerState.UP, "Busy with 1 job from elsewhere."),
        ({"others": 3, "waiting": 2}, ServerState.UP, "Busy with 3 jobs from elsewhere."),
        ({"waiting": 2, "quiet_for": STALLED_AFTER - 1}, ServerState.UP, ""),
        ({"waiting": 2, "quiet_for": STALLED_AFTER}, ServerState.STALLED, "ignores the 2 prompts"),
        ({"waiting": 1, "quiet_for": 99}, ServerState.STALLED, "ignores the 1 prompt in its queue"),
        ({"stopped_for": DEAF_AFTER - 1}, ServerState.UP, ""),
        ({"stopped_for": DEAF_AFTER}, ServerState.SLOW, "stopped 30 s ago; it ignores stop"),
        ({"answered_in": SLUGGISH - 0.1}, ServerState.UP, ""),
        ({"answered_in": SLUGGISH}, ServerState.SLOW, "It took 5 s to report its status."),
        ({"pace": 40.0, "usual_pace": None}, ServerState.UP, ""),
        ({"pace": None, "usual_pace": 1.0}, ServerState.UP, ""),
        ({"pace": 10.0 * LAGS, "usual_pace": 10.0}, ServerState.UP, ""),
        (
            {"pace": 10.0 * LAGS + 1, "usual_pace": 10.0},
            ServerState.SLOW,
            "41 s per picture; the others take 10 s",
        ),
    ],
)
def test_the_state_and_why(seen: dict[str, float], state: ServerState, words: str) -> None:
    judged, said = judge(replace(WELL, **seen))  # type: ignore[arg-type]
    assert judged == state
    assert said == words if state == ServerState.UP else words in said


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"quiet_for": 60.0, "waiting": 1}, {"stopped_for": 60.0}),
        ({"stopped_for": 60.0}, {"answered_in": 9.0}),
        ({"answered_in": 9.0}, {"pace": 90.0, "usual_pace": 1.0}),
        ({"pace": 90.0, "usual_pace": 1.0}, {"others": 2}),
    ],
)
def test_of_two_troubles_the_worse_is_told(worse: dict[str, float], better: dict[str, float]) -> None:
    assert judge(replace(WELL, **worse, **better)) == judge(replace(WELL, **worse))  # type: ignore[arg-type]
