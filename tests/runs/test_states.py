"""The table of life: tables in, states out."""

from collections import Counter

import pytest

from runs.states import (
    ACTIVE,
    FINAL,
    TRANSITIONS,
    Event,
    IllegalTransition,
    RunStatus,
    Status,
    after,
    run_status,
)


def test_every_status_has_its_row() -> None:
    assert set(TRANSITIONS) == set(Status)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_final_status_changes_only_by_retry(status: Status) -> None:
    assert set(TRANSITIONS[status]) <= {Event.RETRY}


def test_a_finished_picture_cannot_even_be_tried_again() -> None:
    with pytest.raises(IllegalTransition, match="retry cannot happen while done"):
        after(Status.DONE, Event.RETRY)


@pytest.mark.parametrize("status", [*sorted(ACTIVE), Status.WAITING])
def test_whatever_is_not_final_can_be_stopped(status: Status) -> None:
    assert after(status, Event.CANCEL) is Status.CANCELLED


@pytest.mark.parametrize("status", [Status.CLAIMED, Status.QUEUED, Status.RENDERING])
def test_a_picture_may_be_found_finished_from_any_seat(status: Status) -> None:
    assert after(status, Event.RENDERED) is Status.COMPOSING


def test_losing_the_worker_while_composing_keeps_the_picture() -> None:
    assert after(Status.COMPOSING, Event.LOSE) is Status.COMPOSING


def test_losing_the_worker_while_rendering_waits_again() -> None:
    assert after(Status.RENDERING, Event.LOSE) is Status.WAITING


@pytest.mark.parametrize(
    ("generations", "expected"),
    [
        ({Status.WAITING: 3}, RunStatus.WAITING),
        ({Status.WAITING: 2, Status.DONE: 1}, RunStatus.RUNNING),
        ({Status.RENDERING: 1}, RunStatus.RUNNING),
        ({Status.DONE: 3}, RunStatus.DONE),
        ({Status.DONE: 1, Status.FAILED: 1}, RunStatus.PARTIAL),
        ({Status.DONE: 1, Status.CANCELLED: 1}, RunStatus.PARTIAL),
        ({Status.FAILED: 1, Status.CANCELLED: 1}, RunStatus.FAILED),
        ({Status.CANCELLED: 2}, RunStatus.CANCELLED),
    ],
)
def test_a_run_is_what_its_pictures_are(generations: dict[Status, int], expected: RunStatus) -> None:
    assert run_status(Counter(generations)) is expected
