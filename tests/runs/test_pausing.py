"""A run that rests takes no new pictures, loses none, and keeps its place."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from accounts.models import Audit, User, Workspace
from runs import leases, lifecycle, pausing, signals
from runs.engine import scheduler
from runs.errors import NotAllowed
from runs.models import Generation, Run
from runs.seats import Seat
from runs.states import Event, RunStatus, Status
from runs.summary import summarise
from tests.conftest import begin, brief, fail, finish, make_server, make_token

pytestmark = pytest.mark.django_db


def statuses(run: Run) -> list[str]:
    return list(run.generations.order_by("pk").values_list("status", flat=True))


def paused(run: Run) -> Run:
    assert pausing.pause(run, actor="alice@example.com")
    run.refresh_from_db()
    return run


def test_a_paused_run_gets_no_seat_and_one_behind_it_does(run: Run, workspace: Workspace) -> None:
    other = lifecycle.start(workspace, None, brief())
    paused(run)
    make_server(seats=8)
    assert scheduler.assign() == 2
    assert (statuses(run), statuses(other)) == (["waiting"] * 2, ["claimed"] * 2)
    assert scheduler.assign() == 0


def test_what_is_on_a_server_goes_on(run: Run) -> None:
    first = run.generations.all()[0]
    held = begin(first, make_server())
    paused(run)
    lifecycle.advance(held, Event.START, worker=held.worker_id)
    lifecycle.advance(held, Event.RENDERED, worker=held.worker_id)
    assert statuses(run) == ["composing", "waiting"]


def test_it_goes_on_at_its_old_place(run: Run, workspace: Workspace) -> None:
    lifecycle.start(workspace, None, brief())
    paused(run)
    assert pausing.go_on(run)
    make_server(seats=2)
    scheduler.assign()
    assert statuses(run) == ["claimed"] * 2


def test_going_on_wakes_the_scheduler_at_once(run: Run, django_capture_on_commit_callbacks: Any) -> None:
    make_server(seats=2)
    paused(run)
    woken: list[object] = []
    signals.work_waiting.connect(lambda **_: woken.append(1), weak=False, dispatch_uid="test")
    with django_capture_on_commit_callbacks(execute=True):
        pausing.go_on(run)
    signals.work_waiting.disconnect(dispatch_uid="test")
    assert woken


def test_a_picture_that_is_lost_meanwhile_waits_with_the_others(run: Run) -> None:
    server = make_server(seats=2)
    held = begin(run.generations.all()[0], server)
    paused(run)
    lifecycle.lose(held, "Its server is gone.", worker=held.worker_id)
    Generation.objects.update(due_at=None)
    assert scheduler.assign() == 0 and statuses(run) == ["waiting"] * 2


def test_a_prompt_that_is_paid_for_is_fetched_though_its_run_rests(run: Run) -> None:
    server = make_server(seats=2)
    held = begin(run.generations.all()[0], server)
    leases.note_prompt(held.pk, held.worker_id, held.uid)
    paused(run)
    lifecycle.lose(held, "Its worker went silent.", worker=held.worker_id, keep_prompt=True)
    Generation.objects.update(due_at=None)
    assert scheduler.assign() == 1 and statuses(run) == ["claimed", "waiting"]


def test_a_seat_that_was_decided_before_the_pause_is_not_given(run: Run) -> None:
    server = make_server()
    seats = [Seat(generation=row, server=server, checkpoint="base") for row in run.generations.all()]
    paused(run)
    assert lifecycle.assign_all(seats) == []


def test_pausing_twice_is_one_pause_and_going_on_twice_harmless(run: Run) -> None:
    at = paused(run).paused_at
    assert not pausing.pause(run, actor="bob")
    run.refresh_from_db()
    assert (run.paused_at, run.paused_by) == (at, "alice@example.com")
    assert pausing.go_on(run) and not pausing.go_on(run)


def test_what_is_over_cannot_be_paused(finished: Run) -> None:
    with pytest.raises(NotAllowed, match="has finished"):
        pausing.pause(finished, actor="alice")


def test_a_paused_run_can_be_stopped_and_tried_again_without_the_pause(run: Run) -> None:
    lifecycle.cancel_run(paused(run), actor="alice")
    run.refresh_from_db()
    assert (run.status, run.is_paused) == (RunStatus.CANCELLED, False)
    lifecycle.retry_failed(run, actor="alice")
    make_server(seats=2)
    assert scheduler.assign() == 2


def test_a_retry_in_a_paused_run_waits_with_it(run: Run) -> None:
    first = run.generations.all()[0]
    lifecycle.advance(first, Event.FAIL, error="No.")
    lifecycle.retry([first], actor="alice@example.com")
    paused(run)
    lifecycle.advance(first, Event.FAIL, error="No.")
    lifecycle.retry_failed(run, actor="alice@example.com")
    make_server(seats=2)
    assert scheduler.assign() == 0
    pausing.go_on(run)
    assert scheduler.assign() == 2


def test_pauses_do_not_count_as_work(run: Run) -> None:
    begin(run.generations.all()[0], make_server())
    Run.objects.update(started_at=timezone.now() - timedelta(minutes=10))
    paused(run)
    Run.objects.update(paused_at=timezone.now() - timedelta(minutes=8))
    run.refresh_from_db()
    assert round(summarise(run).seconds) == 120
    pausing.go_on(run)
    run.refresh_from_db()
    assert round(summarise(run).seconds) == 120 and round(run.rested.total_seconds()) == 480


def test_a_paused_run_waits_for_nobody_else(run: Run) -> None:
    assert "no GPU server" in summarise(run).waits_for
    summary = summarise(paused(run))
    assert (summary.waits_for, summary.paused, summary.seconds_left) == ("", True, None)


def test_however_many_rest_no_turn_reads_past_them(run: Run) -> None:
    """They are not in the index by which the queue is read."""
    queue = scheduler._rows().filter(paused=False, workspace=run.workspace)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan TO off")
    assert "generations_waiting" in queue[:1].explain()
    assert Generation._meta.indexes[0].condition == Q(status=Status.WAITING, paused=False)


# --- page, API, admin -----------------------------------------------------------------------------------------


def test_the_page_pauses_and_goes_on(as_alice: Client, run: Run) -> None:
    page = f"/runs/{run.uid}/"
    assert "Pause</button>" in as_alice.get(page).content.decode()
    assert as_alice.post(f"{page}pause/").status_code == 302
    html = as_alice.get(page).content.decode()
    assert "Resume</button>" in html and "Pause</button>" not in html and "Paused by Alice" in html
    assert "Paused" in as_alice.get("/runs/").content.decode()
    assert "Paused" in as_alice.get("/").content.decode()
    assert as_alice.post(f"{page}go-on/", headers={"HX-Request": "true"}).status_code == 204
    assert "Pause</button>" in as_alice.get(page).content.decode()
    assert list(Audit.objects.order_by("pk").values_list("action", flat=True)) == ["run.pause", "run.resume"]


def test_bob_sees_that_it_rests_and_no_button(as_bob: Client, run: Run) -> None:
    paused(run)
    html = as_bob.get(f"/runs/{run.uid}/").content.decode()
    assert "Paused" in html and "Resume" not in html


def test_the_api_pauses_and_goes_on(workspace: Workspace, alice: User, run: Run) -> None:
    client = Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})
    url = f"/api/v1/runs/{run.uid}"
    assert client.post(f"{url}/pause").json()["paused"] is True
    assert client.post(f"{url}/pause").status_code == 200
    assert client.post(f"{url}/resume").json()["paused"] is False
    fail(run)
    assert client.post(f"{url}/pause").status_code == 409


def test_a_token_of_elsewhere_pauses_nothing(charlie: User, run: Run) -> None:
    theirs = charlie.memberships.get().workspace
    client = Client(headers={"Authorization": f"Bearer {make_token(theirs, charlie)}"})
    for verb in ("pause", "resume", "again"):
        assert client.post(f"/api/v1/runs/{run.uid}/{verb}").status_code == 404
        assert Client().post(f"/api/v1/runs/{run.uid}/{verb}").status_code == 401


def test_the_admin_pauses_and_goes_on(admin: Client, run: Run) -> None:
    for action, rests in (("pause", True), ("go_on", False)):
        admin.post("/admin/runs/run/", {"action": action, "_selected_action": [run.pk]})
        run.refresh_from_db()
        assert run.is_paused is rests


def test_a_run_that_is_over_is_left_as_it_is_by_the_admin(admin: Client, run: Run) -> None:
    finish(run)
    html = admin.post(
        "/admin/runs/run/", {"action": "pause", "_selected_action": [run.pk]}, follow=True
    ).content.decode()
    assert "there is nothing to pause" in html
    assert Status.DONE in statuses(run)
