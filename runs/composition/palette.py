"""Whether the plain areas of an ad really have the brand's colours, measured on its pixels."""

import re
from dataclasses import fields
from math import dist

import numpy as np

from .colour import BLACK, NEAR_BLACK, WHITE, Rgb, as_hex, linear, parse
from .contrast import Pixels
from .layout import Pill, Placement
from .values import Box, Check, Style

OFF_PALETTE = 3.0  # CIE76: from here on two colours side by side are seen to differ
_D65 = (0.95047, 1.0, 1.08883)
_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


def check_palette(pixels: Pixels, placement: Placement, style: Style) -> Check:
    """Hold panel and button against the colours of the brand; black and white are everybody's."""
    areas = {element.role.value: element.box for element in placement.elements if isinstance(element, Pill)}
    if placement.panel is not None:
        areas["panel"] = placement.panel
    if not areas:
        return Check("palette", True, "No plain colour lies over the picture.")
    own = _colours(style)
    nearest = {name: _nearest(_commonest(pixels, box), own) for name, box in areas.items()}
    listed = ", ".join(f"{name} ΔE {off:.1f} from {as_hex(near)}" for name, (off, near) in nearest.items())
    return Check("palette", all(off <= OFF_PALETTE for off, _ in nearest.values()), f"{listed}.")


def difference(first: Rgb, second: Rgb) -> float:
    """The distance of two colours in CIELAB (ΔE of 1976)."""
    return dist(_lab(first), _lab(second))


def _colours(style: Style) -> list[Rgb]:
    named = [getattr(style, field.name) for field in fields(style)]
    brand = [
        parse(value) for value in named if isinstance(value, str) and re.fullmatch("#[0-9a-fA-F]{6}", value)
    ]
    return [*brand, WHITE, NEAR_BLACK, BLACK]


def _nearest(painted: Rgb, known: list[Rgb]) -> tuple[float, Rgb]:
    return min((difference(painted, colour), colour) for colour in known)


def _commonest(pixels: Pixels, box: Box) -> Rgb:
    """The colour that most pixels of the box have: type upon it and what shows at its corners are fewer."""
    area = pixels[int(box.y) : int(box.bottom) + 1, int(box.x) : int(box.right) + 1, :3].astype(np.uint32)
    packed = (area[..., 0] << 16 | area[..., 1] << 8 | area[..., 2]).ravel()
    values, counts = np.unique(packed[:: max(1, packed.size // 20_000)], return_counts=True)
    most = int(values[counts.argmax()])
    return most >> 16, most >> 8 & 255, most & 255


def _lab(colour: Rgb) -> tuple[float, float, float]:
    light = [linear(channel / 255) for channel in colour]
    x, y, z = (
        _root(sum(part * value for part, value in zip(row, light, strict=True)) / white)
        for row, white in zip(_XYZ, _D65, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116
