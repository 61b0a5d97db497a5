"""Decides which waiting generation gets which free seat, and takes back what a dead worker held."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heapify, heappop, heappush

from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KT
from django.db.models.functions import Now

from accounts.models import Workspace
from runs import lifecycle, quotas, recompose
from runs.engine import tasks
from runs.engine.servers import SENT
from runs.kinds import simulates
from runs.models import Generation, Run, Server
from runs.models.spelling import OPEN, UNDER_WAY
from runs.patience import OUTAGE
from runs.seats import Seat
from runs.states import ACTIVE, SEATED, WORKING, ServerState, Status

USUAL_PACE = 10.0  # seconds for a picture at a server that has made none yet
DEEP = 1000  # waiting pictures; with more than that no server is too slow
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


@dataclass(frozen=True, slots=True)
class Order:
    """What a run that still has waiting pictures asks of a server."""

    run: int
    workspace: int
    simulated: bool  # a run is wholly real or wholly simulated
    named: str  # the model of its brief; empty where any will do


@dataclass(slots=True)
class Turn:
    """What is known while one turn is decided; read once, whatever the number of pictures."""

    places: list[Place]
    running: Counter[int]  # pictures at the servers, of each workspace
    orders: dict[int, Order]
    most: dict[int, int]  # how many of each workspace may be there
    _able: dict[tuple[bool, str], list[Place]] = field(default_factory=dict)

    @property
    def free(self) -> int:
        return sum(max(0, place.free) for place in self.places)

    def able(self, order: Order) -> list[Place]:
        """Where its model and our nodes are, and servers of its kind."""
        asked = (order.simulated, order.named)
        if asked not in self._able:
            self._able[asked] = [place for place in self.places if _fits(order, place.server)]
        return self._able[asked]


def _fits(order: Order, server: Server) -> bool:
    able = not server.missing_nodes and server.checkpoint_for(order.named) is not None
    return server.simulated == order.simulated and able


def assign() -> int:
    """One turn: give every free seat to a waiting generation. Returns how many were given."""
    ready = Generation.objects.filter(_READY, status=Status.WAITING)
    if not (ready.filter(paused=False).exists() or ready.filter(SENT).exists()):
        return 0
    with transaction.atomic():
        servers = _locked_servers()
        if not servers:
            return 0
        turn = _look(servers)
        seats = list(_seat(_fair(_waiting(turn), turn), turn))
        given = lifecycle.assign_all(seats) if seats else []
        tasks.deliver(given)
    return len(given)


_READY = Q(due_at=None) | Q(due_at__lte=Now())
# What a turn looks at: the words of thousands of pictures would only be carried about.
_LOOKED_AT = ("run", "workspace", "status", "priority", "attempt", "server", "checkpoint", "prompt_id")


def _locked_servers() -> Sequence[Server]:
    # One that is switched off gets nothing new, but what it already paints is fetched from it.
    wanted = Q(enabled=True) | Q(pk__in=Generation.objects.filter(SENT).values("server"))
    paused = Case(When(paused_until__gt=Now(), then=F("paused_until")), default=None)
    # Not their keys: who notes a prompt of theirs to be taken off holds a run that we may be about to lock.
    asked = Server.objects.select_for_update(no_key=True).filter(wanted, state__in=WORKING).order_by("pk")
    servers = list(asked.annotate(still_paused=paused))
    for server in servers:
        server.paused_until = server.still_paused
    return servers


def _look(servers: Sequence[Server]) -> Turn:
    """Count what is under way. The servers are locked: nobody else gives a seat meanwhile."""
    seated = Generation.objects.filter(UNDER_WAY, status__in=sorted(SEATED))
    taken: Counter[int | None] = Counter()
    running: Counter[int] = Counter()
    # Counted here: SQLite would walk through all pictures by server to have them in groups.
    for server, workspace in seated.order_by().values_list("server", "workspace"):
        taken[server] += 1
        running[workspace] += 1
    places = [Place(server, taken[server.pk]) for server in servers]
    orders = _orders()
    return Turn(places, running, orders, quotas.most_running({order.workspace for order in orders.values()}))


def _orders() -> dict[int, Order]:
    # Those without a waiting picture too: to ask for them at each run would cost more than to look at them.
    runs = Run.objects.filter(OPEN)
    named = KT("spec__picture__checkpoint")
    found = list(runs.annotate(named=named).values_list("pk", "workspace", "simulated", "named"))
    # One that has no picture yet becomes what runs that begin now are.
    begins = any(simulated is None for _, _, simulated, _ in found) and simulates()
    return {
        run: Order(run, workspace, begins if simulated is None else simulated, named or "")
        for run, workspace, simulated, named in found
    }


def _waiting(turn: Turn) -> list[Generation]:
    """Those that could be seated now.

    A run that no server can take (its model is missing, its kind of server is away) is not even looked at.
    """
    found = list(_rows().filter(SENT, server__in=[place.server.pk for place in turn.places]))
    if turn.free:
        alike: dict[tuple[bool, str], list[Order]] = {}
        for order in turn.orders.values():
            if turn.able(order):
                alike.setdefault((order.simulated, order.named), []).append(order)
        for orders in alike.values():
            found += _within_reach(orders, turn)
    return list({row.pk: row for row in found if row.run_id in turn.orders}.values())


def _rows() -> QuerySet[Generation]:
    # A server that answered a moment ago may only have blinked, and what is sent there is paid for: that waits.
    blinks = Server.objects.filter(state=ServerState.DOWN, seen_at__gt=Now() - timedelta(seconds=OUTAGE))
    ready = Generation.objects.filter(_READY, status=Status.WAITING)
    ready = ready.exclude(prompt_id__isnull=False, server__in=blinks)
    return ready.only(*_LOOKED_AT).order_by("-priority", "pk")


def _within_reach(orders: list[Order], turn: Turn) -> list[Generation]:
    """The waiting pictures of these runs whose turn it can be; what lies behind them is not read.

    Of each workspace as many as fair turns would give it if nobody ran out of pictures. Where somebody does, or where
    priorities differ, as many of each as there are seats, so that nobody hides another.
    """
    rows = _rows().filter(paused=False)
    if len(orders) < len(turn.orders):
        rows = rows.filter(run__in=[order.run for order in orders])
    first = rows.filter(workspace=OuterRef("pk")).values("pk")[:1]
    workspaces = Workspace.objects.filter(pk__in={order.workspace for order in orders})
    heads = _fair(list(rows.filter(pk__in=workspaces.values(head=Subquery(first)))), turn)[: turn.free]
    shares = _shares(heads, turn)
    found = {head.workspace_id: [head] for head in heads}
    for workspace, share in shares.items():
        if share > 1:
            found[workspace] = list(rows.filter(workspace=workspace)[:share])
    ran_out = any(len(found[workspace]) < share for workspace, share in shares.items())
    more = any(share == len(found[workspace]) < turn.free for workspace, share in shares.items())
    if (ran_out and more) or len({row.priority for mine in found.values() for row in mine}) > 1:
        found = {workspace: list(rows.filter(workspace=workspace)[: turn.free]) for workspace in found}
    return [row for mine in found.values() for row in mine]


def _shares(heads: list[Generation], turn: Turn) -> Counter[int]:
    """How many seats each workspace gets when always the one with the least running is next."""
    line = [(turn.running[head.workspace_id], head.pk, head.workspace_id) for head in heads]
    heapify(line)
    shares: Counter[int] = Counter()
    while line and shares.total() < turn.free:
        running, pk, workspace = heappop(line)
        shares[workspace] += 1
        if running + 1 < turn.most[workspace]:
            heappush(line, (running + 1, pk, workspace))
    return shares


def _fair(waiting: list[Generation], turn: Turn) -> list[Generation]:
    """Priority first; then the workspace with the least running; then the oldest. None beyond its limit."""
    running = turn.running.copy()
    turns: list[tuple[tuple[int, int, int], Generation]] = []
    for generation in waiting:
        workspace = generation.workspace_id
        if generation.prompt_id is None and running[workspace] >= turn.most[workspace]:
            continue
        turns.append(((-generation.priority, running[workspace], generation.pk), generation))
        running[workspace] += 1
    return [generation for _, generation in sorted(turns, key=lambda turn: turn[0])]


def _seat(waiting: list[Generation], turn: Turn) -> Iterator[Seat]:
    free = turn.free
    # What is already at a server takes a place there whatever is decided here: it is counted first.
    waiting = sorted(waiting, key=lambda row: _where_its_prompt_is(row, turn.places) is None)
    behind = _depth(waiting, turn)
    for generation in waiting:
        behind -= 1
        order = turn.orders[generation.run_id]
        kept = _where_its_prompt_is(generation, turn.places)
        if not (kept or free):
            continue
        lost_at = generation.server_id  # where it did not come out the last time
        place = kept or _soonest(turn.able(order), lost_at, behind)
        if place is None:
            continue
        checkpoint = generation.checkpoint if kept else place.server.checkpoint_for(order.named)
        if checkpoint is None:
            continue
        place.taken += 1
        free -= kept is None
        yield Seat(generation=generation, server=place.server, checkpoint=checkpoint)


def _depth(waiting: list[Generation], turn: Turn) -> int:
    """How many wait in all. Asked only where one server is slower than another: nothing else depends on it."""
    if len({place.pace for place in turn.places}) == 1:
        return len(waiting)
    return max(len(waiting), _rows().filter(paused=False).order_by()[:DEEP].count())


def _where_its_prompt_is(generation: Generation, places: list[Place]) -> Place | None:
    # Its prompt is already there, paid for or being paid: it needs no free seat.
    if generation.prompt_id is None:
        return None
    return next((place for place in places if place.server.pk == generation.server_id), None)


def _soonest(able: list[Place], lost_at: int | None, behind: int) -> Place | None:
    """The free seat with the least outstanding work; none where waiting for a faster server is sooner."""
    able = [place for place in able if place.server.enabled]
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


# A row that somebody should work on always has a time; one without was forgotten, whatever the reason.
_OVERDUE = Q(due_at__lt=Now()) | Q(due_at=None)


def sweep() -> None:
    """Take back every row whose time ran out, then look for work."""
    overdue = Generation.objects.filter(UNDER_WAY, _OVERDUE)
    for generation in overdue.select_related("server", "run").order_by("due_at")[:500]:
        _take_back(generation)
    if recompose.is_due():
        tasks.recompose.enqueue()
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
        keep = generation.server_id is not None
        lifecycle.lose(generation, "Its worker went silent.", keep_prompt=keep)
        if Status(generation.status) == Status.COMPOSING:
            tasks.render.enqueue(generation.pk)


def _deliver_again(generation: Generation) -> None:
    late = Generation.objects.filter(_OVERDUE, pk=generation.pk, worker_id="", status__in=sorted(ACTIVE))
    if late.update(due_at=Now() + lifecycle.DELIVERY):
        tasks.render.enqueue(generation.pk)
