"""Colours as the painter uses them: sRGB triples, mixed and shaded in OKLab so that tints stay clean."""

from __future__ import annotations

import re
from math import dist, hypot

type Rgb = tuple[float, float, float]
"""Red, green, blue in sRGB, each 0 to 1."""

_HEX = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-zA-Z])")
WHITE: Rgb = (1.0, 1.0, 1.0)
BLACK: Rgb = (0.0, 0.0, 0.0)


def from_hex(code: str) -> Rgb:
    """'#f6c9a8' or '#fca' as a colour; raises ValueError for anything else."""
    digits = code.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6:
        raise ValueError(f"not a hex colour: {code!r}")
    return (int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255)


def hexes_in(words: str) -> list[Rgb]:
    """Every hex colour of a text, in its order."""
    return [from_hex(code) for code in _HEX.findall(words)]


def argb(colour: Rgb, alpha: float = 1.0) -> int:
    """The colour as the 32-bit integer that skia takes."""
    channels = [round(min(1.0, max(0.0, part)) * 255) for part in (alpha, *colour)]
    return channels[0] << 24 | channels[1] << 16 | channels[2] << 8 | channels[3]


def luminance(colour: Rgb) -> float:
    """Relative luminance after WCAG, 0 black to 1 white."""
    red, green, blue = (_linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio after WCAG, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def saturation(colour: Rgb) -> float:
    """How far from grey, 0 to about 0.3 (the chroma of OKLab)."""
    _, a, b = _to_lab(colour)
    return hypot(a, b)


def distance(one: Rgb, other: Rgb) -> float:
    """How different two colours look: 0 for the same, about 1 from black to white."""
    return dist(_to_lab(one), _to_lab(other))


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`one` with a share (0 to 1) of `other` in it."""
    first, second = _to_lab(one), _to_lab(other)
    return _from_lab(*(x + (y - x) * share for x, y in zip(first, second, strict=True)))


def tone(colour: Rgb, lightness: float, chroma: float = 1.0) -> Rgb:
    """The colour at another lightness (OKLab, 0 black to 1 white), its chroma multiplied."""
    _, a, b = _to_lab(colour)
    return _from_lab(min(1.0, max(0.0, lightness)), a * chroma, b * chroma)


def shift(colour: Rgb, lightness: float, chroma: float = 1.0) -> Rgb:
    """The colour made lighter (positive) or darker (negative) by so much lightness."""
    return tone(colour, lightness_of(colour) + lightness, chroma)


def lightness_of(colour: Rgb) -> float:
    """Perceived lightness (OKLab), 0 to 1."""
    return _to_lab(colour)[0]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _to_lab(colour: Rgb) -> tuple[float, float, float]:
    # OKLab by Björn Ottosson, https://bottosson.github.io/posts/oklab/
    r, g, b = (_linear(part) for part in colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_lab(lightness: float, a: float, b: float) -> Rgb:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )
