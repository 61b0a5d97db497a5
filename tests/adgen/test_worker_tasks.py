"""The workers' task back end: calls travel through PostgreSQL, in the transaction that orders them."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.tasks import task
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Workspace
from adgen import worker_tasks
from runs.engine.database import rows

pytestmark = pytest.mark.django_db(transaction=True)

noted: list[str] = []


@task()
async def note(word: str) -> None:
    noted.append(word)


@task()
def note_in_the_database_thread(name: str) -> None:
    Workspace.objects.create(name=name)


@task()
def look_around() -> None:
    noted.append("looked")


@task()
async def stumble() -> None:
    raise ValueError("the reason")


@pytest.fixture(autouse=True)
def nothing_is_queued(transactional_db: None) -> None:
    noted.clear()
    _sql("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


def _sql(statement: str, *values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _queued() -> list[tuple[str, list[Any]]]:
    """What waits to be called, with its arguments."""
    jobs = ProcrastinateJob._default_manager.filter(task_name="deliver").order_by("pk")
    return [(job.args["path"].rpartition(".")[2], job.args["args"]) for job in jobs]


async def _work() -> None:
    """A worker that calls what is queued, then goes."""
    worker = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker.open_async():
        await worker.run_worker_async(
            wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="always"
        )


async def test_a_call_reaches_a_worker_with_its_arguments() -> None:
    await rows(note.enqueue, "heard")
    await _work()
    assert noted == ["heard"]
    assert await rows(_queued) == []


async def test_a_call_that_is_no_coroutine_may_use_the_database() -> None:
    await rows(note_in_the_database_thread.enqueue, "Made by a worker")
    await _work()
    assert await rows(Workspace.objects.filter(name="Made by a worker").exists)


def test_a_call_is_queued_with_the_commit_and_not_before(django_db_blocker: Any) -> None:
    with transaction.atomic():
        note.enqueue("committed")
        assert _seen_from_outside(django_db_blocker, _queued) == []
    assert _queued() == [("note", ["committed"])]


def _seen_from_outside[T](blocker: Any, question: Callable[[], T]) -> T:
    """What another connection sees."""
    from concurrent.futures import ThreadPoolExecutor

    def ask() -> T:
        with blocker.unblock():
            try:
                return question()
            finally:
                connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(ask).result(20)


async def test_a_call_of_a_rolled_back_transaction_never_runs() -> None:
    def change_of_mind() -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            note.enqueue("rolled back")
            raise RuntimeError

    await rows(change_of_mind)
    await rows(note.enqueue, "next")
    await _work()
    assert noted == ["next"]


async def test_calls_that_are_told_nothing_are_one_call() -> None:
    for _ in range(3):
        await rows(look_around.enqueue)
    assert await rows(_queued) == [("look_around", [])]
    await _work()
    assert noted == ["looked"]


def test_calls_that_name_something_are_all_made() -> None:
    for word in ("one", "two"):
        note.enqueue(word)
    assert _queued() == [("note", ["one"]), ("note", ["two"])]


def test_a_second_call_in_the_queue_does_no_harm_to_the_callers_transaction() -> None:
    look_around.enqueue()
    with transaction.atomic():
        Workspace.objects.create(name="Before")
        look_around.enqueue()
        Workspace.objects.create(name="After")
    assert set(Workspace.objects.values_list("name", flat=True)) == {"Before", "After"}
    assert _queued() == [("look_around", [])]


async def test_a_call_that_fails_is_logged_with_its_reason_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await rows(stumble.enqueue)
    await rows(note.enqueue, "still here")
    with caplog.at_level(logging.ERROR, "procrastinate"):
        await _work()
    assert noted == ["still here"]
    assert any(record.exc_info and "the reason" in str(record.exc_info[1]) for record in caplog.records)
    assert await rows(_queued) == []


def _leave_a_job(heartbeat: str) -> None:
    """A call that was begun by a worker whose last sign of life is so long ago."""
    note.enqueue("begun")
    _sql(
        "WITH gone AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM gone)",
        heartbeat,
    )


async def test_the_calls_of_a_dead_worker_are_removed() -> None:
    await rows(_leave_a_job, "301 seconds")
    await worker_tasks.forget_stalled(0)
    assert await rows(_queued) == []


async def test_the_calls_of_a_living_worker_are_left() -> None:
    await rows(_leave_a_job, "20 seconds")
    await worker_tasks.forget_stalled(0)
    assert await rows(_queued) == [("note", ["begun"])]


def test_the_clocks_of_the_engine_are_all_wound_up() -> None:
    clocks = {each.task.name: each.cron for each in app.periodic_registry.periodic_tasks.values()}
    assert clocks == {
        "sweep": "* * * * * */5",
        "probe_servers": "* * * * * */10",
        "tidy": "*/10 * * * *",
        "clean_up": "*/10 * * * *",
        "forget_stalled": "* * * * *",
    }


@pytest.mark.parametrize(
    "clock", [worker_tasks.sweep, worker_tasks.probe_servers, worker_tasks.tidy, worker_tasks.clean_up]
)
async def test_each_clock_can_strike_where_there_is_nothing_to_do(clock: Any) -> None:
    await clock(0)
