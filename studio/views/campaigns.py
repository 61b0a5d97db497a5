"""Campaigns: the list, one campaign with its briefs and runs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Min, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from runs import downloads
from runs.export import Order, template_of
from runs.models import Creative, Run, Verdict
from runs.states import AdState, RunStatus
from runs.summary import ready_counts
from studio.forms import CampaignForm
from studio.here import StudioRequest, editor, member, to_see
from studio.models import Brief, Campaign
from studio.wording import Outcome, outcome

COVERS = 4


@member
def index(request: StudioRequest) -> HttpResponseBase:
    rows = Campaign.objects.for_member(request.user).filter(workspace=request.workspace)
    context = {"campaigns": cards(rows.order_by("-updated_at")[:60]), "form": CampaignForm()}
    return render(request, "studio/campaigns.html", context)


@editor
def new(request: StudioRequest) -> HttpResponseBase:
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.instance.workspace, form.instance.created_by = request.workspace, request.user
        campaign = form.save()
        messages.success(request, _("“%s” is there. Now write its first brief.") % campaign.name)
        return redirect(campaign)
    return render(request, "studio/campaign_new.html", {"form": form})


@member
def show(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    campaign: Campaign = to_see(request, Campaign.objects.all(), uid)
    briefs = list(campaign.briefs.order_by("-updated_at"))
    runs = list(Run.objects.filter(origin__in=[brief.uid for brief in briefs]).order_by("-pk")[:20])
    context = {
        "campaign": campaign,
        "briefs": [_brief(brief, runs) for brief in briefs],
        "runs": run_lines(runs),
        "approved": _approved(campaign),
    }
    return render(request, "studio/campaign.html", context)


def _approved(campaign: Campaign) -> int:
    """How many of its ads are."""
    runs = Run.objects.filter(workspace=campaign.workspace_id, origin__in=campaign.briefs.values("uid"))
    ads = Creative.objects.newest().filter(run__in=runs, decision=Verdict.APPROVED, state=AdState.READY)
    return ads.count()


@member
def archive(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """Every ad of every run of the campaign, or those that are approved."""
    campaign: Campaign = to_see(request, Campaign.objects.all(), uid)
    origins = list(campaign.briefs.values_list("uid", flat=True))
    runs = tuple(Run.objects.filter(workspace=campaign.workspace, origin__in=origins).order_by("pk"))
    template = template_of(campaign.workspace_id)
    approved = "approved" in request.GET
    order = Order(
        title=campaign.name, runs=runs, approved=approved, template=template, campaign=campaign.name
    )
    return downloads.archive(order, by=request.user)


def run_lines(runs: list[Run]) -> list[dict[str, Any]]:
    """What lists of runs show."""
    ads, pictures = ready_counts(runs)
    covers_of = _first_covers(runs)
    lines = []
    for run in runs:
        line = {"uid": run.uid, "name": run.name, "status": run.status, "simulated": run.simulated}
        line |= {"ads_ready": ads.get(run.pk, 0), "ads_total": run.ads_total, "started_at": run.created_at}
        line |= {"outcome": _outcome(run, ads.get(run.pk, 0))}
        line |= {"pictures_done": pictures.get(run.pk, 0), "pictures_total": run.pictures_total}
        line |= {"started_by": str(run.started_by or ""), "url": reverse("studio:run", args=[run.uid])}
        lines.append(line | {"cover": covers_of.get(run.pk, "")})
    return lines


def _outcome(run: Run, ready: int) -> Outcome:
    return outcome(RunStatus(run.status), ready, run.ads_total, paused=run.is_paused)


def _first_covers(runs: list[Run]) -> dict[int, str]:
    """The address of one finished ad of each run, in one query."""
    ready = Creative.objects.newest().filter(run__in=[run.pk for run in runs], state=AdState.READY)
    first = ready.values("run").annotate(first=Min("pk")).values("first")
    rows = Creative.objects.filter(pk__in=first).values_list("run", "uid")
    return {run: reverse("runs:media", args=["ad", uid]) + "?size=small" for run, uid in rows}


def cards(campaigns: QuerySet[Campaign]) -> list[dict[str, Any]]:
    """What lists of campaigns show."""
    pks = [campaign.pk for campaign in campaigns]
    counts = dict(
        Brief.objects.filter(campaign__in=pks).order_by().values_list("campaign").annotate(n=Count("pk"))
    )
    return [_card(campaign) | {"brief_count": counts.get(campaign.pk, 0)} for campaign in campaigns]


def _card(campaign: Campaign) -> dict[str, Any]:
    origins = campaign.briefs.values_list("uid", flat=True)
    latest = Run.objects.filter(origin__in=list(origins)).order_by("-pk").first()
    card = {name: getattr(campaign, name) for name in ("uid", "name", "colour", "goal", "updated_at")}
    return card | {
        "latest_run": run_lines([latest])[0] if latest else None,
        "covers": covers(latest) if latest else [],
    }


def covers(run: Run, most: int = COVERS) -> list[str]:
    """Addresses of a few finished ads."""
    ads = (
        Creative.objects.newest()
        .filter(run=run, state=AdState.READY)
        .order_by("pk")
        .values_list("uid", flat=True)[:most]
    )
    return [reverse("runs:media", args=["ad", uid]) + "?size=small" for uid in ads]


def _brief(brief: Brief, runs: list[Run]) -> dict[str, Any]:
    latest = next((run for run in runs if run.origin == brief.uid), None)
    images = covers(latest, 1) if latest else []
    return {
        "uid": brief.uid,
        "name": brief.name,
        "updated_at": brief.updated_at,
        "message_count": len(brief.spec["messages"]),
        "format_count": len(brief.spec["formats"]),
        "latest_run": run_lines([latest])[0] if latest else None,
        "cover": images[0] if images else "",
    }
