"""The first page: what needs somebody, what is running, the latest campaigns, and a newcomer's first steps."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import Deed, may
from accounts.models import Membership, Workspace
from runs.models import Creative, Generation, Run, Verdict
from runs.states import AdState, RunStatus, Status
from studio.cards import cards
from studio.here import StudioRequest, member
from studio.models import BrandKit, Brief, Campaign
from studio.run_lines import run_lines

RECENT = 20  # the runs that are looked at; older ones are found in their list
MOST = 4  # things of a kind that are shown
OPEN = (RunStatus.WAITING, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that waits for a person."""

    icon: str
    kind: str
    words: str
    about: str
    url: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the first things to do in a new workspace."""

    words: str
    done: bool
    url: str
    button: str


@member
@require_safe
def home(request: StudioRequest) -> HttpResponseBase:
    place = request.workspace
    editor = may(request.user, Deed.EDIT, place)
    recent = list(Run.objects.filter(workspace=place).defer("spec").order_by("-pk")[:RECENT])
    running = [run for run in recent if run.status in OPEN]
    campaigns = Campaign.objects.filter(workspace=place, archived_at=None).order_by("-updated_at")
    needs = list(_needs(recent)) if editor else []
    steps = _steps(place, recent) if editor else []
    context = {
        "greeting": _greeting(request),
        "needs": needs,
        "running": run_lines(running[:MOST]),
        "campaigns": cards(campaigns[:3]),
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "brief_url": _new_brief(campaigns.first()) if editor else "",
    }
    return render(request, "studio/home.html", context)


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
    words = ngettext("%(n)d ad to choose", "%(n)d ads to choose", n) % {"n": n}
    return _need(run, "images", "a", words, _("Choose"))


def _unfit(run: Run, n: int) -> Need:
    words = ngettext("%(n)d ad has words too long for it", "%(n)d ads have words too long for them", n)
    return _need(run, "triangle-alert", "w", words % {"n": n}, _("Fix"))


def _failed(run: Run, n: int) -> Need:
    words = ngettext("%(n)d picture failed", "%(n)d pictures failed", n) % {"n": n}
    return _need(run, "circle-x", "b", words, _("Look"))


def _need(run: Run, icon: str, kind: str, words: str, button: str) -> Need:
    url = reverse("studio:run", args=[run.uid])
    return Need(icon=icon, kind=kind, words=words, about=run.name, url=url, button=button)


def _steps(place: Workspace, recent: list[Run]) -> list[Step]:
    """Gone once all are done."""
    campaign = Campaign.objects.filter(workspace=place).order_by("-updated_at").first()
    brief = Brief.objects.filter(workspace=place).order_by("-updated_at").first()
    kit = BrandKit.objects.filter(workspace=place).exists()
    alone = Membership.objects.filter(workspace=place).count() < 2
    brief_url = brief.get_absolute_url() if brief else _new_brief(campaign)
    people = reverse("studio:members", args=[place.uid])
    steps = [
        _step(_("Make a campaign"), campaign is not None, reverse("studio:campaign_new"), _("Make")),
        _step(_("Write the first brief"), brief is not None, brief_url, _("Write")),
        _step(_("Set up the brand kit"), kit, reverse("studio:kits"), _("Open")),
        _step(_("Make the first ads"), bool(recent), brief_url, _("Start")),
        _step(_("Invite a colleague"), not alone, people, _("Invite")),
    ]
    return [] if all(step.done for step in steps) else steps


def _step(words: str, done: bool, url: str, button: str) -> Step:
    return Step(words=words, done=done, url=url, button=button)
