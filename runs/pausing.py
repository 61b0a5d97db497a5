"""A run that rests: it takes no new pictures, those that are being painted finish. Page, API and admin say these verbs.

The run's row says that it rests, and each of its waiting pictures says so too: the queue's index then holds only
those whose turn may come, however many rest. No status changes, so the rows keep their places in the queue.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from runs import signals
from runs.errors import NotAllowed
from runs.models import Run
from runs.states import Status


def pause(run: Run, *, actor: str) -> bool:
    """Take no new pictures of this run; False when it rests already. Raises NotAllowed when it is over."""
    with transaction.atomic():
        locked = Run.objects.hold(run.pk)
        if locked.is_final:
            raise NotAllowed(_("“%(run)s” has finished, so there is nothing to pause.") % {"run": run})
        if locked.is_paused:
            return False
        locked.paused_at, locked.paused_by = timezone.now(), actor
        locked.save(update_fields=["paused_at", "paused_by"])
        locked.generations.filter(status=Status.WAITING).update(paused=True)
        signals.tell(locked)
    return True


def go_on(run: Run) -> bool:
    """Take pictures of it again, at once; False when it does not rest."""
    with transaction.atomic():
        locked = Run.objects.hold(run.pk)
        if not locked.is_paused:
            return False
        locked.save(update_fields=end(locked, timezone.now()))
        locked.generations.filter(status=Status.WAITING, paused=True).update(paused=False)
        signals.tell(locked, work=True)
    return True


def end(run: Run, at: datetime) -> list[str]:
    """Let the run's object rest no more; returns the columns that the caller, who holds its lock, writes."""
    if run.paused_at is None:
        return []
    run.rested += max(at - run.paused_at, timedelta())
    run.paused_at, run.paused_by = None, ""
    return ["paused_at", "paused_by", "rested"]


def of_waiting(run: Run, status: Status) -> dict[str, Any]:
    """What a picture of this run notes when it comes (back) into the queue."""
    return {"paused": run.is_paused} if status == Status.WAITING else {}
