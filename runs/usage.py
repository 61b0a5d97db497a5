"""How much the files take, by workspace, and how much room is left. Added up now and then, as it reads every row."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet, Sum

from runs import stored

KEPT = 600  # seconds
_KEY = "usage"


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the folder for files; there is none with a bucket, which does not fill up."""

    size: int
    free: int

    @property
    def used(self) -> int:
        return self.size - self.free


def by_workspace() -> dict[str, dict[int, int]]:
    """Bytes of pictures, ads and uploads, each by the workspace's number. At most ten minutes old."""
    known: dict[str, dict[int, int]] | None = cache.get(_KEY)
    if known is None:
        known = {kind: _add_up(rows()) for kind, rows in stored.KINDS.items()}
        cache.set(_KEY, known, KEPT)
    return known


def _add_up(rows: QuerySet[Any]) -> dict[int, int]:
    sums = rows.order_by().values_list("workspace").annotate(n=Sum("bytes"))
    return {workspace: n or 0 for workspace, n in sums}


def disk() -> Disk | None:
    return disk_of(settings.MEDIA_ROOT) if settings.MEDIA_STORAGE == "files" else None


def disk_of(folder: Path) -> Disk:
    """The disk on which that folder is, or will be with the first file."""
    found = shutil.disk_usage(_there(folder))
    return Disk(found.total, found.free)


def on_one_disk(*folders: Path) -> bool:
    return len({_there(folder).stat().st_dev for folder in folders}) == 1


def _there(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())
