"""Puts pixels where the layout says: picture, panel, veils, then type, pills and logo."""

from dataclasses import dataclass, replace
from io import BytesIO
from math import dist
from typing import Any

import numpy as np
import skia
from PIL import Image

from . import colour, contrast, product
from .choose import Staging, Zone
from .colour import READABLE, Rgb
from .contrast import AIM, Pixels, Veil
from .fonts import paragraph
from .layout import Layout, Pill, Place, Sign, Words
from .measure import width
from .product import Stand
from .scripts import of
from .values import Box, Role, Style

FINER = 0.04  # how much stronger a veil gets when the full picture is harder to read than its preview
MOST_ROUNDS = 14
SEEN_LIGHT, SEEN_HUE = 1.35, 85  # contrast, or distance in RGB, that sets a button off its ground
LINE_SOFTNESS, LEGAL_SOFTNESS = 0.14, 0.28  # how far secondary type steps back on a panel
LOGO_LIGHT, LOGO_HUE = 2.0, 140  # the same for a logo, whose parts are finer
PLATE_MARGIN = 0.18  # of the logo's height, at each side
PLATE_RADIUS = 0.18


@dataclass(frozen=True, slots=True)
class Painting:
    """The finished pixels (height × width × RGBA), and what was measured while painting.

    `inks` are the colours of the type by its role; a logo that is a picture has none.
    """

    pixels: Pixels
    contrast: dict[str, float]
    inks: dict[str, Rgb]
    scrim: float
    ink: str
    product: tuple[Pixels, Stand] | None = None  # what the cut-out brought, and where it went

    @property
    def product_shift(self) -> float:
        """How far the product's colours are from the upload's (CIE76)."""
        return product.colour_shift(self.pixels, *self.product) if self.product else 0.0


def paint(
    layout: Layout, staging: Staging, picture: Image.Image, style: Style, cutout: Image.Image | None = None
) -> Painting:
    """Paint one ad. The picture is RGB, the product's cut-out RGBA; everything else comes from the layout."""
    pixels = _ground(layout, staging, picture, style)
    staging = _veils(pixels, staging)
    layer = None
    if cutout is not None and staging.product is not None:
        layer = product.lay(pixels, cutout, staging.product)  # after the veils: they would change its colours
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType)
    if staging.placement.panel and staging.placement.radius:
        _fill_round(
            surface.getCanvas(),
            staging.placement.panel,
            staging.placement.radius,
            colour.parse(style.ground),
        )
    painter = _Painter(layout, staging, style, pixels, surface.getCanvas())
    painter.elements()
    surface.flushAndSubmit()
    laid = None if layer is None or staging.product is None else (layer, staging.product)
    return Painting(pixels, painter.contrast, painter.inks, staging.strongest, painter.main_ink, laid)


def _ground(layout: Layout, staging: Staging, picture: Image.Image, style: Style) -> Pixels:
    """The cropped picture in its place, the panel beside it."""
    placement, page = staging.placement, layout.page
    box = placement.picture
    left, top, across, down = (round(value) for value in (box.x, box.y, box.width, box.height))
    resized = picture.resize((across, down), Image.Resampling.LANCZOS, box=staging.crop.edges, reducing_gap=3)
    scene = resized.convert("RGBA")
    if (across, down) == (round(page.width), round(page.height)):
        return np.array(scene)
    pixels = np.empty((round(page.height), round(page.width), 4), np.uint8)
    pixels[:] = (*colour.parse(style.ground), 255)
    pixels[top : top + down, left : left + across] = np.asarray(scene)
    return pixels


def _veils(pixels: Pixels, staging: Staging) -> Staging:
    """Lay the veils, as much stronger as the full picture needs; the staging with what was laid."""
    bare: Pixels | None = None
    for _ in range(MOST_ROUNDS):
        if staging.strongest:
            bare = pixels.copy() if bare is None else bare
            pixels[:] = bare
            _draw_veils(pixels, [zone.veil for zone in staging.zones])
        faint = [zone for zone in staging.zones if _least(pixels, zone) < AIM]
        if not faint:
            break
        zones = (
            replace(zone, veil=zone.veil.stronger(FINER)) if zone in faint else zone for zone in staging.zones
        )
        staging = replace(staging, zones=tuple(zones))
    return staging


def _least(pixels: Pixels, zone: Zone) -> float:
    return min(contrast.measured(contrast.patch(pixels, words.box), zone.ink) for words in zone.elements)


def _draw_veils(pixels: Pixels, veils: list[Veil]) -> None:
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType)
    for veil in veils:
        if veil.strength:
            _draw_veil(surface.getCanvas(), veil, pixels.shape[1], pixels.shape[0])
    surface.flushAndSubmit()


def _draw_veil(canvas: Any, veil: Veil, across: int, down: int) -> None:
    stops = veil.stops()
    length = stops[-1][0]
    start, end, area = _veil_lines(veil.edge, length, across, down)
    colours = [colour.argb(veil.colour, strength) for _, strength in stops]
    shader = skia.GradientShader.MakeLinear(
        [start, end], colours, [distance / length for distance, _ in stops]
    )
    canvas.drawRect(area, skia.Paint(Shader=shader, Dither=True))


def _veil_lines(edge: Place, length: float, across: int, down: int) -> tuple[Any, Any, Any]:
    """From where to where a veil runs, and the rectangle it covers."""
    match edge:
        case Place.TOP:
            return skia.Point(0, 0), skia.Point(0, length), skia.Rect.MakeLTRB(0, 0, across, length)
        case Place.BOTTOM:
            area = skia.Rect.MakeLTRB(0, down - length, across, down)
            return skia.Point(0, down), skia.Point(0, down - length), area
        case Place.LEFT:
            return skia.Point(0, 0), skia.Point(length, 0), skia.Rect.MakeLTRB(0, 0, length, down)
        case Place.RIGHT:
            area = skia.Rect.MakeLTRB(across - length, 0, across, down)
            return skia.Point(across, 0), skia.Point(across - length, 0), area
        case _:
            raise ValueError(edge)


def _fill_round(canvas: Any, box: Box, radius: float, fill: Rgb) -> None:
    shape = skia.Rect.MakeXYWH(box.x, box.y, box.width, box.height)
    canvas.drawRoundRect(shape, radius, radius, skia.Paint(AntiAlias=True, Color=colour.argb(fill)))


class _Painter:
    """Draws one ad's elements and notes the contrast behind each."""

    def __init__(self, layout: Layout, staging: Staging, style: Style, pixels: Pixels, canvas: Any) -> None:
        self.layout = layout
        self.placement = staging.placement
        self.zones = staging.zones
        self.style = style
        self.pixels = pixels
        self.canvas = canvas
        self.primary = colour.parse(style.ground)
        self.accent = colour.parse(style.accent)
        self.contrast: dict[str, float] = {}
        self.inks: dict[str, Rgb] = {}

    @property
    def main_ink(self) -> str:
        over_picture = self.zones and self.placement.panel is None
        ink = self.zones[0].ink if over_picture else colour.ink_on(self.primary)
        return colour.as_hex(ink)

    def elements(self) -> None:
        for element in self.placement.elements:
            match element:
                case Words():
                    self._words(element, self._ink(element))
                case Pill():
                    self._pill(element)
                case Sign():
                    self._sign(element)

    def _ink(self, words: Words) -> Rgb:
        zone = next((zone for zone in self.zones if words in zone.elements), None)
        if zone is not None:
            return zone.ink
        ink = colour.ink_on(self.primary)
        match words.role:
            case Role.LINE:
                return colour.softened(ink, self.primary, LINE_SOFTNESS)
            case Role.LEGAL:
                return colour.softened(ink, self.primary, LEGAL_SOFTNESS)
            case Role.PRICE if colour.contrast(self.accent, self.primary) >= READABLE:
                return self.accent
            case _:
                return ink

    def _words(self, words: Words, ink: Rgb) -> None:
        behind = contrast.patch(self.pixels, words.box)
        self.contrast[words.role] = round(contrast.measured(behind, ink), 2)
        self._lines(words, ink)

    def _lines(self, words: Words, ink: Rgb) -> None:
        self.inks[words.role] = ink
        rtl = of(self.layout.language).rtl
        baseline = words.box.y + words.rise
        for line in words.lines:
            set_line = paragraph(line, words.face, words.size, self.layout.language, colour.argb(ink))
            spare = words.box.width - width(line, words.face, self.layout.language) * words.size
            shift = spare / 2 if words.centred else spare - words.lead if rtl else words.lead
            set_line.paint(self.canvas, words.box.x + shift, baseline - set_line.AlphabeticBaseline)
            baseline += words.pitch

    def _pill(self, pill: Pill) -> None:
        fill, label = self._pill_colours(pill)
        _fill_round(self.canvas, pill.box, pill.radius, fill)
        self.contrast[pill.role] = round(colour.contrast(label, fill), 2)
        self._lines(pill.words, label)

    def _pill_colours(self, pill: Pill) -> tuple[Rgb, Rgb]:
        """The accent, with the brand's own ink where that can be read; swapped for the ink on a like ground."""
        if _alike(_mean(contrast.patch(self.pixels, pill.box)), self.accent, SEEN_LIGHT, SEEN_HUE):
            fill = colour.parse(self.main_ink)
            return fill, colour.ink_on(fill)
        if self.style.on_accent:
            own = colour.parse(self.style.on_accent)
            if colour.contrast(own, self.accent) >= READABLE:
                return self.accent, own
        return self.accent, colour.ink_on(self.accent)

    def _sign(self, sign: Sign) -> None:
        """The logo; smaller and on a plate where it would drown in its ground."""
        logo = _logo(self.style.logo or b"", sign.box)
        own, ground = _mean(logo[logo[..., 3] > 128]), _mean(contrast.patch(self.pixels, sign.box))
        box = sign.box
        if _alike(own, ground, LOGO_LIGHT, LOGO_HUE):
            ground = colour.WHITE if colour.luminance(own) < 0.4 else colour.NEAR_BLACK
            _fill_round(self.canvas, box, box.height * PLATE_RADIUS, ground)
            box = box.grown(-box.height * PLATE_MARGIN)
            logo = _logo(self.style.logo or b"", box)
        self.contrast[sign.role] = round(colour.contrast(own, ground), 2)
        _lay(self.pixels, logo, box)


def _logo(data: bytes, box: Box) -> Pixels:
    """The logo's pixels (RGBA) at the size of its box."""
    size = max(1, int(box.width)), max(1, int(box.height))
    with Image.open(BytesIO(data), formats=("PNG",)) as file:
        return np.asarray(file.convert("RGBA").resize(size, Image.Resampling.LANCZOS))


def _lay(pixels: Pixels, layer: Pixels, box: Box) -> None:
    """Lay RGBA pixels over the canvas, from the box's corner."""
    down, across = layer.shape[:2]
    left, top = int(box.x), int(box.y)
    ground = pixels[top : top + down, left : left + across, :3]
    alpha = layer[..., 3:] / 255
    ground[:] = (layer[..., :3] * alpha + ground * (1 - alpha)).round()


def _mean(pixels: Pixels) -> Rgb:
    """The mean colour; white for no pixels at all."""
    if not pixels.size:
        return colour.WHITE
    red, green, blue = (int(channel) for channel in pixels[..., :3].reshape(-1, 3).mean(axis=0))
    return red, green, blue


def _alike(first: Rgb, second: Rgb, light: float, hue: float) -> bool:
    """Whether two colours are too near to be told apart, in light and in hue."""
    return colour.contrast(first, second) < light and dist(first, second) < hue
