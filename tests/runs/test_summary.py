"""Where a run stands, in numbers that can be trusted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User, Workspace
from runs import leases, lifecycle
from runs.models import Creative, Run
from runs.states import AdState, Event, RunStatus, Status
from runs.summary import clock, ready_counts, summarise
from tests.conftest import begin, brief, fail, finish, make_server


def began(run: Run, seconds: float, ended: float | None = None) -> Run:
    now = timezone.now()
    end = None if ended is None else now - timedelta(seconds=seconds - ended)
    Run.objects.filter(pk=run.pk).update(started_at=now - timedelta(seconds=seconds), ended_at=end)
    run.refresh_from_db()
    return run


def before(run: Run) -> None:
    """What is done was done an hour ago."""
    run.generations.filter(ended_at__isnull=False).update(ended_at=timezone.now() - timedelta(hours=1))


def half_done(run: Run) -> Run:
    """The first picture is done, the second is painted by half."""
    first, second = run.generations.all()
    server = make_server()
    held = begin(first, server)
    lifecycle.advance(held, Event.RENDERED)
    lifecycle.advance(held, Event.COMPOSED)
    leases.report(
        leases.Report.of(begin(second, server), "test-worker", progress=0.5, step="1 of 2", preview_version=1)
    )
    run.refresh_from_db()
    return run


def test_a_run_that_waits_has_done_nothing_yet(run: Run) -> None:
    told = summarise(run)
    assert (told.status, told.final) == (RunStatus.WAITING, False)
    assert (told.pictures_done, told.pictures_total, told.ads_ready, told.ads_total) == (0, 2, 0, 2)
    assert (told.seconds, told.seconds_left, told.pictures_a_minute) == (0.0, None, None)


def test_a_finished_run_counts_pictures_and_ads(finished: Run) -> None:
    told = summarise(began(finished, 500, ended=40))
    assert (told.status, told.final) == (RunStatus.DONE, True)
    assert (told.pictures_done, told.ads_ready, told.ads_unfit) == (2, 2, 0)
    assert told.seconds == pytest.approx(40)
    assert told.pictures_a_minute == pytest.approx(3)
    assert told.seconds_left is None
    assert told.waits_for == ""


def test_ads_that_do_not_fit_are_counted_apart(finished: Run) -> None:
    left_out = finished.creatives.first()
    assert left_out is not None
    Creative.objects.filter(pk=left_out.pk).update(state=AdState.DOES_NOT_FIT)
    told = summarise(finished)
    assert (told.ads_ready, told.ads_unfit, told.ads_total) == (1, 1, 2)


def test_failed_pictures_are_not_done(run: Run) -> None:
    told = summarise(fail(run))
    assert (told.status, told.pictures_done) == (RunStatus.FAILED, 0)
    assert told.pictures[Status.FAILED] == 2


def test_no_time_is_promised_before_the_first_picture_is_done(run: Run) -> None:
    first = run.generations.all()[0]
    begin(first, make_server())
    leases.report(leases.Report.of(first, "test-worker", progress=0.9, step="", preview_version=0))
    assert summarise(began(run, 60)).seconds_left is None


def test_the_time_left_follows_from_the_work_that_is_done(run: Run) -> None:
    told = summarise(began(half_done(run), 30))
    # One and a half pictures in 30 seconds: half a picture takes 10.
    assert told.seconds_left == pytest.approx(10, abs=0.5)
    assert told.pictures_a_minute == pytest.approx(2, abs=0.1)


def test_after_a_retry_only_what_is_made_since_counts_for_the_speed(run: Run) -> None:
    half_done(run)
    before(run)
    lifecycle.advance(run.generations.all()[1], Event.FAIL)
    lifecycle.retry_failed(run, actor="alice")
    told = summarise(began(run, 4))
    assert (told.pictures_done, told.pictures_a_minute, told.seconds_left) == (1, None, None)


def test_stopped_pictures_take_no_more_time(run: Run) -> None:
    half_done(run)
    lifecycle.advance(run.generations.all()[1], Event.CANCEL)
    run.refresh_from_db()
    assert run.status == RunStatus.PARTIAL
    assert summarise(run).seconds_left is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, ""),
        (0, "0:00"),
        (59.4, "0:59"),
        (59.6, "1:00"),
        (65, "1:05"),
        (3599, "59:59"),
        (7389, "2:03:09"),
    ],
)
def test_a_time_is_told_as_on_a_clock(seconds: float | None, told: str) -> None:
    assert clock(seconds) == told


def test_a_final_run_waits_for_nothing(run: Run) -> None:
    assert summarise(fail(run)).waits_for == ""


def test_several_runs_are_counted_in_two_queries(
    workspace: Workspace, alice: User, finished: Run, django_assert_num_queries: object
) -> None:
    other = finish(lifecycle.start(workspace, alice, brief(variations=2)))
    waiting = lifecycle.start(workspace, alice, brief())
    with django_assert_num_queries(2):  # type: ignore[operator]
        ads, pictures = ready_counts([finished, other, waiting])
    assert ads == {finished.pk: 2, other.pk: 4}
    assert pictures == {finished.pk: 2, other.pk: 4}
