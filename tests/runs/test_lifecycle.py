"""The one door: every step is fenced, noted and counted."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from runs import deleting, leases, lifecycle
from runs.errors import LeaseLost, NotAllowed
from runs.models import Generation, Run, Transition
from runs.states import Event, IllegalTransition, RunStatus, Status
from tests.conftest import brief, make_server

WORKER = "worker-1"


@pytest.fixture
def generation(run: Run) -> Generation:
    first = run.generations.first()
    assert first is not None
    return first


@pytest.fixture
def held(generation: Generation) -> Generation:
    """Assigned to a server and taken by a worker."""
    lifecycle.assign(generation, make_server(), "base.safetensors")
    taken = leases.take(generation.pk, WORKER)
    assert taken is not None
    return taken


def test_starting_freezes_the_brief_with_a_seed(run: Run) -> None:
    assert run.brief.seed is not None
    assert run.generations.count() == run.pictures_total == 2
    assert run.status == RunStatus.WAITING


def test_the_words_sent_are_those_of_the_stored_brief(run: Run, generation: Generation) -> None:
    assert "a slim can" in generation.positive
    assert generation.seed == run.brief.seed


def test_pressing_start_twice_is_one_run(workspace: Workspace, alice: User) -> None:
    key = uuid4()
    first = lifecycle.start(workspace, alice, brief(), uid=key)
    assert lifecycle.start(workspace, alice, brief(), uid=key) == first
    assert Run.objects.count() == 1


def test_the_key_of_another_workspaces_run_starts_a_run_of_ones_own(
    run: Run, charlie: User, alice: User
) -> None:
    theirs = charlie.memberships.get().workspace
    started = lifecycle.start(theirs, charlie, brief(), uid=run.uid)
    assert started.workspace == theirs
    assert started.uid != run.uid


def test_every_step_leaves_a_row(generation: Generation) -> None:
    lifecycle.assign(generation, make_server(), "base.safetensors")
    steps = Transition.objects.filter(generation=generation).values_list("before", "after", "event")
    assert list(steps) == [("", "waiting", "create"), ("waiting", "claimed", "assign")]


def test_an_illegal_step_changes_nothing(generation: Generation) -> None:
    with pytest.raises(IllegalTransition):
        lifecycle.advance(generation, Event.COMPOSED)
    generation.refresh_from_db()
    assert generation.status == Status.WAITING
    assert Transition.objects.filter(generation=generation).count() == 1


def test_a_generation_is_taken_by_one_worker_only(generation: Generation) -> None:
    lifecycle.assign(generation, make_server(), "base.safetensors")
    assert leases.take(generation.pk, "one") is not None
    assert leases.take(generation.pk, "two") is None


def test_a_waiting_generation_cannot_be_taken(generation: Generation) -> None:
    assert leases.take(generation.pk, WORKER) is None


def test_a_worker_that_lost_its_lease_writes_nothing(held: Generation) -> None:
    Generation.objects.filter(pk=held.pk).update(worker_id="another")
    with pytest.raises(LeaseLost):
        lifecycle.advance(held, Event.ACCEPT, worker=WORKER)
    with pytest.raises(LeaseLost):
        leases.note_prompt(held.pk, WORKER, uuid4())
    leases.report(leases.Report.of(held, WORKER, progress=0.5, step="1 of 2", preview_version=1))
    held.refresh_from_db()
    assert (held.status, held.progress, held.prompt_id) == (Status.CLAIMED, 0.0, None)


def test_another_prompt_is_another_attempt_with_a_picture_of_its_own(held: Generation) -> None:
    """Whoever still works on the first one stores its picture under the first one's name."""
    first, second = uuid4(), uuid4()
    assert [leases.note_prompt(held.pk, WORKER, prompt) for prompt in (first, second)] == [0, 1]
    held.refresh_from_db()
    assert (held.prompt_id, held.attempt) == (second, 1)


def test_a_run_takes_the_kind_of_its_first_server(run: Run, generation: Generation) -> None:
    lifecycle.assign(generation, make_server(simulated=True), "base.safetensors")
    run.refresh_from_db()
    assert run.simulated is True


def test_progress_is_never_full_before_the_ads_are_stored(held: Generation) -> None:
    leases.report(leases.Report.of(held, WORKER, progress=1.0, step="", preview_version=0))
    held.refresh_from_db()
    assert held.progress == 0.99


def test_a_waiting_picture_is_stopped_at_once(run: Run, generation: Generation) -> None:
    assert lifecycle.cancel([generation], actor="alice") == 1
    generation.refresh_from_db()
    assert generation.status == Status.CANCELLED


def test_a_picture_on_a_gpu_is_marked_and_its_worker_ends_it(held: Generation) -> None:
    lifecycle.cancel([held], actor="alice")
    held.refresh_from_db()
    assert held.status == Status.CLAIMED
    assert leases.to_cancel(WORKER) == [held.pk]


def test_a_picture_that_a_worker_took_meanwhile_is_marked_and_not_ended(generation: Generation) -> None:
    lifecycle.assign(generation, make_server(), "base.safetensors")
    seen = Generation.objects.get(pk=generation.pk)  # by somebody who then presses Stop
    leases.take(generation.pk, WORKER)
    assert lifecycle.cancel([seen], actor="alice") == 1
    seen.refresh_from_db()
    assert seen.status == Status.CLAIMED
    assert leases.to_cancel(WORKER) == [seen.pk]


def test_a_picture_that_ended_meanwhile_is_left(generation: Generation) -> None:
    seen = Generation.objects.get(pk=generation.pk)
    lifecycle.advance(generation, Event.FAIL)
    assert lifecycle.cancel([seen], actor="alice") == 0
    seen.refresh_from_db()
    assert seen.status == Status.FAILED


def test_a_wish_to_stop_survives_the_next_step(held: Generation) -> None:
    lifecycle.cancel([held], actor="alice")
    lifecycle.advance(held, Event.ACCEPT, worker=WORKER)
    assert leases.to_cancel(WORKER) == [held.pk]


def test_stopping_a_run_ends_what_waits_and_marks_what_runs(run: Run, held: Generation) -> None:
    assert lifecycle.cancel_run(run, actor="alice") == 2
    statuses = dict(run.generations.values_list("pk", "status"))
    assert statuses.pop(held.pk) == Status.CLAIMED
    assert set(statuses.values()) == {Status.CANCELLED}


def test_stopping_a_stopped_run_does_no_harm(run: Run) -> None:
    lifecycle.cancel_run(run, actor="alice")
    assert lifecycle.cancel_run(run, actor="alice") == 0
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_a_lost_prompt_waits_again_with_a_pause_and_remembers_where(held: Generation) -> None:
    leases.note_prompt(held.pk, WORKER, uuid4())
    lifecycle.lose(held, "The server no longer knew it.", worker=WORKER)
    held.refresh_from_db()
    assert (held.status, held.prompt_id, held.tries) == (Status.WAITING, None, 1)
    assert held.server is not None
    assert held.due_at is not None


def test_a_lost_worker_leaves_its_prompt_to_be_found(held: Generation) -> None:
    prompt_id = uuid4()
    leases.note_prompt(held.pk, WORKER, prompt_id)
    held.refresh_from_db()
    lifecycle.lose(held, "Its worker went silent.", keep_prompt=True)
    held.refresh_from_db()
    assert held.prompt_id == prompt_id
    assert held.server is not None


def test_after_five_tries_a_picture_has_failed_and_says_why(held: Generation) -> None:
    Generation.objects.filter(pk=held.pk).update(tries=4)
    held.refresh_from_db()
    lifecycle.lose(held, "gpu-1 does not answer.", worker=WORKER)
    held.refresh_from_db()
    assert held.status == Status.FAILED
    assert held.error == "gpu-1 does not answer. It was tried 5 times."


def test_retry_paints_the_same_words_with_the_same_seed(run: Run, generation: Generation) -> None:
    before = (generation.positive, generation.seed)
    lifecycle.cancel([generation], actor="alice")
    assert lifecycle.retry_failed(run, actor="alice") == 1
    generation.refresh_from_db()
    assert generation.status == Status.WAITING
    assert (generation.positive, generation.seed) == before
    assert generation.attempt == 1


def test_trying_many_again_is_no_more_queries_than_trying_two(
    workspace: Workspace, alice: User, run: Run
) -> None:
    many = lifecycle.start(workspace, alice, brief(variations=20))
    asked = []
    for each in (run, many):
        lifecycle.cancel_run(each, actor="alice")
        with CaptureQueriesContext(connection) as queries:
            lifecycle.retry_failed(each, actor="alice")
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert set(many.generations.values_list("status", "attempt")) == {(Status.WAITING, 1)}
    assert Transition.objects.filter(run=many, event="retry").count() == 40


def test_only_the_chosen_pictures_are_tried_again(run: Run, generation: Generation) -> None:
    lifecycle.cancel_run(run, actor="alice")
    assert lifecycle.retry([generation], actor="alice") == 1
    assert sorted(run.generations.values_list("status", flat=True)) == [Status.CANCELLED, Status.WAITING]


def test_a_person_may_want_another_seed_and_the_one_before_is_noted(generation: Generation) -> None:
    before = generation.seed
    lifecycle.cancel([generation], actor="alice")
    assert lifecycle.retry_with_new_seed(generation, actor="alice") == 1
    generation.refresh_from_db()
    assert (generation.status, generation.seed != before) == (Status.WAITING, True)
    note = generation.transitions.latest("pk")
    assert (note.event, note.actor) == ("retry", "alice")
    assert str(before) in note.words and str(generation.seed) in note.words


def test_what_was_painted_keeps_the_seed_that_it_was_painted_with(finished: Run) -> None:
    painted = finished.generations.order_by("pk")[0]
    Generation.objects.filter(pk=painted.pk).update(status=Status.FAILED)
    assert lifecycle.retry_with_new_seed(painted, actor="alice") == 0
    assert Generation.objects.get(pk=painted.pk).seed == painted.seed


def test_a_retry_of_what_is_done_or_under_way_changes_nothing(held: Generation) -> None:
    assert lifecycle.retry([held], actor="alice") == 0
    held.refresh_from_db()
    assert (held.status, held.attempt) == (Status.CLAIMED, 0)
    assert held.worker_id == WORKER


def test_a_running_run_cannot_be_deleted(run: Run) -> None:
    with pytest.raises(NotAllowed, match="Stop it first"):
        deleting.remove(run)


def test_a_deleted_run_leaves_no_rows(run: Run) -> None:
    lifecycle.cancel_run(run, actor="alice")
    run.refresh_from_db()
    deleting.remove(run)
    assert Run.objects.count() == Generation.objects.count() == Transition.objects.count() == 0


def test_a_row_that_is_handed_back_is_due_at_once(held: Generation) -> None:
    leases.hand_back(held.pk, WORKER)
    held.refresh_from_db()
    assert held.worker_id == ""
    assert held.status == Status.CLAIMED
    assert not Generation.objects.filter(pk=held.pk, attempt=F("attempt") + 1).exists()
