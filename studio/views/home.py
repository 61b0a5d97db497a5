"""The first page: what needs somebody, what is running, the latest campaigns, and a newcomer's first steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import Deed, may
from accounts.models import Workspace
from runs.models import Creative, Generation, Run, Verdict
from runs.states import AdState, RunStatus, Status
from runs.summary import Standing, clock, summarise
from studio.cards import cards, covers_of
from studio.first_steps import close, steps_of
from studio.here import StudioRequest, editor, member, posted
from studio.models import Campaign
from studio.run_lines import run_lines
from studio.wording import run_words

RECENT = 20  # the runs that are looked at; older ones are found in their list
MOST = 4  # things of a kind that are shown
OPEN = (RunStatus.WAITING, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that waits for a person."""

    icon: str
    kind: str
    n: int
    words: str
    about: str
    at: datetime
    url: str
    button: str


@member
@require_safe
def home(request: StudioRequest) -> HttpResponseBase:
    if "running" in request.GET:
        return _still_running(request)
    place = request.workspace
    edits = may(request.user, Deed.EDIT, place)
    recent = list(Run.objects.filter(workspace=place).defer("spec").order_by("-pk")[:RECENT])
    campaigns = Campaign.objects.filter(workspace=place, archived_at=None).order_by("-updated_at")
    needs = list(_needs(recent)) if edits else []
    to_choose = sum(need.n for need in needs if need.kind == "a")
    steps = steps_of(place, request.user, to_choose=to_choose) if edits else []
    context = {
        "greeting": _greeting(request),
        "needs": needs,
        "campaigns": cards(campaigns[:3]),
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "brief_url": _new_brief(campaigns.first()) if edits else "",
        **_running(place),
    }
    return render(request, "studio/home.html", context)


@editor
@posted
def close_steps(request: StudioRequest) -> HttpResponseBase:
    close(request.workspace, request.user)
    return redirect("studio:home")


def _still_running(request: StudioRequest) -> HttpResponseBase:
    """What the page asks every few seconds; once a run began or ended, the whole page is another one."""
    now = _running(request.workspace)
    if request.GET["running"] != now["running_key"]:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "studio/home.html#running", now)


def _running(place: Workspace) -> dict[str, Any]:
    runs = list(Run.objects.filter(workspace=place, status__in=OPEN).order_by("-pk")[:MOST])
    rows: dict[int, list[Standing]] = {run.pk: [] for run in runs}
    for run, *how in Generation.objects.filter(run__in=rows).values_list("run", *Standing._fields):
        rows[run].append(Standing(*how))
    thumbs = covers_of([list(rows)], 3)
    lines = [
        line | _pace(run, rows[run.pk]) | {"thumbs": thumbs.get(run.pk, [])}
        for line, run in zip(run_lines(runs), runs, strict=True)
    ]
    return {"running": lines, "running_key": "-".join(run.uid.hex[:8] for run in runs)}


def _pace(run: Run, rows: list[Standing]) -> dict[str, str]:
    now = summarise(run, rows)
    return {"left": clock(now.seconds_left), "waits_for": now.waits_for, "words": run_words(now)}


def _greeting(request: StudioRequest) -> str:
    name = request.user.first_name or request.user.email.partition("@")[0]
    return _("Hello, %(name)s") % {"name": name}


def _new_brief(campaign: Campaign | None) -> str:
    return reverse("studio:brief_new", args=[campaign.uid]) if campaign else reverse("studio:campaign_new")


def _needs(recent: list[Run]) -> Iterator[Need]:
    """Of the latest runs: ads nobody has decided about, ads that do not fit, pictures that failed."""
    pks = [run.pk for run in recent]
    undecided = Q(state=AdState.READY, decision=Verdict.UNDECIDED, simulated=False)
    shown = Creative.objects.newest().filter(run__in=pks).order_by().values_list("run")
    ads = {
        run: (choose, unfit)
        for run, choose, unfit in shown.annotate(
            choose=Count("pk", filter=undecided), unfit=Count("pk", filter=Q(state=AdState.DOES_NOT_FIT))
        )
    }
    failed = Generation.objects.filter(run__in=pks, status=Status.FAILED).order_by().values_list("run")
    faults = dict(failed.annotate(n=Count("pk")))
    over = [run for run in recent if run.is_final]
    yield from [_to_choose(run, n) for run in over if (n := ads.get(run.pk, (0, 0))[0])][:MOST]
    yield from [_unfit(run, n) for run in over if (n := ads.get(run.pk, (0, 0))[1])][:MOST]
    yield from [_failed(run, n) for run in over if (n := faults.get(run.pk, 0))][:MOST]


def _to_choose(run: Run, n: int) -> Need:
    words = ngettext("%(n)d ad to review", "%(n)d ads to review", n) % {"n": n}
    return _need(run, "images", "a", n, words, _("Review"))


def _unfit(run: Run, n: int) -> Need:
    words = ngettext("%(n)d ad has text that doesn’t fit", "%(n)d ads have text that doesn’t fit", n)
    return _need(run, "triangle-alert", "w", n, words % {"n": n}, _("Fix"))


def _failed(run: Run, n: int) -> Need:
    words = ngettext("%(n)d picture failed", "%(n)d pictures failed", n) % {"n": n}
    return _need(run, "circle-x", "b", n, words, _("View"))


def _need(run: Run, icon: str, kind: str, n: int, words: str, button: str) -> Need:
    url, at = reverse("studio:run", args=[run.uid]), run.ended_at or run.created_at
    return Need(icon=icon, kind=kind, n=n, words=words, about=run.name, at=at, url=url, button=button)
