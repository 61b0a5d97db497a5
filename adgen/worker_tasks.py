"""The task back end of several processes: procrastinate carries the calls through PostgreSQL to `run_worker`.

Only imported where the database is PostgreSQL. Rows are the truth here too: a job says which row to look at, and one
that gets lost is made up for by the sweep.
"""

from inspect import iscoroutinefunction
from typing import Any

from django.db import transaction
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import Task, TaskResult
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from adgen.tasks import result
from runs.engine.database import rows

KEPT = 300  # seconds after which a job whose worker died is dropped; its row was taken up long before


@app.task(name="deliver")
async def deliver(path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Call one of Django's tasks in this worker."""
    await _call(path, *args, **kwargs)


async def _call(path: str, *args: Any, **kwargs: Any) -> None:
    function = import_string(path).func
    if iscoroutinefunction(function):
        await function(*args, **kwargs)
    else:
        await rows(function, *args, **kwargs)


@app.periodic(cron="* * * * * */5")
@app.task(name="sweep", queueing_lock="sweep")
async def sweep(timestamp: int) -> None:
    await _call("runs.engine.tasks.sweep")


@app.periodic(cron="* * * * * */10")
@app.task(name="probe_servers", queueing_lock="probe_servers")
async def probe_servers(timestamp: int) -> None:
    await _call("runs.engine.tasks.probe_servers")


@app.periodic(cron="*/10 * * * *")
@app.task(name="tidy", queueing_lock="tidy")
async def tidy(timestamp: int) -> None:
    await _call("runs.engine.tasks.tidy")


@app.periodic(cron="*/10 * * * *")
@app.task(name="clean_up", queueing_lock="clean_up")
async def clean_up(timestamp: int) -> None:
    """Daily; it is asked for more often, so that one which was stopped goes on soon."""
    await _call("runs.engine.tasks.clean_up")


@app.periodic(cron="* * * * *")
@app.task(name="forget_stalled", queueing_lock="forget_stalled")
async def forget_stalled(timestamp: int) -> None:
    """Remove the jobs of dead workers: nobody else would, and their rows have long been taken up."""
    from procrastinate.jobs import Status

    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=KEPT):
        await manager.finish_job(job, Status.FAILED, delete_job=True)


class WorkerBackend(BaseTaskBackend):
    supports_async_task = True
    supports_defer = False
    supports_get_result = False
    supports_priority = False

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        """In the caller's transaction: what is rolled back was never ordered."""
        self.validate_task(task)
        # One that is told nothing looks at all rows: a second one in the queue would find nothing left to do.
        lock = None if args or kwargs else task.module_path
        job = app.configure_task("deliver", queueing_lock=lock)
        try:
            with transaction.atomic():
                job.defer(path=task.module_path, args=list(args), kwargs=dict(kwargs))
        except AlreadyEnqueued:
            pass
        return result(self.alias, task, args, kwargs)

    def enqueue_all(self, task: Task, calls: list[tuple[Any, ...]]) -> None:
        """The same task for each of these arguments; one statement carries them all."""
        self.validate_task(task)
        jobs: list[dict[str, Any]] = [
            {"path": task.module_path, "args": list(args), "kwargs": {}} for args in calls
        ]
        if jobs:
            app.configure_task("deliver").batch_defer(*jobs)
