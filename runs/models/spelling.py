"""Statuses that stand in a query themselves, not as values beside it.

SQLite uses a partial index only where its condition is in the query word by word. PostgreSQL does not mind.
"""

from collections.abc import Iterable

from django.db.models import CharField, Func, Q

from runs.states import ACTIVE, RunStatus, Status


def _spelt(statuses: Iterable[Status | RunStatus]) -> Q:
    """In the order in which the index of the same statuses has them."""
    words = [Func(template=f"'{status}'", output_field=CharField()) for status in sorted(statuses)]
    return Q(status__in=words)


UNDER_WAY = _spelt(ACTIVE)  # of generations, by generations_active
OPEN = _spelt({RunStatus.RUNNING, RunStatus.WAITING})  # of runs, by runs_open
