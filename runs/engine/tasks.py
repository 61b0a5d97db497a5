"""What a task engine delivers. The same functions run on every engine; what is to do is read from the rows."""

import logging
from typing import Any

from django.tasks import task

from runs import signals

log = logging.getLogger(__name__)


@task()
async def render(generation: int) -> None:
    """Work on one assigned generation; nothing happens when another worker has it."""
    from runs.engine.supervisor import current

    engine = current()
    if engine is not None:
        await engine.render(generation)


@task()
def assign() -> None:
    """Match what waits to free seats."""
    from runs.engine import scheduler

    scheduler.assign()


@task()
def sweep() -> None:
    """Take up what its worker left, then look for work."""
    from runs.engine import scheduler

    scheduler.sweep()


def connect() -> None:
    """Called once when the apps are ready."""
    signals.work_waiting.connect(_work_waiting, dispatch_uid="runs.engine.assign")
    signals.run_changed.connect(_run_changed, dispatch_uid="runs.live.announce")


def _work_waiting(**_: Any) -> None:
    assign.enqueue()


def _run_changed(run: Any, generation: Any, urgent: bool, **_: Any) -> None:
    from runs import live

    live.announce(run, generation, urgent=urgent)
