"""The task back end of the one-process studio: work runs in the web server's own event loop, after commit.

Without a running loop (shell, tests, commands) enqueueing does nothing; the sweep delivers from the rows later.
"""

import asyncio
import logging
import uuid
from contextvars import Context
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.db import transaction
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import Task, TaskResult, TaskResultStatus
from django.utils import timezone

log = logging.getLogger(__name__)


DRAIN = 10.0  # seconds; what is not done by then is taken up from its row at the next start


class EmbeddedBackend(BaseTaskBackend):
    supports_async_task = True
    supports_defer = False
    supports_get_result = False
    supports_priority = False

    # On the class: Django keeps one instance of a back end for each thread, and there is one loop.
    _loop: asyncio.AbstractEventLoop | None = None
    _running: ClassVar[set[asyncio.Task[None]]] = set()
    _waiting: ClassVar[set[str]] = set()  # tasks without arguments that were asked for and have not begun

    @classmethod
    def bind(cls, loop: asyncio.AbstractEventLoop | None) -> None:
        """The loop that does the work; None to stop taking any."""
        cls._loop = loop
        cls._waiting.clear()

    @classmethod
    async def drain(cls) -> None:
        """Wait for what is running, a bounded time; its owner has told it to stop."""
        if cls._running:
            await asyncio.wait(set(cls._running), timeout=DRAIN)

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        transaction.on_commit(lambda: self._deliver(task, args, kwargs))
        return result(self.alias, task, args, kwargs)

    def enqueue_all(self, task: Task, calls: list[tuple[Any, ...]]) -> None:
        """The same task for each of these arguments."""
        for args in calls:
            self.enqueue(task, args, {})

    def _deliver(self, task: Task, args: Any, kwargs: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            # A fresh context: with the caller's, asgiref would give each task a database thread of its own.
            self._loop.call_soon_threadsafe(self._begin, task, args, kwargs, context=Context())

    def _begin(self, task: Task, args: Any, kwargs: Any) -> None:
        if not args and not kwargs:
            # It will see all that was written until it begins: once is enough, however often it was asked for.
            if task.module_path in self._waiting:
                return
            self._waiting.add(task.module_path)
        running = asyncio.get_running_loop().create_task(self._work(task, args, kwargs))
        self._running.add(running)  # the loop itself holds tasks only weakly
        running.add_done_callback(self._running.discard)

    async def _work(self, task: Task, args: Any, kwargs: Any) -> None:
        def begun(*args: Any, **kwargs: Any) -> Any:
            self._waiting.discard(task.module_path)
            return task.func(*args, **kwargs)

        call = begun if asyncio.iscoroutinefunction(task.func) else sync_to_async(begun)
        try:
            await call(*args, **kwargs)
        except Exception:
            # The row is the truth: what failed here is taken up again by the sweep. The reason must be seen.
            log.exception("Task %s failed", task.name)
        finally:
            self._waiting.discard(task.module_path)


def result(alias: str, task: Task, args: Any, kwargs: Any) -> TaskResult:
    return TaskResult(
        task=task,
        id=uuid.uuid4().hex,
        status=TaskResultStatus.READY,
        enqueued_at=timezone.now(),
        started_at=None,
        finished_at=None,
        last_attempted_at=None,
        args=list(args),
        kwargs=dict(kwargs),
        backend=alias,
        errors=[],
        worker_ids=[],
    )
