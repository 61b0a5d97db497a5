"""What the studio's own records answer when the runs ask: which uploads are wanted, which words banned, what goes."""

import re
from typing import Any
from uuid import UUID

from runs import signals
from runs.unused import keys_in
from studio import deleting, kept
from studio.models import BrandKit, Brief, KeptForm

_UPLOAD = re.compile(r"products-\d+-(cutout|proposed)")


def connect() -> None:
    """Called once when the apps are ready."""
    signals.uploads_wanted.connect(_of_briefs, dispatch_uid="studio.answers")
    signals.uploads_wanted.connect(_of_kits, dispatch_uid="studio.answers.kits")
    signals.uploads_wanted.connect(_of_forms, dispatch_uid="studio.answers.forms")
    signals.words_banned.connect(_banned, dispatch_uid="studio.answers.words")
    signals.records_to_forget.connect(deleting.to_forget, dispatch_uid="studio.answers.old")
    signals.record_forgotten.connect(deleting.forget, dispatch_uid="studio.answers.forget")
    signals.records_to_forget.connect(kept.to_forget, dispatch_uid="studio.answers.old_forms")
    signals.record_forgotten.connect(kept.forget, dispatch_uid="studio.answers.forget_form")


def _of_kits(workspace: int, **_: Any) -> set[str]:
    """Archived and deleted ones too: they can be had back, and briefs still have them."""
    brands = BrandKit.everything.filter(workspace=workspace).values_list("brand", flat=True)
    return {key for brand in brands.iterator() for key in keys_in({"brand": brand})}


def _banned(workspace: int, origin: UUID | None, **_: Any) -> list[str]:
    """What the kit of the brief that was run bans by now."""
    kit = BrandKit.everything.filter(workspace=workspace, briefs__uid=origin).first() if origin else None
    return list(kit.spec.banned) if kit else []


def _of_briefs(workspace: int, **_: Any) -> set[str]:
    """Deleted ones too: they can be had back with their pictures."""
    specs = Brief.everything.filter(workspace=workspace).values_list("spec", flat=True)
    return {key for spec in specs.iterator() for key in keys_in(spec)}


def _of_forms(workspace: int, **_: Any) -> set[str]:
    """Pictures of products in forms that nobody saved yet: whatever a form names may be one."""
    forms = KeptForm.objects.filter(campaign__workspace=workspace, done=False).values_list("sent", flat=True)
    fields = (field for sent in forms.iterator() for field in sent.items() if _UPLOAD.fullmatch(field[0]))
    return {key for _name, values in fields for key in values if key}
