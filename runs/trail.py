"""Writes down every step of a generation's life. Only lifecycle calls this, in the transaction of the step itself."""

import logging
from collections import Counter
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from runs.models import Generation, Transition

log = logging.getLogger(__name__)


def note(rows: Iterable[Generation], *, before: str, event: str, actor: str = "", words: str = "") -> None:
    Transition.objects.bulk_create(
        [
            Transition(
                generation_id=row.pk,
                run_id=row.run_id,
                before=before,
                after=row.status,
                event=event,
                attempt=row.attempt,
                server=row.server.name if row.server else "",
                actor=actor,
                words=words,
            )
            for row in rows
        ],
        batch_size=500,
    )
    if log.isEnabledFor(logging.INFO):
        transaction.on_commit(partial(_tell, list(rows), event, words))


def _tell(rows: list[Generation], event: str, words: str) -> None:
    """A line a picture; but one for all of a run that take the same step at once."""
    counts = Counter(row.run_id for row in rows)
    for run, row in {row.run_id: row for row in rows}.items():
        facts: dict[str, str | int] = {"event": event, "run_number": run, "pictures": counts[run]}
        if counts[run] == 1:
            facts |= {"picture_number": row.pk, "attempt": row.attempt, "status": row.status}
            facts |= {"server": row.server.name if row.server else "", "words": words}
        log.info("Run %s: %s", run, event, extra=facts)
