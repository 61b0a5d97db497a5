"""`/admin/dashboard/`: how the work goes, on one page, for those who run the studio. Reads what `/metrics` reads."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Audit, Workspace
from runs import cleaning, usage, vitals
from runs.models import Generation, Server
from runs.obstacles import is_paused
from runs.states import SEATED, ServerState, Status

MOST_SEATED = 200  # pictures at the servers that are looked at
PLACES = 8  # workspaces whose storage is shown
DEEDS = 6  # of the trail
BARS = 15  # one a minute
HEIGHT = 100  # of the chart, in its own units


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("runs.view_server"):
        raise PermissionDenied
    seen, queue = vitals.lately(), vitals.queue()
    servers, bars = list(_servers(seen)), _bars(seen)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Dashboard",
        "now": timezone.now(),
        "queue": queue,
        "seen": seen,
        "minutes": round(seen.seconds / 60),
        "failed": seen.failed.total(),
        "ended": seen.done.total() + seen.failed.total(),
        "a_minute": seen.done.total() * 60 / seen.seconds if seen.seconds else 0,
        "servers": servers,
        "working": sum(server.works for server in servers),
        "bars": bars,
        "most": max(bar.total for bar in bars),
        "faults": (seen.failed + seen.lost).most_common(),
        "disk": usage.disk(),
        "places": _places(),
        "next": cleaning.next_time(),
        "deeds": Audit.objects.select_related("workspace").order_by("-pk")[:DEEDS],
    }
    return TemplateResponse(request, "admin/dashboard.html", context)


@dataclass(frozen=True, slots=True)
class Shown:
    """A server, as the page shows it."""

    server: Server
    tone: str  # ok, warn, bad, off
    state: str
    works: bool
    seats: list[bool]  # each taken or free
    pictures: list[Generation]
    busy: int  # percent
    done: int


def _servers(seen: vitals.Lately) -> Iterator[Shown]:
    held: dict[int | None, list[Generation]] = {}
    rows = vitals.under_way().filter(status__in=sorted(SEATED)).select_related("run")
    shown = rows.defer("positive", "negative", "run__spec")[:MOST_SEATED]
    for row in sorted(shown, key=lambda row: row.pk):
        held.setdefault(row.server_id, []).append(row)
    # One that was switched off is shown while it still has work of ours.
    for server in Server.objects.all():
        mine = held.get(server.pk, [])
        if not server.enabled and not mine:
            continue
        tone, state = _state(server, bool(mine))
        taken = len(mine)
        yield Shown(
            server,
            tone,
            state,
            server.is_up and not is_paused(server),
            [n < taken for n in range(max(server.seats, taken))],
            [row for row in mine if row.status == Status.RENDERING] or mine[:1],
            round(seen.busy_share(server.name) * 100),
            seen.done[server.name],
        )


def _state(server: Server, busy: bool) -> tuple[str, str]:
    if not server.enabled:
        return "off", "Draining"
    if is_paused(server):
        return "warn", "Pauses after failures"
    match ServerState(server.state):
        case ServerState.UP:
            return "ok", "Working" if busy else "Ready"
        case ServerState.SLOW:
            return "warn", "Slow"
        case ServerState.STALLED:
            return "bad", "Stuck"
        case ServerState.DOWN:
            return "bad", "Not responding"
        case ServerState.UNKNOWN:
            return "off", "Not checked yet"


@dataclass(frozen=True, slots=True)
class Bar:
    """What came out and what failed in one minute, in the units of the chart."""

    x: int
    total: int
    good: float
    bad: float
    words: str

    @property
    def good_y(self) -> float:
        return HEIGHT - self.good

    @property
    def bad_y(self) -> float:
        return HEIGHT - self.good - self.bad


def _bars(seen: vitals.Lately) -> list[Bar]:
    """The oldest first; the longest fills the chart."""
    now = timezone.now()
    good, bad = _by_minute(seen.came_out, now), _by_minute(seen.broke, now)
    scale = HEIGHT / (max(good[n] + bad[n] for n in range(BARS)) or 1)
    return [
        Bar(
            (BARS - 1 - n) * 20,
            good[n] + bad[n],
            good[n] * scale,
            bad[n] * scale,
            f"{n} min ago: {good[n]} done, {bad[n]} failed",
        )
        for n in reversed(range(BARS))
    ]


def _by_minute(times: Iterable[datetime], now: datetime) -> Counter[int]:
    return Counter(int((now - time).total_seconds() // 60) for time in times)


def _places() -> list[tuple[Workspace, int]]:
    """The workspaces with the most files."""
    sums: Counter[int] = Counter()
    for found in usage.by_workspace().values():
        sums.update(found)
    most = dict(sums.most_common(PLACES))
    names = Workspace.objects.in_bulk(list(most))
    return [(names[pk], size) for pk, size in most.items() if pk in names]
