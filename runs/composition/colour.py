"""Colours as #rrggbb and as numbers; luminance and contrast as WCAG 2 defines them."""

import re

from .errors import BadColour

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
NEAR_BLACK: Rgb = (16, 19, 24)  # softer than black, still 18:1 on white
BLACK: Rgb = (0, 0, 0)
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3


def parse(colour: str) -> Rgb:
    """The colour of "#rrggbb". Raises BadColour."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise BadColour(colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def as_hex(colour: Rgb) -> str:
    """As CSS writes it: `#c65a38`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def argb(colour: Rgb, alpha: float = 1.0) -> int:
    """The colour as skia takes it: 0xAARRGGBB."""
    red, green, blue = colour
    return (round(alpha * 255) << 24) | (red << 16) | (green << 8) | blue


def mixed(first: Rgb, second: Rgb, part: float) -> Rgb:
    """The first colour with `part` (0 to 1) of the second in it."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def linear(channel: float) -> float:
    """One sRGB channel (0 to 1) as light."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(colour: Rgb) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: float, second: float) -> float:
    """The contrast of two luminances, 1 to 21."""
    lighter, darker = max(first, second), min(first, second)
    return (lighter + 0.05) / (darker + 0.05)


def contrast(first: Rgb, second: Rgb) -> float:
    """The contrast of two colours, 1 to 21."""
    return ratio(luminance(first), luminance(second))


def ink_on(ground: Rgb) -> Rgb:
    """The ink that reads best on a plain ground; white wherever white is readable enough."""
    if contrast(WHITE, ground) >= READABLE:
        return WHITE
    return NEAR_BLACK if contrast(NEAR_BLACK, ground) >= READABLE else BLACK


def softened(ink: Rgb, ground: Rgb, part: float, least: float = 5.5) -> Rgb:
    """The ink with some of the ground in it, for what is read second; the ink itself where that would be faint."""
    soft = mixed(ink, ground, part)
    return soft if contrast(soft, ground) >= least else ink
