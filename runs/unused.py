"""Uploads that nothing names any more: of a brief that was never saved or was deleted, of runs that are gone.

Runs name theirs in their frozen brief, finished ads in their brand. Whoever else keeps briefs answers the signal
`uploads_wanted` with the keys they name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from runs import removals, signals
from runs.models import Asset, Creative, Run

UNUSED = timedelta(days=30)  # a program may upload now and order later
OVERLAP = timedelta(
    hours=1
)  # what is read once more: clocks differ, and a row is seen later than it was dated


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedUpload:
    """A picture, logo or font that can go."""

    key: str
    kind: str
    bytes: int
    reason: str
    seen_at: datetime  # when it was found that nothing names it


def unused(now: datetime) -> Iterator[UnusedUpload]:
    """Those that are old enough and that nothing names."""
    old = Asset.objects.filter(created_at__lte=now - UNUSED)
    for workspace in old.order_by("workspace").values_list("workspace", flat=True).distinct():
        seen_at = timezone.now()
        wanted = _wanted(workspace)
        for asset in old.filter(workspace=workspace).order_by("pk").iterator():
            if asset.key not in wanted:
                reason = f"uploaded {(now - asset.created_at).days} days ago and never used"
                yield UnusedUpload(
                    key=asset.key, kind=asset.kind, bytes=asset.bytes, reason=reason, seen_at=seen_at
                )


def remove(upload: UnusedUpload) -> str:
    """Take it away, the row first; says why one stays."""
    with transaction.atomic():
        asset = Asset.objects.select_for_update().filter(key=upload.key).first()
        if asset is None:
            return ""  # somebody else removed it
        if asset.key in _wanted(asset.workspace_id, since=upload.seen_at - OVERLAP):
            return "Something uses it by now."
        notes = removals.note([(asset.key, asset.bytes)])
        asset.delete()
    removals.finish_all(notes)
    return ""


def keys_in(brief: Mapping[str, Any]) -> set[str]:
    """The uploads that a brief in plain data names."""
    brand, products = brief.get("brand") or {}, brief.get("products") or []
    named = [brand.get("logo"), brand.get("font"), *(product.get("cutout") for product in products)]
    return {key for key in named if key}


def _wanted(workspace: int, since: datetime | None = None) -> set[str]:
    """What is named there. A run's brief and an ad's brand never change: with `since` older ones are not read again."""
    wanted: set[str] = set()
    rows = Q(workspace=workspace) if since is None else Q(workspace=workspace, created_at__gte=since)
    for spec in Run.everything.filter(rows).values_list("spec", flat=True).iterator():
        wanted |= keys_in(spec)
    brands = Creative.everything.filter(rows).order_by().values_list("brand", flat=True)
    for brand in brands.distinct().iterator():
        wanted |= keys_in({"brand": brand})
    for _, theirs in signals.uploads_wanted.send(Asset, workspace=workspace):
        wanted |= set(theirs or ())
    return wanted
