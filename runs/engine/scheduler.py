"""Decides which waiting generation gets which free seat, and takes back what a dead worker held."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Now

from runs import lifecycle, quotas
from runs.engine import tasks
from runs.kinds import is_simulated
from runs.models import Generation, Run, Server
from runs.seats import Seat
from runs.states import ACTIVE, SEATED, WORKING, RunStatus, Status

USUAL_PACE = 10.0  # seconds for a picture at a server that has made none yet
MUCH = 3.0  # times slower than the others: below that a seat is worth taking without a calculation


@dataclass(slots=True)
class Place:
    """One server's seats while a turn is being decided."""

    server: Server
    taken: int

    @property
    def free(self) -> int:
        # After a failure it first shows with one picture that it can.
        seats = self.server.seats if self.server.is_trusted else 1
        return 0 if self.server.paused_until else seats - self.taken

    @property
    def pace(self) -> float:
        return self.server.pace or USUAL_PACE

    @property
    def wait(self) -> float:
        """Seconds until one more picture would be ready here; other people's prompts come first."""
        return (self.taken + self.server.others + 1) * self.pace


def assign() -> int:
    """One turn: give every free seat to a waiting generation. Returns how many were given."""
    with transaction.atomic():
        places = _places()
        seats = list(_seat(_fair(_waiting(places)), places)) if places else []
        given = lifecycle.assign_all(seats) if seats else []
        for pk in given:
            tasks.render.enqueue(pk)
    return len(given)


def _places() -> list[Place]:
    asked = Server.objects.select_for_update().filter(Q(enabled=True) | _HOLDS_PROMPTS, state__in=WORKING)
    paused = Case(When(paused_until__gt=Now(), then=F("paused_until")), default=None)
    servers = list(asked.order_by("pk").annotate(still_paused=paused))
    seated = Generation.objects.filter(status__in=sorted(SEATED)).values_list("server")
    taken = Counter(dict(seated.annotate(n=Count("pk"))))
    for server in servers:
        server.paused_until = server.still_paused
    return [Place(server, taken[server.pk]) for server in servers]


# One that is switched off gets nothing new, but what it already paints is fetched from it.
_HOLDS_PROMPTS = Q(
    pk__in=Generation.objects.filter(
        status=Status.WAITING, prompt_id__isnull=False, server__isnull=False
    ).values("server")
)


def _waiting(places: list[Place]) -> list[Generation]:
    """Those that could be seated now: no more of a workspace than there are seats, so that nobody hides another.

    A run that no server can take (its model is missing, its kind of server is away) is not even looked at.
    """
    ready = Q(due_at=None) | Q(due_at__lte=Now())
    rows = Generation.objects.filter(ready, status=Status.WAITING).select_related("run", "server")
    rows = rows.order_by("-priority", "pk")
    sent = list(rows.filter(prompt_id__isnull=False, server__in=[place.server.pk for place in places]))
    free = sum(max(0, place.free) for place in places)
    if not free:
        return sent
    open_runs = Run.objects.filter(
        status__in=[RunStatus.WAITING, RunStatus.RUNNING], generations__status=Status.WAITING
    )
    able = [run for run in open_runs.distinct() if any(_fits(run, place.server) for place in places)]
    known = {generation.pk for generation in sent}
    for workspace in {run.workspace_id for run in able}:
        mine = [run.pk for run in able if run.workspace_id == workspace]
        sent += [row for row in rows.filter(run__in=mine)[:free] if row.pk not in known]
    return sent


def _fair(waiting: list[Generation]) -> list[Generation]:
    """Priority first; then the workspace with the least running; then the oldest. None beyond its limit."""
    active = Generation.objects.filter(status__in=sorted(SEATED)).values_list("workspace")
    running = Counter(dict(active.annotate(n=Count("pk"))))
    most = quotas.most_running({generation.workspace_id for generation in waiting})
    turns: list[tuple[tuple[int, int, int], Generation]] = []
    for generation in waiting:
        workspace = generation.workspace_id
        if generation.prompt_id is None and running[workspace] >= most[workspace]:
            continue
        turns.append(((-generation.priority, running[workspace], generation.pk), generation))
        running[workspace] += 1
    return [generation for _, generation in sorted(turns, key=lambda turn: turn[0])]


def _seat(waiting: list[Generation], places: list[Place]) -> Iterator[Seat]:
    kinds = {generation.run_id: generation.run.simulated for generation in waiting}
    for n, generation in enumerate(waiting):
        generation.run.simulated = kinds[generation.run_id]
        kept = _where_its_prompt_is(generation, places)
        place = kept or _soonest(generation, places, behind=len(waiting) - n - 1)
        if place is None:
            continue
        checkpoint = generation.checkpoint if kept else place.server.checkpoint_for(_named(generation.run))
        if checkpoint is None:
            continue
        place.taken += 1
        # An earlier picture of this turn decides what kind of run it is.
        kinds[generation.run_id] = place.server.simulated
        yield Seat(generation=generation, server=place.server, checkpoint=checkpoint)


def _where_its_prompt_is(generation: Generation, places: list[Place]) -> Place | None:
    # Its prompt is already there, paid for or being paid: it needs no free seat.
    if generation.prompt_id is None:
        return None
    return next((place for place in places if place.server.pk == generation.server_id), None)


def _soonest(generation: Generation, places: list[Place], behind: int) -> Place | None:
    """The free seat with the least outstanding work; none where waiting for a faster server is sooner."""
    able = [place for place in places if place.server.enabled and _fits(generation.run, place.server)]
    lost_at = generation.server_id  # where it did not come out the last time
    free = (place for place in able if place.free > 0)
    best = min(free, key=lambda place: (place.server.pk == lost_at, place.wait), default=None)
    if best is None:
        return None
    faster = [place for place in able if place is not best and place.pace < best.pace]
    if not faster:
        return best
    queue = sum(place.taken + place.server.others for place in faster) + behind + 1
    elsewhere = queue / sum(1 / place.pace for place in faster)
    return best if best.wait <= max(elsewhere, best.pace / MUCH) else None


def _fits(run: Run, server: Server) -> bool:
    """A run is wholly real or wholly simulated; and its model and nodes must be there."""
    able = not server.missing_nodes and server.checkpoint_for(_named(run)) is not None
    return server.simulated == is_simulated(run) and able


def _named(run: Run) -> str:
    return str(run.spec["picture"]["checkpoint"])


# A row that somebody should work on always has a time; one without was forgotten, whatever the reason.
_OVERDUE = Q(due_at__lt=Now()) | Q(due_at=None)


def sweep() -> None:
    """Take back every row whose time ran out, then look for work."""
    overdue = Generation.objects.filter(_OVERDUE, status__in=sorted(ACTIVE))
    for generation in overdue.select_related("server", "run")[:500]:
        _take_back(generation)
    assign()


def _take_back(generation: Generation) -> None:
    deliverable = generation.server_id is not None or Status(generation.status) == Status.COMPOSING
    if not generation.worker_id and deliverable:
        _deliver_again(generation)
        return
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=generation.run_id)  # the run first, as everywhere
        # Fenced by its dead worker's id: if that one lives after all and renewed, nothing happens here.
        still = Generation.objects.filter(_OVERDUE, pk=generation.pk, worker_id=generation.worker_id)
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
    late = Generation.objects.filter(_OVERDUE, pk=generation.pk, worker_id="", status__in=sorted(ACTIVE))
    if late.update(due_at=Now() + lifecycle.DELIVERY):
        tasks.render.enqueue(generation.pk)
