"""The embedded task back end: after commit, in the one loop, and nothing is lost on the way."""

import asyncio
import gc
import logging
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any

import pytest
from django.db import transaction
from django.tasks import TaskResultStatus, task

from adgen.tasks import EmbeddedBackend

pytestmark = pytest.mark.django_db(transaction=True)

THE_LOOP = "the loop"
noted: list[str] = []
halted = threading.Event()
caller: ContextVar[str] = ContextVar("caller", default="nobody")


@task()
async def note(word: str) -> None:
    noted.append(word)


@task()
def note_in_a_thread(word: str) -> None:
    noted.append(f"{word} {threading.current_thread().name == THE_LOOP}")


@task()
def look_round() -> None:
    noted.append("looked")


@task()
def look_and_halt() -> None:
    noted.append("halted")
    halted.wait(10)


@task()
async def note_the_caller() -> None:
    noted.append(caller.get())


@task()
async def stumble() -> None:
    raise ValueError("the reason")


class Waiting:
    """A future that only the task waiting for it knows."""

    future: weakref.ref[asyncio.Future[str]]


@task()
async def wait_for_a_word() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    Waiting.future = weakref.ref(future)
    noted.append(await future)


class Loop:
    """An event loop of its own thread, as the web server's is to a request."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=THE_LOOP, daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Until everything handed over so far has ended."""
        asyncio.run_coroutine_threadsafe(_nothing_runs(), self.loop).result(10)

    def turn(self) -> None:
        """One turn: what was handed over has begun."""
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(10)

    def drain(self) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(EmbeddedBackend.drain(), self.loop)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


async def _nothing_runs() -> None:
    while EmbeddedBackend._running:
        await asyncio.sleep(0)


@pytest.fixture
def loop() -> Iterator[Loop]:
    noted.clear()
    running = Loop()
    EmbeddedBackend.bind(running.loop)
    yield running
    EmbeddedBackend.bind(None)
    running.end()


def test_without_a_loop_nothing_runs_and_nothing_fails() -> None:
    noted.clear()
    result = note.enqueue("lost")
    assert result.status == TaskResultStatus.READY
    assert noted == []


def test_a_loop_that_was_closed_takes_no_work(loop: Loop) -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    EmbeddedBackend.bind(closed)
    note.enqueue("late")
    assert noted == []


def test_a_task_runs_after_the_commit_and_not_before(loop: Loop) -> None:
    with transaction.atomic():
        note.enqueue("committed")
        loop.settle()
        assert noted == []
    loop.settle()
    assert noted == ["committed"]


def test_a_task_of_a_rolled_back_transaction_never_runs(loop: Loop) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        note.enqueue("rolled back")
        raise RuntimeError
    note.enqueue("next")
    loop.settle()
    assert noted == ["next"]


def test_a_task_that_is_no_coroutine_does_not_hold_up_the_loop(loop: Loop) -> None:
    note_in_a_thread.enqueue("worked")
    loop.settle()
    assert noted == ["worked False"]


def test_what_was_asked_for_often_before_it_began_is_done_once(loop: Loop) -> None:
    together = threading.Event()
    loop.loop.call_soon_threadsafe(together.wait)
    for _ in range(5):
        look_round.enqueue()
        note.enqueue("each")
    together.set()
    loop.settle()
    assert sorted(noted) == [*["each"] * 5, "looked"]
    look_round.enqueue()
    loop.settle()
    assert noted.count("looked") == 2


def test_what_is_asked_for_while_it_runs_is_done_once_more(loop: Loop) -> None:
    """It may have looked already: what was written meanwhile would be missed."""
    halted.clear()
    look_and_halt.enqueue()
    while "halted" not in noted:
        time.sleep(0.01)
    look_and_halt.enqueue()
    halted.set()
    loop.settle()
    assert noted.count("halted") == 2


def test_a_task_that_fails_is_logged_with_its_reason_and_stops_no_other(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "adgen.tasks"):
        stumble.enqueue()
        note.enqueue("still here")
        loop.settle()
    assert noted == ["still here"]
    [record] = caplog.records
    assert record.getMessage() == "Task stumble failed"
    assert record.exc_info is not None and str(record.exc_info[1]) == "the reason"


def test_a_waiting_task_outlives_the_garbage_collector(loop: Loop) -> None:
    wait_for_a_word.enqueue()
    loop.turn()
    gc.collect()
    future: Any = Waiting.future()
    assert future is not None, "the loop itself holds its tasks only weakly"
    loop.loop.call_soon_threadsafe(future.set_result, "awake")
    del future
    loop.settle()
    assert noted == ["awake"]


def test_draining_waits_for_what_runs(loop: Loop) -> None:
    wait_for_a_word.enqueue()
    loop.turn()
    drained = loop.drain()
    loop.turn()
    assert not drained.done()
    loop.loop.call_soon_threadsafe(Waiting.future().set_result, "awake")  # type: ignore[union-attr]
    drained.result(10)
    assert noted == ["awake"]


def test_draining_ends_where_all_work_ended_in_the_same_turn(loop: Loop) -> None:
    together = threading.Event()
    loop.loop.call_soon_threadsafe(together.wait)
    note.enqueue("one")
    stumble.enqueue()
    drained = loop.drain()
    together.set()
    drained.result(10)
    assert noted == ["one"]


def test_a_task_sees_nothing_of_its_callers_context(loop: Loop) -> None:
    token = caller.set("a request")
    note_the_caller.enqueue()
    caller.reset(token)
    loop.settle()
    assert noted == ["nobody"]
