"""The only door for a status: page, API, admin, command and engine all say these verbs.

Each change is one transaction: lock the run, UPDATE the generation on its old status (and on its worker when a
worker writes: the fence), add a Transition, count the run's status anew. What must be told is told after commit.
Lock order everywhere: server, run, generation.
"""

import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User, Workspace
from runs import brief, ordering, patience, pausing, quotas, shelf, signals, trail, withdrawals
from runs.brief import MAX_SEED, BriefSpec
from runs.errors import LeaseLost, NotAllowed
from runs.models import Creative, Generation, Picture, Run, Server
from runs.seats import Seat, servers_of
from runs.states import (
    ACTIVE,
    FINAL,
    RUN_FINAL,
    Event,
    IllegalTransition,
    RunStatus,
    Status,
    after,
    run_status,
)

DELIVERY = timedelta(seconds=15)  # how long a claimed row may wait for its worker before it is told again


def start(
    workspace: Workspace,
    user: User | None,
    spec: BriefSpec,
    *,
    origin: UUID | None = None,
    uid: UUID | None = None,
) -> Run:
    """Freeze the brief into a run with all its waiting generations.

    With a `uid` chosen by the caller, pressing Start twice is one run: the second press gets the first one's.
    """
    if spec.seed is None:
        spec = spec.model_copy(update={"seed": secrets.randbelow(MAX_SEED)})
    pictures = list(brief.plan_pictures(spec))
    with transaction.atomic():
        quotas.hold(workspace)  # before the look for the first press: its pictures count
        if uid is not None and (again := Run.everything.filter(uid=uid).first()):
            if again.workspace_id != workspace.pk:
                uid = None  # a key of another workspace: neither taken nor betrayed
            elif again.deleted_at is None:
                return again
            else:
                return start(workspace, user, spec, origin=origin, uid=uuid5(uid, "deleted"))
        quotas.check_order(workspace, len(pictures))
        run = Run.objects.create(
            uid=uid or uuid4(),
            workspace=workspace,
            started_by=user,
            name=spec.name,
            spec=spec.model_dump(mode="json"),
            workflow=ordering.builtin_workflow(),
            origin=origin,
            pictures_total=len(pictures),
            ads_total=brief.estimate(spec).ads,
        )
        rows = [ordering.waiting(run, spec, picture) for picture in pictures]
        Generation.objects.bulk_create(rows, batch_size=500)
        trail.note(rows, before="", event="create", actor=str(user or ""))
        signals.tell(run, work=True)
    return run


def advance(
    generation: Generation,
    event: Event,
    *,
    worker: str | None = None,
    actor: str = "",
    words: str = "",
    **fields: Any,
) -> Generation:
    """Take one step. With `worker` the write is fenced: raises LeaseLost when another worker owns the row.

    Raises IllegalTransition where the table has no such move from the row's status now.
    """
    with transaction.atomic():
        run = Run.everything.select_for_update().get(pk=generation.run_id)
        row = Generation.objects.select_related("server").get(pk=generation.pk)
        before = Status(row.status)
        if worker is not None and row.worker_id != worker:
            raise LeaseLost(f"{row} belongs to {row.worker_id or 'nobody'}")
        status = after(before, event)
        columns = _effects(event, before, status) | pausing.of_waiting(run, status) | fields
        _write(row, before, worker, columns)
        trail.note([row], before=before, event=event, actor=actor or worker or "", words=words)
        _recount(run)
        signals.tell(run, row, work=_frees(before, Status(row.status)))
    return row


def _effects(event: Event, before: Status, status: Status) -> dict[str, Any]:
    """The columns that follow from the step itself. When something is due, the database's clock says."""
    now = timezone.now()
    columns: dict[str, Any] = {"status": status}
    match event:
        case Event.ASSIGN:
            columns |= {"worker_id": "", "due_at": Now() + DELIVERY, "step": "", "error": ""}
        case Event.START:
            columns |= {"rendering_at": now}
        case Event.RENDERED:
            columns |= {"rendered_at": now, "step": "", "progress": 0.92}
        case Event.LOSE:
            columns |= {"worker_id": "", "due_at": Now() + DELIVERY if status == Status.COMPOSING else None}
        case Event.RETRY:
            columns |= {"tries": 0, "cancel_requested": False, "progress": 0.0}
            columns |= {"prompt_id": None, "server": None, "worker_id": "", "due_at": None, "error": ""}
            columns |= {"ended_at": None, "rendering_at": None, "rendered_at": None}
        case Event.ACCEPT | Event.COMPOSED | Event.FAIL | Event.CANCEL:
            columns |= {}
    if status in FINAL:
        columns |= {"worker_id": "", "due_at": None, "ended_at": now, "step": "", "cancel_requested": False}
    if status == Status.DONE:
        columns |= {"progress": 1.0}
    if before in ACTIVE and event in (Event.LOSE, Event.FAIL, Event.CANCEL):
        columns |= {"disturbed": True}  # a file may lie there whose row was never written
    return columns


def _write(row: Generation, before: Status, worker: str | None, columns: dict[str, Any]) -> None:
    # Only what the step changes: a wish to cancel that arrives meanwhile must not be written over.
    same = Q(pk=row.pk, status=before)
    if worker is not None:
        same &= Q(worker_id=worker)
    if Generation.objects.filter(same).update(**columns) != 1:
        raise (
            LeaseLost(f"{row} changed under {worker}") if worker else NotAllowed(f"{row} changed meanwhile.")
        )
    _show(row, columns)


def _show(row: Generation, columns: dict[str, Any]) -> None:
    """Let the object say what its row says now; what only the database can work out is left to be read."""
    for name, value in columns.items():
        if not hasattr(value, "resolve_expression"):
            setattr(row, name, value)


def _frees(before: Status, now: Status) -> bool:
    """Whether a seat became free or a generation waits: the scheduler has something to do."""
    return now == Status.WAITING or (before not in FINAL and now in FINAL | {Status.COMPOSING})


def _recount(*runs: Run) -> None:
    """The status of each run, from those of its generations. The caller holds the lock on the runs."""
    counts: dict[int, Counter[Status]] = {run.pk: Counter() for run in runs}
    rows = Generation.objects.filter(run__in=runs).values_list("run", "status").annotate(n=Count("*"))
    for pk, name, n in rows:
        counts[pk][Status(name)] = n
    for run in runs:
        _restate(run, run_status(counts[run.pk]))


def _restate(run: Run, status: RunStatus) -> None:
    before, now = (run.status, run.started_at, run.ended_at), timezone.now()
    reopened = run.ended_at is not None and status not in RUN_FINAL
    run.status = status
    begun = None if reopened else run.started_at
    run.started_at = begun or (now if status != RunStatus.WAITING else None)
    run.ended_at = (run.ended_at or now) if run.is_final else None
    rest = pausing.end(run, now) if run.is_final else []  # tried again later, it goes on
    if rest or before != (run.status, run.started_at, run.ended_at):
        run.save(update_fields=["status", "started_at", "ended_at", *rest])


# --- What the engine says ------------------------------------------------------------------------------------


def assign(generation: Generation, server: Server, checkpoint: str) -> Generation:
    """Give one waiting generation a seat. Raises IllegalTransition when it does not wait any more."""
    given = assign_all([Seat(generation=generation, server=server, checkpoint=checkpoint)])
    if not given:
        generation.refresh_from_db()
        after(Status(generation.status), Event.ASSIGN)
        raise NotAllowed(f"{generation} changed meanwhile.")
    return Generation.objects.select_related("server").get(pk=generation.pk)


def assign_all(seats: list[Seat]) -> list[int]:
    """Give seats to waiting generations, in one transaction. The caller holds the lock on the servers.

    Returns the generations that got theirs: one that was stopped meanwhile does not.
    """
    with transaction.atomic(savepoint=False):
        wanted = {seat.generation.run_id for seat in seats}
        locked = Run.objects.select_for_update().defer("spec").filter(pk__in=wanted)
        runs = list(locked.order_by("pk"))
        rows = Generation.objects.filter(pk__in=[seat.generation.pk for seat in seats], status=Status.WAITING)
        # What was paused since the scheduler looked stays; what is at a server already is paid for.
        still = set(rows.exclude(paused=True, prompt_id=None).values_list("pk", flat=True))
        seats = [seat for seat in seats if seat.generation.pk in still]
        _sit(seats)
        trail.note([seat.generation for seat in seats], before=Status.WAITING, event=Event.ASSIGN)
        undecided = {run.pk for run in runs if run.simulated is None}
        for kind in {seat.server.simulated for seat in seats if undecided}:
            begun = {seat.generation.run_id for seat in seats if seat.server.simulated == kind}
            Run.objects.filter(pk__in=begun & undecided).update(simulated=kind)
        _recount(*runs)
        for run in runs:
            signals.tell(run)
    return [seat.generation.pk for seat in seats]


def _sit(seats: list[Seat]) -> None:
    """One UPDATE for all who sit down in the same way, whatever their servers."""
    alike: dict[tuple[str, bool], list[Seat]] = {}
    for seat in seats:
        alike.setdefault((seat.checkpoint, seat.moves), []).append(seat)
    for (checkpoint, moves), group in alike.items():
        columns = _effects(Event.ASSIGN, Status.WAITING, Status.CLAIMED) | {"checkpoint": checkpoint}
        if moves:
            columns |= {"prompt_id": None, "attempt": F("attempt") + 1, "progress": 0.0}
            for seat in group:
                withdrawals.of(seat.generation)  # its server may only have been cut off
        pks = [seat.generation.pk for seat in group]
        same = Generation.objects.filter(pk__in=pks, status=Status.WAITING)
        same.update(**columns, server=servers_of(group))
        for seat in group:
            seat.generation.attempt += moves
            _show(seat.generation, columns | {"server": seat.server})


def rendered(generation: Generation, picture: Picture, *, worker: str) -> Generation:
    """The picture's file is stored: its row and the step are one transaction."""
    with transaction.atomic():
        row = advance(generation, Event.RENDERED, worker=worker)
        shelf.put_picture(picture)
    return row


def composed(generation: Generation, ads: list[Creative], *, worker: str) -> Generation:
    """The ads' files are stored: their rows and the last step are one transaction."""
    with transaction.atomic():
        row = advance(generation, Event.COMPOSED, worker=worker)
        shelf.put(ads)
    return row


def lose(
    generation: Generation,
    words: str,
    *,
    worker: str | None = None,
    keep_prompt: bool = False,
    blame: bool = True,
) -> None:
    """The prompt, its worker or its server is gone: wait for another turn.

    With `keep_prompt` the next owner first looks for the prompt where it was sent. With `blame` it counts as a try:
    each pause is longer, and after the fifth the picture has failed. An outage is nobody's try.
    """
    with transaction.atomic():
        Run.everything.select_for_update().get(pk=generation.run_id)
        # As it is now: whoever worked on it holds what it was when the work began.
        row = Generation.objects.select_related("server").get(pk=generation.pk)
        if row.cancel_requested:
            # Its worker was to stop it, and is gone: nobody else would.
            advance(row, Event.CANCEL, worker=worker, words="Stopped")
            withdrawals.of(row, now=True)
            return
        tries = row.tries + blame
        if tries >= Generation.MAX_TRIES:
            error = f"{words} It was tried {Generation.MAX_TRIES} times."
            advance(row, Event.FAIL, worker=worker, words=error, error=error, tries=tries)
            withdrawals.of(row)
            return
        fields: dict[str, Any] = {"tries": tries}
        if Status(row.status) == Status.COMPOSING:
            fields |= {"due_at": Now() + timedelta(seconds=patience.pause(tries))}
        else:
            fields |= {"step": "", "due_at": patience.next_turn(tries, keep_prompt, blame)}
            if not keep_prompt:
                # It may be there all the same. The server stays named: the scheduler then prefers another one.
                withdrawals.of(row)
                fields |= {"prompt_id": None, "progress": 0.0, "attempt": row.attempt + 1}
        advance(row, Event.LOSE, worker=worker, words=words, **fields)


# --- What people say -----------------------------------------------------------------------------------------


def cancel(generations: Iterable[Generation], *, actor: str) -> int:
    """Stop these generations; returns how many were still to be stopped.

    What no worker holds ends at once. What one holds is marked: its worker takes it off the GPU, then ends it.
    """
    marked = 0
    with transaction.atomic():
        for row in sorted(generations, key=lambda row: (row.run_id, row.pk)):  # the order in which all lock
            try:
                # Fenced: a worker may have taken it since the caller read it.
                stopped = advance(row, Event.CANCEL, worker="", actor=actor, words="Stopped")
                withdrawals.of(stopped, now=True)
            except LeaseLost:
                Generation.objects.filter(pk=row.pk).exclude(worker_id="").update(cancel_requested=True)
                signals.tell(row.run, row)
            except IllegalTransition:
                continue
            marked += 1
        transaction.on_commit(lambda: signals.cancel_requested.send(Run))
    return marked


def cancel_run(run: Run, *, actor: str) -> int:
    """Stop everything of this run that is not final; 500 pictures are one UPDATE and one pass of rows."""
    with transaction.atomic():
        locked = Run.objects.hold(run.pk)
        # Locked one after the other: whoever else takes several takes them in this order too. None is taken meanwhile.
        open_ = run.generations.exclude(status__in=sorted(FINAL)).select_for_update(of=("self",))
        rows = list(open_.select_related("server").order_by("pk"))
        idle = [row for row in rows if not row.worker_id]
        held = [row.pk for row in rows if row.worker_id]
        Generation.objects.filter(pk__in=held).update(cancel_requested=True)
        _step_together(idle, Event.CANCEL, actor=actor, words="Stopped")
        _recount(locked)
        signals.tell(locked, work=True)
        transaction.on_commit(lambda: signals.cancel_requested.send(Run))
    return len(rows)


def _step_together(rows: list[Generation], event: Event, *, actor: str, words: str, **fields: Any) -> None:
    """One step of many rows that nobody works on: one UPDATE for each status they are in.

    The caller holds the lock on their run and counts it anew. Row by row, ten thousand take minutes.
    """
    by_status: dict[str, list[Generation]] = {}
    for row in rows:
        by_status.setdefault(row.status, []).append(row)
    for before, group in by_status.items():
        columns = _effects(event, Status(before), after(Status(before), event)) | fields
        Generation.objects.filter(pk__in=[row.pk for row in group], worker_id="").update(**columns)
        for row in group:
            row.status = columns["status"]
            withdrawals.of(row, now=True)
        trail.note(group, before=before, event=event, actor=actor, words=words)


def retry(generations: Iterable[Generation], *, actor: str) -> int:
    """Paint failed and stopped pictures again: same words, same seed. Returns how many."""
    chosen: dict[int, list[int]] = {}
    for row in generations:
        chosen.setdefault(row.run_id, []).append(row.pk)
    return sum(_retry(run, actor, pk__in=pks) for run, pks in chosen.items())


def retry_failed(run: Run, *, actor: str) -> int:
    """Paint every failed and stopped picture of this run again."""
    return _retry(run.pk, actor)


def retry_with_new_seed(generation: Generation, *, actor: str) -> int:
    """Paint this failed or stopped picture with another seed; 0 where it cannot be.

    What was painted already keeps the seed that it was painted with.
    """
    return _retry(
        generation.run_id, actor, seed=secrets.randbelow(MAX_SEED), pk=generation.pk, pictures__isnull=True
    )


def _retry(run: int, actor: str, seed: int | None = None, **which: Any) -> int:
    with transaction.atomic():
        locked = Run.objects.hold(run)
        over = locked.generations.filter(status__in=[Status.FAILED, Status.CANCELLED], **which)
        rows = list(over)
        if rows:
            for row in rows:
                row.attempt, row.server = row.attempt + 1, None
            again: dict[str, Any] = {"attempt": F("attempt") + 1, "paused": locked.is_paused}
            words = "Tried again"
            if seed is not None:
                words = f"Tried again with the seed {seed}; before it was {rows[0].seed}"
                again["seed"] = seed
            _step_together(rows, Event.RETRY, actor=actor, words=words, **again)
            _recount(locked)
            signals.tell(locked, work=True)
    return len(rows)
