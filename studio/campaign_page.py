"""What the page of one campaign shows: its briefs with how each stands, its ads, its latest runs, its facts."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from runs.models import Creative, Run, Verdict
from runs.states import AdState, RunStatus
from studio.cards import newest_ads, shots
from studio.models import BrandKit, Brief, Campaign
from studio.paging import page
from studio.run_lines import lines_told_apart, run_lines
from studio.standing import OPEN, dates, stage, standings

BRIEFS = 30  # on one page
RUNS = 6
ADS = 12
COUNTED = 50  # runs whose ads are counted; of more it is said


def about(campaign: Campaign) -> dict[str, Any]:
    kits = BrandKit.objects.filter(briefs__campaign=campaign, briefs__deleted_at=None)
    standing = standings([campaign], COUNTED)[campaign.pk]
    return {
        "dates": dates(campaign),
        "kits": list(kits.distinct().order_by("name")[:3]),
        "standing": standing,
        "stage": stage(campaign, standing).value,
        "counted": COUNTED,
        "library_url": f"{reverse('studio:library')}?{urlencode({'campaign': str(campaign.uid)})}",
    }


def contents(campaign: Campaign, before: str) -> dict[str, Any]:
    briefs, older = page(campaign.briefs.all(), before, BRIEFS)
    runs = Run.objects.filter(workspace=campaign.workspace, origin__in=campaign.briefs.values("uid"))
    latest = list(runs.select_related("started_by").order_by("-pk")[:RUNS])
    approved = _approved(runs)
    return {
        "briefs": _briefs(briefs),
        "older_url": f"?before={older}" if older else "",
        "runs": lines_told_apart(latest),
        "shots": shots(approved or newest_ads([run.pk for run in latest], ADS)),
        "shows_approved": bool(approved),
    }


def _approved(runs: QuerySet[Run]) -> list[Creative]:
    """The newest of them. First which, by their index alone: they are long rows to sort."""
    ads = Creative.objects.newest().filter(run__in=runs, decision=Verdict.APPROVED)
    pks = list(ads.order_by("-pk").values_list("pk", flat=True)[:ADS])
    return list(Creative.objects.filter(pk__in=pks).select_related("generation").order_by("-pk"))


def _briefs(briefs: list[Brief]) -> list[dict[str, Any]]:
    """Each with its latest run and how many ads of that nobody has decided about."""
    uids = [brief.uid for brief in briefs]
    newest = Run.objects.filter(origin__in=uids).values("origin").annotate(newest=Max("pk")).values("newest")
    runs = {run.origin: run for run in Run.objects.filter(pk__in=newest).select_related("started_by")}
    lines = {line["uid"]: line for line in run_lines(list(runs.values()))}
    decided = _decided([run.pk for run in runs.values()])
    return [_brief(brief, runs.get(brief.uid), lines, decided) for brief in briefs]


def _decided(runs: list[int]) -> dict[int, tuple[int, int]]:
    """Of each run how many ads wait for somebody's choice, and how many are approved."""
    ready = Creative.objects.newest().filter(run__in=runs, state=AdState.READY).order_by()
    found = ready.values_list("run").annotate(
        choose=Count("pk", filter=Q(decision=Verdict.UNDECIDED, simulated=False)),
        approved=Count("pk", filter=Q(decision=Verdict.APPROVED)),
    )
    return {run: (choose, approved) for run, choose, approved in found}


def _brief(
    brief: Brief, run: Run | None, lines: dict[UUID, Any], decided: dict[int, tuple[int, int]]
) -> dict[str, Any]:
    choose, approved = decided.get(run.pk, (0, 0)) if run else (0, 0)
    return {
        "uid": brief.uid,
        "name": brief.name,
        "updated_at": brief.updated_at,
        "look_count": len(brief.spec.get("looks", ())),
        "message_count": len(brief.spec["messages"]),
        "format_count": len(brief.spec["formats"]),
        "run": lines[run.uid] if run else None,
        "running": run is not None and RunStatus(run.status) in OPEN,
        "to_choose": choose,
        "approved": approved,
    }
