"""The brief: write it, see what it comes to, start it."""

import time
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Deed, may
from accounts.audit import note
from runs import preflight, repeats, shelf
from runs.errors import BriefFault, BriefRefused, QuotaReached
from studio import deleting, kept, pace, presets, uploads
from studio.forms import Draft
from studio.here import StudioRequest, member, posted, to_change, to_see
from studio.models import Brief, Campaign
from studio.rows import with_row
from studio.views import brief_page, brief_read

TABLES = ("products", "messages", "looks")


@member
def new(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """A new brief. `?form=` is one that was begun; saved meanwhile, that is the brief it became."""
    campaign = _campaign(request, campaign_uid)
    begun = kept.find(request.user, campaign, request.GET.get("form", ""))
    if request.method == "POST" or begun is None:
        return _write(request, campaign, None)
    if begun.brief is not None and begun.brief.deleted_at is None:
        return redirect(begun.brief)
    if begun.done:
        return redirect("studio:brief_new", campaign.uid)
    return brief_page.restored(request, campaign, None, begun)


@member
def edit(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """The brief as this person left it, unless it was saved since; `?form=` is one of their forms, `?saved` none.

    Who may only look sees what it says.
    """
    rows = Brief.objects.select_related("campaign", "kit")
    if request.method != "POST":
        seen: Brief = to_see(request, rows, uid)
        if not may(request.user, Deed.EDIT, request.workspace):
            return brief_read.page(request, seen)
    brief = to_change(request, rows, uid)
    if request.method == "POST" or "saved" in request.GET:
        return _write(request, brief.campaign, brief)
    wanted = request.GET.get("form", "")
    for left in kept.of_brief(request.user, brief):
        if str(left.key) == wanted or (not wanted and left.kept_at > brief.updated_at):
            return brief_page.restored(request, brief.campaign, brief, left)
    return _write(request, brief.campaign, brief)


@member
@posted
def estimate(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """What the form comes to as it stands: the sentence before the button, and every size beside it."""
    at = time.monotonic_ns()
    campaign = _campaign(request, campaign_uid)
    brief = brief_page.of_form(campaign, request.GET.get("brief", ""))
    # First of all, and however often somebody asks; a page that only looks has nothing to keep.
    kept_at = kept.keep(request.user, campaign, brief, request.POST) if request.POST.get("touched") else None
    with pace.turn(request.user.pk) as free:
        if not free or pace.is_over(request.user.pk):
            return pace.refusal()
        return _answer(request, campaign, brief, at, kept_at)


def _answer(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, at: int, kept_at: datetime | None
) -> HttpResponse:
    draft = brief_page.draft(request, campaign, brief, data=request.POST)
    context = {
        "campaign": campaign,
        "kept_at": kept_at,
        "is_not_kept": bool(request.POST.get("touched")) and kept_at is None,
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
@posted
def drop(request: StudioRequest, campaign_uid: UUID, form: UUID) -> HttpResponseBase:
    """Throw away what was typed and never saved."""
    campaign = _campaign(request, campaign_uid)
    if kept.drop(request.user, campaign, form):
        messages.success(request, _("Discarded."))
    brief = brief_page.of_form(campaign, request.POST.get("brief", ""))
    return redirect(brief or campaign)


@member
@posted
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
    if "add_row" in request.POST or "add_look" in request.POST:
        return brief_page.page(request, campaign, brief, _with_row(request, campaign, brief))
    draft = brief_page.draft(request, campaign, brief, data=request.POST, files=request.FILES)
    if _is_right(request, brief, draft):
        try:
            return _carry_out(request, campaign, brief, draft)
        except Overtaken as refusal:
            return _show_overtaken(request, refusal.brief)
        except QuotaReached as refusal:
            draft.refuse(BriefRefused([BriefFault(field="", words=str(refusal))]))
    _ask_again(request, draft)
    return brief_page.page(request, campaign, brief, draft, status=422)


def _is_right(request: StudioRequest, brief: Brief | None, draft: Draft) -> bool:
    return draft.is_valid() and _checked(request, draft) and uploads.take_all(request.workspace, draft)


class Overtaken(Exception):
    """Somebody saved the brief since this form was opened."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief


def _refuse_overtaken(request: StudioRequest, brief: Brief, draft: Draft) -> None:
    """Unless somebody said that this form shall win, or it is the one that was saved last."""
    seen, key = draft.form.cleaned_data["seen"], draft.form.cleaned_data["start_key"]
    if seen != brief.updated_at.isoformat() and not kept.saved_last(request.user, brief, key):
        raise Overtaken(brief)


def _show_overtaken(request: StudioRequest, brief: Brief) -> HttpResponseBase:
    data = request.POST.copy()
    data["seen"] = "overtaken"  # it asks again however often it is sent
    draft = brief_page.draft(request, brief.campaign, brief, data=data)
    draft.is_valid()
    words = _("This brief was saved elsewhere after you opened it. Nothing is lost: your version is below.")
    draft.refuse(BriefRefused([BriefFault(field="", words=words)]))
    draft.overtaken = True
    return brief_page.page(request, brief.campaign, brief, draft, status=422)


def _with_row(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> Draft:
    """The form with one more row, for who has no script; nothing is saved."""
    table, row = _wanted_row(request, campaign, brief)
    data = with_row(request.POST, table, row) if table else request.POST
    draft = brief_page.draft(request, campaign, brief, data=data, files=request.FILES)
    _ask_again(request, draft)
    return draft


def _wanted_row(
    request: StudioRequest, campaign: Campaign, brief: Brief | None
) -> tuple[str, Mapping[str, str]]:
    """Its table and what it begins with: nothing, or a look of the chosen kit. No table where there is no such look."""
    if request.POST.get("add_row") in TABLES:
        return request.POST["add_row"], {}
    kit = brief_page.draft(request, campaign, brief, data=request.POST).kit
    wanted = request.POST.get("add_look")
    look = next((look for look in presets.of_kit(kit) if look.key == wanted), None)
    return ("looks", look.row) if look else ("", {})


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
            messages.warning(request, _("Saved. Check the product cutout, then make the ads."))
            return redirect(f"{saved.get_absolute_url()}#products")
        return _start(request, saved, draft)


def _ask_again(request: StudioRequest, draft: Draft) -> None:
    """A browser cannot be given a file back."""
    for row in draft.products.forms:
        name, gone = row.add_prefix("picture"), row.add_prefix("DELETE") in request.POST
        if name in request.FILES and not gone and "picture" not in row.errors:
            row.add_error("picture", _("Choose the file again: nothing was saved yet."))


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
    is_asked = brief is None or "seen" in request.POST
    brief, is_new = _locked(brief) if brief else _new_brief(request, campaign, draft)
    if is_asked and not is_new and "over" not in request.POST:
        _refuse_overtaken(request, brief, draft)
    brief.name, brief.kit = draft.spec.name, draft.kit
    brief.spec, brief.updated_at = draft.spec.model_dump(mode="json"), timezone.now()
    # These alone: somebody may have deleted it meanwhile.
    brief.save(update_fields=["name", "kit", "spec", "updated_at"])
    Campaign.objects.filter(pk=campaign.pk).update(updated_at=brief.updated_at)
    if request.POST.get("action") != "start":
        messages.success(request, _("Saved."))
    return brief


def _locked(brief: Brief) -> tuple[Brief, bool]:
    """As it is now, and nobody else saves it before this is done."""
    rows = Brief.everything.select_related("campaign").select_for_update(of=("self",))
    return rows.get(pk=brief.pk), False


def _new_brief(request: StudioRequest, campaign: Campaign, draft: Draft) -> tuple[Brief, bool]:
    """One form makes one brief, however often it is sent; sent once more, a deleted one is back."""
    key = draft.form.cleaned_data["start_key"]
    facts = {"workspace": campaign.workspace, "campaign": campaign, "created_by": request.user, "spec": {}}
    uid = uuid5(campaign.uid, str(key)) if key else uuid4()
    brief, is_new = Brief.everything.get_or_create(uid=uid, defaults=facts)
    if brief.deleted_at:
        deleting.bring_back(brief, request.user)
    return (brief, True) if is_new else _locked(brief)


def _start(request: StudioRequest, brief: Brief, draft: Draft) -> HttpResponseBase:
    assert draft.spec is not None
    key = draft.form.cleaned_data["start_key"]
    # The same order sent twice is one run; one that was changed after going back to its form is another.
    uid = uuid5(brief.uid, f"{key} {draft.spec.model_dump_json()}") if key else None
    run = repeats.start(request.workspace, request.user, draft.spec, origin=brief.uid, uid=uid)
    shelf.label(run, group=brief.campaign.uid, name=brief.campaign.name)
    note(run.workspace, request.user, "run.start", run.name)
    return redirect("studio:run", run.uid)
