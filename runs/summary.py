"""Where a run stands, in numbers: for the run page, the API and the command line alike."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from django.db.models import Count, Q
from django.utils import timezone

from runs.brief import plan_ads
from runs.formats import Shape
from runs.models import Creative, Generation, Run, Server, Verdict
from runs.obstacles import waits_for
from runs.states import ACTIVE, FINAL, AdState, RunStatus, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    status: RunStatus
    final: bool
    paused: bool
    pictures: Counter[Status]
    pictures_total: int
    ads_total: int
    ads_ready: int
    ads_approved: int
    ads_unfit: int
    ads_pending: int  # being made anew
    seconds: float  # since the first picture was begun, without pauses; 0 before
    seconds_left: float | None  # told only after the first finished picture: before, it would be a guess
    pictures_a_minute: float | None
    waits_for: str  # why nothing moves and what to do; empty while a server can work on it

    @property
    def pictures_done(self) -> int:
        return self.pictures[Status.DONE]


class Standing(NamedTuple):
    """How one picture of a run stands."""

    status: str
    progress: float
    ended_at: datetime | None

    @classmethod
    def of(cls, generation: Generation) -> Self:
        return cls(generation.status, generation.progress, generation.ended_at)


def summarise(run: Run, rows: list[Standing] | None = None, able: Iterable[Server] | None = None) -> Summary:
    """Whoever has read how the pictures stand, or the servers of the run's kind, hands them in."""
    if rows is None:
        rows = [Standing(*row) for row in run.generations.values_list(*Standing._fields)]
    pictures = Counter(Status(row.status) for row in rows)
    shown = Creative.objects.newest().filter(run=run)
    approved = Count("pk", filter=Q(decision=Verdict.APPROVED))
    found = list(shown.order_by().values_list("state").annotate(n=Count("pk"), approved=approved))
    ads = Counter({state: n for state, n, _ in found})
    seconds = _seconds(run)
    lately = _lately(run, rows)
    done = sum(row.status == Status.DONE for row in lately)
    return Summary(
        status=RunStatus(run.status),
        final=run.is_final,
        paused=run.is_paused,
        pictures=pictures,
        pictures_total=len(rows),
        ads_total=run.ads_total,
        ads_ready=ads[AdState.READY],
        ads_approved=sum(n for state, _, n in found if state == AdState.READY),
        ads_unfit=ads[AdState.DOES_NOT_FIT],
        ads_pending=ads[AdState.PENDING],
        seconds=seconds,
        seconds_left=_left(lately, seconds) if done and not run.is_paused else None,
        pictures_a_minute=done / seconds * 60 if done and seconds > 0 else None,
        waits_for="" if run.is_final or run.is_paused else waits_for(run, able),
    )


def _seconds(run: Run) -> float:
    if run.started_at is None:
        return 0.0
    end = run.ended_at or run.paused_at or timezone.now()
    return max(0.0, (end - run.started_at - run.rested).total_seconds())


def _lately(run: Run, rows: list[Standing]) -> list[Standing]:
    """Without what was done before the run was taken up again: its clock began anew with that."""
    began = run.started_at
    return [row for row in rows if not (began and row.ended_at and row.ended_at < began)]


def _left(rows: list[Standing], seconds: float) -> float | None:
    """From the share of all work that is done; stopped and failed pictures count as neither."""
    still = sum(1 - row.progress for row in rows if Status(row.status) not in FINAL)
    made = sum(row.progress for row in rows if Status(row.status) not in FINAL or row.status == Status.DONE)
    return still * seconds / made if still and made else None


def clock(seconds: float | None) -> str:
    """1:05 or 2:03:09; empty when there is nothing to tell."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def ready_counts(runs: list[Run]) -> tuple[dict[int, int], dict[int, int]]:
    """Ads ready and pictures done of several runs, by the run's pk, in two queries."""
    pks = [run.pk for run in runs]
    ads = Creative.objects.newest().filter(run__in=pks, state=AdState.READY)
    pictures = Generation.objects.filter(run__in=pks, status=Status.DONE)
    count = {"n": Count("pk")}
    return dict(ads.values_list("run").annotate(**count)), dict(pictures.values_list("run").annotate(**count))


def ads_to_come(runs: list[int]) -> dict[int, int]:
    """By the run's pk, the ads of pictures that are still to be made: a failed or stopped picture brings none."""
    if not runs:
        return {}
    alike = Generation.objects.filter(run__in=runs, status__in=sorted({Status.WAITING, *ACTIVE})).order_by()
    pictures = list(alike.values_list("run", "product", "shape").annotate(n=Count("pk")))
    briefs = {run.pk: run.brief for run in Run.objects.filter(pk__in={row[0] for row in pictures})}
    found: Counter[int] = Counter()
    for run, product, shape, n in pictures:
        found[run] += n * sum(1 for _ in plan_ads(briefs[run], product, Shape(shape)))
    return dict(found)
