"""Which waiting picture gets which free seat. Rows only: what a server does is written down as its pictures' steps."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from runs import leases, lifecycle
from runs.engine import scheduler, servers
from runs.models import Generation, Run, Server, Transition, WorkspacePolicy
from runs.seats import Seat
from runs.states import SEATED, Event, ServerState, Status
from tests.conftest import begin, brief, make_server

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


@pytest.fixture
def elsewhere(db: None) -> Workspace:
    return Workspace.objects.create(name="Elsewhere")


def order(workspace: Workspace, pictures: int = 1, priority: int = 0) -> list[Generation]:
    """So many waiting pictures in a run of their own; beyond twenty they are copies of the first."""
    spec = brief(formats=["meta_feed_square"], variations=min(pictures, 20))
    run = lifecycle.start(workspace, None, spec)
    first = run.generations.all()[0]
    copies = [_copy(first) for _ in range(pictures - 20)]
    Generation.objects.bulk_create(copies)
    run.generations.update(priority=priority)
    return list(run.generations.order_by("pk"))


def _copy(row: Generation) -> Generation:
    copy = Generation.objects.get(pk=row.pk)
    copy.pk, copy.uid = None, uuid4()
    return copy


def seated(server: Server | None = None) -> list[int]:
    rows = Generation.objects.filter(status__in=sorted(SEATED))
    return list((rows.filter(server=server) if server else rows).order_by("pk").values_list("pk", flat=True))


def paint(pk: int) -> None:
    """A server finishes this one; its seat is free."""
    lifecycle.advance(Generation.objects.get(pk=pk), Event.RENDERED)


def pks(rows: list[Generation]) -> list[int]:
    return [row.pk for row in rows]


# --- Whose turn it is ---


def test_a_higher_priority_goes_first(workspace: Workspace, elsewhere: Workspace) -> None:
    order(workspace)
    urgent = order(elsewhere, priority=1)
    make_server(seats=1)
    scheduler.assign()
    assert seated() == pks(urgent)


def test_then_the_workspace_with_the_least_running(workspace: Workspace, elsewhere: Workspace) -> None:
    make_server(seats=3)
    order(workspace, 9)
    few = pks(order(elsewhere, 2))
    scheduler.assign()
    assert len(seated()) == 3 and len(set(few) & set(seated())) == 1
    paint(few[0])
    scheduler.assign()
    assert few[1] in seated()


def test_within_a_workspace_the_oldest_goes_first(workspace: Workspace) -> None:
    first, second = order(workspace), order(workspace)
    make_server(seats=1)
    for expected in (first, second):
        scheduler.assign()
        assert seated() == pks(expected)
        paint(expected[0].pk)


def _starts_until(single: int, painting: Iterator[int]) -> int:
    """How many other pictures begin before this one does, seat by seat."""
    begun = Transition.objects.order_by("-pk").values_list("pk", flat=True)[0]
    while single not in seated():
        paint(next(painting))
        scheduler.assign()
    later = Transition.objects.filter(pk__gt=begun, event=Event.ASSIGN)
    return later.exclude(generation=single).count()


def test_a_thousand_pictures_delay_anothers_single_one_by_one_at_most(
    workspace: Workspace, elsewhere: Workspace
) -> None:
    make_server(seats=2)
    order(workspace, 1000)
    scheduler.assign()
    single = order(elsewhere)[0].pk
    assert _starts_until(single, iter(seated())) <= 1


def test_a_workspace_gets_no_more_seats_than_its_limit(workspace: Workspace, elsewhere: Workspace) -> None:
    WorkspacePolicy.objects.create(workspace=workspace, most_running=1)
    make_server(seats=4)
    limited = order(workspace, 3)
    order(elsewhere, 2)
    assert scheduler.assign() == 3
    assert len(set(seated()) & set(pks(limited))) == 1
    assert scheduler.assign() == 0


def test_a_limit_in_the_settings_holds_for_everybody(workspace: Workspace, settings: Any) -> None:
    settings.QUOTA_RUNNING = 2
    make_server(seats=4)
    order(workspace, 3)
    assert scheduler.assign() == 2


# --- Which server gets it ---


def test_prompts_of_others_count_as_load(workspace: Workspace) -> None:
    make_server("busy", others=3)
    idle = make_server("idle")
    order(workspace)
    scheduler.assign()
    assert len(seated(idle)) == 1


def test_the_work_goes_where_least_is_outstanding(workspace: Workspace) -> None:
    both = [make_server("gpu-1", seats=3), make_server("gpu-2", seats=3)]
    order(workspace, 4)
    scheduler.assign()
    assert [len(seated(server)) for server in both] == [2, 2]


def test_a_ten_times_slower_server_gets_only_what_the_fast_one_cannot_do_sooner(workspace: Workspace) -> None:
    fast, slow = make_server("fast", seats=2, pace=1.0), make_server("slow", seats=2, pace=10.0)
    order(workspace, 3)
    scheduler.assign()
    assert (len(seated(fast)), len(seated(slow))) == (2, 0)
    order(workspace, 40)
    scheduler.assign()
    assert (len(seated(fast)), len(seated(slow))) == (2, 2)


@pytest.mark.parametrize(
    "lack",
    [
        {"missing_nodes": ["KSampler"]},
        {"checkpoints": []},
        {"state": ServerState.DOWN},
        {"state": ServerState.STALLED},
        {"state": ServerState.UNKNOWN},
        {"enabled": False},
        {"paused_until": timezone.now() + YEAR},
    ],
    ids=lambda lack: next(iter(lack)),
)
def test_a_server_that_cannot_gets_nothing(workspace: Workspace, lack: dict[str, Any]) -> None:
    make_server(**lack)
    order(workspace)
    assert scheduler.assign() == 0


def test_a_slow_server_is_better_than_none(workspace: Workspace) -> None:
    make_server(state=ServerState.SLOW)
    order(workspace)
    assert scheduler.assign() == 1


def test_a_server_that_fails_three_times_in_a_row_pauses_and_comes_back_with_one_seat(
    workspace: Workspace,
) -> None:
    server = make_server(seats=2)
    order(workspace, 4)
    for _ in range(3):
        servers.note_failure(server, "It sent half a picture.")
    assert scheduler.assign() == 0
    Server.objects.update(paused_until=F("paused_until") - timedelta(seconds=11))
    assert scheduler.assign() == 1
    assert scheduler.assign() == 0
    servers.note_success(server, 1.0)
    assert scheduler.assign() == 1


def test_one_good_picture_ends_the_row_of_failures(workspace: Workspace) -> None:
    server = make_server(seats=2)
    order(workspace, 2)
    for note in (servers.note_failure, servers.note_failure):
        note(server, "It sent half a picture.")
    servers.note_success(server, 1.0)
    servers.note_failure(server, "It sent half a picture.")
    assert scheduler.assign() == 1


# --- A prompt that was sent ---


def _sent(row: Generation, server: Server) -> None:
    """Its worker died after the server had the prompt."""
    held = begin(row, server)
    leases.note_prompt(held.pk, held.worker_id, uuid4())
    lifecycle.lose(held, "Its worker went silent.", keep_prompt=True)


def test_a_server_that_is_switched_off_keeps_what_it_paints_and_gets_nothing_new(
    workspace: Workspace,
) -> None:
    server = make_server(seats=4)
    sent, _ = order(workspace, 2)
    _sent(sent, server)
    Server.objects.update(enabled=False)
    assert scheduler.assign() == 1
    assert seated(server) == [sent.pk]
    sent.refresh_from_db()
    assert (sent.attempt, sent.prompt_id is None) == (0, False)


def test_what_is_already_there_is_counted_before_anything_new_is_sent(
    workspace: Workspace, elsewhere: Workspace
) -> None:
    server = make_server(seats=1)
    sent, running = order(workspace, 2)
    _sent(sent, server)
    begin(running, make_server("gpu-2", seats=1))
    order(elsewhere)  # its turn comes first, for nothing of its workspace runs
    scheduler.assign()
    assert seated(server) == [sent.pk], "one seat, and both got it"


def test_a_prompt_whose_server_stays_away_is_sent_anew_elsewhere(workspace: Workspace) -> None:
    away, other = make_server("away"), make_server("other")
    (row,) = order(workspace)
    _sent(row, away)
    Server.objects.filter(pk=away.pk).update(state=ServerState.DOWN)
    scheduler.assign()
    row.refresh_from_db()
    assert (row.server, row.prompt_id, row.attempt) == (other, None, 1)


# --- What happens meanwhile ---


def test_one_that_was_stopped_meanwhile_gets_no_seat(workspace: Workspace) -> None:
    server = make_server()
    stopped, other = order(workspace, 2)
    seats = [Seat(generation=row, server=server, checkpoint="base.safetensors") for row in (stopped, other)]
    lifecycle.cancel([Generation.objects.get(pk=stopped.pk)], actor="alice")
    assert lifecycle.assign_all(seats) == [other.pk]
    stopped.refresh_from_db()
    assert (stopped.status, stopped.server) == (Status.CANCELLED, None)
    assert not Transition.objects.filter(generation=stopped, event=Event.ASSIGN).exists()


def test_stopping_five_hundred_is_a_handful_of_statements(workspace: Workspace) -> None:
    asked = {}
    for pictures in (20, 500):
        run = order(workspace, pictures)[0].run
        with CaptureQueriesContext(connection) as queries:
            assert lifecycle.cancel_run(run, actor="alice") == pictures
        asked[pictures] = len(queries)
    assert asked[500] <= asked[20] + 2, "one or two more for the notes, which go in packets"


def test_a_turn_asks_as_often_for_a_thousand_as_for_ten(workspace: Workspace) -> None:
    make_server(seats=2)
    asked = []
    for pictures in (10, 1000):
        order(workspace, pictures)
        with CaptureQueriesContext(connection) as queries:
            assert scheduler.assign() == 2
        asked.append(len(queries))
        for pk in seated():
            paint(pk)
    assert asked[1] <= asked[0]


def test_the_databases_clock_decides_and_not_the_workers(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process believes that it is a year later, or earlier: nobody's lease is shorter or longer for that."""
    (row,) = order(workspace)
    held, really = begin(row, make_server(), worker="w"), timezone.now
    for wrong in (YEAR, -YEAR):
        monkeypatch.setattr("django.utils.timezone.now", lambda wrong=wrong: really() + wrong)
        leases.renew("w", [held.pk])
        scheduler.sweep()
        held.refresh_from_db()
        assert held.worker_id == "w", "it was taken from a worker that had just renewed"
    Generation.objects.update(due_at=really() - timedelta(seconds=1))
    scheduler.sweep()
    held.refresh_from_db()
    assert held.worker_id == "", "it was left to a worker that is gone"


def test_the_runs_status_follows_its_seats(run: Run) -> None:
    make_server(seats=1)
    scheduler.assign()
    run.refresh_from_db()
    assert run.status == "running"
