"""Who works on a generation: a worker holds its rows for fifteen seconds and renews them. No status is written here.

The database's clock decides; every write carries the worker's id, so one that was thought dead changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Now

from runs import signals
from runs.errors import LeaseLost
from runs.models import Generation, Run
from runs.models.spelling import UNDER_WAY
from runs.states import ACTIVE, SEATED, Status

LEASE = timedelta(seconds=15)


def take(pk: int, worker: str) -> Generation | None:
    """Own an assigned generation for the length of a lease; None when another has it or there is nothing to do."""
    if _own(_free([pk]), worker) != 1:
        return None
    return _whole().get(pk=pk)


def take_all(pks: Iterable[int], worker: str) -> list[Generation]:
    """The same for several; those that another has are left out."""
    wanted = list(pks)
    if len(wanted) == 1:
        return [row for row in [take(wanted[0], worker)] if row is not None]
    with transaction.atomic():
        # Locked one after the other, as all do who take several.
        mine = list(_free(wanted).select_for_update().order_by("pk").values_list("pk", flat=True))
        _own(Generation.objects.filter(pk__in=mine), worker)
    return list(_whole().filter(pk__in=mine))


def _free(pks: list[int]) -> QuerySet[Generation]:
    # Composing needs no server: the one that painted it may be gone from the list.
    workable = Q(server__isnull=False) | Q(status=Status.COMPOSING)
    return Generation.objects.filter(workable, pk__in=pks, worker_id="", status__in=sorted(ACTIVE))


def _own(free: QuerySet[Generation], worker: str) -> int:
    # A preview of an earlier worker may have gone with its cache: the page must not ask for it.
    return free.update(worker_id=worker, due_at=Now() + LEASE, preview_version=0)


def _whole() -> QuerySet[Generation]:
    return Generation.objects.select_related("run__workflow", "server", "run__workspace")


def renew(worker: str, pks: Iterable[int]) -> set[int]:
    """Hold on to the rows this worker really works on; what it forgot comes back by its lease.

    Returns those that are still its own: others were taken from it while it slept.
    """
    wanted = set(pks)
    held = Generation.objects.filter(pk__in=wanted, worker_id=worker, status__in=sorted(ACTIVE))
    with transaction.atomic():
        # One that is just being changed is left for the next beat: waiting for it could be waiting for each other.
        free = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
        held.filter(pk__in=free).update(due_at=Now() + LEASE)
    return wanted if len(free) == len(wanted) else set(held.values_list("pk", flat=True))


def hand_back(pk: int, worker: str) -> bool:
    """Give a row up without a step in its life: the next worker goes on where this one stopped.

    False when this worker did not hold it any more.
    """
    held = Generation.objects.filter(pk=pk, worker_id=worker)
    return bool(held.update(worker_id="", due_at=Now()))


def end_all() -> None:
    """Whoever held anything is known to be dead: let the sweep take it all up now."""
    Generation.objects.filter(UNDER_WAY).exclude(worker_id="").update(due_at=Now())


def mark_disturbed(pk: int) -> None:
    """Not fenced: a worker that lost its lease says that a file of its own may lie about."""
    Generation.objects.filter(pk=pk).update(disturbed=True)


def to_cancel(worker: str) -> list[int]:
    """The rows of this worker that somebody wants stopped."""
    return list(
        Generation.objects.filter(worker_id=worker, cancel_requested=True).values_list("pk", flat=True)
    )


def note_prompt(pk: int, worker: str, prompt_id: UUID) -> int:
    """Write the prompt's id down before it is sent, so that whoever comes next finds it. Returns which attempt it is.

    A second prompt is another attempt: an owner of the first that wakes up late must not write over its picture.
    """
    held = Generation.objects.filter(pk=pk, worker_id=worker)
    attempt = Case(When(prompt_id=None, then=F("attempt")), default=F("attempt") + 1)
    if held.update(prompt_id=prompt_id, attempt=attempt) != 1:
        raise LeaseLost(f"Picture {pk} is no longer held by {worker}")
    return Generation.objects.values_list("attempt", flat=True).get(pk=pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person sees of the work on one generation; no step in its life."""

    generation: int
    run: UUID
    worker: str
    progress: float
    step: str
    preview_version: int

    @classmethod
    def of(
        cls, generation: Generation, worker: str, *, progress: float, step: str, preview_version: int
    ) -> Self:
        """Never shows a finished picture before it is one."""
        return cls(
            generation=generation.pk,
            run=generation.run.uid,
            worker=worker,
            progress=min(progress, 0.99),
            step=step,
            preview_version=preview_version,
        )


_REPORT = """
    UPDATE runs_generation SET progress = %s, step = %s, preview_version = %s
    WHERE id = %s AND worker_id = %s
"""


def report(*reports: Report) -> None:
    """Write down how far these are, all in one short transaction. What just changes otherwise is left out."""
    by_pk = {report.generation: report for report in reports}
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL synchronous_commit TO OFF")  # the next report comes soon
        painting = Generation.objects.filter(pk__in=by_pk, status__in=sorted(SEATED))
        # Waiting for a row while others are held could end in a deadlock.
        free = painting.select_for_update(skip_locked=True).order_by().values_list("pk", flat=True)
        told = [by_pk[pk] for pk in free]
        values = [(r.progress, r.step, r.preview_version, r.generation, r.worker) for r in told]
        cursor.executemany(_REPORT, values)
    for run in {report.run for report in told}:
        signals.run_changed.send(Run, run=run, generation=None, urgent=False)
