"""Decides which waiting generation gets which free seat, and takes back what a dead worker held."""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from runs import lifecycle
from runs.engine import tasks
from runs.models import Generation, Run, Server
from runs.states import ACTIVE, SEATED, RunStatus, ServerState, Status


@dataclass(slots=True)
class Seats:
    """One server's free seats while a turn is being decided."""

    server: Server
    taken: int

    @property
    def free(self) -> int:
        return self.server.seats - self.taken


def assign() -> int:
    """One turn: give every free seat to a waiting generation. Returns how many were given."""
    with transaction.atomic():
        seats = _seats()
        given = 0
        for generation in _fair(_waiting(seats)):
            given += _seat(generation, seats)
    return given


def _seats() -> list[Seats]:
    up = Server.objects.select_for_update().filter(enabled=True, state=ServerState.UP).order_by("pk")
    seated = Generation.objects.filter(status__in=sorted(SEATED)).values_list("server")
    taken = Counter(dict(seated.annotate(n=Count("pk"))))
    return [Seats(server, taken[server.pk]) for server in up]


def _waiting(seats: list[Seats]) -> list[Generation]:
    """Those that could be seated now: no more of a workspace than there are seats, so that nobody hides another.

    A run that no server can take (its model is missing, its kind of server is away) is not even looked at.
    """
    ready = Q(due_at=None) | Q(due_at__lte=Now())
    rows = Generation.objects.filter(ready, status=Status.WAITING).select_related("run", "server")
    rows = rows.order_by("-priority", "pk")
    sent = list(rows.filter(prompt_id__isnull=False, server__in=[place.server.pk for place in seats]))
    free = sum(max(0, place.free) for place in seats)
    if not free:
        return sent
    open_runs = Run.objects.filter(
        status__in=[RunStatus.WAITING, RunStatus.RUNNING], generations__status=Status.WAITING
    )
    able = [run for run in open_runs.distinct() if any(_fits(run, place.server) for place in seats)]
    known = {generation.pk for generation in sent}
    for workspace in {run.workspace_id for run in able}:
        mine = [run.pk for run in able if run.workspace_id == workspace]
        sent += [row for row in rows.filter(run__in=mine)[:free] if row.pk not in known]
    return sent


def _fair(waiting: list[Generation]) -> list[Generation]:
    """Priority first; then the workspace with the least running; then the oldest."""
    active = Generation.objects.filter(status__in=sorted(SEATED)).values_list("workspace")
    running = Counter(dict(active.annotate(n=Count("pk"))))
    turns: list[tuple[tuple[int, int, int], Generation]] = []
    for generation in waiting:
        turns.append(((-generation.priority, running[generation.workspace_id], generation.pk), generation))
        running[generation.workspace_id] += 1
    return [generation for _, generation in sorted(turns, key=lambda turn: turn[0])]


def _seat(generation: Generation, seats: list[Seats]) -> int:
    kept = _where_its_prompt_is(generation, seats)
    place = kept or _least_busy(generation, seats)
    if place is None:
        return 0
    checkpoint = generation.checkpoint if kept else place.server.checkpoint_for(_named(generation.run))
    if checkpoint is None:
        return 0
    row = lifecycle.assign(generation, place.server, checkpoint)
    place.taken += 1
    tasks.render.enqueue(row.pk)
    return 1


def _where_its_prompt_is(generation: Generation, seats: list[Seats]) -> Seats | None:
    # Its prompt is already there, paid for or being paid: it needs no free seat.
    if generation.prompt_id is None:
        return None
    return next((place for place in seats if place.server.pk == generation.server_id), None)


def _least_busy(generation: Generation, seats: list[Seats]) -> Seats | None:
    # Read anew: an earlier picture of this turn may have decided what kind of run it is.
    generation.run.simulated = Run.objects.values_list("simulated", flat=True).get(pk=generation.run_id)
    able = [place for place in seats if place.free > 0 and _fits(generation.run, place.server)]
    return min(able, key=lambda place: place.taken, default=None)


def _fits(run: Run, server: Server) -> bool:
    """A run is wholly real or wholly simulated; and its model must be there."""
    kind = simulates() if run.simulated is None else run.simulated
    return server.simulated == kind and server.checkpoint_for(_named(run)) is not None


def _named(run: Run) -> str:
    return str(run.spec["picture"]["checkpoint"])


def simulates() -> bool:
    """Whether a run that begins now is painted by the simulator: never while a real server is known."""
    if settings.TEST_MODE == "on":
        return True
    return not Server.objects.filter(enabled=True, simulated=False).exists()


def sweep() -> None:
    """Take back every row whose time ran out, then look for work."""
    overdue = Generation.objects.filter(status__in=sorted(ACTIVE), due_at__lt=Now())
    for generation in overdue.select_related("server", "run")[:500]:
        _take_back(generation)
    assign()


def _take_back(generation: Generation) -> None:
    if not generation.worker_id and generation.server_id is not None:
        _deliver_again(generation)
        return
    with transaction.atomic():
        # Fenced by its dead worker's id: if that one lives after all and renewed, nothing happens here.
        still = Generation.objects.filter(pk=generation.pk, worker_id=generation.worker_id, due_at__lt=Now())
        if not still.update(worker_id=""):
            return
        generation.refresh_from_db()
        if generation.cancel_requested and generation.prompt_id is None:
            lifecycle.cancel([generation], actor="sweep")
            return
        keep = generation.server_id is not None
        lifecycle.lose(generation, "Its worker went silent.", keep_prompt=keep)
        if Status(generation.status) == Status.COMPOSING:
            tasks.render.enqueue(generation.pk)


def _deliver_again(generation: Generation) -> None:
    late = Generation.objects.filter(pk=generation.pk, worker_id="", due_at__lt=Now())
    if late.update(due_at=Now() + lifecycle.DELIVERY):
        tasks.render.enqueue(generation.pk)
