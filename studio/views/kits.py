"""Brand kits: the list, one kit with its sample ads, and what can be done with it."""

import time
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Deed, may
from accounts.audit import note
from runs.models import Asset
from studio import deleting, hints, kits, pace, uploads
from studio.here import StudioRequest, editor, member, posted, to_change, to_see
from studio.kit_forms import KitDraft, KitForm, KitName
from studio.models import BrandKit
from studio.rows import picture_url, with_row
from studio.sample import sample
from studio.views.proofs import answer_proof

KITS = BrandKit.objects.all()


@member
def index(request: StudioRequest) -> HttpResponseBase:
    rows = BrandKit.objects.for_member(request.user).filter(workspace=request.workspace)
    cards = [_card(kit) for kit in rows.order_by("-is_default", "-updated_at")]
    context = {
        "kits": [card for card in cards if not card["archived"]],
        "archived": [card for card in cards if card["archived"]],
        "form": KitName(),
        "any_deleted": deleting.any_in(request.workspace),
    }
    return render(request, "studio/kits.html", context)


@editor
def new(request: StudioRequest) -> HttpResponseBase:
    form = KitName(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kit = kits.make(request.workspace, form.cleaned_data["name"])
        note(request.workspace, request.user, "kit.create", kit)
        return redirect(kit)
    return render(request, "studio/kit_new.html", {"form": form}, status=422 if form.errors else 200)


@member
def show(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    if request.method != "POST":
        kit: BrandKit = to_see(request, KITS, uid)
        return _page(request, kit, KitDraft(kit))
    kit = to_change(request, KITS, uid)
    if "add" in request.POST:
        return _page(request, kit, KitDraft(kit, with_row(request.POST, "looks", {}), request.FILES))
    draft = KitDraft(kit, request.POST, request.FILES)
    if draft.is_valid() and _with_files(request, draft):
        return _saved(request, kit, draft)
    for name in {"logo_file", "font_file"} & set(request.FILES) - set(draft.form.errors):
        draft.form.add_error(name, _("Choose the file again: nothing was saved yet."))
    return _page(request, kit, draft, status=422)


def _with_files(request: StudioRequest, draft: KitDraft) -> bool:
    """Keep what came with the form itself, as browsers without JavaScript send it."""
    for kind in ("logo", "font"):
        upload = request.FILES.get(f"{kind}_file")
        if upload is None:
            continue
        try:
            draft.use(kind, uploads.take_for_brand(request.workspace, kind, upload).key)
        except uploads.Refused as refusal:
            draft.form.add_error(f"{kind}_file", str(refusal))
    return not draft.faulty


def _saved(request: StudioRequest, kit: BrandKit, draft: KitDraft) -> HttpResponseBase:
    given = draft.form.cleaned_data
    with transaction.atomic():
        kit.name, kit.tone, kit.looks = given["name"], given["tone"], draft.plain_looks
        kit.brand, kit.updated_at = draft.brand.model_dump(mode="json"), timezone.now()
        kit.save(update_fields=["name", "tone", "looks", "brand", "updated_at"])
        note(request.workspace, request.user, "kit.change", kit)
    messages.success(request, _("Saved. Briefs pick up the change the next time you save or start them."))
    return redirect(kit)


@member
@posted
def look(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """The kit as the form stands: what is measured of its colours, and the sample ads."""
    at = time.monotonic_ns()
    kit: BrandKit = to_change(request, KITS, uid)
    with pace.turn(request.user.pk) as free:
        if not free or pace.is_over(request.user.pk):
            return pace.refusal()
        draft = KitDraft(kit, request.POST)
        draft.is_valid()
        return render(request, "studio/kit.html#answer", _context(request, kit, draft, at))


@member
@posted
def file(request: StudioRequest, uid: UUID, kind: str) -> HttpResponseBase:
    """A logo or a font, the moment it is chosen, or left out. Answers htmx alone."""
    kit: BrandKit = to_change(request, KITS, uid)
    if kind not in ("logo", "font"):
        raise Http404
    key, fault = _answered(request, kit, kind)
    form = KitForm(initial={kind: key, "font_licensed": "font_licensed" in request.POST})
    context = {"kit": kit, "form": form, "may_edit": True, "fault": fault, "fresh": True}
    context |= {"brand_name": request.POST.get("brand_name", ""), "sizes": _size(kit, key)}
    return render(request, f"studio/kit.html#{kind}", context)


def _answered(request: StudioRequest, kit: BrandKit, kind: str) -> tuple[str, str]:
    """The key in use, and what is wrong."""
    used = request.POST.get(kind, "")
    ours = Asset.objects.filter(workspace=kit.workspace, key=used, kind=kind).exists()
    used = used if ours else ""
    if request.POST.get("answer") == "remove":
        return "", ""
    upload = request.FILES.get(f"{kind}_file")
    if upload is None:
        return used, _("No file arrived. Choose it again.")
    try:
        return uploads.take_for_brand(kit.workspace, kind, upload).key, ""
    except uploads.Refused as refusal:
        return used, str(refusal)


@member
@require_safe
def proof(request: StudioRequest, uid: UUID, form: UUID, key: str) -> HttpResponseBase:
    kit: BrandKit = to_see(request, KITS, uid)
    return answer_proof(request, kit.workspace, form, key)


DEEDS = {"default": kits.make_default, "archive": kits.archive, "restore": kits.restore}


@member
@posted
def do(request: StudioRequest, uid: UUID, what: str) -> HttpResponseBase:
    kit: BrandKit = to_change(request, KITS, uid)
    if what == "duplicate":
        return redirect(kits.duplicate(kit, request.user, request.POST.get("key", "")[:40]))
    if what not in DEEDS:
        raise Http404
    DEEDS[what](kit)
    note(request.workspace, request.user, f"kit.{what}", kit)
    return redirect("studio:kits")


def _card(kit: BrandKit) -> dict[str, Any]:
    spec = kit.spec
    return {
        "name": kit.name,
        "url": kit.get_absolute_url(),
        "colours": kit.swatches,
        "accent": spec.accent,
        "ground": spec.panel or spec.primary,
        "ink": hints.ink(spec.panel or spec.primary),
        "brand_name": spec.name or kit.name,
        "logo_url": picture_url(spec.logo),
        "is_default": kit.is_default,
        "archived": kit.archived_at is not None,
        "banned": len(spec.banned),
        "looks": len(kit.looks),
        "updated_at": kit.updated_at,
    }


def _page(request: StudioRequest, kit: BrandKit, draft: KitDraft, status: int = 200) -> HttpResponseBase:
    if draft.form.is_bound and status == 200:
        draft.is_valid()  # one more row: the sample shows what is written so far
    return render(
        request, "studio/kit.html", _context(request, kit, draft, time.monotonic_ns()), status=status
    )


def _context(request: StudioRequest, kit: BrandKit, draft: KitDraft, at: int) -> dict[str, Any]:
    form = draft.form
    key = (form.cleaned_data.get("start_key") if form.is_bound else form["start_key"].value()) or uuid4()
    return {
        "kit": kit,
        "form": form,
        "looks": draft.looks,
        "banned": draft.banned,
        "brand_name": draft.brand.name,
        "colours": hints.colours(draft.brand),
        "sizes": _size(kit, draft.brand.logo),
        "first_fault": draft.first_fault,
        "previews": sample(request.user.pk, kit, str(key), draft.brand, at),
        "campaigns": kits.campaigns_of(kit),
        "copy_key": uuid4(),
        "may_edit": may(request.user, Deed.EDIT, kit.workspace),
    }


def _size(kit: BrandKit, key: str) -> Asset | None:
    """The upload itself, for how large it is."""
    return Asset.objects.filter(workspace=kit.workspace, key=key).first() if key else None
