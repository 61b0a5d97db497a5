"""What the run page shows, read from the rows. The page, the polling and the socket all show this."""

from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from runs.export.sheets import EACH_SHEET
from runs.kinds import is_simulated
from runs.models import Generation, Run, Server, Transition
from runs.obstacles import held_back
from runs.states import SEATED, RunStatus, Status
from runs.summary import Standing, Summary, clock, summarise
from studio.activity import Note, notes
from studio.marks import Mark, ads_of_each, mark_of
from studio.models import Brief
from studio.room_rows import all_of, places_of, ready_by_look, servers_of
from studio.serverlines import ServerLine, server_line
from studio.tiles import Progress, Tile, progress_of, tiles_of
from studio.wording import Outcome, outcome, picture_label, run_words

_SEGMENTS = {
    Status.DONE: "d",
    Status.COMPOSING: "c",
    Status.RENDERING: "r",
    Status.FAILED: "f",
}
MAX_SEGMENTS = 120  # beyond that one segment stands for several pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """One look: its counts are of all its pictures, its tiles of those that are asked for."""

    n: int
    name: str
    tiles: tuple[Tile, ...]
    total: int
    done: int
    ads_total: int
    ads_done: int


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
    may_change: bool = True  # a viewer is offered no button that would only be refused
    summary: Summary = field(init=False)
    generations: list[Generation] = field(init=False)
    _servers: list[Server] = field(init=False)
    _places: dict[int, int] = field(init=False)
    _ads: dict[int, object] = field(init=False)

    def __post_init__(self) -> None:
        # Read anew with every frame: each table once.
        self.generations = all_of(self.row)
        self._servers = servers_of(self.row, self.generations)
        rows = [Standing.of(generation) for generation in self.generations]
        self.summary = summarise(self.row, rows, [server for server in self._servers if server.enabled])
        self._places = places_of(self.generations)
        self._ads = ads_of_each([row for row in self.generations if row.status == Status.DONE])

    def seen_by(self, may_change: bool) -> "Room":
        """The same reading of the rows for others: who may change things, or who may only look."""
        other = copy(self)
        other.may_change = may_change
        other.brief_url = brief_url(self.row) if may_change else ""
        return other

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
    def outcome(self) -> Outcome:
        if self.looks_again:
            return Outcome.RUNNING
        return outcome(self.status, self.ads_ready, self.ads_total, paused=self.paused)

    @property
    def status_words(self) -> str:
        return run_words(self.summary)

    @property
    def simulated(self) -> bool:
        return bool(self.row.simulated)

    @property
    def can_be_chosen(self) -> bool:
        """Whether its ads are real ones: before the first picture by what a run becomes that begins now."""
        return not is_simulated(self.row)

    @property
    def may_decide(self) -> bool:
        """Whether ads will have their buttons."""
        return self.may_change and self.can_be_chosen

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
    def ads_approved(self) -> int:
        return self.summary.ads_approved

    @property
    def ads_total(self) -> int:
        return self.summary.ads_total

    @property
    def ads_planned(self) -> int:
        """What its brief comes to today; ads that were added to the run later are not among them."""
        return self.row.brief.count_ads()

    @property
    def ads_not_fitting(self) -> int:
        return self.summary.ads_unfit

    @property
    def setting_again(self) -> int:
        """Ads whose changed words are not set yet: what is downloaded now would have the old ones."""
        return self.summary.ads_pending if self.final else 0

    @property
    def looks_again(self) -> bool:
        """Whether the page of a run that is over has to ask by itself: ads of it are being changed."""
        return self.final and self.summary.ads_pending > 0

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
        return self.may_change and not self.final

    @property
    def paused(self) -> bool:
        return self.summary.paused and not self.final

    @property
    def can_retry(self) -> bool:
        return self.may_change and bool(self.failed_count + self.summary.pictures[Status.CANCELLED])

    @property
    def marks(self) -> dict[str, Mark]:
        """What can be seen of each picture, in short: while its mark stays the same, so does its tile."""
        return {
            str(row.uid): mark_of(row, self._places.get(row.pk), self._ads.get(row.pk))
            for row in self.generations
        }

    @property
    def running_since(self) -> datetime | None:
        """From when the page counts on by itself between two changes."""
        started = self.row.started_at
        return started + self.row.rested if started and not (self.final or self.paused) else None

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
        if self.paused:
            return Banner(words=_paused_words(self.row), kind="info")
        if self.summary.waits_for:
            return Banner(words=self.summary.waits_for)
        words = "" if self.final else held_back(self.row)
        return Banner(words=words, kind="info") if words else None

    # --- addresses ---
    @property
    def socket_url(self) -> str:
        return f"/ws/runs/{self.uid}/"

    @property
    def zip_url(self) -> str:
        return reverse("studio:run_zip", args=[self.uid]) if self.ads_ready else ""

    @property
    def approved_url(self) -> str:
        url = reverse("studio:run_zip", args=[self.uid])
        return f"{url}?approved=1" if self.ads_approved else ""

    @property
    def chosen_url(self) -> str:
        """Where ticked ads are asked for; there may be some before the run ends."""
        return reverse("studio:run_zip", args=[self.uid])

    @property
    def sheet_url(self) -> str:
        return reverse("studio:run_sheet", args=[self.uid]) if self.ads_ready else ""

    @property
    def sheet_is_zip(self) -> bool:
        """Whether one picture does not hold them all."""
        return self.ads_ready > EACH_SHEET

    @property
    def stop_url(self) -> str:
        return "" if not self.can_stop else reverse("studio:run_stop", args=[self.uid])

    @property
    def pause_url(self) -> str:
        return "" if not self.can_stop or self.paused else reverse("studio:run_pause", args=[self.uid])

    @property
    def go_on_url(self) -> str:
        return reverse("studio:run_go_on", args=[self.uid]) if self.may_change and self.paused else ""

    @property
    def retry_url(self) -> str:
        return reverse("studio:run_retry", args=[self.uid])

    @property
    def again_url(self) -> str:
        return reverse("studio:run_again", args=[self.uid]) if self.may_change and self.final else ""

    @property
    def pin_url(self) -> str:
        return reverse("studio:run_pin", args=[self.uid]) if self.may_change and self.final else ""

    @property
    def words_url(self) -> str:
        made = self.ads_ready + self.ads_not_fitting
        return reverse("studio:run_words", args=[self.uid]) if self.may_change and self.final and made else ""

    @property
    def refresh_url(self) -> str:
        return reverse("studio:run", args=[self.uid])

    # --- the parts below ---
    @property
    def looks(self) -> list[LookRow]:
        return self._looks(self.generations)

    def looks_with(self, shown: set[str]) -> list[LookRow]:
        """Every look, with the tiles of these pictures: of a large run one change must not build all."""
        return self._looks([generation for generation in self.generations if str(generation.uid) in shown])

    def progress_of(self, shown: set[str]) -> list[Progress]:
        """What moves in the tiles of these pictures, which are being painted."""
        return [progress_of(self.row, row) for row in self.generations if str(row.uid) in shown]

    def _looks(self, shown: list[Generation]) -> list[LookRow]:
        tiles: dict[int, list[Tile]] = defaultdict(list)
        made = tiles_of(self.row, shown, self._places, may_change=self.may_change)
        for generation, tile in zip(shown, made, strict=True):
            tiles[generation.look].append(tile)
        total = Counter(generation.look for generation in self.generations)
        done = Counter(generation.look for generation in self.generations if generation.status == Status.DONE)
        ready = ready_by_look(self.row)
        return [
            LookRow(
                n=n,
                name=self.row.spec["looks"][n]["name"],
                tiles=tuple(tiles[n]),
                total=total[n],
                done=done[n],
                ads_total=max(self.ads_total // len(total), ready[n]),
                ads_done=ready[n],
            )
            for n in sorted(total)
        ]

    @property
    def servers(self) -> list[ServerLine]:
        mine = {g.server_id: g for g in self.generations if g.status == Status.RENDERING}
        seated = Generation.objects.filter(status__in=sorted(SEATED)).order_by("server")
        busy = set(seated.values_list("server", flat=True).distinct())
        return [
            server_line(server, _label(self.row, mine.get(server.pk)), busy=server.pk in busy)
            for server in self._servers
        ]

    @property
    def last_step(self) -> int | None:
        """The newest step of any picture's life: as long as it stays the same, so does the activity."""
        found = Transition.objects.filter(run=self.row).aggregate(last=Max("pk"))
        return found["last"]

    @property
    def activity(self) -> list[Note]:
        return notes(self.row)


def _paused_words(run: Run) -> str:
    if run.paused_by:
        words = _(
            "Paused by %(who)s. Pictures already on a GPU server will finish; the rest keep their place in the queue."
        )
    else:
        words = _(
            "Paused. Pictures already on a GPU server will finish; the rest keep their place in the queue."
        )
    return words % {"who": run.paused_by}


def brief_url(run: Run) -> str:
    """The brief this run came from, while it is there."""
    known = run.origin and Brief.objects.filter(uid=run.origin, workspace=run.workspace_id).exists()
    return reverse("studio:brief", args=[run.origin]) if known else ""


def _label(run: Run, generation: Generation | None) -> tuple[str, int] | None:
    """What a server paints of this run, and how far it is."""
    if generation is None:
        return None
    words = f"{run.spec['looks'][generation.look]['name']}, {picture_label(run, generation)}"
    return words, min(99, round(generation.progress * 100))
