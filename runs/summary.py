"""Where a run stands, in numbers: for the run page, the API and the command line alike."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

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


def summarise(
    run: Run, rows: list[tuple[str, float]] | None = None, able: Iterable[Server] | None = None
) -> Summary:
    """Whoever has read the pictures' (status, progress) or the servers of the run's kind hands them in."""
    if rows is None:
        rows = list(run.generations.values_list("status", "progress"))
    pictures = Counter(Status(status) for status, _ in rows)
    shown = Creative.objects.newest().filter(run=run)
    approved = Count("pk", filter=Q(decision=Verdict.APPROVED))
    found = list(shown.order_by().values_list("state").annotate(n=Count("pk"), approved=approved))
    ads = Counter({state: n for state, n, _ in found})
    seconds = _seconds(run)
    done = pictures[Status.DONE]
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
        seconds_left=_left(rows, seconds) if done and not run.is_paused else None,
        pictures_a_minute=done / seconds * 60 if done and seconds > 0 else None,
        waits_for="" if run.is_final or run.is_paused else waits_for(run, able),
    )


def _seconds(run: Run) -> float:
    if run.started_at is None:
        return 0.0
    end = run.ended_at or run.paused_at or timezone.now()
    return max(0.0, (end - run.started_at - run.rested).total_seconds())


def _left(rows: list[tuple[str, float]], seconds: float) -> float | None:
    """From the share of all work that is done; stopped and failed pictures count as neither."""
    still = sum(1 - progress for status, progress in rows if Status(status) not in FINAL)
    made = sum(progress for status, progress in rows if Status(status) not in FINAL or status == Status.DONE)
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
