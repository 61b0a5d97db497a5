"""What the records tell whoever works on them. Sent after the commit that made it true."""

from typing import Any

from django.db import transaction
from django.dispatch import Signal

work_waiting = Signal()  # a generation waits, or a seat became free
cancel_requested = Signal()  # somebody asked to stop generations that a worker holds
prompt_abandoned = Signal()  # argument: server; there is a prompt that nobody waits for any more
ads_wanted = Signal()  # a new revision of an ad waits to be made
uploads_wanted = Signal()  # argument: workspace (pk); receivers return the keys of uploads that they name
# Arguments: workspace (pk), origin of a run; receivers return what its brand never says.
words_banned = Signal()
records_to_forget = Signal()  # argument: now; receivers return the records (OldRecord) that can go for good
record_forgotten = Signal()  # argument: record; whoever named it takes it away
run_changed = Signal()  # arguments: run (uid), generation (uid or None), urgent (bool)


def ads_wanted_soon() -> None:
    transaction.on_commit(lambda: ads_wanted.send(None))


def tell(run: Any, row: Any = None, *, work: bool = False) -> None:
    """After the commit: this run has changed, in that generation or as a whole. `work`: the scheduler has to look."""
    names = {"run": run.uid, "generation": row.uid if row else None}
    transaction.on_commit(lambda: run_changed.send(type(run), **names, urgent=True))
    if work:
        transaction.on_commit(lambda: work_waiting.send(type(run)))
