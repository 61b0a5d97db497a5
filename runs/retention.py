"""Which finished runs are old enough to go, and taking them away: decide first (`plan`), then do (`apply`).

A run of which an ad is approved stays whole, whatever its age: that ad, its picture, and what they were made from.

`manage.py prune` calls it. Files whose run is gone are found too: a process that was killed between the rows and
the files of a run, or a storage that failed, leaves nothing behind for good.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Sum

from accounts.models import Workspace
from runs import lifecycle, signals, storage
from runs.errors import RunsError
from runs.models import Creative, Generation, Picture, Run, Verdict
from runs.states import RUN_FINAL
from runs.unused import UnusedUpload, remove, unused

log = logging.getLogger(__name__)

BATCH = 500  # rows asked for at once: below every database's limit of parameters
SETTLED = timedelta(days=1)  # a left-over file is this old: what is just being written is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a run holds on the disk."""

    pictures: int
    ads: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRun:
    """A finished run that is old enough to go. `days` is its age."""

    uid: UUID
    name: str
    ended_at: datetime
    days: int
    weight: Weight
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """The files of one picture or of its ads whose row is gone."""

    folder: str
    keys: tuple[str, ...]
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRecord:
    """Something that people deleted so long ago that nobody can have it back; whose it is, is not known here."""

    kind: str
    uid: UUID
    name: str
    days: int
    reason: str
    bytes: int = 0


type Removable = OldRun | LeftOver | UnusedUpload | OldRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    runs: tuple[OldRun, ...]
    left_overs: tuple[LeftOver, ...]
    uploads: tuple[UnusedUpload, ...]
    records: tuple[OldRecord, ...] = ()

    def __iter__(self) -> Iterator[Removable]:
        yield from self.runs
        yield from self.left_overs
        yield from self.uploads
        yield from self.records


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one entry of the plan; `fault` is empty when it is gone."""

    what: Removable
    fault: str = ""


def plan(now: datetime, days: int) -> Plan:
    """What has to go: final runs that ended `days` ago or earlier (0: none by age), left-over files, unused uploads,
    and records that were deleted long ago, whose uploads are unused from the next time on.
    """
    runs = tuple(_old_runs(now, days)) if days else ()
    answers: list[Any] = signals.records_to_forget.send(Plan, now=now)
    records = [record for _, found in answers for record in found or ()]
    return Plan(
        runs=runs,
        left_overs=tuple(_left_overs(now)),
        uploads=tuple(unused(now)),
        records=tuple(records),
    )


def apply(decided: Plan) -> Iterator[Outcome]:
    """Carry the plan out, one entry after the other; what cannot be removed is told and the rest goes on."""
    for what in decided:
        yield Outcome(what=what, fault=_fault_of(what))


def _fault_of(what: Removable) -> str:
    """Remove it; empty when it is gone, else why it stays."""
    try:
        return _remove(what)
    except RunsError as refusal:
        return str(refusal)
    except Exception as fault:  # whatever the database or the storage raise: told, logged, tried next time
        log.exception("%s could not be removed", what)
        return f"{fault.__class__.__name__}: {fault}"


def weigh(runs: Iterable[Run]) -> dict[int, Weight]:
    """What each of these runs holds, by the run's pk, in two queries a batch."""
    weights: dict[int, Weight] = {}
    for batch in batched((run.pk for run in runs), BATCH, strict=False):
        pictures, picture_bytes = _counted(Picture, "generation__run", batch)
        ads, ad_bytes = _counted(Creative, "run", batch)
        for pk in batch:
            size = picture_bytes[pk] + ad_bytes[pk]
            weights[pk] = Weight(pictures=pictures[pk], ads=ads[pk], bytes=size)
    return weights


def _counted(model: type[Model], run: str, pks: tuple[int, ...]) -> tuple[Counter[int], Counter[int]]:
    """How many files these runs have in that table, and their bytes."""
    rows: Any = model._default_manager.filter(**{f"{run}__in": pks}).exclude(key="").values_list(run)
    found = list(rows.annotate(n=Count("pk"), size=Sum("bytes")))
    return Counter({pk: n for pk, n, _ in found}), Counter({pk: size for pk, _, size in found})


def _old_runs(now: datetime, days: int) -> Iterator[OldRun]:
    ended = _unapproved().filter(status__in=sorted(RUN_FINAL), ended_at__lte=now - timedelta(days=days))
    runs = list(ended.only("pk", "uid", "name", "ended_at").order_by("ended_at", "pk"))
    weights = weigh(runs)
    for run in runs:
        assert run.ended_at is not None  # the query asked for it
        age = (now - run.ended_at).days
        yield OldRun(
            uid=run.uid,
            name=run.name,
            ended_at=run.ended_at,
            days=age,
            weight=weights[run.pk],
            reason=f"ended {age} days ago, kept for {days}",
        )


def _remove(what: Removable) -> str:
    match what:
        case OldRun():
            return _remove_run(what)
        case LeftOver():
            storage.delete(what.keys)
            return ""
        case UnusedUpload():
            return remove(what)
        case OldRecord():
            signals.record_forgotten.send(OldRecord, record=what)
            return ""


def _remove_run(old: OldRun) -> str:
    with transaction.atomic():
        # Under this lock nobody approves an ad between the look and the removal.
        run = Run.objects.select_for_update().filter(uid=old.uid).first()
        if run is None:
            return ""  # somebody else removed it
        if run.ended_at != old.ended_at:
            return "It was tried again meanwhile and stays."
        if not _unapproved().filter(pk=run.pk).exists():
            return "An ad of it was approved meanwhile; it stays."
        lifecycle.delete(run)
    return ""


def _unapproved() -> QuerySet[Run]:
    """Runs of which no ad is approved, in no revision."""
    approved = Creative.objects.filter(run=OuterRef("pk"), decision=Verdict.APPROVED)
    return Run.objects.filter(~Exists(approved))


# --- Files without a row -------------------------------------------------------------------------------------


def _left_overs(now: datetime) -> Iterator[LeftOver]:
    """Only in folders of workspaces that are known: with the wrong database at hand nothing is taken for left over."""
    for workspace in Workspace.objects.order_by("pk"):
        for folder in storage.generation_folders(workspace.uid):
            names, _ = _listed(folder)
            for batch in batched(names, BATCH, strict=False):
                for name in _without_row(batch):
                    yield from _left_over(f"{folder}/{name}", now)


def _without_row(names: tuple[str, ...]) -> list[str]:
    uids = {uid: name for name in names if (uid := _uid(name))}
    known = set(Generation.objects.filter(uid__in=list(uids)).values_list("uid", flat=True))
    return [name for uid, name in uids.items() if uid not in known]


def _uid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _left_over(folder: str, now: datetime) -> Iterator[LeftOver]:
    keys = [f"{folder}/{name}" for name in _listed(folder)[1]]
    sizes = {key: size for key in keys if (size := _settled_size(key, now)) is not None}
    if sizes:
        bytes_ = sum(sizes.values())
        yield LeftOver(folder=folder, keys=tuple(sizes), bytes=bytes_, reason="its run was deleted")


def _settled_size(key: str, now: datetime) -> int | None:
    """The bytes of a file that is old enough to go; None for one that is new, or went since it was listed."""
    try:
        return default_storage.size(key) if now - default_storage.get_modified_time(key) > SETTLED else None
    except FileNotFoundError:
        return None  # somebody else prunes too
    except Exception:
        log.exception("%s cannot be looked at; it is left for the next time", key)
        return None


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in there; none where there is no such folder."""
    with suppress(FileNotFoundError):
        folders, files = default_storage.listdir(folder)
        return sorted(folders), sorted(files)
    return [], []
