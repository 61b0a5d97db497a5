"""Uploads that nothing names any more: of a brief that was never saved or was deleted, of runs that are gone.

Runs name theirs in their frozen brief, finished ads in their brand. Whoever else keeps briefs answers the signal
`uploads_wanted` with the keys they name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from runs import signals, storage
from runs.models import Asset, Creative, Run

UNUSED = timedelta(days=30)  # a program may upload now and order later


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedUpload:
    """A picture, logo or font that can go."""

    key: str
    kind: str
    bytes: int
    reason: str


def unused(now: datetime) -> Iterator[UnusedUpload]:
    """Those that are old enough and that nothing names."""
    old = Asset.objects.filter(created_at__lte=now - UNUSED)
    for workspace in old.order_by("workspace").values_list("workspace", flat=True).distinct():
        wanted = _wanted(workspace)
        for asset in old.filter(workspace=workspace).exclude(key__in=wanted).order_by("pk").iterator():
            reason = f"uploaded {(now - asset.created_at).days} days ago, and nothing names it"
            yield UnusedUpload(key=asset.key, kind=asset.kind, bytes=asset.bytes, reason=reason)


def remove(upload: UnusedUpload) -> str:
    """Take it away, the file first: of one whose row stays the next call finds the rest. Says why one stays."""
    asset = Asset.objects.filter(key=upload.key).first()
    if asset is None:
        return ""  # somebody else removed it
    if asset.key in _wanted(asset.workspace_id):
        return "Something names it by now."
    storage.delete([asset.key])
    asset.delete()
    return ""


def keys_in(brief: Mapping[str, Any]) -> set[str]:
    """The uploads that a brief in plain data names."""
    brand, products = brief.get("brand") or {}, brief.get("products") or []
    named = [brand.get("logo"), brand.get("font"), *(product.get("cutout") for product in products)]
    return {key for key in named if key}


def _wanted(workspace: int) -> set[str]:
    wanted: set[str] = set()
    for spec in Run.objects.filter(workspace=workspace).values_list("spec", flat=True).iterator():
        wanted |= keys_in(spec)
    brands = Creative.objects.filter(workspace=workspace).order_by().values_list("brand", flat=True)
    for brand in brands.distinct().iterator():
        wanted |= keys_in({"brand": brand})
    for _, theirs in signals.uploads_wanted.send(Asset, workspace=workspace):
        wanted |= set(theirs or ())
    return wanted
