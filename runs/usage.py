"""How much the files take, by workspace, and how much room is left. Added up now and then, as it reads every row."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models import Sum

from runs.models import Asset, Creative, Picture

KEPT = 600  # seconds
_KEY = "usage"
type Table = type[Picture] | type[Creative] | type[Asset]
TABLES: dict[str, Table] = {"pictures": Picture, "ads": Creative, "uploads": Asset}


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the folder for files; there is none with a bucket, which does not fill up."""

    size: int
    free: int


def by_workspace() -> dict[str, dict[int, int]]:
    """Bytes of pictures, ads and uploads, each by the workspace's number. At most ten minutes old."""
    known: dict[str, dict[int, int]] | None = cache.get(_KEY)
    if known is None:
        known = {kind: _add_up(table) for kind, table in TABLES.items()}
        cache.set(_KEY, known, KEPT)
    return known


def _add_up(table: Table) -> dict[int, int]:
    rows = Picture.objects.filter(dropped_at=None) if table is Picture else table.objects.all()
    sums = rows.order_by().values_list("workspace").annotate(n=Sum("bytes"))
    return {workspace: n or 0 for workspace, n in sums}


def disk() -> Disk | None:
    if settings.MEDIA_STORAGE != "files":
        return None
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    found = shutil.disk_usage(settings.MEDIA_ROOT)
    return Disk(found.total, found.free)
