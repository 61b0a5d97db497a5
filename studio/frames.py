"""What the run page's sockets send, rendered once for each audience: who may change the run, and who may only look.

A frame holds the parts that look different from what was shown before, as the page's own partials.
"""

import time
from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Max, Q, Sum
from django.template.loader import render_to_string

from runs.models import Generation, Run, Server, Transition, Verdict
from runs.states import AdState, Status
from studio.marks import Mark, ads_of_each, mark_of
from studio.room import LookRow, Room
from studio.room_rows import some_of
from studio.tiles import tiles_of

TEMPLATE = "studio/run.html"

SERVERS = 1.5  # seconds between two looks at the list of servers, all of whose lines move with every progress

type Audience = bool  # whether they may change the run


class Gone(Exception):
    """The run was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    news: dict[Audience, str]  # for who has seen what was shown before; empty where nothing looks different
    whole: dict[Audience, str]  # for who has just come
    tiles: set[str]  # the pictures whose tiles are among them
    final: bool


@dataclass(slots=True)
class Shown:
    """What one audience has on its screens."""

    parts: dict[str, str] = field(default_factory=dict)
    headings: dict[int, LookRow] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    ahead: set[str] = field(default_factory=set)  # whose steps were shown since the rows were last read whole
    last_step: int | None = -1
    servers_due: float = 0.0
    behind: bool = False  # the headings do not yet say what the tiles show

    def news(self, room: Room) -> tuple[str, set[str]]:
        """What looks different by now, and in which tiles."""
        marks = {uid: mark for uid, mark in room.marks.items() if uid not in self.ahead}
        stepped = {uid: mark for uid, mark in marks.items() if self._stands_elsewhere(uid, mark)}
        moved = self._moved(marks)
        painted = {uid for uid, mark in moved.items() if mark.status == Status.RENDERING}
        # In the tile of one that is not being painted its place in the queue moves, or its ads were changed.
        frame = self._changed(room, set(stepped) | moved.keys() - painted)
        if painted:
            frame.append(_part("moving", tiles=room.progress_of(painted), alone=True))
        self.marks |= stepped | moved
        return "\n".join(frame), set(stepped) | set(moved)

    def steps(self, run: Run, rows: list[Generation], may_change: bool) -> str:
        """The tiles of these where they stand elsewhere by now. What depends on them follows with the next news."""
        ads = ads_of_each([row for row in rows if row.status == Status.DONE])
        marks = {str(row.uid): mark_of(row, ads=ads.get(row.pk)) for row in rows}
        stepped = [row for row in rows if self._stands_elsewhere(str(row.uid), marks[str(row.uid)])]
        self.marks |= (news := {str(row.uid): marks[str(row.uid)] for row in stepped})
        self.ahead |= news.keys()
        self.behind = self.behind or bool(stepped)
        tiles = tiles_of(run, stepped, {}, may_change=may_change) if stepped else []
        return "\n".join(_part("tile", tile=tile) for tile in tiles)

    def _changed(self, room: Room, uids: set[str]) -> list[str]:
        """Of the whole page what differs, and these tiles, each look's after its heading."""
        frame: list[str] = []
        for name in self._parts(room):
            if self.parts.get(name) != (text := _part(name, run=room)):
                self.parts[name] = text
                frame.append(text)
        looks = room.looks_with(uids) if uids or self.behind else []
        self.behind = False
        for look in looks:
            if self.headings.get(look.n) != (heading := replace(look, tiles=())):
                self.headings[look.n] = heading
                frame.append(_part("look_head", look=heading))
            frame += [_part("tile", tile=tile) for tile in look.tiles]
        return frame

    def _parts(self, room: Room) -> list[str]:
        names = ["head", "banner"]
        if (last_step := room.last_step) != self.last_step:
            self.last_step = last_step
            names.append("activity")
        if room.final or time.monotonic() >= self.servers_due:
            self.servers_due = time.monotonic() + SERVERS
            names.append("servers")
        return names

    def _stands_elsewhere(self, uid: str, mark: Mark) -> bool:
        shown = self.marks.get(uid)
        return shown is None or shown.stands != mark.stands

    def _moved(self, marks: dict[str, Mark]) -> dict[str, Mark]:
        shown = self.marks
        return {
            uid: mark
            for uid, mark in marks.items()
            if uid in shown and shown[uid].stands == mark.stands and shown[uid] != mark
        }


def _part(name: str, **context: object) -> str:
    return render_to_string(f"{TEMPLATE}#{name}", {"oob": True, **context})


class Stage:
    """One run as it is shown to all who look on in this process."""

    def __init__(self, uid: UUID) -> None:
        self._uid = uid
        self._run: Run | None = None
        self._version: object = None
        self._shown: dict[Audience, Shown] = {}

    def look(self, audiences: Set[Audience], newcomers: Set[Audience], *, told: bool) -> Frames | None:
        """Read the rows and render; None where nobody told of a change and there was none. Raises Gone."""
        run = Run.objects.filter(uid=self._uid).select_related("workspace", "started_by").first()
        if run is None:
            raise Gone
        self._run = run
        for shown in self._shown.values():
            shown.ahead.clear()  # what is read from here on knows of those steps
        version = None
        if not told and not newcomers:
            version = _version(run)
            if version == self._version:
                return None
        frames = self._frames(Room(run), audiences, newcomers)
        self._version = version  # None after a change that was told: the next look renders once, to be sure
        return frames

    def steps(self, audiences: Set[Audience], uids: Set[str]) -> dict[Audience, str]:
        """What became of these pictures, and nothing else: far quicker than a look at the whole run."""
        if self._run is None:
            return {}
        rows = some_of(self._run, uids)
        shown = dict(self._shown)  # as it is now: a look beside this may drop an audience
        seen = audiences & shown.keys()
        return {audience: shown[audience].steps(self._run, rows, audience) for audience in seen}

    def forget(self, uids: Set[str]) -> None:
        """Nobody knows what the tiles of these pictures look like: they are shown again with their next step."""
        for shown in self._shown.values():
            for uid in uids:
                shown.marks.pop(uid, None)

    def _frames(self, room: Room, audiences: Set[Audience], newcomers: Set[Audience]) -> Frames:
        news, whole, tiles = {}, {}, set[str]()
        for audience in audiences:
            theirs, shown = room.seen_by(audience), self._shown.get(audience)
            fresh = Shown() if shown is None or audience in newcomers else None
            if shown is not None and fresh is not None:
                shown.servers_due = 0.0  # from here on all are shown what the newcomers have
            if shown is not None:
                news[audience], sent = shown.news(theirs)
                tiles |= sent
            if fresh is not None:
                whole[audience], sent = fresh.news(theirs)
                tiles |= sent
                self._shown[audience] = fresh
        for audience in self._shown.keys() - audiences:
            del self._shown[audience]  # nobody is left who has it on the screen
        return Frames(news=news, whole=whole, tiles=tiles, final=room.final)


def _version(run: Run) -> object:
    """Changes with whatever the page shows, in four short queries."""
    steps = Transition.objects.filter(run=run).aggregate(last=Max("pk"))
    seen = run.generations.aggregate(
        progress=Sum("progress"),
        previews=Sum("preview_version"),
        wishes=Count("pk", filter=Q(cancel_requested=True)),
    )
    facts = ("pk", "enabled", "state", "reason", "others", "missing_nodes", "paused_until")
    servers = [
        (*row, paused is not None and paused > datetime.now(UTC))
        for *row, paused in Server.objects.order_by("pk").values_list(*facts)
    ]
    ads = run.creatives.aggregate(
        newest=Max("pk"),
        pending=Count("pk", filter=Q(state=AdState.PENDING)),
        approved=Count("pk", filter=Q(decision=Verdict.APPROVED)),
        rejected=Count("pk", filter=Q(decision=Verdict.REJECTED)),
    )
    return (run.status, run.paused_at, run.pinned, steps, seen, ads, servers)
