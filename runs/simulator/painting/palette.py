"""Which colour plays which part in a picture: the palette named in the prompt, or one that fits its words."""

from __future__ import annotations

from dataclasses import dataclass

from .colour import Rgb, contrast, distance, from_hex, lightness_of, mix, saturation, shift, tone


@dataclass(frozen=True, slots=True)
class Palette:
    """The parts that colours play: the set (wall, floor, glow) and the hero (body, trim)."""

    wall: Rgb
    """the backdrop: the prompt's first colour"""
    floor: Rgb
    """what things stand on: darker than the wall"""
    glow: Rgb
    """light, podium tops, sun: lighter than the wall"""
    body: Rgb
    """the hero: stands out from the wall"""
    trim: Rgb
    """lids, stripes, small props"""


# name in a prompt -> wall, deep, body, trim
NAMED: dict[str, tuple[str, ...]] = {
    "peach": ("#f6c9a8", "#e8825b", "#2f1b33", "#ff9d6c"),
    "mint": ("#cfeadd", "#7fbfa3", "#0f3b35", "#f2c879"),
    "violet": ("#6b5bd2", "#2c2360", "#ece8ff", "#ff9ec7"),
    "lemon": ("#ffe38a", "#efb93a", "#173a2c", "#fff6d8"),
    "sky": ("#bfdefa", "#6aa9e6", "#f7fbff", "#2f6fde"),
    "rose": ("#fbc9d4", "#e68aa2", "#5a1230", "#ffe9ee"),
    "sand": ("#eee0cb", "#cdb08a", "#3b2716", "#e0a558"),
    "slate": ("#6b7686", "#2f3743", "#eef2f7", "#4fd1c5"),
    "sage": ("#d5dcc6", "#94a57f", "#3a4a33", "#f3e9d2"),
    "terracotta": ("#e9a583", "#b9603f", "#fbeee2", "#5b2b1d"),
    "lilac": ("#ddd0f2", "#a98fd6", "#35215c", "#ffd9a8"),
    "teal": ("#7cc4c4", "#2b7a80", "#fff4e2", "#f28b5b"),
}
_ALIASES = {
    "warm": "peach", "orange": "peach", "coral": "terracotta", "clay": "terracotta", "fresh": "mint",
    "green": "sage", "purple": "violet", "neon": "violet", "yellow": "lemon", "gold": "sand",
    "golden": "sand", "blue": "sky", "icy": "sky", "cold": "sky", "ice": "sky", "pink": "rose",
    "beige": "sand", "brown": "sand", "cream": "sand", "grey": "slate", "gray": "slate", "dark": "slate",
    "lavender": "lilac", "turquoise": "teal", "red": "terracotta",
}  # fmt: skip


def palette_for(named: list[Rgb], words: list[str], chance: int) -> Palette:
    """The palette of a picture.

    named: the hex colours of the prompt, most important first; they always win. words: the prompt's words in
    lower case, searched for colour names. chance: any number, decides when nothing else does.
    """
    if not named:
        name = next((_ALIASES.get(word, word) for word in words if word in NAMED or word in _ALIASES), None)
        named = [from_hex(code) for code in NAMED[name or sorted(NAMED)[chance % len(NAMED)]]]
    return _assign(named)


def at_night(palette: Palette) -> Palette:
    """The same colours with the lights out: a deep wall, a hero that shines."""
    deep = min((palette.wall, palette.floor, palette.body), key=lightness_of)
    hue = max((palette.wall, palette.floor, palette.trim), key=saturation)
    wall = tone(mix(deep, hue, 0.55), 0.27, 1.15)
    body = palette.body if contrast(palette.body, wall) > 4 else tone(palette.glow, 0.9)
    return Palette(wall, tone(wall, 0.16), tone(hue, 0.74, 1.35), body, palette.trim)


def _assign(colours: list[Rgb]) -> Palette:
    wall, rest = colours[0], colours[1:]
    darker = [colour for colour in rest if lightness_of(colour) < lightness_of(wall) - 0.04]
    floor = min(darker, key=lambda colour: distance(colour, wall)) if darker else shift(wall, -0.13, 1.1)
    if distance(floor, wall) > 0.32:
        floor = mix(wall, floor, 0.32 / distance(floor, wall))
    body = _body(wall, rest)
    others = [colour for colour in (*rest, wall) if distance(colour, body) > 0.18]
    trim = max(others, key=saturation) if others else shift(body, 0.3 if lightness_of(body) < 0.6 else -0.3)
    lighter = [colour for colour in rest if lightness_of(colour) > lightness_of(wall) + 0.05]
    glow = min(lighter, key=lambda colour: distance(colour, wall)) if lighter else wall
    # As much lighter as there is room above the wall: a dark set stays dark.
    lamp = lightness_of(wall) + (1 - lightness_of(wall)) * 0.5
    return Palette(wall, floor, tone(glow, lamp, 0.8), body, trim)


def _body(wall: Rgb, rest: list[Rgb]) -> Rgb:
    best = max(rest, key=lambda colour: distance(colour, wall), default=None)
    if best is not None and distance(best, wall) > 0.22:
        return best
    hue = best or wall
    return tone(hue, 0.3, 1.0) if lightness_of(wall) > 0.6 else tone(hue, 0.93, 0.5)
