"""What the run page shows, read from the rows. The page, the polling and the socket all show this."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from runs.formats import Shape
from runs.models import Creative, Generation, Picture, Run, Server
from runs.states import FINAL, SEATED, AdState, RunStatus, ServerState, Status
from runs.summary import Summary, clock, summarise
from studio.activity import Note, notes
from studio.models import Brief
from studio.wording import picture_label, run_words

RATIO_CLASSES = {
    Shape.SQUARE: "q11",
    Shape.PORTRAIT: "q45",
    Shape.STORY: "q916",
    Shape.LANDSCAPE: "q191",
}
_SEGMENTS = {
    Status.DONE: "d",
    Status.COMPOSING: "c",
    Status.RENDERING: "r",
    Status.FAILED: "f",
}
MAX_PLACES = 9
MAX_SEGMENTS = 120  # beyond that one segment stands for several pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class AdCard:
    uid: UUID
    label: str
    width: int
    height: int
    state: AdState
    words: str
    url: str
    thumb_url: str
    download_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture and the ads made from it."""

    uid: UUID
    state: str  # waiting, next, rendering, composing, done, failed, cancelled
    label: str
    ratio_class: str
    place: int  # in the queue, from 1; 0 when it is not waiting
    server: str
    percent: int
    step: str
    preview_url: str
    picture_url: str
    ads: tuple[AdCard, ...]
    error_words: str
    next_step: str
    stop_url: str
    retry_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    n: int
    name: str
    tiles: tuple[Tile, ...]
    ads_total: int

    @property
    def total(self) -> int:
        return len(self.tiles)

    @property
    def done(self) -> int:
        return sum(tile.state == "done" for tile in self.tiles)

    @property
    def ads_done(self) -> int:
        return sum(ad.state == AdState.READY for tile in self.tiles for ad in tile.ads)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLine:
    name: str
    state: str
    words: str
    percent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    words: str
    kind: str = "warn"


@dataclass(slots=True)
class Room:
    """Reads a run once and answers for each part of its page, under the names its template uses."""

    row: Run
    campaign: object = None
    brief_url: str = ""
    summary: Summary = field(init=False)
    generations: list[Generation] = field(init=False)
    _ads: dict[int, list[Creative]] = field(init=False)
    _places: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.summary = summarise(self.row)
        rows = self.row.generations.select_related("server").order_by("pk")
        self.generations = list(rows.prefetch_related("pictures"))
        self._ads = _ads_of(Creative.objects.filter(run=self.row))
        self._places = _places(self.generations)

    # --- the head ---
    @property
    def uid(self) -> UUID:
        return self.row.uid

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def status(self) -> RunStatus:
        return self.summary.status

    @property
    def status_words(self) -> str:
        return run_words(self.summary)

    @property
    def simulated(self) -> bool:
        return bool(self.row.simulated)

    @property
    def final(self) -> bool:
        return self.summary.final

    @property
    def started_by(self) -> str:
        return str(self.row.started_by or "")

    @property
    def started_at(self) -> datetime:
        return self.row.created_at

    @property
    def ads_ready(self) -> int:
        return self.summary.ads_ready

    @property
    def ads_total(self) -> int:
        return self.summary.ads_total

    @property
    def ads_not_fitting(self) -> int:
        return self.summary.ads_unfit

    @property
    def pictures_done(self) -> int:
        return self.summary.pictures_done

    @property
    def pictures_total(self) -> int:
        return self.summary.pictures_total

    @property
    def rendering_count(self) -> int:
        return self.summary.pictures[Status.RENDERING]

    @property
    def failed_count(self) -> int:
        return self.summary.pictures[Status.FAILED]

    @property
    def can_stop(self) -> bool:
        return not self.final

    @property
    def can_retry(self) -> bool:
        return bool(self.failed_count + self.summary.pictures[Status.CANCELLED])

    @property
    def next_ones(self) -> set[str]:
        """The pictures whose place in the queue is shown, and so changes with every start."""
        return {str(generation.uid) for generation in self.generations if generation.pk in self._places}

    @property
    def running_since(self) -> datetime | None:
        """From when the page counts on by itself between two changes."""
        return None if self.final else self.row.started_at

    @property
    def elapsed(self) -> str:
        return clock(self.summary.seconds) if self.summary.seconds else ""

    @property
    def left(self) -> str:
        return f"≈ {clock(self.summary.seconds_left)}" if self.summary.seconds_left and not self.final else ""

    @property
    def speed(self) -> str:
        speed = self.summary.pictures_a_minute
        return _("%(n)s pictures / min") % {"n": f"{speed:.1f}"} if speed else ""

    @property
    def segments(self) -> tuple[str, ...]:
        letters = [_SEGMENTS.get(Status(generation.status), "") for generation in self.generations]
        letters.sort(key=["d", "c", "r", "", "f"].index)
        if len(letters) <= MAX_SEGMENTS:
            return tuple(letters)
        return tuple(letters[n * len(letters) // MAX_SEGMENTS] for n in range(MAX_SEGMENTS))

    @property
    def banner(self) -> Banner | None:
        return Banner(words=self.summary.waits_for) if self.summary.waits_for else None

    # --- addresses ---
    @property
    def socket_url(self) -> str:
        return f"/ws/runs/{self.uid}/"

    @property
    def zip_url(self) -> str:
        return reverse("studio:run_zip", args=[self.uid]) if self.ads_ready else ""

    @property
    def stop_url(self) -> str:
        return "" if self.final else reverse("studio:run_stop", args=[self.uid])

    @property
    def retry_url(self) -> str:
        return reverse("studio:run_retry", args=[self.uid])

    @property
    def refresh_url(self) -> str:
        return reverse("studio:run", args=[self.uid])

    # --- the parts below ---
    @property
    def looks(self) -> list[LookRow]:
        tiles: dict[int, list[Tile]] = defaultdict(list)
        for generation in self.generations:
            tiles[generation.look].append(self.tile(generation))
        names = [look["name"] for look in self.row.spec["looks"]]
        share = self.ads_total // max(1, len(tiles))
        return [
            LookRow(n=n, name=name, tiles=tuple(tiles[n]), ads_total=share)
            for n, name in enumerate(names)
            if n in tiles
        ]

    def tile(self, generation: Generation) -> Tile:
        status = Status(generation.status)
        open_ = status not in FINAL
        return Tile(
            uid=generation.uid,
            state="next" if status in (Status.CLAIMED, Status.QUEUED) else status.value,
            label=picture_label(self.row, generation),
            ratio_class=RATIO_CLASSES[Shape(generation.shape)],
            place=self._places.get(generation.pk, 0),
            server=str(generation.server or "") if status in SEATED else "",
            percent=min(99, round(generation.progress * 100)),
            step=generation.step,
            preview_url=_preview_url(generation) if status == Status.RENDERING else "",
            picture_url=_picture_url(generation),
            ads=tuple(_card(ad, self._several) for ad in self._ads.get(generation.pk, [])),
            error_words=generation.error,
            next_step=_("Retry paints it again with the same seed.") if status == Status.FAILED else "",
            stop_url=_url("generation_stop", generation) if open_ and not generation.cancel_requested else "",
            retry_url="" if open_ or status == Status.DONE else _url("generation_retry", generation),
        )

    @property
    def _several(self) -> bool:
        return len(self.row.spec["messages"]) > 1

    @property
    def servers(self) -> list[ServerLine]:
        shown = Server.objects.filter(enabled=True)
        if self.row.simulated is not None:
            shown = shown.filter(simulated=self.row.simulated)
        busy = {g.server_id: g for g in self.generations if g.status == Status.RENDERING}
        return [_server_line(self.row, server, busy.get(server.pk)) for server in shown]

    @property
    def activity(self) -> list[Note]:
        return notes(self.row)


def brief_url(run: Run) -> str:
    """The brief this run came from, while it is there."""
    known = run.origin and Brief.objects.filter(uid=run.origin, workspace=run.workspace_id).exists()
    return reverse("studio:brief", args=[run.origin]) if known else ""


def _url(name: str, generation: Generation) -> str:
    return reverse(f"studio:{name}", args=[generation.uid])


def _preview_url(generation: Generation) -> str:
    if not generation.preview_version:
        return ""
    return f"{reverse('runs:preview', args=[generation.uid])}?v={generation.preview_version}"


def _picture_url(generation: Generation) -> str:
    pictures: list[Picture] = list(generation.pictures.all())
    if not pictures:
        return ""
    return reverse("runs:media", args=["picture", pictures[-1].uid]) + "?size=small"


def _ads_of(rows: QuerySet[Creative]) -> dict[int, list[Creative]]:
    ads: dict[int, list[Creative]] = defaultdict(list)
    for ad in rows.order_by("pk").defer("report", "copy", "brand"):
        ads[ad.generation_id].append(ad)
    return ads


def _card(ad: Creative, several: bool) -> AdCard:
    """One ad; where a run has several messages its label says which."""
    size, media = ad.size, reverse("runs:media", args=["ad", ad.uid])
    ready = ad.state == AdState.READY
    return AdCard(
        uid=ad.uid,
        label=f"{size.label} · {ad.message + 1}" if several else size.label,
        width=size.width,
        height=size.height,
        state=AdState(ad.state),
        words="" if ready else ad.words,
        url=reverse("studio:ad", args=[ad.uid]),
        thumb_url=f"{media}?size=small" if ad.key else "",
        download_url=f"{media}?download=1" if ready else "",
    )


def _places(generations: list[Generation]) -> dict[int, int]:
    """The places in the whole studio's queue of the pictures that come next.

    Only these: every start moves all places, and 200 tiles must not be sent anew for that.
    """
    waiting = [g.pk for g in generations if g.status == Status.WAITING][:MAX_PLACES]
    if not waiting:
        return {}
    ahead = Generation.objects.filter(status=Status.WAITING, pk__lt=waiting[0]).count()
    return {pk: ahead + n for n, pk in enumerate(waiting, 1)}


def _server_line(run: Run, server: Server, generation: Generation | None) -> ServerLine:
    state = ServerState(server.state).value
    if generation is not None:
        words = f"{run.spec['looks'][generation.look]['name']}, {picture_label(run, generation)}"
        percent = min(99, round(generation.progress * 100))
        return ServerLine(name=server.name, state=state, words=words, percent=percent)
    words = _("Free") if server.is_up else server.reason or _("Not asked yet")
    return ServerLine(name=server.name, state=state, words=words, percent=None)
