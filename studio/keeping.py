"""What the studio's own records answer the runs' questions: which uploads are wanted, which words banned."""

from typing import Any
from uuid import UUID

from runs import signals
from runs.unused import keys_in
from studio.models import BrandKit, Brief


def connect() -> None:
    """Called once when the apps are ready."""
    signals.uploads_wanted.connect(_of_briefs, dispatch_uid="studio.keeping")
    signals.uploads_wanted.connect(_of_kits, dispatch_uid="studio.keeping.kits")
    signals.words_banned.connect(_banned, dispatch_uid="studio.keeping.words")


def _of_kits(workspace: int, **_: Any) -> set[str]:
    """Archived ones too: they can be had back, and briefs still have them."""
    brands = BrandKit.objects.filter(workspace=workspace).values_list("brand", flat=True)
    return {key for brand in brands.iterator() for key in keys_in({"brand": brand})}


def _banned(workspace: int, origin: UUID | None, **_: Any) -> list[str]:
    """What the kit of the brief that was run bans by now."""
    kit = BrandKit.objects.filter(workspace=workspace, briefs__uid=origin).first() if origin else None
    return list(kit.spec.banned) if kit else []


def _of_briefs(workspace: int, **_: Any) -> set[str]:
    specs = Brief.objects.filter(workspace=workspace).values_list("spec", flat=True)
    return {key for spec in specs.iterator() for key in keys_in(spec)}
