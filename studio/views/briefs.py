"""The brief: write it, see what it comes to, start it."""

import time
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.audit import note
from runs import preflight, repeats, shelf
from runs.errors import BriefFault, BriefRefused, QuotaReached
from studio import deleting, kept, pace, presets, uploads
from studio.forms import Draft
from studio.here import StudioRequest, member, to_change
from studio.models import Brief, Campaign
from studio.rows import with_row
from studio.views import brief_page


@member
def new(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """A new brief. `?form=` is one that was begun; saved meanwhile, that is the brief it became."""
    campaign = _campaign(request, campaign_uid)
    begun = kept.find(request.user, campaign, request.GET.get("form", ""))
    if request.method != "POST" and begun is not None:
        became = begun.brief
        return redirect(became) if became else brief_page.restored(request, campaign, None, begun)
    return _write(request, campaign, None)


@member
def edit(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """The brief as this person left it; `?saved` is as it was saved."""
    brief = to_change(request, Brief.objects.select_related("campaign", "kit"), uid)
    left = kept.of_brief(request.user, brief)
    if request.method != "POST" and left is not None and "saved" not in request.GET:
        return brief_page.restored(request, brief.campaign, brief, left)
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
    brief = brief_page.of_form(campaign, request.GET.get("brief", ""))
    draft = brief_page.draft(request, campaign, brief, data=request.POST)
    kept_at = kept.keep(request.user, campaign, brief, request.POST)
    context = {
        "campaign": campaign,
        "kept_at": kept_at,
        "brief": brief,
        "kit": draft.kit,
        "kit_looks": presets.of_kit(draft.kit),
        "products": draft.products,
        "messages_set": draft.messages,
    }
    context |= brief_page.outlook(request, campaign, draft, brief, at)
    answer = render(request, "studio/brief_form.html#answer", context)
    if kept_at and brief is None:
        # So that the page opens again as it is, whatever becomes of the tab.
        answer.headers["HX-Replace-Url"] = kept.new_url(campaign, request.POST["start_key"])
    return answer


@member
@require_POST
def drop(request: StudioRequest, campaign_uid: UUID, form: UUID) -> HttpResponseBase:
    """Throw away what was typed and never saved."""
    campaign = _campaign(request, campaign_uid)
    if kept.drop(request.user, campaign, form):
        messages.success(request, _("Thrown away."))
    brief = brief_page.of_form(campaign, request.POST.get("brief", ""))
    return redirect(brief or campaign)


@member
@require_POST
def posts(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """The post text of one message, whose fields were not drawn with the page; `unfold` names its row."""
    campaign = _campaign(request, campaign_uid)
    draft = brief_page.draft(request, campaign, None, data=request.POST)
    row = next((row for row in draft.messages.forms if row.is_asked_for), None)
    if row is None:
        raise Http404
    return render(request, "parts/post_text.html", {"row": row})


def _campaign(request: StudioRequest, uid: UUID) -> Campaign:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    return campaign


def _write(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> HttpResponseBase:
    if request.method != "POST":
        return brief_page.page(request, campaign, brief, brief_page.draft(request, campaign, brief))
    if "unfold" in request.POST:
        draft = brief_page.draft(request, campaign, brief, data=request.POST, files=request.FILES)
        return brief_page.page(request, campaign, brief, draft)
    if "add_look" in request.POST:
        return brief_page.page(request, campaign, brief, _with_look(request, campaign, brief))
    draft = brief_page.draft(request, campaign, brief, data=request.POST, files=request.FILES)
    if _is_right(request, brief, draft):
        try:
            return _carry_out(request, campaign, brief, draft)
        except QuotaReached as refusal:
            draft.refuse(BriefRefused([BriefFault(field="", words=str(refusal))]))
    _ask_again(request, draft)
    return brief_page.page(request, campaign, brief, draft, status=422)


def _is_right(request: StudioRequest, brief: Brief | None, draft: Draft) -> bool:
    return (
        draft.is_valid()
        and not _is_overtaken(request, brief, draft)
        and _checked(request, draft)
        and uploads.take_all(request.workspace, draft)
    )


def _is_overtaken(request: StudioRequest, brief: Brief | None, draft: Draft) -> bool:
    """Whether somebody saved the brief since this form was opened, and nobody said that this one shall win."""
    seen = draft.form.cleaned_data["seen"]
    if brief is None or not seen or seen == brief.updated_at.isoformat() or "over" in request.POST:
        return False
    words = _("Somebody saved this brief after you had opened it. Nothing of yours is lost: it stands below.")
    draft.refuse(BriefRefused([BriefFault(field="", words=words)]))
    draft.overtaken = True
    return True


def _with_look(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> Draft:
    """The form with one more look, of the chosen kit; nothing is saved."""
    kit = brief_page.draft(request, campaign, brief, data=request.POST).kit
    wanted = request.POST["add_look"]
    look = next((look for look in presets.of_kit(kit) if look.key == wanted), None)
    data = with_row(request.POST, "looks", look.row) if look else request.POST
    draft = brief_page.draft(request, campaign, brief, data=data, files=request.FILES)
    _ask_again(request, draft)
    return draft


def _carry_out(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, draft: Draft
) -> HttpResponseBase:
    """Keep the brief, and start it where that was pressed: both or, where it may not be started, neither."""
    with transaction.atomic():
        saved = _save(request, campaign, brief, draft)
        kept.settle(request.user, campaign, saved, draft.form.cleaned_data["start_key"])
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
    # These alone: somebody may have deleted it meanwhile.
    brief.save(update_fields=["name", "kit", "spec", "updated_at"])
    Campaign.objects.filter(pk=campaign.pk).update(updated_at=brief.updated_at)
    if request.POST.get("action") != "start":
        messages.success(request, _("Saved."))
    return brief


def _new_brief(request: StudioRequest, campaign: Campaign, draft: Draft) -> Brief:
    """One form makes one brief, however often it is sent; sent once more, a deleted one is back."""
    key = draft.form.cleaned_data["start_key"]
    facts = {"workspace": campaign.workspace, "campaign": campaign, "created_by": request.user, "spec": {}}
    uid = uuid5(campaign.uid, str(key)) if key else uuid4()
    brief = Brief.everything.get_or_create(uid=uid, defaults=facts)[0]
    if brief.deleted_at:
        deleting.bring_back(brief, request.user)
    return brief


def _start(request: StudioRequest, brief: Brief, draft: Draft) -> HttpResponseBase:
    assert draft.spec is not None
    key = draft.form.cleaned_data["start_key"]
    # The same order sent twice is one run; one that was changed after going back to its form is another.
    uid = uuid5(brief.uid, f"{key} {draft.spec.model_dump_json()}") if key else None
    run = repeats.start(request.workspace, request.user, draft.spec, origin=brief.uid, uid=uid)
    shelf.label(run, group=brief.campaign.uid, name=brief.campaign.name)
    note(run.workspace, request.user, "run.start", run.name)
    return redirect("studio:run", run.uid)
