"""Taking files away with their rows: rows first, and in the same transaction a note of the files that have to go.

No row ever names a file that is gone, and a process that is killed between the two leaves its note behind:
`runs.retention` goes on with it. Whoever calls holds the lock on the run.
"""

import logging
from collections.abc import Iterable
from functools import partial
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from runs import storage
from runs.errors import NotAllowed
from runs.models import (
    Creative,
    Decision,
    Generation,
    Keyword,
    Picture,
    Removal,
    Run,
    Transition,
    Verdict,
)

log = logging.getLogger(__name__)

BATCH = 500  # files of one note: a run may have a hundred thousand


def refuse_kept(run: Run) -> None:
    """Raises NotAllowed where it is pinned or holds an approved ad: such a run does not go by the way."""
    if run.pinned:
        raise NotAllowed(f"“{run}” is pinned. Unpin it first.")
    approved = run.creatives.filter(decision=Verdict.APPROVED).count()
    if approved:
        said = "An ad of “%s” is approved" if approved == 1 else f"{approved} ads of “%s” are approved"
        raise NotAllowed(f"{said % run}. Undo that first, or keep the run.")


def whole(run: Run) -> list[int]:
    """The run with all that was made of it; its generations and their steps go with it. Returns the notes."""
    notes = note([*_files(_ads(run)), *_files(_pictures(run))])
    _empty(*_rows_of_ads(run))
    _empty(
        Keyword.objects.filter(picture__generation__run=run),
        Picture.everything.filter(generation__run=run),
        Transition.objects.filter(run=run),
        Generation.objects.filter(run=run),
    )
    run.delete()
    return notes


def ads(run: Run) -> list[int]:
    """Its ads in all their revisions. The pictures stay, and other ads can be made of them."""
    notes = note(_files(_ads(run)))
    _empty(*_rows_of_ads(run))
    return notes


def pictures(run: Run) -> list[int]:
    """The files of its pictures. What was known of them stays, for the ads that were made of them."""
    rows = _pictures(run)
    notes = note(_files(rows))
    Keyword.objects.filter(picture__in=rows).delete()
    rows.update(dropped_at=timezone.now())
    return notes


def note(files: Iterable[tuple[str, int]]) -> list[int]:
    """These files go as soon as the caller's transaction has ended well. Returns the notes that name them."""
    notes = []
    for batch in batched(files, BATCH, strict=False):
        row = Removal.objects.create(keys=[key for key, _ in batch], bytes=sum(size for _, size in batch))
        transaction.on_commit(partial(_finish_calmly, row.pk))
        notes.append(row.pk)
    return notes


def finish_all(notes: Iterable[int]) -> None:
    """Raises what the storage raises where some could not be taken away."""
    for pk in notes:
        finish(pk)


def finish(pk: int) -> None:
    """Take away what that note names; several at once do no harm."""
    row = Removal.objects.filter(pk=pk).first()
    if row is not None:
        storage.delete(row.keys)
        row.delete()


def _finish_calmly(pk: int) -> None:
    """The rows are gone: whoever removed them is done, whatever becomes of the files today."""
    try:
        finish(pk)
    except Exception:
        log.exception("Files whose rows are gone are left to the next clean-up")


def _rows_of_ads(run: Run) -> tuple[QuerySet[Any], ...]:
    """The ads and what hangs on them, in the order in which they go."""
    return Keyword.objects.filter(ad__run=run), Decision.objects.filter(creative__run=run), _ads(run)


def _empty(*tables: QuerySet[Any]) -> None:
    """A statement for each table. Django would fetch every row first, and look through all ads for what one supersedes.

    Should a table be left out, the database refuses the transaction: `tests/runs/test_keeping.py` names them all.
    """
    for rows in tables:
        rows._raw_delete(rows.db)


def _ads(run: Run) -> QuerySet[Creative]:
    return Creative.everything.filter(run=run)


def _pictures(run: Run) -> QuerySet[Picture]:
    return Picture.everything.filter(generation__run=run, dropped_at=None)


def _files(rows: QuerySet[Creative] | QuerySet[Picture]) -> list[tuple[str, int]]:
    return list(rows.exclude(key="").values_list("key", "bytes"))
