"""Campaigns: the list, one campaign, and what can be done with it."""

from copy import copy
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import note
from runs import downloads
from runs.export import Order, template_of
from runs.models import Run
from studio import campaigns, deleting, kept
from studio.campaign_forms import CampaignForm, Search
from studio.campaign_page import about, contents
from studio.cards import cards
from studio.here import StudioRequest, editor, member, posted, to_change, to_see
from studio.models import Campaign
from studio.paging import page

PAGE = 24
SHOWN = {"active": True, "archived": False}  # whether archived_at is empty


@member
@require_safe
def index(request: StudioRequest) -> HttpResponseBase:
    mine = Campaign.objects.filter(workspace=request.workspace)
    shown = "archived" if request.GET.get("show") == "archived" else "active"
    search = Search(request.GET)
    rows = mine.filter(search.condition, archived_at__isnull=SHOWN[shown])
    before = request.GET.get("before", "")
    found, older = page(rows, before, PAGE)
    counts = {name: mine.filter(archived_at__isnull=empty).count() for name, empty in SHOWN.items()}
    context = {
        "campaigns": cards(found),
        "form": CampaignForm(),
        "key": uuid4(),
        "search": search,
        "shown": shown,
        "counts": counts,
        "shows": [(name, words, counts[name], _address(show=name)) for name, words in _shows()],
        "older_url": _address(show=shown, q=" ".join(search.words), before=older) if older else "",
        "newest_url": _address(show=shown, q=" ".join(search.words)) if before else "",
        "any_deleted": deleting.any_in(request.workspace),
    }
    part = "#found" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"studio/campaigns.html{part}", context)


def _shows() -> list[tuple[str, str]]:
    return [("active", _("Active")), ("archived", _("Archived"))]


def _address(*, show: str, **query: str) -> str:
    asked = {"show": show if show == "archived" else "", **query}
    known = urlencode({name: value for name, value in asked.items() if value})
    return reverse("studio:campaigns") + (f"?{known}" if known else "")


@editor
def new(request: StudioRequest) -> HttpResponseBase:
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.workspace = request.workspace
        campaign = campaigns.begin(form.instance, request.user, _key(request))
        messages.success(request, _("“%s” is ready. Now write its first brief.") % campaign.name)
        return redirect(campaign)
    return _form(request, form, key=_key(request) or uuid4())


def _key(request: StudioRequest) -> str:
    """Of the form, that a double press sends twice."""
    return request.POST.get("key", "")[:40]


@member
def edit(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    # The page shows the campaign as it is, beside what was typed.
    form = CampaignForm(request.POST if request.method == "POST" else None, instance=copy(campaign))
    if request.method == "POST" and form.is_valid():
        form.instance.updated_at = timezone.now()
        with transaction.atomic():
            # These alone: somebody may have archived or deleted it meanwhile.
            form.instance.save(update_fields=[*form.fields, "updated_at"])
            note(request.workspace, request.user, "campaign.change", form.instance)
        messages.success(request, _("Saved."))
        return redirect(campaign)
    return _form(request, form, campaign=campaign)


def _form(request: StudioRequest, form: CampaignForm, **more: Any) -> HttpResponseBase:
    status = 422 if form.errors else 200
    return render(request, "studio/campaign_form.html", {"form": form, **more}, status=status)


@member
@posted
def do(request: StudioRequest, uid: UUID, what: str) -> HttpResponseBase:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    match what:
        case "archive":
            campaigns.archive(campaign, request.user)
            undo = reverse("studio:campaign_do", args=[uid, "restore"])
            messages.success(request, _("“%s” archived.") % campaign.name, extra_tags=undo)
            return redirect("studio:campaigns")
        case "restore":
            campaigns.restore(campaign, request.user)
            messages.success(request, _("“%s” is active again.") % campaign.name)
        case "duplicate":
            campaign = campaigns.duplicate(campaign, request.user, _key(request))
            messages.success(request, _("This is the copy, with its briefs. Runs and ads weren’t copied."))
        case _:
            raise Http404
    return redirect(campaign)


@member
@require_safe
def show(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    campaign: Campaign = to_see(request, Campaign.objects.select_related("created_by"), uid)
    before = request.GET.get("before", "")
    context = {
        "campaign": campaign,
        "form": CampaignForm(instance=campaign),
        "copy_key": uuid4(),
        **about(campaign),
        **contents(campaign, before),
        "unsaved": kept.begun(request.user, campaign),
        "newest_url": campaign.get_absolute_url() if before else "",
    }
    return render(request, "studio/campaign.html", context)


@member
def archive(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """Every ad of every run of the campaign, or those that are approved."""
    campaign: Campaign = to_see(request, Campaign.objects.all(), uid)
    origins = campaign.briefs.values("uid")
    runs = tuple(Run.objects.filter(workspace=campaign.workspace, origin__in=origins).order_by("pk"))
    template = template_of(campaign.workspace_id)
    approved = "approved" in request.GET
    order = Order(
        title=campaign.name, runs=runs, approved=approved, template=template, campaign=campaign.name
    )
    return downloads.archive(order, by=request.user)
