"""Who waits for whom on PostgreSQL, where rows are locked one by one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.models import User, Workspace
from runs import deleting, export, leases, lifecycle, quotas
from runs.engine import scheduler
from runs.models import Generation, Run, Withdrawal
from runs.states import Status
from tests.conftest import begin, brief, finish, make_server, picture_of

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 10.0  # seconds; only a bound


def aside[T](work: Callable[[], T]) -> Callable[[], T]:
    """In another thread, with a connection of its own: begun at once, its answer waited for later."""

    def whole() -> T:
        try:
            return work()
        finally:
            connection.close()

    pool = ThreadPoolExecutor(1)
    begun = pool.submit(whole)
    pool.shutdown(wait=False)
    return lambda: begun.result(SOON)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return lifecycle.start(workspace, None, brief(formats=["meta_feed_square"]))


def test_a_picture_that_is_taken_while_its_run_is_stopped_is_stopped_too(run: Run) -> None:
    row = run.generations.get()
    lifecycle.assign(row, make_server(), "base.safetensors")
    with transaction.atomic():
        assert leases.take(row.pk, "me") is not None
        stopped = aside(lambda: lifecycle.cancel_run(run, actor="alice"))
        threading.Event().wait(0.5)  # it has come as far as this row
    assert stopped() == 1
    assert leases.to_cancel("me") == [row.pk]
    assert not row.transitions.filter(event="cancel").exists()


def test_whoever_gives_seats_holds_up_nobody_who_stops(run: Run) -> None:
    held = begin(run.generations.get(), make_server(), "me")
    leases.note_prompt(held.pk, "me", uuid4())
    lifecycle.lose(Generation.objects.get(), "Its worker went silent.", worker="me", keep_prompt=True)
    with transaction.atomic():
        assert scheduler._locked_servers()
        assert aside(lambda: lifecycle.cancel_run(run, actor="alice"))() == 1
    assert Withdrawal.objects.count() == 1


def test_an_order_holds_up_no_picture_of_its_workspace(run: Run, settings: pytest.FixtureRequest) -> None:
    settings.QUOTA_PER_DAY = 300  # type: ignore[attr-defined]
    server = make_server()
    held = begin(run.generations.get(), server, "me")
    picture = picture_of(held, server)
    with transaction.atomic():
        quotas.hold(run.workspace)
        aside(lambda: lifecycle.rendered(held, picture, worker="me"))()
    assert Generation.objects.get().status == Status.COMPOSING


def test_an_export_of_what_just_goes_finds_that_it_is_gone(run: Run, workspace: Workspace) -> None:
    finish(run, make_server())
    someone = User.objects.create_user("someone@example.com")
    order = export.of_run(run)
    with transaction.atomic():
        deleting.remove(Run.objects.get(pk=run.pk))
        noted = aside(lambda: export.record(order, someone))
        threading.Event().wait(0.5)  # it has come as far as the run
    assert noted() is None
