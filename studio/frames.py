"""What the run page's sockets send, rendered once for each audience: who may change the run, and who may only look.

A frame holds the parts that look different from what was shown before, as the page's own partials.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Max, Q, Sum
from django.template.loader import render_to_string

from runs.models import Run, Server, Transition
from studio.room import Mark, Room

TEMPLATE = "studio/run.html"

type Audience = bool  # whether they may change the run


class Gone(Exception):
    """The run was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    news: dict[Audience, str]  # for who has seen what was shown before; empty where nothing looks different
    whole: dict[Audience, str]  # for who has just come
    final: bool


@dataclass(slots=True)
class Shown:
    """What one audience has on its screens."""

    parts: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    last_step: int | None = -1

    def news(self, room: Room, *, progress: bool) -> str:
        """What looks different by now; without `progress` only the steps of life, which must not wait."""
        changed = {uid: mark for uid, mark in room.marks.items() if self._differs(uid, mark, progress)}
        parts = {name: _part(name, run=room) for name in self._parts(room, progress)}
        tiles: dict[str, list[str]] = {}
        for look in room.looks_with(set(changed)):
            name = f"look_head {look.n}"
            parts[name] = _part("look_head", look=look)
            tiles[name] = [_part("tile", tile=tile) for tile in look.tiles]
        frame: list[str] = []
        for name, text in parts.items():
            if self.parts.get(name) != text:
                frame.append(text)
            frame += tiles.get(name, [])
        self.parts |= parts
        self.marks |= changed
        return "\n".join(frame)

    def _parts(self, room: Room, progress: bool) -> list[str]:
        names = ["head", "banner"]
        if (last_step := room.last_step) != self.last_step:
            self.last_step = last_step
            names.append("activity")
        return [*names, "servers"] if progress else names

    def _differs(self, uid: str, mark: Mark, progress: bool) -> bool:
        shown = self.marks.get(uid)
        return shown is None or shown.stands != mark.stands or (progress and shown != mark)


def _part(name: str, **context: object) -> str:
    return render_to_string(f"{TEMPLATE}#{name}", {**context, "oob": True})


class Stage:
    """One run as it is shown to all who look on in this process."""

    def __init__(self, uid: UUID) -> None:
        self._uid = uid
        self._version: object = None
        self._shown: dict[Audience, Shown] = {}

    def look(
        self, audiences: Set[Audience], newcomers: Set[Audience], *, told: bool, progress: bool = True
    ) -> Frames | None:
        """Read the rows and render; None where nobody told of a change and there was none. Raises Gone."""
        run = Run.objects.filter(uid=self._uid).select_related("workspace", "started_by").first()
        if run is None:
            raise Gone
        version = None
        if not told and not newcomers:
            version = _version(run)
            if version == self._version:
                return None
        frames = self._frames(Room(run), audiences, newcomers, progress)
        self._version = version  # None after a change that was told: the next look renders once, to be sure
        return frames

    def _frames(
        self, room: Room, audiences: Set[Audience], newcomers: Set[Audience], progress: bool
    ) -> Frames:
        news, whole = {}, {}
        for audience in audiences:
            theirs, shown = room.seen_by(audience), self._shown.get(audience)
            fresh = Shown() if shown is None or audience in newcomers else None
            if shown is not None:
                news[audience] = shown.news(theirs, progress=progress or fresh is not None)
            if fresh is not None:
                whole[audience] = fresh.news(theirs, progress=True)
                self._shown[audience] = fresh
        for audience in self._shown.keys() - audiences:
            del self._shown[audience]  # nobody is left who has it on the screen
        return Frames(news=news, whole=whole, final=room.final)


def _version(run: Run) -> object:
    """Changes with whatever the page shows, in three short queries."""
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
    return (run.status, steps, seen, servers)
