"""What did not come out at one server is tried at another, where there is one."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from runs import leases, lifecycle
from runs.engine import scheduler
from runs.models import Generation, Run, Server
from runs.states import ServerState, Status
from tests.conftest import begin, make_server


def _lost_at(run: Run, server: Server) -> Generation:
    generation = run.generations.order_by("pk")[0]
    held = begin(generation, server)
    lifecycle.lose(held, "It made no progress.", worker=held.worker_id)
    Generation.objects.filter(pk=held.pk).update(due_at=None)
    return held


def test_a_picture_that_did_not_come_out_goes_to_another_server(run: Run) -> None:
    first, other = make_server("gpu-1"), make_server("gpu-2")
    lost = _lost_at(run, first)
    scheduler.assign()
    lost.refresh_from_db()
    assert (lost.server, lost.attempt, lost.prompt_id) == (other, 1, None)


def test_where_there_is_no_other_server_it_gets_another_try(run: Run) -> None:
    only = make_server("gpu-1")
    lost = _lost_at(run, only)
    scheduler.assign()
    lost.refresh_from_db()
    assert (lost.server, lost.tries) == (only, 1)


def _sent_to_one_that_is_down(run: Run, server: Server, seen_for: int) -> Generation:
    held = begin(run.generations.order_by("pk")[0], server)
    leases.note_prompt(held.pk, held.worker_id, uuid4())
    lifecycle.lose(held, "It does not answer.", worker=held.worker_id, keep_prompt=True, blame=False)
    Generation.objects.filter(pk=held.pk).update(due_at=None)
    seen_at = timezone.now() - timedelta(seconds=seen_for)
    Server.objects.filter(pk=server.pk).update(state=ServerState.DOWN, seen_at=seen_at)
    return held


def test_what_was_sent_waits_for_a_server_that_may_only_have_blinked(run: Run) -> None:
    first = make_server("gpu-1")
    make_server("gpu-2")
    sent = _sent_to_one_that_is_down(run, first, seen_for=12)
    scheduler.assign()
    sent.refresh_from_db()
    assert (sent.status, sent.server) == (Status.WAITING, first)
    assert Generation.objects.filter(status=Status.CLAIMED).count() == 1, "it holds up nobody else"
    Server.objects.filter(pk=first.pk).update(state=ServerState.UP)
    scheduler.assign()
    sent.refresh_from_db()
    assert (sent.status, sent.server, sent.attempt) == (Status.CLAIMED, first, 0)


def test_what_was_sent_goes_to_another_server_when_its_own_stays_away(run: Run) -> None:
    first, other = make_server("gpu-1"), make_server("gpu-2")
    sent = _sent_to_one_that_is_down(run, first, seen_for=25)
    scheduler.assign()
    sent.refresh_from_db()
    assert (sent.server, sent.attempt, sent.prompt_id) == (other, 1, None)
