"""Where a hero stands and what it is made with: handed from the stage to the hero's painter."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import skia

from .brush import Point, fill, oval, polygon, smooth, stroke
from .colour import Rgb, lightness_of, mix, shift
from .light import Light, sheet
from .palette import Palette


@dataclass(frozen=True, slots=True)
class Place:
    """A hero's box in pixels: it stands on `base`, its axis at `cx`."""

    canvas: skia.Canvas
    cx: float
    base: float
    height: float
    width: float
    palette: Palette
    light: Light
    rng: random.Random
    wet: bool = False

    @property
    def top(self) -> float:
        return self.base - self.height

    @property
    def left(self) -> float:
        return self.cx - self.width / 2

    def at(self, x: float, y: float) -> Point:
        """A point of the box: x from 0 left to 1 right, y from 0 top to 1 base."""
        return (self.left + x * self.width, self.top + y * self.height)

    def all(self, points: Sequence[Point]) -> list[Point]:
        """Each of the points in pixels, as `at` gives one."""
        return [self.at(x, y) for x, y in points]

    def moved(self, **changes: float) -> Place:
        """The same with these fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def tube(points: Sequence[Point], width: float, taper: float = 1.0) -> skia.Path:
    """A band of that width along the points, its end `taper` times as wide; round when it is puffed."""
    left: list[Point] = []
    right: list[Point] = []
    for index, (x, y) in enumerate(points):
        ahead, behind = points[min(index + 1, len(points) - 1)], points[max(index - 1, 0)]
        dx, dy = ahead[0] - behind[0], ahead[1] - behind[1]
        length = math.hypot(dx, dy) or 1.0
        half = width / 2 * (1 + (taper - 1) * index / max(1, len(points) - 1))
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    return polygon(left + right[::-1])


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float, steps: int = 28) -> list[Point]:
    """Points along an ellipse, angles in degrees, clockwise from the right."""
    angles = [math.radians(start + (end - start) * i / (steps - 1)) for i in range(steps)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def label(place: Place, width: int, height: int, *, under: Rgb, alpha: float = 1.0) -> skia.Image:
    """A hero's printed skin: its ground colour and one of five ornaments. Never a letter."""
    surface, canvas = sheet(width, height, under=under, alpha=alpha)
    ornament(canvas, width, height, under, place.palette, place.rng)
    return surface.makeImageSnapshot()


def ornament(
    canvas: skia.Canvas, width: float, height: float, under: Rgb, palette: Palette, rng: random.Random
) -> None:
    """One of five ornaments in the trim colour, in the middle of a sheet."""
    ink = _ink(under, palette)
    pick = rng.choice((_waves, _rising_sun, _blocks, _hills, _drops))
    pick(canvas, width, height, ink, mix(under, ink, 0.45))


def _ink(under: Rgb, palette: Palette) -> Rgb:
    far = abs(lightness_of(palette.trim) - lightness_of(under)) > 0.16
    return palette.trim if far else shift(palette.trim, 0.34 if lightness_of(under) < 0.6 else -0.34)


def _waves(canvas: skia.Canvas, w: float, h: float, ink: Rgb, soft: Rgb) -> None:
    for i in range(5):
        y = h * (0.56 + i * 0.055)
        points = [(w * x / 8, y + h * 0.035 * math.sin(x * 1.5 + i * 0.35)) for x in range(-1, 10)]
        canvas.drawPath(smooth(points, False), stroke(mix(ink, soft, i / 6), h * 0.02))
    canvas.drawOval(oval(w / 2, h * 0.3, h * 0.06, h * 0.06), fill(ink))


def _rising_sun(canvas: skia.Canvas, w: float, h: float, ink: Rgb, soft: Rgb) -> None:
    canvas.drawOval(oval(w / 2, h * 0.5, h * 0.17, h * 0.17), fill(ink))
    for i in range(4):
        y = h * (0.55 + i * 0.05)
        canvas.drawRect(skia.Rect.MakeXYWH(0, y, w, h * (0.012 + i * 0.007)), fill(soft))


def _blocks(canvas: skia.Canvas, w: float, h: float, ink: Rgb, soft: Rgb) -> None:
    canvas.drawRect(skia.Rect.MakeXYWH(0, h * 0.56, w, h * 0.3), fill(ink))
    canvas.drawRect(skia.Rect.MakeXYWH(0, h * 0.535, w, h * 0.012), fill(soft))
    canvas.drawOval(oval(w / 2, h * 0.36, h * 0.075, h * 0.075), stroke(ink, h * 0.018))


def _hills(canvas: skia.Canvas, w: float, h: float, ink: Rgb, soft: Rgb) -> None:
    for i, share in enumerate((0.0, 0.4, 0.85)):
        y = h * (0.54 + i * 0.1)
        points = [(w * x / 6, y + h * 0.06 * math.cos(x * 1.9 + i * 2.2)) for x in range(-1, 8)]
        canvas.drawPath(
            smooth([*points, (w * 1.2, h * 0.88), (-w * 0.2, h * 0.88)]), fill(mix(soft, ink, share))
        )
    canvas.drawOval(oval(w * 0.56, h * 0.36, h * 0.055, h * 0.055), fill(ink))


def _drops(canvas: skia.Canvas, w: float, h: float, ink: Rgb, soft: Rgb) -> None:
    for row in range(5):
        for column in range(9):
            x, y = w * (column + 0.5 * (row % 2)) / 8, h * (0.36 + row * 0.08)
            r = h * 0.022 * (1.1 - abs(row - 2) * 0.22)
            canvas.drawOval(oval(x, y, r, r), fill(ink if row % 2 else soft))
