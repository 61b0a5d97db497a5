"""What the run page's socket sends: the tiles that changed, and all of them where the whole run did."""

from accounts.models import User
from runs import lifecycle
from runs.models import Run
from studio.consumers import EVERYTHING, part, whole


def tiles(run: Run, frame: str | None) -> list[bool]:
    assert frame is not None
    return [f'id="g-{generation.uid}"' in frame for generation in run.generations.all()]


def test_the_first_message_is_the_whole_state(run: Run, alice: User) -> None:
    assert tiles(run, whole(alice, run.uid)) == [True, True]


def test_a_change_of_the_whole_run_shows_every_tile(run: Run, alice: User) -> None:
    """Stop and retry touch many pictures at once and name none of them."""
    stopped, waiting = run.generations.all()
    lifecycle.cancel([stopped], actor="alice")
    frame, final = part(alice, run.uid, {EVERYTHING})
    assert tiles(run, frame) == [True, True]
    assert not final
    frame, _ = part(alice, run.uid, {str(waiting.uid)})
    assert tiles(run, frame) == [False, True]


def test_who_is_no_member_gets_nothing(run: Run, charlie: User) -> None:
    assert whole(charlie, run.uid) is None
    assert part(charlie, run.uid, {EVERYTHING}) == (None, True)
