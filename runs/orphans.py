"""Files that no row names, and rows whose file is gone: what a restored backup or a storage that failed leaves behind.

Only in folders of workspaces that are known: with the wrong database at hand nothing is taken for left over.
`manage.py prune_orphans` calls it. A clean-up itself leaves neither (`runs.removals`).
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import Workspace
from runs import storage
from runs.errors import StorageAway
from runs.models import Asset, Creative, Generation, Picture
from runs.states import FINAL, AdState

log = logging.getLogger(__name__)

BATCH = 500  # names asked for at once: below every database's limit of parameters
SETTLED = timedelta(days=1)  # a left-over file is this old: what is just being written is none
LOOKED_AT = 100  # of the oldest and of the newest files of each kind, before any row is touched
GONE = "The file of this ad is gone from storage. Change the ad to make it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """Files in one folder that no row names."""

    folder: str
    keys: tuple[str, ...]
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A row that names a file which is not there."""

    kind: str
    uid: UUID
    key: str
    reason: str = "its file is gone"
    bytes: int = 0


type Orphan = LeftOver | Lost


def find(now: datetime) -> Iterator[Orphan]:
    """Both kinds, a workspace at a time. Lists the storage and asks it for every file: this takes a while."""
    for workspace in Workspace.objects.order_by("pk"):
        for folder in storage.generation_folders(workspace.uid):
            for names in batched(_listed(folder)[0], BATCH, strict=False):
                yield from _in_folders(folder, names, now)
        yield from _uploads(workspace, now)
    for kind, rows in _naming():
        for row in rows.iterator(BATCH):
            if _is_gone(row.key):
                yield Lost(kind=kind, uid=row.uid, key=row.key)


def require_storage() -> None:
    """Raises StorageAway where most files are gone at once: then it is rather the storage that is not there.

    Rows that named them no more would make left-overs of all files, once it is back.
    """
    keys = {key for _, rows in _naming() for key in _first_and_last(rows.values_list("key", flat=True))}
    gone = sum(map(_is_gone, keys))
    if 2 * gone > len(keys):
        raise StorageAway(gone, len(keys))


def _first_and_last(keys: Any) -> list[str]:
    return [*keys[:LOOKED_AT], *keys.reverse()[:LOOKED_AT]]


def remove(orphan: Orphan) -> str:
    """Take the files away, or let the row say that it has none. Says why one stays."""
    match orphan:
        case LeftOver():
            storage.delete(orphan.keys)
            return ""
        case Lost():
            return _settle(orphan)


# --- Files without rows --------------------------------------------------------------------------------------


def _in_folders(folder: str, names: Iterable[str], now: datetime) -> Iterator[LeftOver]:
    """Each picture has a folder of its own, named by its generation. Those still at work write rows later."""
    uids = {uid: name for name in names if (uid := _uid(name))}
    known = dict(Generation.objects.filter(uid__in=list(uids)).values_list("uid", "status"))
    for uid, name in uids.items():
        if uid not in known:
            yield from _left_over(f"{folder}/{name}", None, now, "its run was deleted")
        elif known[uid] in FINAL:
            yield from _left_over(f"{folder}/{name}", uid, now, "no picture or ad uses it")


def _left_over(folder: str, generation: UUID | None, now: datetime, reason: str) -> Iterator[LeftOver]:
    keys = [f"{folder}/{name}" for name in _listed(folder)[1]]
    if generation is not None and keys:
        named = _named(generation)
        keys = [key for key in keys if key not in named]
    yield from _settled(folder, keys, now, reason)


def _named(generation: UUID) -> set[str]:
    named = set(
        Picture.everything.filter(generation__uid=generation, dropped_at=None).values_list("key", flat=True)
    )
    named |= set(Creative.everything.filter(generation__uid=generation).values_list("key", flat=True))
    return named | {storage.small_key(key) for key in named}


def _uploads(workspace: Workspace, now: datetime) -> Iterator[LeftOver]:
    folder = storage.asset_folder(workspace.uid)
    for names in batched(_listed(folder)[1], BATCH, strict=False):
        keys = {f"{folder}/{name}" for name in names}
        originals = {storage.original_key(key) for key in keys}
        known = set(Asset.objects.filter(key__in=list(originals)).values_list("key", flat=True))
        left = [key for key in sorted(keys) if storage.original_key(key) not in known]
        yield from _settled(folder, left, now, "no upload uses it")


def _settled(folder: str, keys: list[str], now: datetime, reason: str) -> Iterator[LeftOver]:
    sizes = {key: size for key in keys if (size := _settled_size(key, now)) is not None}
    if sizes:
        yield LeftOver(folder=folder, keys=tuple(sizes), bytes=sum(sizes.values()), reason=reason)


def _settled_size(key: str, now: datetime) -> int | None:
    """The bytes of a file that is old enough to go; None for one that is new, or went since it was listed."""
    try:
        return default_storage.size(key) if now - default_storage.get_modified_time(key) > SETTLED else None
    except FileNotFoundError:
        return None  # somebody else prunes too
    except Exception:
        log.exception("%s cannot be looked at; it is left for the next time", key)
        return None


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in there; none where there is no such folder."""
    with suppress(FileNotFoundError):
        folders, files = default_storage.listdir(folder)
        return sorted(folders), sorted(files)
    return [], []


def _uid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


# --- Rows without files --------------------------------------------------------------------------------------


def _naming() -> list[tuple[str, Any]]:
    return [
        ("picture", Picture.everything.filter(dropped_at=None).only("uid", "key").order_by("pk")),
        ("ad", Creative.everything.exclude(key="").only("uid", "key").order_by("pk")),
        ("upload", Asset.objects.only("uid", "key").order_by("pk")),
    ]


def _is_gone(key: str) -> bool:
    """Only what the storage says is not there: one that does not answer has lost nothing."""
    try:
        return not default_storage.exists(key)
    except Exception:
        log.exception("%s cannot be looked at; it is left for the next time", key)
        return False


def _settle(lost: Lost) -> str:
    """Let the row say what is true now; empty when it does."""
    if lost.kind == "picture":
        Picture.everything.filter(uid=lost.uid).update(dropped_at=timezone.now())
    elif lost.kind == "ad":
        rows = Creative.everything.filter(uid=lost.uid)
        rows.update(state=AdState.FAILED, words=GONE, key="", sha256="", bytes=0)
    else:
        return "It is only reported, as a brief may use it: upload it again there."
    return ""
