"""Chooses, for one picture, among the placements a layout offers: the calmest that leaves the focus free."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from . import contrast, crop
from .colour import Rgb
from .contrast import Pixels, Reading, Veil
from .layout import Layout, Pill, Place, Placement, Words
from .lost import lost
from .product import BELOW_FOCUS, Stand, side, stand
from .scripts import of
from .values import Box, Role, Style

# Of the shorter side: what type should leave free. Products stand upright.
FOCUS_WIDTH, FOCUS_HEIGHT = 0.3, 0.42
FOCUS_COST = 5.0
UNREST_COST = 3.2
BUSY, BUSY_COST = 0.05, 12.0  # from here on the ground is scenery, which nothing should lie on
NEAR = 0.035  # of the shorter side: what stands so near to type touches it
ORDER_COST = 0.012  # the layout's first choice wins a tie
LOGO_COST = 0.5
# Type at the head or foot that takes more of the height leaves too little picture.
CROWDED, CROWD_COST = 0.4, 4.0
PANEL_COST = 0.5
SMALL_PAGE = 300  # pixels of the shorter side: here type over the picture is small, and a panel the rule
OVER_SMALL_COST = 0.25
WEAK, WEAK_COST = 0.75, 1.2  # of the largest headline there could be; what less of it costs
AGAINST_COST = 0.6  # a column of type on the side where reading ends
LOST_COST = 1.0  # of what stands round the focus, cut off beside a panel
ASTRAY_COST = 4.0
LOWEST_GROUND = 0.88  # of the picture's box: the product's ground is cropped to be no lower
WISHED_SIDE, SMALL_COST = 0.4, 3.0  # of the product against the picture; what less of it costs
DARK_INK_COST = 0.05
WASH = 0.2  # dark ink on a stronger light wash looks cheap
WASH_COST = 0.8
MOST_VEIL = 0.5  # over this a panel is the better answer
STRONG_VEIL = 0.45  # for brands that always want one
FADE = {Place.TOP: 0.2, Place.BOTTOM: 0.2, Place.LEFT: 0.2, Place.RIGHT: 0.2}


@dataclass(frozen=True, slots=True)
class Zone:
    """Type over the picture that shares one ink and one veil."""

    elements: tuple[Words, ...]
    ink: Rgb
    veil: Veil

    def scaled(self, by: float) -> "Zone":
        """The same on an ad that many times as large."""
        return Zone(tuple(words.scaled(by) for words in self.elements), self.ink, self.veil.scaled(by))


@dataclass(frozen=True, slots=True)
class Staging:
    """A placement made ready for one picture."""

    placement: Placement
    crop: crop.Crop
    zones: tuple[Zone, ...]
    cost: float
    product: Stand | None = None

    def scaled(self, by: float, picture: tuple[int, int], smaller: tuple[int, int]) -> "Staging":
        """The same on a page of that part of the size, over the picture made smaller."""
        return replace(
            self,
            placement=self.placement.scaled(by),
            crop=self.crop.of(picture, smaller),
            zones=tuple(zone.scaled(by) for zone in self.zones),
            product=self.product and self.product.scaled(by),
        )

    @property
    def strongest(self) -> float:
        """The strength of the strongest veil, 0 to 1."""
        return max((zone.veil.strength for zone in self.zones), default=0.0)


@dataclass(frozen=True, slots=True)
class View:
    """A picture as the choice sees it: made small, with its real size in pixels and its focus (0 to 1)."""

    preview: Image.Image
    size: tuple[int, int]
    focus: tuple[float, float]
    product: tuple[int, int] | None = None  # pixels of the cut-out that is to stand in it

    def cut(self, placement: Placement) -> crop.Crop:
        """The part of the picture that this placement shows."""
        box = placement.picture
        cut = crop.cover(self.size, (box.width, box.height), self.focus, placement.anchor)
        return cut if self.product is None else cut.showing(self.focus[1] + BELOW_FOCUS, LOWEST_GROUND)

    def seen(self, cut: crop.Crop, box: Box) -> tuple[Pixels, float]:
        """The cut as the ad will show it, small; and its pixels per pixel of the ad."""
        shrunk = self.preview.width / self.size[0]
        left, top, right, bottom = (edge * shrunk for edge in cut.edges)
        scale = min(1.0, shrunk * max(cut.box.width / box.width, cut.box.height / box.height))
        across, down = max(2, round(box.width * scale)), max(2, round(box.height * scale))
        area = (left, top, min(right, self.preview.width), min(bottom, self.preview.height))
        return np.asarray(self.preview.resize((across, down), Image.Resampling.BILINEAR, box=area)), scale


def choose(layout: Layout, view: View, style: Style | None = None) -> Staging:
    """The best staging of that layout for the picture, by the brand's taste in ink and veils.

    What the picture's pixels cost is measured last, and only where an arrangement can still be the best: that is
    nearly all of the work, and seldom more than two of ten can.
    """
    outlines = [outlined(layout, placement, view) for placement in layout.placements]
    found: list[tuple[float, int, Staging]] = []
    for order, outline in sorted(enumerate(outlines), key=lambda entry: entry[1].cost):
        if found and outline.cost > min(found)[0]:
            break
        staging = judged(layout, outline, view, style or Style())
        found.append((staging.cost, order, staging))
    return min(found)[2]


def _product_cost(placement: Placement, place: Stand) -> float:
    small = max(0.0, WISHED_SIDE - side(place.box, placement.picture))
    return SMALL_COST * small + ASTRAY_COST * place.astray


def outlined(layout: Layout, placement: Placement, view: View) -> Staging:
    """The placement with what it costs whatever the picture shows; its pixels never make it cheaper."""
    cut = view.cut(placement)
    cost = ORDER_COST * layout.placements.index(placement) + _rank_cost(layout, placement)
    if view.product is None:
        if placement.panel is not None and len(layout.placements) > 1:
            cost += LOST_COST * lost(view.preview, view.focus, cut)
        return Staging(placement, cut, (), cost + FOCUS_COST * covered(placement, cut))
    # The product finds its place beside the type; an arrangement that makes it small is worth less.
    place = stand(placement, cut, view.product)
    return Staging(placement, cut, (), cost + _product_cost(placement, place), place)


def _rank_cost(layout: Layout, placement: Placement) -> float:
    """What an arrangement costs among those it stands with."""
    if len(layout.placements) == 1:
        return 0.0
    small = min(layout.page.width, layout.page.height) <= SMALL_PAGE
    over, beside = (OVER_SMALL_COST, 0.0) if small else (0.0, PANEL_COST)
    cost = over if placement.panel is None else beside
    if placement.place is (Place.LEFT if of(layout.language).rtl else Place.RIGHT):
        cost += AGAINST_COST
    largest = max(_headline_size(other) for other in layout.placements)
    return cost + WEAK_COST * max(0.0, WEAK - _headline_size(placement) / largest)


def _headline_size(placement: Placement) -> float:
    return next(words.size for words in placement.words() if words.role is Role.HEADLINE)


def judged(layout: Layout, outline: Staging, view: View, style: Style) -> Staging:
    """Type gets its ink and its veil, and costs what these and the ground behind it do."""
    placement, groups = outline.placement, _groups(outline.placement)
    if not groups:
        return outline
    pixels, scale = view.seen(outline.crop, placement.picture)
    zones = tuple(_zone(layout.page, elements, edge, pixels, scale, style) for elements, edge in groups)
    if placement.panel is not None:
        cost = LOGO_COST * (zones[0].veil.strength + _unrest_cost(placement, zones[0], pixels, scale))
        return replace(outline, zones=zones, cost=outline.cost + cost)
    cost = _veil_cost(zones, 0.0 if style.scrim == "none" else MOST_VEIL)
    cost -= STRONG_VEIL if style.scrim == "strong" else 0.0  # what the brand wants costs nothing
    cost += _unrest_cost(placement, zones[0], pixels, scale) + _crowd_cost(layout.page, zones[0])
    return replace(outline, zones=zones, cost=outline.cost + cost)


def _groups(placement: Placement) -> list[tuple[tuple[Words, ...], Place]]:
    """Type over the picture that stands together, with the edge its veil comes from.

    A logo at the head of the page has its own when the type stands at the foot or on a panel.
    """
    words = tuple(
        element
        for element in placement.elements
        if isinstance(element, Words) and not placement.on_panel(element)
    )
    match placement.place:
        case Place.LEFT | Place.RIGHT | Place.TOP:
            return [(words, placement.place)]
        case Place.BOTTOM:
            logos = tuple(element for element in words if element.role is Role.LOGO)
            texts = tuple(element for element in words if element.role is not Role.LOGO)
            return [(group, edge) for group, edge in ((texts, Place.BOTTOM), (logos, Place.TOP)) if group]
        case Place.PANEL:
            return [(words, Place.TOP)] if words else []
        case Place.NONE:
            return []
        case _:
            raise ValueError(placement.place)


def _zone(
    page: Box, elements: tuple[Words, ...], edge: Place, pixels: Pixels, scale: float, style: Style
) -> Zone:
    patches = [contrast.patch(pixels, element.box, scale) for element in elements]
    reading = min(_veiled(contrast.readings(patches, style.ink), style), key=_reading_cost)
    hull = Box.around([element.box for element in elements])
    pad = min(page.width, page.height) * 0.03
    match edge:
        case Place.TOP:
            solid, whole = hull.bottom + pad, page.height
        case Place.BOTTOM:
            solid, whole = page.height - hull.y + pad, page.height
        case Place.LEFT:
            solid, whole = hull.right + pad, page.width
        case Place.RIGHT:
            solid, whole = page.width - hull.x + pad, page.width
        case _:
            raise ValueError(edge)
    return Zone(elements, reading.ink, Veil(edge, solid, whole * FADE[edge], reading.tint, reading.strength))


def _veiled(readings: list[Reading], style: Style) -> list[Reading]:
    """With the veil that the brand wants at least."""
    least = STRONG_VEIL if style.scrim == "strong" else 0.0
    return [replace(reading, strength=max(least, reading.strength)) for reading in readings]


def _reading_cost(reading: Reading) -> float:
    wash = WASH_COST if reading.dark and reading.strength > WASH else 0.0
    return reading.strength + wash + DARK_INK_COST * reading.dark


def _veil_cost(zones: tuple[Zone, ...], most: float) -> float:
    texts, *logos = (zone.veil.strength for zone in zones)
    too_strong = 1.0 if texts > most else 0.0
    return texts + too_strong + LOGO_COST * sum(logos)


def _unrest_cost(placement: Placement, text: Zone, pixels: Pixels, scale: float) -> float:
    """The busiest ground that any text or button stands on; a veil calms it."""
    near = NEAR * min(pixels.shape[:2]) / scale
    pills = (
        entry.box for entry in placement.elements if isinstance(entry, Pill) and not placement.on_panel(entry)
    )
    boxes = [*(words.box for words in text.elements), *pills]
    patches = [contrast.patch(pixels, box.grown(near), scale) for box in boxes]
    unrest = max(map(contrast.unrest, patches)) * (1 - text.veil.strength)
    return UNREST_COST * unrest + BUSY_COST * max(0.0, unrest - BUSY)


def _crowd_cost(page: Box, text: Zone) -> float:
    if text.veil.edge not in (Place.TOP, Place.BOTTOM):
        return 0.0
    tall = Box.around([element.box for element in text.elements]).height / page.height
    return CROWD_COST * max(0.0, tall - CROWDED)


def covered(placement: Placement, cut: crop.Crop) -> float:
    """How much of the place round the focus lies under type, button, logo or a card, 0 to 1."""
    box = placement.picture
    shorter = min(box.width, box.height)
    across, down = FOCUS_WIDTH * shorter, FOCUS_HEIGHT * shorter
    x, y = box.x + cut.focus[0] * box.width, box.y + cut.focus[1] * box.height
    place = Box(x - across / 2, y - down / 2, across, down)
    shown = place.overlap(box)
    if placement.panel is not None and placement.radius:
        return placement.panel.overlap(place) / shown
    return min(1.0, sum(element.box.overlap(place) for element in placement.elements) / shown)
