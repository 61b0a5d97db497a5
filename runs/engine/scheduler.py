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
from runs.states import ACTIVE, SEATED, ServerState, Status

LOOKAHEAD = 200  # waiting rows looked at in one turn: more than all seats of a large studio


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
        for generation in _fair(_waiting()):
            given += _seat(generation, seats)
    return given


def _seats() -> list[Seats]:
    up = Server.objects.select_for_update().filter(enabled=True, state=ServerState.UP).order_by("pk")
    taken = Counter(
        dict(
            Generation.objects.filter(status__in=sorted(SEATED)).values_list("server").annotate(n=Count("pk"))
        )
    )
    return [Seats(server, taken[server.pk]) for server in up]


def _waiting() -> list[Generation]:
    ready = Q(due_at=None) | Q(due_at__lte=Now())
    rows = Generation.objects.filter(ready, status=Status.WAITING).order_by("-priority", "pk")
    return list(rows.select_related("run", "server")[:LOOKAHEAD])


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
    place = _where_its_prompt_is(generation, seats) or _least_busy(generation, seats)
    if place is None:
        return 0
    checkpoint = generation.checkpoint if generation.prompt_id else _checkpoint(generation.run, place.server)
    if checkpoint is None:
        return 0
    row = lifecycle.assign(generation, place.server, checkpoint)
    if generation.run.simulated is None:
        generation.run.simulated = place.server.simulated
    place.taken += 1
    tasks.render.enqueue(row.pk)
    return 1


def _where_its_prompt_is(generation: Generation, seats: list[Seats]) -> Seats | None:
    # Its prompt is already there, paid for or being paid: it needs no free seat.
    if generation.prompt_id is None:
        return None
    return next((place for place in seats if place.server.pk == generation.server_id), None)


def _least_busy(generation: Generation, seats: list[Seats]) -> Seats | None:
    """A run is wholly real or wholly simulated; within that, the server with the least of ours."""
    simulated = Run.objects.values_list("simulated", flat=True).get(pk=generation.run_id)
    able = [
        place
        for place in seats
        if place.free > 0
        and simulated in (None, place.server.simulated)
        and _checkpoint(generation.run, place.server) is not None
    ]
    return min(able, key=lambda place: place.taken, default=None)


def _checkpoint(run: Run, server: Server) -> str | None:
    """The brief's, else the configured one, else the server's first by name; None where the server lacks it."""
    wanted = run.spec["picture"]["checkpoint"] or settings.COMFYUI_CHECKPOINT
    if wanted and not (server.simulated and not run.spec["picture"]["checkpoint"]):
        return wanted if wanted in server.checkpoints else None
    return min(server.checkpoints, default=None)


def sweep() -> None:
    """Take back every row whose time ran out, then look for work."""
    overdue = Generation.objects.filter(status__in=sorted(ACTIVE), due_at__lt=Now())
    for generation in overdue.select_related("server", "run")[:500]:
        _take_back(generation)
    assign()


def _take_back(generation: Generation) -> None:
    if not generation.worker_id:
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
        lifecycle.lose(generation, "Its worker went silent.", keep_prompt=True)
        if Status(generation.status) == Status.COMPOSING:
            tasks.render.enqueue(generation.pk)


def _deliver_again(generation: Generation) -> None:
    late = Generation.objects.filter(pk=generation.pk, worker_id="", due_at__lt=Now())
    if late.update(due_at=Now() + lifecycle.DELIVERY):
        tasks.render.enqueue(generation.pk)
