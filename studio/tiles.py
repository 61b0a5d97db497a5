"""One picture's tile on the run page, with the cards of the ads that were made from it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from runs import faults, formats, previews
from runs.formats import Format, Shape
from runs.models import Creative, Generation, Picture, Run, Verdict
from runs.shown import in_order
from runs.states import FINAL, SEATED, AdState, Status
from studio.wording import picture_label

BUSY = {Status.RENDERING, Status.COMPOSING}  # their tiles show no ads, not even those of an earlier attempt

RATIO_CLASSES = {
    Shape.SQUARE: "q11",
    Shape.PORTRAIT: "q45",
    Shape.STORY: "q916",
    Shape.LANDSCAPE: "q191",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdCard:
    uid: UUID
    label: str
    format: str
    width: int
    height: int
    state: AdState
    words: str
    url: str
    thumb_url: str
    download_url: str
    sha256: str
    decision: Verdict
    decide_url: str  # empty where there is nothing to decide, or not for whoever looks
    fault: str = ""  # why what was just asked for could not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """The places of a picture's ads before there are any: nothing moves when they come.

    The picture itself is shown in the one whose shape is most like its own; the labels are of the others.
    """

    shown_in: str = ""
    before: tuple[tuple[str, str], ...] = ()  # each a class for its ratio, and a label
    after: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture and the ads made from it."""

    uid: UUID
    state: str  # waiting, paused, next, rendering, composing, done, failed, cancelled
    label: str
    ratio_class: str
    boxes: Boxes
    place: int  # in the queue, from 1; 0 when it is not waiting
    server: str
    percent: int
    step: str
    preview_url: str
    picture_url: str
    ads: tuple[AdCard, ...]
    error_words: str
    next_step: str
    new_seed: bool  # another one may help
    stop_url: str
    retry_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What moves in the tile of a picture while a server paints it."""

    uid: UUID
    label: str
    server: str
    percent: int
    step: str
    preview_url: str
    state: str = Status.RENDERING.value


def progress_of(run: Run, generation: Generation) -> Progress:
    """As its tile shows it; needs no more of the rows than the generation."""
    return Progress(
        uid=generation.uid,
        label=picture_label(run, generation),
        server=str(generation.server or ""),
        percent=_percent(generation),
        step=generation.step,
        preview_url=_preview_url(generation),
    )


def tiles_of(
    run: Run, generations: list[Generation], places: Mapping[int, int], *, may_change: bool
) -> list[Tile]:
    """The tiles of these pictures; `places` are those in the queue that are shown."""
    ads = _ads_of(run, [row for row in generations if row.status not in BUSY])
    # One that is being painted has none of its attempt yet, and is shown within milliseconds.
    prefetch_related_objects([row for row in generations if row.status != Status.RENDERING], "pictures")
    alike = {(row.product, row.shape) for row in generations}
    boxes = {key: _boxes(list(_planned(run, *key))) for key in alike}
    tiles = [
        tile_of(run, row, ads[row.pk], places.get(row.pk, 0), boxes[row.product, row.shape])
        for row in generations
    ]
    return tiles if may_change else [_without_buttons(tile) for tile in tiles]


def _ads_of(run: Run, generations: list[Generation]) -> dict[int, list[Creative]]:
    """The newest of each ad of these pictures, in the order of the page."""
    ads: dict[int, list[Creative]] = defaultdict(list)
    if generations:
        newest = Creative.objects.newest().filter(generation__in=[row.pk for row in generations])
        newest = newest.select_related("supersedes").defer("supersedes__report", "supersedes__copy")
        for ad in in_order(run, newest.defer("report", "copy", "brand")):
            ads[ad.generation_id].append(ad)
    return ads


def _without_buttons(tile: Tile) -> Tile:
    ads = tuple(replace(ad, decide_url="") for ad in tile.ads)
    return replace(tile, stop_url="", retry_url="", next_step="", new_seed=False, ads=ads)


def _planned(run: Run, product: int, shape: str) -> Iterator[tuple[Format, str]]:
    """The size and label of every ad that a picture becomes, in the order of the page."""
    spec = run.spec
    own = (None, spec["products"][product]["name"])
    messages = [n for n, message in enumerate(spec["messages"]) if message.get("product") in own]
    several = len(spec["messages"]) > 1
    for size in formats.still_offered(spec["formats"]):
        if size.shape == shape:
            for message in messages:
                label = f"{size.label} · {message + 1}" if several else size.label
                yield from [(size, label)] * len(spec["languages"])
            if size.wants_twin:
                yield size, _("Without text: %(size)s") % {"size": size.label}


def _boxes(planned: list[tuple[Format, str]]) -> Boxes:
    if not planned:
        return Boxes()
    ratios = [size.width / size.height / size.shape.aspect for size, _ in planned]
    at = min(range(len(ratios)), key=lambda n: max(ratios[n], 1 / ratios[n]))
    places = [(f"r-{size.width}x{size.height}", label) for size, label in planned]
    return Boxes(shown_in=places[at][0], before=tuple(places[:at]), after=tuple(places[at + 1 :]))


def tile_of(
    run: Run, generation: Generation, ads: list[Creative], place: int, boxes: Boxes = Boxes()
) -> Tile:
    """The tile as the page shows it now; `place` in the queue is 0 when it is not shown."""
    several = len(run.spec["messages"]) > 1
    status = Status(generation.status)
    open_ = status not in FINAL
    return Tile(
        uid=generation.uid,
        state=_state(generation, status),
        label=picture_label(run, generation),
        ratio_class=RATIO_CLASSES[Shape(generation.shape)],
        boxes=Boxes(shown_in=boxes.shown_in) if status == Status.CANCELLED else boxes,
        place=place,
        server=str(generation.server or "") if status in SEATED else "",
        percent=_percent(generation),
        step=generation.step,
        preview_url=_preview_url(generation) if status == Status.RENDERING else "",
        picture_url=_picture_url(generation),
        ads=tuple(card_of(ad, several) for ad in ads),
        error_words=generation.error,
        next_step=_next_step(generation) if status == Status.FAILED else "",
        new_seed=status == Status.FAILED and _fails_by_its_seed(generation),
        stop_url=_url("generation_stop", generation) if open_ and not generation.cancel_requested else "",
        retry_url="" if open_ or status == Status.DONE else _url("generation_retry", generation),
    )


def _fails_by_its_seed(generation: Generation) -> bool:
    return faults.kind_of(generation.error) in faults.SEEDED and not generation.pictures.all()


def _next_step(generation: Generation) -> str:
    if _fails_by_its_seed(generation):
        return _("Retry makes it again with the same seed. If it fails the same way, try a new one.")
    return _("Retry makes it again with the same seed.")


def _state(generation: Generation, status: Status) -> str:
    if status == Status.WAITING and generation.paused:
        return "paused"
    return "next" if status in (Status.CLAIMED, Status.QUEUED) else status.value


def _percent(generation: Generation) -> int:
    return min(99, round(generation.progress * 100))


def card_of(ad: Creative, several: bool, fault: str = "") -> AdCard:
    """One ad; where a run has several messages its label says which."""
    size, media = ad.size, reverse("runs:media", args=["ad", ad.uid])
    ready = ad.state == AdState.READY
    # While it is being changed the file before stays to be seen.
    seen = ad.supersedes if ad.supersedes and not ad.key and ad.state == AdState.PENDING else ad
    return AdCard(
        uid=ad.uid,
        label=ad_label(size.label, ad, several),
        format=ad.format,
        width=size.width,
        height=size.height,
        state=AdState(ad.state),
        words="" if ready else ad.words,
        url=reverse("studio:ad", args=[ad.uid]),
        thumb_url=f"{reverse('runs:media', args=['ad', seen.uid])}?size=small" if seen.key else "",
        download_url=f"{media}?download=1" if ready else "",
        sha256=ad.sha256,
        decision=Verdict(ad.decision),
        # Nobody chooses among samples: their head says why.
        decide_url=reverse("studio:ad_decide", args=[ad.uid]) if ready and not ad.simulated else "",
        fault=fault,
    )


def ad_label(size: str, ad: Creative, several: bool) -> str:
    """The size; with several messages also which of them, and whether it is the one without text."""
    if ad.twin:
        return _("Without text: %(size)s") % {"size": size}
    return f"{size} · {ad.message + 1}" if several else size


def _url(name: str, generation: Generation) -> str:
    return reverse(f"studio:{name}", args=[generation.uid])


def _preview_url(generation: Generation) -> str:
    # The version outlives a restart of the studio, the preview itself does not.
    if not generation.preview_version or previews.get(generation.uid) is None:
        return ""
    return f"{reverse('runs:preview', args=[generation.uid])}?v={generation.preview_version}"


def _picture_url(generation: Generation) -> str:
    # A retry shows none until its own is there: the earlier one would pass for the new.
    if generation.status == Status.RENDERING:
        return ""
    pictures: list[Picture] = [p for p in generation.pictures.all() if p.attempt == generation.attempt]
    if not pictures or pictures[-1].dropped_at:
        return ""
    return reverse("runs:media", args=["picture", pictures[-1].uid]) + "?size=small"
