"""How many bytes lie in the storage, as the rows know it: by workspace and kind. Thumbnails are not counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from accounts.models import Workspace
from runs.models import Asset, Creative, Picture, Removal

KINDS: dict[str, Any] = {
    "pictures": lambda: Picture.everything.filter(dropped_at=None),
    "ads": lambda: Creative.everything.exclude(key=""),
    "uploads": Asset.objects.all,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one workspace has of one kind."""

    workspace: str
    kind: str
    files: int
    bytes: int


def total(workspace: int) -> int:
    """All bytes of a workspace."""
    sizes = (rows().filter(workspace=workspace).aggregate(n=Sum("bytes"))["n"] for rows in KINDS.values())
    return sum(filter(None, sizes))


def report() -> Iterator[Use]:
    """By workspace, the largest first, each with its kinds; then what is about to go. One pass a kind."""
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for kind, rows in KINDS.items():
        counted = rows().order_by().values_list("workspace").annotate(n=Count("pk"), size=Sum("bytes"))
        for pk, n, size in counted:
            found.setdefault(pk, {})[kind] = (n, size)
    names = dict(Workspace.objects.filter(pk__in=found).values_list("pk", "name"))
    for pk in sorted(found, key=lambda pk: -sum(size for _, size in found[pk].values())):
        for kind, (n, size) in found[pk].items():
            yield Use(workspace=names.get(pk, ""), kind=kind, files=n, bytes=size)
    leaving = Removal.objects.aggregate(n=Count("pk"), size=Sum("bytes"))
    if leaving["n"]:
        yield Use(workspace="", kind="interrupted removals", files=leaving["n"], bytes=leaving["size"])
