"""What a task engine delivers. The same functions run on every engine; what is to do is read from the rows."""

import logging
from typing import Any

from django.tasks import task, task_backends

from runs import signals

log = logging.getLogger(__name__)


@task()
async def render(generation: int) -> None:
    """Begin to work on one assigned generation; nothing happens when another worker has it."""
    if (engine := _engine()) is not None:
        await engine.render(generation)


def deliver(generations: list[int]) -> None:
    """Hand each of these to some worker, in the caller's transaction and all at once."""
    backend: Any = task_backends["default"]
    backend.enqueue_all(render, [(pk,) for pk in generations])


@task()
async def withdraw(server: int) -> None:
    """Take off a server what nobody waits for any more."""
    from runs.engine import servers

    await servers.withdraw_from(server)


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


@task()
async def probe_servers() -> None:
    """Ask every server how it is."""
    from runs.engine import servers

    await servers.probe_all()


@task()
async def recompose() -> None:
    """Make the new revisions of ads that wait; they need no server."""
    if (engine := _engine()) is not None:
        engine.revisions.wake()


@task()
async def tidy() -> None:
    """Remove files that broken attempts left beside the stored pictures and ads."""
    from runs.engine import tidying
    from runs.engine.database import aside

    await aside(tidying.tidy)


@task()
async def clean_up() -> None:
    """Remove what the retention rules let go, where that was not done today."""
    from runs import cleaning
    from runs.engine.database import aside

    engine = _engine()
    await aside(lambda: cleaning.by_the_clock(lambda: engine is not None and engine.is_stopping))


def _engine() -> Any:
    from runs.engine.supervisor import current

    return current()


def connect() -> None:
    """Called once when the apps are ready."""
    signals.work_waiting.connect(_work_waiting, dispatch_uid="runs.engine.assign")
    signals.cancel_requested.connect(_cancel_requested, dispatch_uid="runs.engine.cancel")
    signals.ads_wanted.connect(_ads_wanted, dispatch_uid="runs.engine.recompose")
    signals.prompt_abandoned.connect(_prompt_abandoned, dispatch_uid="runs.engine.withdraw")
    signals.run_changed.connect(_run_changed, dispatch_uid="runs.live.announce")


def _work_waiting(**_: Any) -> None:
    assign.enqueue()


def _cancel_requested(**_: Any) -> None:
    from runs import live

    live.tell_workers()


def _ads_wanted(**_: Any) -> None:
    recompose.enqueue()


def _prompt_abandoned(server: Any, **_: Any) -> None:
    withdraw.enqueue(server.pk)


def _run_changed(run: Any, generation: Any, urgent: bool, **_: Any) -> None:
    from runs import live

    live.announce(run, generation, urgent=urgent)
