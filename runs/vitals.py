"""How the work goes: the queue now, and what the steps of the last minutes tell. For metrics and the admin's dashboard.

All of it is read from rows, so it is the same in every process, however many there are. What is read is bounded: the
rows that are not finished, by their partial indexes, and the newest steps, by their key.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from runs import faults
from runs.models import Generation, Run, Server, Transition
from runs.models.spelling import UNDER_WAY
from runs.states import Event, Status

WINDOW = timedelta(minutes=15)
MOST_STEPS = 5000  # with more than that in the window, it is the shorter one in which these were taken
MOST_HEADS = 500  # workspaces whose first waiting picture is looked at


class Step(NamedTuple):
    generation: int
    run: int
    event: str
    server: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """What is not finished, now."""

    waiting: int
    oldest: float  # seconds that the first in line has waited; 0 where nobody waits
    active: Counter[tuple[str, str]]  # by server (empty where none is needed any more) and status


@dataclass(slots=True)
class Lately:
    """What the steps of a time tell."""

    seconds: float  # how long that time was
    waits: list[float] = field(default_factory=list)  # from the queue to a seat
    # From a seat to the server's word that it has the prompt.
    pick_ups: list[float] = field(default_factory=list)
    painting: dict[tuple[str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    # Seconds in which a server painted.
    busy: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    done: Counter[str] = field(default_factory=Counter)  # pictures, by server
    failed: Counter[str] = field(default_factory=Counter)  # pictures, by kind of fault
    lost: Counter[str] = field(default_factory=Counter)  # tries, by kind of fault
    came_out: list[datetime] = field(default_factory=list)  # when each picture did that is done
    broke: list[datetime] = field(default_factory=list)  # and each that failed

    @property
    def silent(self) -> int:
        """How often a worker did not renew its lease."""
        return self.lost[faults.SILENT] + self.failed[faults.SILENT]

    @property
    def error_share(self) -> float:
        ended = self.done.total() + self.failed.total()
        return self.failed.total() / ended if ended else 0.0

    def busy_share(self, server: str) -> float:
        return min(1.0, self.busy[server] / self.seconds) if self.seconds else 0.0


def queue() -> Queue:
    """By the partial indexes of what waits and of what is under way."""
    waiting = Generation.objects.order_by().filter(status=Status.WAITING, paused=False)
    heads = list(waiting.values_list("workspace").annotate(n=Count("*"), first=Min("pk")))
    counts = under_way().values_list("server__name", "status").annotate(n=Count("*"))
    return Queue(
        waiting=sum(n for _, n, _ in heads),
        oldest=_oldest([first for *_, first in heads]),
        active=Counter({(server or "", status): n for server, status, n in counts}),
    )


def under_way() -> QuerySet[Generation]:
    """What is under way, in no order."""
    return Generation.objects.order_by().filter(UNDER_WAY)


def _oldest(heads: list[int]) -> float:
    """One that was tried again waits since then, whenever it was ordered."""
    steps = Transition.objects.order_by().filter(generation__in=sorted(heads)[:MOST_HEADS])
    since = [last for _, last in steps.values_list("generation").annotate(last=Max("at"))]
    return max(0.0, (timezone.now() - min(since)).total_seconds()) if since else 0.0


def lately(window: timedelta = WINDOW) -> Lately:
    now = timezone.now()
    columns = ("generation", "run", "event", "server", "words", "at")
    newest = Transition.objects.order_by("-pk").values_list(*columns)[:MOST_STEPS]
    steps = [step for row in newest if (step := Step(*row)).at >= now - window]
    begin = steps[-1].at if len(steps) == MOST_STEPS else now - window
    steps.reverse()
    return judge(steps, begin, now, _ordered(steps))


def _ordered(steps: Iterable[Step]) -> dict[int, datetime]:
    """When those were ordered that got a seat in this time, though they came to the queue before it."""
    came = {step.generation for step in steps if step.event in _TO_QUEUE}
    unknown = {step.generation for step in steps if step.event == Event.ASSIGN} - came
    found = Generation.objects.order_by().filter(pk__in=unknown)
    return dict(found.values_list("pk", "created_at"))


_TO_QUEUE = ("create", Event.LOSE, Event.RETRY)
_ENDS = (Event.RENDERED, Event.LOSE, Event.FAIL, Event.CANCEL)


def judge(steps: Sequence[Step], begin: datetime, now: datetime, ordered: dict[int, datetime]) -> Lately:
    """From the steps of a time, the oldest first. Reads nothing."""
    seen = Lately((now - begin).total_seconds())
    queued = dict(ordered)
    seated: dict[int, datetime] = {}
    started: dict[int, Step] = {}
    for step in steps:
        if step.event in _TO_QUEUE:
            queued[step.generation] = step.at
        elif step.event == Event.ASSIGN:
            seated[step.generation] = step.at
            if (since := queued.pop(step.generation, None)) is not None:
                seen.waits.append((step.at - since).total_seconds())
        elif step.event in (Event.ACCEPT, Event.START) and (since := seated.pop(step.generation, None)):
            seen.pick_ups.append((step.at - since).total_seconds())
        if step.event == Event.START:
            started[step.generation] = step
        if step.event in _ENDS:
            _end(seen, step, started.pop(step.generation, None))
        if step.event == Event.COMPOSED:
            seen.done[step.server] += 1
            seen.came_out.append(step.at)
    for begun in started.values():
        seen.busy[begun.server] += (now - begun.at).total_seconds()
    return seen


def _end(seen: Lately, step: Step, begun: Step | None) -> None:
    if begun is not None:
        took = (step.at - begun.at).total_seconds()
        seen.busy[begun.server] += took
        if step.event == Event.RENDERED:
            seen.painting[begun.server, step.run].append(took)
    match step.event:
        case Event.FAIL:
            seen.failed[faults.kind_of(step.words)] += 1
            seen.broke.append(step.at)
        case Event.LOSE:
            seen.lost[faults.kind_of(step.words)] += 1
        case _:
            return


def by_workflow(painting: dict[tuple[str, int], list[float]]) -> dict[tuple[str, str], list[float]]:
    """Seconds by server and workflow, from those by server and run."""
    runs = {run for _, run in painting}
    names = Run.objects.filter(pk__in=runs).values_list("pk", "workflow__name", "workflow__version")
    named = {pk: f"{name} {version}" for pk, name, version in names}
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (server, run), took in painting.items():
        found[server, named.get(run, "deleted")] += took
    return found


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def servers() -> list[Server]:
    return list(Server.objects.filter(enabled=True))
