"""What an ad will look like before there is a picture: its solved layout as shapes and lines the page draws as SVG."""

from typing import Any

from django.urls import reverse

from runs.composition import Box, Layout, Style, colour
from runs.composition.choose import expected
from runs.composition.layout import Pill, Words
from runs.composition.measure import width
from runs.composition.scripts import of
from runs.models import Asset

GROUND = ("#d9dbe6", "#b9bccb")  # where a look names no colours


def sketch(
    layout: Layout, style: Style, palette: tuple[str, ...], product: Asset | None = None
) -> dict[str, Any]:
    """The preferred placement, with the real product where it will stand in a picture as it was ordered.

    Numbers are words: a page in German must not write 1,5.
    """
    placement, place = layout.placements[0], None
    if product is not None:
        placement, place = expected(layout, (product.width, product.height))
    colours = (palette or GROUND) * 2
    pills = [element for element in placement.elements if isinstance(element, Pill)]
    words = [element for element in placement.elements if isinstance(element, Words)]
    lines = [
        line
        for element in words
        for line in _lines(element, layout, _ink(placement.on_panel(element), style, colours))
    ]
    on_accent = colour.as_hex(colour.ink_on(colour.parse(style.accent)))
    lines += [line for pill in pills for line in _lines(pill.words, layout, on_accent)]
    return {
        "sky": colours[0],
        "wall": colours[1],
        "panel": placement.panel and _box(placement.panel, placement.radius, style.ground),
        "pills": [_box(pill.box, pill.radius, style.accent) for pill in pills],
        "lines": lines,
        "product": place and product and _product(place, product),
    }


def _product(place: Box, product: Asset) -> dict[str, str]:
    url = f"{reverse('runs:media', args=['asset', product.uid])}?size=small"
    return _box(place, 0, "") | {"url": url}


def _ink(on_panel: bool, style: Style, colours: tuple[str, ...]) -> str:
    return colour.as_hex(colour.ink_on(colour.parse(style.ground if on_panel else colours[0])))


def _box(box: Box, radius: float, fill: str) -> dict[str, str]:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "radius": radius}
    return {name: f"{value:.1f}" for name, value in sides.items()} | {"fill": fill}


def _lines(words: Words, layout: Layout, ink: str) -> list[dict[str, str]]:
    return [_line(words, layout, ink, number, text) for number, text in enumerate(words.lines)]


def _line(words: Words, layout: Layout, ink: str, number: int, text: str) -> dict[str, str]:
    length = width(text, words.face, layout.language) * words.size
    spare = words.box.width - length
    rtl = of(layout.language).rtl
    place = {
        "x": words.box.x + (spare / 2 if words.centred else spare if rtl else 0.0),
        "y": words.box.y + words.rise + number * words.pitch,
        "size": words.size,
        "length": length,
    }
    told = {name: f"{value:.1f}" for name, value in place.items()}
    return told | {"text": text, "fill": ink, "weight": str(words.face.weight)}
