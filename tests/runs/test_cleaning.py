"""One clean-up: alone, with its totals in the trail, and once a day by the clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from accounts.models import Audit, SigninLink, User, Workspace
from runs import cleaning, lifecycle, retention
from runs.alone import alone
from runs.engine import tasks
from runs.errors import AlreadyCleaning
from runs.keeping import Policy
from runs.models import CleanUp, RetentionPolicy, Run
from tests.conftest import brief, finish
from tests.runs.test_retention import aged

# Files go after the commit: without real transactions they would stay.
pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def somebody_cleans() -> Iterator[None]:
    """Another process, as far as the lock can tell: a thread with a connection of its own."""
    begun, over = threading.Event(), threading.Event()

    def work() -> None:
        with alone():
            begun.set()
            over.wait(10)
        connections.close_all()

    other = threading.Thread(target=work)
    other.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        over.set()
        other.join()


def test_two_clean_ups_do_not_work_at_once(finished: Run) -> None:
    aged(finished, 40)
    with (
        somebody_cleans(),
        pytest.raises(CommandError, match="Another clean-up is in progress"),
    ):
        call_command("prune", "--days", "30")
    with somebody_cleans(), pytest.raises(AlreadyCleaning):
        list(cleaning.clean("alice"))
    assert Run.objects.count() == 1


def test_a_clean_up_leaves_its_totals_in_the_trail(finished: Run) -> None:
    aged(finished, 40)
    size = retention.weigh([finished])[finished.pk].bytes
    call_command("prune", "--days", "30", stdout=StringIO())
    row = CleanUp.objects.get()
    assert (row.actor, row.removed, row.bytes, row.faults) == ("manage.py prune", 1, size, 0)
    assert row.ended_at is not None
    assert Audit.objects.get(action="retention.clean_up").words == f"1 removed, {size} bytes."


def test_the_clock_cleans_up_once_a_day(finished: Run, settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    aged(finished, 40)
    assert cleaning.by_the_clock(lambda: False) == 1
    aged_again = CleanUp.objects.get()
    assert cleaning.next_time() == aged_again.started_at + timedelta(days=1)
    assert cleaning.by_the_clock(lambda: False) == 0 and CleanUp.objects.count() == 1


def test_a_clean_up_that_was_stopped_is_due_again_at_once(
    workspace: Workspace, alice: User, settings: Any
) -> None:
    settings.RETENTION_DAYS = 30
    for _ in range(2):
        aged(finish(lifecycle.start(workspace, alice, brief())), 40)
    assert cleaning.by_the_clock(lambda: True) == 1
    assert CleanUp.objects.get().ended_at is None
    assert cleaning.by_the_clock(lambda: False) == 1
    assert Run.objects.count() == 0


def test_the_engine_cleans_up_when_the_day_is_over(finished: Run, settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    aged(finished, 40)
    async_to_sync(tasks.clean_up.func)()
    assert Run.objects.count() == 0
    CleanUp.objects.update(started_at=timezone.now() - timedelta(hours=25))
    assert cleaning.next_time() < timezone.now()


def test_what_goes_by_age_and_by_the_ceiling_goes_in_one_clean_up(workspace: Workspace, alice: User) -> None:
    runs = [aged(finish(lifecycle.start(workspace, alice, brief())), days) for days in (40, 39, 5, 4)]
    rules = Policy(run_days=30, ceiling=retention.weigh(runs[:1])[runs[0].pk].bytes)
    assert len(list(retention.plan(timezone.now(), rules))) == 3
    list(cleaning.clean("manage.py prune", usual=rules))
    assert Run.objects.get() == runs[3]


def test_rules_that_change_while_a_clean_up_works_are_heard(workspace: Workspace, alice: User) -> None:
    for _ in range(3):
        aged(finish(lifecycle.start(workspace, alice, brief())), 40)
    working = cleaning.clean("manage.py prune", usual=Policy(run_days=30))
    assert next(working).fault == ""
    RetentionPolicy.objects.create(workspace=workspace, run_days=0)
    assert {outcome.fault.partition(".")[0] for outcome in working} == {
        "Its workspace's rules changed in the meantime"
    }
    assert Run.objects.count() == 2


def test_sessions_and_links_that_are_over_go_with_it(alice: User) -> None:
    for seconds in (-60, 60):
        session = SessionStore()
        session.set_expiry(seconds)
        session.save()
        SigninLink.issue(alice)
    SigninLink.objects.filter(pk=SigninLink.objects.latest("pk").pk).update(expires_at=timezone.now())
    list(cleaning.clean("manage.py prune"))
    assert Session.objects.get().expire_date > timezone.now() < SigninLink.objects.get().expires_at
