"""Where campaigns stand, in numbers: for their cards and their pages, in as many queries for many as for one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from runs.models import Creative, Decision, Run, Verdict
from runs.states import AdState, RunStatus
from runs.summary import ads_to_come
from studio.models import Brief, Campaign

NEWEST = 5  # runs of a campaign whose ads are looked at for its card; approved ads are counted of all of them
OPEN = (RunStatus.WAITING, RunStatus.RUNNING)


@dataclass(slots=True, kw_only=True)
class Standing:
    """The runs and ads of one campaign."""

    briefs: int = 0
    runs: int = 0
    running: int = 0
    ads: int = 0  # that its runs have made or are to make
    ready: int = 0
    to_choose: int = 0
    approved: int = 0
    rejected: int = 0
    newest: list[int] = field(default_factory=list)  # the pks of the latest runs
    all_seen: bool = True  # otherwise ready, to_choose and rejected are those of `newest` alone
    being_made: int = 0  # of all open runs


class Stage(StrEnum):
    """What a card says of its campaign first."""

    ARCHIVED = auto()
    RUNNING = auto()
    TO_CHOOSE = auto()
    OVER = auto()
    APPROVED = auto()
    MADE = auto()
    NO_ADS = auto()
    PLANNED = auto()
    NEW = auto()


def standings(campaigns: Iterable[Campaign], newest: int = NEWEST) -> dict[int, Standing]:
    """By the campaign's pk, in as many queries for many as for one."""
    found = {campaign.pk: Standing() for campaign in campaigns}
    briefs = dict(Brief.objects.filter(campaign__in=found).order_by().values_list("uid", "campaign"))
    for pk in briefs.values():
        found[pk].briefs += 1
    place: dict[int, Standing] = {}
    samples, still_open = set(), []
    for run, origin, status, ads, simulated in _runs(found):
        if origin not in briefs:  # written and started since the briefs were asked for
            continue
        place[run] = standing = found[briefs[origin]]
        _add(standing, run, RunStatus(status), ads, newest)
        samples |= {run} if simulated else set()
        still_open += [run] if status in OPEN else []
    for run, ads in ads_to_come(still_open).items():
        place[run].being_made += ads
    _count_ads(place, [run for standing in found.values() for run in standing.newest], samples)
    return found


def _runs(campaigns: Iterable[int]) -> Iterator[tuple[int, UUID, str, int, bool | None]]:
    origins = Brief.objects.filter(campaign__in=campaigns).values("uid")
    rows: Any = Run.objects.filter(origin__in=origins).order_by("-pk")
    yield from rows.values_list("pk", "origin", "status", "ads_total", "simulated")


def _add(standing: Standing, run: int, status: RunStatus, ads: int, newest: int) -> None:
    standing.runs += 1
    standing.running += status in OPEN
    standing.ads += ads if status not in (RunStatus.CANCELLED, RunStatus.FAILED) else 0
    if len(standing.newest) < newest:
        standing.newest.append(run)
    else:
        standing.all_seen = False


def _count_ads(place: dict[int, Standing], newest: list[int], samples: set[int]) -> None:
    shown = Creative.objects.newest().order_by().values_list("run")
    # Few ads have decisions, and those are found by an index: the long rows of the others are not read.
    decided = Exists(Decision.objects.filter(creative=OuterRef("pk")))
    counts = {
        "ready": Count("pk"),
        "choose": Count("pk", filter=~decided | Q(decision=Verdict.UNDECIDED)),
        "rejected": Count("pk", filter=decided & Q(decision=Verdict.REJECTED)),
    }
    for run, ready, choose, rejected in shown.filter(run__in=newest, state=AdState.READY).annotate(**counts):
        place[run].ready += ready
        place[run].to_choose += 0 if run in samples else choose
        place[run].rejected += rejected
    # Only what is ready can be approved.
    approved = shown.filter(run__in=list(place), decision=Verdict.APPROVED).annotate(n=Count("pk"))
    for run, n in approved:
        place[run].approved += n


def stage(campaign: Campaign, standing: Standing) -> Stage:
    today = timezone.localdate()
    if campaign.archived_at:
        return Stage.ARCHIVED
    if standing.running:
        return Stage.RUNNING
    if standing.to_choose:
        return Stage.TO_CHOOSE
    if campaign.ends_on and campaign.ends_on < today:
        return Stage.OVER
    if standing.approved:
        return Stage.APPROVED
    if standing.runs:
        return Stage.MADE if standing.ready or not standing.all_seen else Stage.NO_ADS
    return Stage.PLANNED if campaign.starts_on and campaign.starts_on > today else Stage.NEW


def dates(campaign: Campaign) -> str:
    """“1 Jun – 31 Aug”, or what there is of it."""
    first, last = campaign.starts_on, campaign.ends_on
    if first and last:
        return _("%(first)s – %(last)s") % {"first": _day(first), "last": _day(last)}
    if first:
        return _("from %(day)s") % {"day": _day(first)}
    return _("until %(day)s") % {"day": _day(last)} if last else ""


def next_date(campaign: Campaign) -> str:
    """What is coming, or else what was last: “from 20 Nov”, “until 31 Aug”, “ended 6 Jun”."""
    first, last, today = campaign.starts_on, campaign.ends_on, timezone.localdate()
    if first and first > today:
        return _("from %(day)s") % {"day": _day(first)}
    if last and last < today:
        return _("ended %(day)s") % {"day": _day(last)}
    return _("until %(day)s") % {"day": _day(last)} if last else ""


def _day(day: date) -> str:
    """The year only where it is another one."""
    return date_format(day, "j M" if day.year == timezone.localdate().year else "j M Y")
