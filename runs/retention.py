"""What of finished runs can go by the rules of its workspace, and taking it away: decide first (`plan`), then `apply`.

A plan is a stream: it is made a batch at a time, so a million rows take no more memory than a hundred. Nothing that
runs, waits or rests is ever in it, for it is not over; nor is what `keeping.protected` names. Right before something
is removed all of this is asked again, under the run's lock.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from accounts.models import Workspace
from runs import deleting, removals, signals, stored
from runs.errors import RunsError
from runs.keeping import FAILED, Facts, Part, Policy, days, due, policy_of, protected
from runs.models import Creative, Export, Picture, Removal, RetentionPolicy, Run, Verdict
from runs.states import RUN_FINAL, AdState
from runs.unused import UnusedUpload, remove, unused

log = logging.getLogger(__name__)

BATCH = 500  # rows asked for at once: below every database's limit of parameters
EXPORTING = timedelta(hours=6)  # an export is made while it is sent; who ordered it later has it by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a run holds on the disk."""

    pictures: int = 0
    ads: int = 0
    picture_bytes: int = 0
    ad_bytes: int = 0

    @property
    def bytes(self) -> int:
        return self.picture_bytes + self.ad_bytes

    def only(self, part: Part) -> "Weight":
        """What goes with that part."""
        match part:
            case Part.RUN:
                return self
            case Part.PICTURES:
                return Weight(pictures=self.pictures, picture_bytes=self.picture_bytes)
            case Part.ADS:
                return Weight(ads=self.ads, ad_bytes=self.ad_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromRun:
    """A finished run that can go, or its pictures or ads. `days` is its age."""

    part: Part
    workspace: str
    uid: UUID
    name: str
    ended_at: datetime
    deleted_at: datetime | None  # by somebody, who may have it back for a while
    days: int
    weight: Weight
    reason: str
    rules: Policy  # by which it was decided

    @property
    def bytes(self) -> int:
        return self.weight.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """Files of a removal that was stopped between its rows and its files."""

    pk: int
    files: int
    bytes: int
    reason: str = "their rows are gone because a removal was interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRecord:
    """Something that people deleted so long ago that nobody can have it back; whose it is, is not known here."""

    kind: str
    uid: UUID
    name: str
    days: int
    reason: str
    bytes: int = 0


type Removable = FromRun | Interrupted | UnusedUpload | OldRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one entry of the plan; `fault` is empty when it is gone."""

    what: Removable
    fault: str = ""


def plan(
    now: datetime, usual: Policy | None = None, workspace: Workspace | None = None
) -> Iterator[Removable]:
    """What has to go, oldest first in each workspace. With `usual` other rules than the settings' are the default.

    With a workspace: only what its runs hold. Else also what was interrupted, unused uploads, and records that were
    deleted long ago, whose uploads are unused from the next time on.
    """
    if workspace is not None:
        yield from _of_workspace(workspace, policy_of(workspace, usual), now)
        return
    for pk, files, size in Removal.objects.order_by("pk").values_list("pk", "keys", "bytes").iterator(BATCH):
        yield Interrupted(pk=pk, files=len(files), bytes=size)
    own = {row.workspace_id: row for row in RetentionPolicy.objects.all()}
    for place in Workspace.objects.order_by("pk"):
        yield from _of_workspace(place, (usual or Policy.usual()).under(own.get(place.pk)), now)
    yield from unused(now)
    answers: list[Any] = signals.records_to_forget.send(OldRecord, now=now)
    for _, found in answers:
        yield from found or ()


def apply(decided: Iterable[Removable], usual: Policy | None = None) -> Iterator[Outcome]:
    """Carry the plan out, one entry after the other; what cannot be removed is told and the rest goes on.

    `usual` as it was given to the plan: what a workspace keeps by now is asked again.
    """
    for what in decided:
        yield Outcome(what=what, fault=_fault_of(what, usual))


# --- Deciding ------------------------------------------------------------------------------------------------


def _of_workspace(place: Workspace, policy: Policy, now: datetime) -> Iterator[FromRun]:
    # Before anything of it goes: what is planned may be carried out while the rest is planned.
    held = stored.total(place.pk) if policy.ceiling else 0
    for what in _deleted(place, policy, now):
        held -= what.bytes
        yield what
    if policy.soonest:
        for what in _by_age(place, policy, now):
            held -= what.bytes
            yield what
    if policy.ceiling:
        yield from _by_ceiling(place, policy, now, held)


def _by_age(place: Workspace, policy: Policy, now: datetime) -> Iterator[FromRun]:
    old = _over(place).filter(ended_at__lte=now - timedelta(days=policy.soonest))
    for run, weight, facts in _free(old, policy, now):
        for part, reason in due(facts, policy, now):
            yield _from(run, place, policy, part, weight.only(part), now, reason)


def _deleted(place: Workspace, policy: Policy, now: datetime) -> Iterator[FromRun]:
    """What people deleted so long ago that they cannot have it back."""
    kept = deleting.kept_for()
    old = Run.everything.filter(workspace=place, deleted_at__lte=now - kept)
    for run, weight, _ in _free(old, policy, now):
        assert run.deleted_at is not None  # the query asked for it
        reason = f"deleted {days((now - run.deleted_at).days)} ago, kept for {kept.days}"
        yield _from(run, place, policy, Part.RUN, weight, now, reason)


def _by_ceiling(place: Workspace, policy: Policy, now: datetime, held: int) -> Iterator[FromRun]:
    """What people deleted first, then failed and stopped ones, then the oldest, until the rest has room."""
    lately = Run.everything.filter(workspace=place, deleted_at__gt=now - deleting.kept_for())
    failed = Q(status__in=sorted(FAILED))
    for runs in (lately, _over(place).filter(failed), _over(place).exclude(failed)):
        if held <= policy.ceiling:
            return
        for run, weight, facts in _free(runs, policy, now):
            gone = [] if run.deleted_at else [part for part, _ in due(facts, policy, now)]
            rest = weight.bytes - sum(weight.only(part).bytes for part in gone)
            if Part.RUN in gone or not rest:
                continue
            reason = f"the workspace holds {held} bytes, over its limit of {policy.ceiling}"
            yield _from(run, place, policy, Part.RUN, weight, now, reason)
            held -= rest
            if held <= policy.ceiling:
                return


def _from(
    run: Run, place: Workspace, rules: Policy, part: Part, weight: Weight, now: datetime, reason: str
) -> FromRun:
    assert run.ended_at is not None  # the query asked for it
    return FromRun(
        part=part,
        workspace=place.name,
        uid=run.uid,
        name=run.name,
        ended_at=run.ended_at,
        deleted_at=run.deleted_at,
        days=(now - run.ended_at).days,
        weight=weight,
        reason=reason,
        rules=rules,
    )


def _over(place: Workspace) -> QuerySet[Run]:
    return Run.objects.filter(workspace=place, status__in=sorted(RUN_FINAL), ended_at__isnull=False)


def _free(runs: QuerySet[Run], policy: Policy, now: datetime) -> Iterator[tuple[Run, Weight, Facts]]:
    """Those of these runs that nothing protects, the oldest first, with all that the rules ask about them.

    A handful of queries a batch.
    """
    few = runs.only("uid", "name", "status", "ended_at", "deleted_at", "pinned", "workspace").order_by(
        "ended_at", "pk"
    )
    batch = list(few[:BATCH])
    while batch:
        about = _facts(batch, policy, now)
        free = [run for run in batch if not protected(about(run, Weight()), policy)]
        weights = weigh(free)
        for run in free:
            yield run, weights[run.pk], about(run, weights[run.pk])
        last = batch[-1]
        # From the last one on, not by its place in the list: what was yielded may be gone by now.
        after = Q(ended_at__gt=last.ended_at) | Q(pk__gt=last.pk)
        batch = list(few.filter(after, ended_at__gte=last.ended_at)[:BATCH])


def weigh(runs: Iterable[Run]) -> dict[int, Weight]:
    """What each of these runs holds, by the run's pk, in two queries a batch."""
    weights: dict[int, Weight] = {}
    for batch in batched((run.pk for run in runs), BATCH, strict=False):
        pictures, picture_bytes = _counted(Picture.everything, "generation__run", batch, dropped_at=None)
        ads, ad_bytes = _counted(Creative.everything, "run", batch, bytes__gt=0)
        for pk in batch:
            weights[pk] = Weight(
                pictures=pictures[pk], ads=ads[pk], picture_bytes=picture_bytes[pk], ad_bytes=ad_bytes[pk]
            )
    return weights


def _counted(table: Any, run: str, pks: tuple[int, ...], **which: Any) -> tuple[Counter[int], Counter[int]]:
    """How many files these runs have in that table, and their bytes."""
    rows = table.filter(**{f"{run}__in": pks}, **which).order_by().values_list(run)
    found = list(rows.annotate(n=Count("pk"), size=Sum("bytes")))
    return Counter({pk: n for pk, n, _ in found}), Counter({pk: size for pk, _, size in found})


def _facts(runs: list[Run], policy: Policy, now: datetime) -> Any:
    """A function that says of each of these runs what is known of it."""
    pks = [run.pk for run in runs]
    approved = Creative.everything.filter(run__in=pks, decision=Verdict.APPROVED).values_list(
        "run", flat=True
    )
    has_approved = set(approved.order_by().distinct())
    last = _among_last(pks, policy.keep_last) if policy.keep_last else set()
    exporting = _exporting(runs[0].workspace_id, now)
    pending = Creative.everything.filter(run__in=pks, state=AdState.PENDING).values_list("run", flat=True)
    changing = set(pending.order_by().distinct())

    def about(run: Run, weight: Weight) -> Facts:
        assert run.ended_at is not None
        return Facts(
            status=run.status,
            ended_at=run.ended_at,
            pinned=run.pinned,
            approved=run.pk in has_approved,
            among_last=run.pk in last,
            exporting=run.pk in exporting,
            changing=run.pk in changing,
            pictures=weight.pictures,
            ads=weight.ads,
        )

    return about


def _among_last(pks: list[int], most: int) -> set[int]:
    """Those that are among the newest of their brief."""
    of_brief = Run.objects.filter(origin=OuterRef("origin")).order_by("-pk").values("pk")
    rows = Run.objects.filter(pk__in=pks, origin__isnull=False)
    placed = rows.annotate(nth=Subquery(of_brief[most - 1 : most]))
    return set(placed.filter(Q(nth=None) | Q(pk__gte=F("nth"))).values_list("pk", flat=True))


def _exporting(workspace: int, now: datetime) -> set[int]:
    orders = Export.objects.filter(workspace=workspace, created_at__gt=now - EXPORTING)
    return {int(run) for runs in orders.values_list("runs", flat=True) for run in runs}


# --- Doing ---------------------------------------------------------------------------------------------------


def _fault_of(what: Removable, usual: Policy | None) -> str:
    """Remove it; empty when it is gone, else why it stays."""
    try:
        return _remove(what, usual)
    except RunsError as refusal:
        return str(refusal)
    except Exception as fault:  # whatever the database or the storage raise: told, logged, tried next time
        log.exception("%s could not be removed", _named(what))
        return f"{fault.__class__.__name__}: {fault}"


def _named(what: Removable) -> str:
    """For the log: without the name that somebody gave it."""
    known = getattr(what, "uid", None) or getattr(what, "key", None) or getattr(what, "pk", "")
    return f"{type(what).__name__} {known}"


def _remove(what: Removable, usual: Policy | None) -> str:
    match what:
        case FromRun():
            return _remove_from_run(what, usual)
        case Interrupted():
            removals.finish(what.pk)
            return ""
        case UnusedUpload():
            return remove(what)
        case OldRecord():
            signals.record_forgotten.send(OldRecord, record=what)
            return ""


def _remove_from_run(old: FromRun, usual: Policy | None) -> str:
    with transaction.atomic():
        # Under this lock nobody approves an ad, pins or retries the run between the look and the removal.
        run = Run.everything.select_for_update().filter(uid=old.uid).first()
        if run is None:
            return ""  # somebody else removed it
        if run.ended_at != old.ended_at:
            return "It was retried in the meantime, so it stays."
        if run.deleted_at != old.deleted_at:
            return "Someone deleted or restored it in the meantime; the next clean-up checks again."
        policy = policy_of(run.workspace_id, usual)
        if policy != old.rules:
            return "Its workspace's rules changed in the meantime. It stays until the next clean-up."
        about = _facts([run], policy, timezone.now())
        if why := protected(about(run, old.weight), policy):
            return f"{why} It stays."
        match old.part:
            case Part.RUN:
                notes = deleting.remove(run, kept_too=True)
            case Part.PICTURES:
                notes = removals.pictures(run)
            case Part.ADS:
                notes = removals.ads(run)
    removals.finish_all(notes)  # again, to be told why they stay
    return ""
