"""A clean-up from beginning to end: alone, with a row that says how far it came, and a line in the trail.

`manage.py prune`, the admin's page and the engine's clock all say `clean`.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.audit import note
from accounts.models import Workspace
from accounts.standing import forget_ended
from runs import retention
from runs.alone import alone
from runs.errors import AlreadyCleaning
from runs.keeping import Policy
from runs.models import CleanUp
from runs.retention import Outcome

log = logging.getLogger(__name__)

DAILY = timedelta(days=1)
REMEMBERED = timedelta(days=400)  # how long a clean-up is listed
NOTED = 2.0  # seconds after which the row is written again


def clean(
    actor: str,
    *,
    usual: Policy | None = None,
    workspace: Workspace | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome]:
    """Remove what the plan names, one entry after the other, until there is no more or `stop` says so.

    Raises AlreadyCleaning. Whoever kills it loses nothing: the next one goes on.
    """
    with alone():
        CleanUp.objects.filter(started_at__lt=timezone.now() - REMEMBERED).delete()
        forget_ended()
        row = CleanUp.objects.create(actor=actor)
        tally = _Tally(row)
        try:
            for outcome in retention.apply(retention.plan(timezone.now(), usual, workspace), usual):
                tally.count(outcome)
                yield outcome
                if stop():
                    break
            else:
                row.ended_at = timezone.now()
        finally:
            tally.write()
            _tell(row, workspace)


class _Tally:
    """What a clean-up has removed so far, for whoever looks while it works."""

    def __init__(self, row: CleanUp) -> None:
        self.row = row
        self._written = time.monotonic()

    def count(self, outcome: Outcome) -> None:
        if outcome.fault:
            self.row.faults += 1
            self.row.words = outcome.fault[:500]
        else:
            self.row.removed += 1
            self.row.bytes += outcome.what.bytes
        if time.monotonic() - self._written > NOTED:
            self.write()

    def write(self) -> None:
        self.row.save()
        self._written = time.monotonic()


def _tell(row: CleanUp, workspace: Workspace | None) -> None:
    faults = f", {row.faults} could not be removed" if row.faults else ""
    rest = "" if row.ended_at else "; stopped before the end"
    words = f"{row.removed} removed, {row.bytes} bytes{faults}{rest}."
    note(workspace, row.actor or "the daily clean-up", "retention.clean_up", "clean-up", words)


# --- By the clock --------------------------------------------------------------------------------------------


def next_time() -> datetime:
    """When the clock cleans up next; now, where it never did."""
    last = CleanUp.objects.filter(actor="", ended_at__isnull=False).first()
    return last.started_at + DAILY if last else timezone.now()


def by_the_clock(stop: Callable[[], bool]) -> int:
    """The daily clean-up, where it is due. One that was stopped is due again at once. Returns how many went."""
    if next_time() > timezone.now():
        return 0
    try:
        return sum(not outcome.fault for outcome in clean("", stop=stop))
    except AlreadyCleaning:
        return 0  # somebody else is at it; the next turn looks again
