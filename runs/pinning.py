"""A pinned run stays: no clean-up takes it, and nobody deletes it by the way. Page, API and admin say these verbs."""

from runs import signals
from runs.models import Run


def pin(run: Run) -> bool:
    """Keep it until it is unpinned; False when it is pinned already."""
    return _set(run, True)


def unpin(run: Run) -> bool:
    """Treat it as any other again; False when it was not pinned."""
    return _set(run, False)


def _set(run: Run, pinned: bool) -> bool:
    changed = bool(Run.objects.filter(pk=run.pk, pinned=not pinned).update(pinned=pinned))
    if changed:
        run.pinned = pinned
        signals.tell(run)
    return changed
