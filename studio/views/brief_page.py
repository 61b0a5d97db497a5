"""The brief's page: as it opens, as somebody left it, and as it comes back with what is wrong."""

import time
from collections.abc import Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from runs.brief import BriefSpec, from_stored
from runs.brief import estimate as estimate_of
from runs.copies import every_place
from studio import foretell, kept, kits, presets
from studio.fitting import FIRST, MOST
from studio.forms import Draft
from studio.here import StudioRequest
from studio.models import BrandKit, Brief, Campaign, KeptForm
from studio.provenance import like
from studio.rail import rail
from studio.table_check import Checked


def draft(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, *, data: Any = None, files: Any = None
) -> Draft:
    """The form, with `data` as it was sent; without, as the brief is or as a new one begins."""
    alive = kits.alive(campaign.workspace)
    if brief is None:
        begun = request.GET if data is None else data
        spec, kit = _begin(request, begun, alive)
        hidden = {name: begun.get(name, "") for name in ("like", "past")}
        return Draft(spec=spec, kits=alive, kit=kit, data=data, files=files, hidden=hidden)
    kit = brief.kept_kit
    own = [kit] if kit and kit not in alive else []  # archived, and still the brief's
    spec, hidden = from_stored(brief.spec), {"seen": brief.updated_at.isoformat()}
    return Draft(spec=spec, kits=[*alive, *own], kit=kit, data=data, files=files, hidden=hidden)


def of_form(campaign: Campaign, uid: str) -> Brief | None:
    """The brief that the form changes, for the brand that it has of its own; a new one has none."""
    try:
        return get_object_or_404(campaign.briefs, uid=UUID(uid)) if uid else None
    except ValueError:
        raise Http404 from None


def _begin(
    request: StudioRequest, begun: Mapping[str, str], alive: list[BrandKit]
) -> tuple[BriefSpec | None, BrandKit | None]:
    """A new brief begins empty, as one finished ad or picture was, or as a brief from before."""
    if spec := like(request.workspace, begun.get("like", "")):
        return spec, None  # it has the brand of its ad
    if past := _past(request, begun.get("past", "")):
        return _again(past), past.kit if past.kit in alive else None
    return None, next((kit for kit in alive if kit.is_default), None)


def _past(request: StudioRequest, written: str) -> Brief | None:
    uid = _uid(written)
    return Brief.objects.filter(workspace=request.workspace, uid=uid).first() if uid else None


def _again(past: Brief) -> BriefSpec:
    raw = past.spec | {"name": (_("%s (copy)") % past.name)[:120], "seed": None}
    return from_stored(raw)


def _uid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def restored(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, form: KeptForm
) -> HttpResponseBase:
    """The page as somebody left it. What is missing in it is not told before it is sent."""
    left = draft(request, campaign, brief, data=kept.form_of(form))
    return page(request, campaign, brief, left, left=form)


def page(
    request: StudioRequest,
    campaign: Campaign,
    brief: Brief | None,
    draft: Draft,
    *,
    status: int = 200,
    left: KeptForm | None = None,
    checked: Checked | None = None,
    pasted: str = "",
) -> HttpResponseBase:
    """`left` is what the form was restored from; `pasted` a table that was not added, `checked` what is said of it."""
    if brief is not None:
        brief.latest_run = brief.runs.order_by("-pk").first()  # type: ignore[attr-defined]
    seen = outlook(request, campaign, draft, brief, time.monotonic_ns(), FIRST)
    if status == 200 or checked:
        draft.forget_faults()
    context = {
        "campaign": campaign,
        "brief": brief,
        "form_url": brief.get_absolute_url() if brief else reverse("studio:brief_new", args=[campaign.uid]),
        "form": draft.form,
        "products": draft.products,
        "messages_set": draft.messages,
        "looks": draft.looks,
        "kit": draft.kit,
        "kit_looks": presets.of_kit(draft.kit),
        "look_presets": presets.LOOKS,
        "size_presets": presets.SIZE_PRESETS,
        "size_groups": presets.size_groups(draft.formats),
        "gone_sizes": draft.gone_formats,
        "left": left,
        "kept_at": left.kept_at if left else None,
        "begun": _begun(request, campaign, brief, left),
        "overtaken": draft.overtaken,
        "suggests": bool(settings.COPY_API_URL),
        "checked": checked,
        "pasted": pasted,
        "anew": "anew" in request.POST,
        **seen,
    }
    return render(request, "studio/brief_form.html", context, status=status)


def _begun(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, left: KeptForm | None
) -> list[KeptForm]:
    """Other forms of this person that were never saved."""
    forms = kept.of_brief(request.user, brief) if brief else kept.begun(request.user, campaign)
    shown = request.POST.get("start_key", "")
    return [form for form in forms if form != left and str(form.key) != shown]


def outlook(
    request: StudioRequest,
    campaign: Campaign,
    draft: Draft,
    brief: Brief | None,
    at: int,
    most: int = MOST,
) -> dict[str, Any]:
    """The estimate and the rail of sizes, as far as the form can be read, from so many layouts at most."""
    spec = draft.spec or draft.shown or (draft.kept if not draft.form.is_bound else None)
    if spec is None and draft.form.is_bound and not draft.has_faults:
        draft.is_valid()
        spec = draft.spec
    if spec is None:
        fault = draft.first_fault if draft.form.is_bound else None
        seen = _as_far_as_right(request, campaign, draft, brief, at, most)
        return {"estimate": {"ads": 0, "fault": fault}, "previews": seen}
    previews = rail(request.user.pk, campaign, draft, spec, brief, at, most)
    about = estimate_of(spec)
    told = {"sum": foretell.sentence(spec, about), "duration": foretell.duration(campaign.workspace, about)}
    is_part = len(list(islice(every_place(spec), most + 1))) * about.sizes > most
    return told | {"estimate": about, "previews": previews, "asks_for_more": is_part and most < MOST}


def _as_far_as_right(
    request: StudioRequest, campaign: Campaign, draft: Draft, brief: Brief | None, at: int, most: int
) -> Any:
    """The rail of a form that is not right: what is wrong elsewhere takes no size away."""
    left = draft.drawable() if draft.form.is_bound else None
    if left is None:
        return []
    return rail(request.user.pk, campaign, draft, left.spec, brief, at, most, place=left.place)
