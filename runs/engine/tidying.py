"""Removes what broken attempts left in the storage: files that no row names.

A worker that dies between writing a file and writing its row leaves a gap. The next attempt writes the same key again
where it can; what it cannot is swept up here, once the picture has come to an end.
"""

import logging
from contextlib import suppress
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.db.models.functions import Now

from runs import storage
from runs.models import Creative, Generation, Picture
from runs.states import FINAL, AdState

log = logging.getLogger(__name__)

SETTLED = timedelta(seconds=60)  # a frozen worker may still be about to write; its lease is long over by then
BATCH = 200


def tidy() -> int:
    """Go through the pictures that were not made at one go. Returns how many files were removed."""
    ended = Generation.objects.filter(disturbed=True, status__in=sorted(FINAL), ended_at__lt=Now() - SETTLED)
    return sum(_tidy(row) for row in ended.select_related("workspace").order_by("pk")[:BATCH])


def _tidy(row: Generation) -> int:
    folders = storage.generation_folders(row.workspace.uid)
    found = [key for folder in folders for key in _files(f"{folder}/{row.uid}")]
    # Asked after the files were listed: one of them may be of a revision whose row is not settled yet.
    if Creative.everything.filter(generation=row, state=AdState.PENDING).exists():
        return 0
    strays = set(found) - _kept(row)
    # Asked last: what is tried again meanwhile writes files whose rows come later, some under the same keys.
    if not _as_it_was(row).exists():
        return 0
    for key in strays:
        default_storage.delete(key)
    _as_it_was(row).update(disturbed=False)
    if strays:
        log.info("%s: %s files of broken attempts removed", row, len(strays))
    return len(strays)


def _kept(row: Generation) -> set[str]:
    named = set(Picture.everything.filter(generation=row).values_list("key", flat=True))
    named |= set(Creative.everything.filter(generation=row).exclude(key="").values_list("key", flat=True))
    return named | {storage.small_key(key) for key in named}


def _as_it_was(row: Generation) -> QuerySet[Generation]:
    """The row, unless it was tried again since it was read."""
    return Generation.objects.filter(pk=row.pk, status__in=sorted(FINAL), ended_at=row.ended_at)


def _files(folder: str) -> list[str]:
    with suppress(FileNotFoundError):
        return [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    return []
