"""Runs that people delete: gone from everywhere at once, to be had back for a while, then gone with their files.

While it is deleted nothing of it is seen or counted, but its bytes are there, and its pictures still count for the day
on which they were ordered. `runs.retention` ends it; whoever wants the room at once says `remove`.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs import removals, signals
from runs.errors import NotAllowed
from runs.models import Run


def kept_for() -> timedelta:
    """How long what somebody deleted can be had back."""
    return timedelta(days=settings.RETENTION_DELETED_DAYS)


def goes_at(run: Run) -> datetime:
    assert run.deleted_at is not None
    return run.deleted_at + kept_for()


def delete(run: Run, *, actor: str) -> bool:
    """Let it disappear; False when it is deleted already.

    Raises NotAllowed where it runs, or somebody said that it is to stay.
    """
    with transaction.atomic():
        locked = _locked(run)
        _refuse_running(locked)
        removals.refuse_kept(locked)
        return locked.deleted_at is None and _set(locked, timezone.now(), actor)


def bring_back(run: Run) -> bool:
    """As it was; False when it was not deleted."""
    with transaction.atomic():
        locked = _locked(run)
        return locked.deleted_at is not None and _set(locked, None, "")


def remove(run: Run, *, kept_too: bool = False) -> list[int]:
    """For good, with its files. Raises NotAllowed where it runs, or somebody said that it is to stay.

    Returns the notes of the files: what the storage does not let go of today, the next clean-up takes.
    """
    with transaction.atomic():
        locked = _locked(run)
        _refuse_running(locked)
        if not kept_too:  # retention has its own rules for these
            removals.refuse_kept(locked)
        return removals.whole(locked)


def _locked(run: Run) -> Run:
    return Run.everything.select_for_update().get(pk=run.pk)


def _refuse_running(run: Run) -> None:
    if not run.is_final:
        raise NotAllowed(f"“{run}” is still running. Stop it first.")


def _set(run: Run, at: datetime | None, by: str) -> bool:
    Run.everything.filter(pk=run.pk).update(deleted_at=at, deleted_by=by)
    signals.tell(run)  # open pages of it look, and find that it is gone
    return True
