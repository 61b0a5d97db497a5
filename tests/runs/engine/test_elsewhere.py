"""What did not come out at one server is tried at another, where there is one."""

from runs import lifecycle
from runs.engine import scheduler
from runs.models import Generation, Run, Server
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
