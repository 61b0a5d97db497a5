"""Deleting what people arrange, and having it back: pages hide it at once, and `manage.py prune` ends it later.

Runs and ads are not touched: they stay in the library until the retention of runs takes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit import note
from accounts.models import User, Workspace
from runs.deleting import kept_for
from runs.retention import OldRecord
from studio.models import BrandKit, Brief, Campaign

MOST = 200  # that the page of deleted things shows, of each kind

type Deletable = BrandKit | Brief | Campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing that can be deleted."""

    name: str  # in addresses and in the audit log
    model: Any
    words: Promise
    icon: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="campaign", model=Campaign, words=_("Campaign"), icon="folder"),
        Kind(name="brief", model=Brief, words=_("Brief"), icon="pencil"),
        Kind(name="kit", model=BrandKit, words=_("Brand kit"), icon="palette"),
    )
}


def kind_of(row: Deletable) -> Kind:
    return next(kind for kind in KINDS.values() if isinstance(row, kind.model))


def delete(row: Deletable, actor: User) -> None:
    """Gone from every page; said twice it does no harm."""
    kind = kind_of(row)
    with transaction.atomic():
        if kind.model.objects.filter(pk=row.pk).update(deleted_at=timezone.now()):
            note(row.workspace, actor, f"{kind.name}.delete", row)


def bring_back(row: Deletable, actor: User) -> None:
    """As it was. A kit that was the default is so again, unless another one is by now."""
    kind = kind_of(row)
    with transaction.atomic():
        changes: dict[str, Any] = {"deleted_at": None}
        if isinstance(row, BrandKit):
            Workspace.objects.select_for_update().get(pk=row.workspace_id)
            default = BrandKit.objects.filter(workspace=row.workspace_id, is_default=True)
            changes["is_default"] = row.is_default and not default.exists()
        if kind.model.everything.filter(pk=row.pk, deleted_at__isnull=False).update(**changes):
            note(row.workspace, actor, f"{kind.name}.undelete", row)


def deleted(kind: Kind) -> QuerySet[Any]:
    """What can be brought back. A brief of a deleted campaign comes back with that, not alone."""
    rows: QuerySet[Any] = kind.model.everything.filter(deleted_at__gt=timezone.now() - kept_for())
    return rows.filter(campaign__deleted_at=None) if kind.model is Brief else rows


def in_workspace(workspace: Workspace) -> list[tuple[Kind, Deletable]]:
    """All that can be brought back there, the latest first."""
    rows = [
        (kind, row)
        for kind in KINDS.values()
        for row in deleted(kind).filter(workspace=workspace).order_by("-deleted_at")[:MOST]
    ]
    return sorted(rows, key=lambda pair: str(pair[1].deleted_at), reverse=True)


def any_in(workspace: Workspace) -> bool:
    return any(deleted(kind).filter(workspace=workspace).exists() for kind in KINDS.values())


# --- For good ------------------------------------------------------------------------------------------------


def to_forget(now: datetime, **_: Any) -> Iterator[OldRecord]:
    """What nobody can bring back any more, for `manage.py prune`."""
    return chain.from_iterable(_old(kind, now) for kind in KINDS.values())


def _old(kind: Kind, now: datetime) -> Iterator[OldRecord]:
    rows = kind.model.everything.filter(deleted_at__lte=now - kept_for()).order_by("deleted_at", "pk")
    for row in rows.iterator():
        days = (now - row.deleted_at).days
        reason = f"deleted {days} days ago, kept for {kept_for().days}"
        yield OldRecord(kind=kind.name, uid=row.uid, name=row.name, days=days, reason=reason)


def forget(record: OldRecord, **_: Any) -> None:
    """Take the row away for good, unless somebody had it back meanwhile. A campaign goes with its briefs."""
    if kind := KINDS.get(record.kind):
        kind.model.everything.filter(uid=record.uid, deleted_at__lte=timezone.now() - kept_for()).delete()
