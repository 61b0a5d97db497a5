"""The brief: write it, see what it comes to, start it."""

import time
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.audit import note
from runs import preflight, repeats, shelf
from runs.brief import BriefSpec, from_stored
from runs.brief import estimate as estimate_of
from runs.errors import BriefFault, BriefRefused, QuotaReached
from runs.models import Creative
from studio import kits, pace, presets, uploads
from studio.forms import Draft
from studio.here import StudioRequest, member, to_change
from studio.models import Brief, Campaign
from studio.provenance import more_like
from studio.rail import rail
from studio.rows import with_row


@member
def new(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    campaign = _campaign(request, campaign_uid)
    return _write(request, campaign, None)


@member
def edit(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    brief = to_change(request, Brief.objects.select_related("campaign"), uid)
    return _write(request, brief.campaign, brief)


@member
@require_POST
def estimate(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """What the form comes to as it stands: the sentence before the button, and every size beside it."""
    at = time.monotonic_ns()
    campaign = _campaign(request, campaign_uid)
    with pace.turn(request.user.pk) as free:
        if not free or pace.is_over(request.user.pk):
            return HttpResponse(status=429, headers={"Retry-After": str(pace.WINDOW), "HX-Reswap": "none"})
        return _answer(request, campaign, at)


def _answer(request: StudioRequest, campaign: Campaign, at: int) -> HttpResponse:
    brief = _kept(campaign, request.GET.get("brief", ""))
    draft = _draft(request, campaign, brief, data=request.POST)
    context = {
        "campaign": campaign,
        "brief": brief,
        "kit": draft.kit,
        "kit_looks": presets.of_kit(draft.kit),
        "products": draft.products,
        "messages_set": draft.messages,
    }
    context |= _outlook(request, campaign, draft, brief, at)
    return render(request, "studio/brief_form.html#answer", context)


def _kept(campaign: Campaign, uid: str) -> Brief | None:
    """The brief that the form changes, for the brand that it has of its own; a new one has none."""
    try:
        return get_object_or_404(campaign.briefs, uid=UUID(uid)) if uid else None
    except ValueError:
        raise Http404 from None


def _campaign(request: StudioRequest, uid: UUID) -> Campaign:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    return campaign


def _write(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, campaign, brief, _draft(request, campaign, brief))
    if "add_look" in request.POST:
        return _page(request, campaign, brief, _with_look(request, campaign, brief))
    draft = _draft(request, campaign, brief, data=request.POST, files=request.FILES)
    if draft.is_valid() and _checked(request, draft) and uploads.take_all(request.workspace, draft):
        try:
            return _carry_out(request, campaign, brief, draft)
        except QuotaReached as refusal:
            draft.refuse(BriefRefused([BriefFault(field="", words=str(refusal))]))
    _ask_again(request, draft)
    return _page(request, campaign, brief, draft, status=422)


def _like(request: StudioRequest) -> BriefSpec | None:
    """A new brief may begin as one finished ad was: its product, message and look."""
    try:
        uid = UUID(request.GET.get("like", ""))
    except ValueError:
        return None
    ad = Creative.objects.filter(workspace=request.workspace, uid=uid).select_related("run", "generation")
    found = ad.first()
    return more_like(found) if found else None


def _draft(request: StudioRequest, campaign: Campaign, brief: Brief | None, **sent: Any) -> Draft:
    alive = kits.alive(campaign.workspace)
    if brief is None:
        like = _like(request)  # it has the brand of its ad
        first = None if like else next((kit for kit in alive if kit.is_default), None)
        return Draft(spec=like, kits=alive, kit=first, **sent)
    own = [brief.kit] if brief.kit and brief.kit not in alive else []  # archived, and still the brief's
    return Draft(spec=from_stored(brief.spec), kits=[*alive, *own], kit=brief.kit, **sent)


def _with_look(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> Draft:
    """The form with one more look, of the chosen kit; nothing is saved."""
    kit = _draft(request, campaign, brief, data=request.POST).kit
    wanted = request.POST["add_look"]
    look = next((look for look in presets.of_kit(kit) if look.key == wanted), None)
    data = with_row(request.POST, "looks", look.row) if look else request.POST
    draft = _draft(request, campaign, brief, data=data, files=request.FILES)
    _ask_again(request, draft)
    return draft


def _carry_out(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, draft: Draft
) -> HttpResponseBase:
    """Keep the brief, and start it where that was pressed: both or, where it may not be started, neither."""
    with transaction.atomic():
        saved = _save(request, campaign, brief, draft)
        if request.POST.get("action") != "start":
            return redirect(saved)
        if draft.has_unseen:
            messages.warning(request, _("Saved. Look at the cut-out of the product, then make the ads."))
            return redirect(f"{saved.get_absolute_url()}#products")
        return _start(request, saved, draft)


def _ask_again(request: StudioRequest, draft: Draft) -> None:
    """A browser cannot be given a file back."""
    for row in draft.products.forms:
        name, gone = row.add_prefix("picture"), row.add_prefix("DELETE") in request.POST
        if name in request.FILES and not gone and "picture" not in row.errors:
            row.add_error("picture", _("Choose the file once more: nothing was saved yet."))


def _checked(request: StudioRequest, draft: Draft) -> bool:
    """What only the servers know is asked when the ads are to be made, not when the brief is kept."""
    assert draft.spec is not None
    look = preflight.check if request.POST.get("action") == "start" else preflight.check_uploads
    try:
        look(draft.spec, request.workspace)
    except BriefRefused as refusal:
        draft.refuse(refusal)
        return False
    return uploads.all_answered(draft)


def _save(request: StudioRequest, campaign: Campaign, brief: Brief | None, draft: Draft) -> Brief:
    assert draft.spec is not None
    brief = brief or _new_brief(request, campaign, draft)
    brief.name, brief.kit = draft.spec.name, draft.kit
    brief.spec, brief.updated_at = draft.spec.model_dump(mode="json"), timezone.now()
    brief.save()
    Campaign.objects.filter(pk=campaign.pk).update(updated_at=brief.updated_at)
    if request.POST.get("action") != "start":
        messages.success(request, _("Saved."))
    return brief


def _new_brief(request: StudioRequest, campaign: Campaign, draft: Draft) -> Brief:
    """One form makes one brief, however often it is sent."""
    key = draft.form.cleaned_data["start_key"]
    facts = {"workspace": campaign.workspace, "campaign": campaign, "created_by": request.user, "spec": {}}
    uid = uuid5(campaign.uid, str(key)) if key else uuid4()
    return Brief.objects.get_or_create(uid=uid, defaults=facts)[0]


def _start(request: StudioRequest, brief: Brief, draft: Draft) -> HttpResponseBase:
    assert draft.spec is not None
    key = draft.form.cleaned_data["start_key"]
    # The same order sent twice is one run; one that was changed after going back to its form is another.
    uid = uuid5(brief.uid, f"{key} {draft.spec.model_dump_json()}") if key else None
    run = repeats.start(request.workspace, request.user, draft.spec, origin=brief.uid, uid=uid)
    shelf.label(run, group=brief.campaign.uid, name=brief.campaign.name)
    note(run.workspace, request.user, "run.start", run.name)
    return redirect("studio:run", run.uid)


def _page(
    request: StudioRequest,
    campaign: Campaign,
    brief: Brief | None,
    draft: Draft,
    *,
    status: int = 200,
) -> HttpResponseBase:
    if brief is not None:
        brief.latest_run = brief.runs.order_by("-pk").first()  # type: ignore[attr-defined]
    context = {
        "campaign": campaign,
        "brief": brief,
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
        **_outlook(request, campaign, draft, brief, time.monotonic_ns()),
    }
    return render(request, "studio/brief_form.html", context, status=status)


def _outlook(
    request: StudioRequest,
    campaign: Campaign,
    draft: Draft,
    brief: Brief | None,
    at: int,
) -> dict[str, Any]:
    """The estimate and the rail of sizes, as far as the form can be read."""
    spec = draft.spec or draft.shown or (draft.kept if not draft.form.is_bound else None)
    if spec is None and draft.form.is_bound and not draft.form.errors:
        draft.is_valid()
        spec = draft.spec
    if spec is None:
        words = draft.first_fault if draft.form.is_bound else ""
        return {"estimate": {"ads": 0, "words": words}, "previews": []}
    previews = rail(request.user.pk, campaign, draft, spec, brief, at)
    return {"estimate": estimate_of(spec), "previews": previews}
