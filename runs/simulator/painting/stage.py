"""The set of one picture: its size, horizon, the hero's place, lamps and chance. Scenes build on it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import skia

from .brush import Stop, fill, linear, oval, radial, shade_under, stroke
from .colour import BLACK, WHITE, Rgb, lightness_of, mix, shift, tone
from .heroes import size_of
from .light import MATTE, SATIN, Light, Material, Turned, puff, turn
from .palette import Palette
from .wording import Hero, Order, Prop

WIDE = 1.25
"""From this ratio on copy stands at the left, below it copy stands above."""
EYE = 0.17
"""The camera looks down a little: a circle on the ground is this high by its width."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a scene tells about the hero's ground."""

    mirror: float = 0.0
    """how much of the hero it reflects, 0 to 1"""
    shadow: float = 1.0
    """strength of shadows, 1 in full light"""
    cast: float = 0.34
    """strength of the long shadow away from the light"""
    reach: float = 0.0
    """half the width of the podium, in pixels: props lie outside it"""
    drop: float = 0.0
    """how far below the hero's base the props' ground is, in pixels"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is, in pixels."""

    canvas: skia.Canvas
    width: int
    height: int
    hero: Hero
    props: tuple[Prop, ...]
    palette: Palette
    light: Light
    rng: random.Random

    @property
    def wide(self) -> bool:
        """Whether the hero stands beside the room for copy instead of below it."""
        return self.width / self.height >= WIDE

    @property
    def side(self) -> int:
        """Where the light comes from: -1 left, 1 right."""
        return self.light.side

    @property
    def unit(self) -> float:
        """A measure that looks the same in every shape: the side of the square in which the hero stands."""
        return self.height * 1.05 if self.wide else min(self.width, self.height * 0.8)

    @property
    def cx(self) -> float:
        """The hero's axis, from the left edge."""
        return self.width * (0.70 if self.wide else 0.5)

    @property
    def cy(self) -> float:
        """The hero's middle, from the top edge."""
        return self.height * (0.58 if self.wide else 0.66)

    @property
    def hero_size(self) -> tuple[float, float]:
        """Width and height of the hero."""
        if self.wide:
            return size_of(self.hero, self.width * 0.36, self.height * 0.58)
        return size_of(self.hero, self.width * 0.66, min(self.height * 0.42, self.width * 0.68))

    @property
    def base(self) -> float:
        """The line on which the hero stands."""
        return min(self.cy + self.hero_size[1] / 2, self.height * 0.885)

    @property
    def horizon(self) -> float:
        """Where wall and ground meet, from the top edge."""
        return self.base - self.unit * 0.15

    def sheet(self) -> skia.Rect:
        """The whole picture."""
        return skia.Rect.MakeWH(self.width, self.height)

    def below(self, y: float) -> skia.Rect:
        """The picture from that height to its bottom edge."""
        return skia.Rect.MakeLTRB(0, y, self.width, self.height)


def order_stage(canvas: skia.Canvas, width: int, height: int, order: Order, rng: random.Random) -> Stage:
    """Set the lamps and lay out the stage for an order."""
    side = -1 if rng.random() < 0.6 else 1
    warm = mix(WHITE, order.palette.glow, 0.35)
    light = Light(side, order.palette.wall, order.palette.floor, tone(warm, 0.985), rng.uniform(0.4, 0.75))
    return Stage(canvas, width, height, order.hero, order.props, order.palette, light, rng)


def wash(stage: Stage, top: Rgb, bottom: Rgb) -> None:
    """A backdrop from top to bottom of the whole sheet."""
    stops: list[Stop] = [(0.0, top, 1.0), (1.0, bottom, 1.0)]
    stage.canvas.drawPaint(linear((0, 0), (0, stage.height), stops))


def spot(stage: Stage, colour: Rgb, alpha: float = 0.85, reach: float = 0.75, lift: float = 0.25) -> None:
    """The lamp's pool of light on the wall behind the hero."""
    alpha *= 0.6 if is_dark(stage) else 1.0
    centre = (stage.cx + stage.side * stage.unit * 0.16, stage.cy - stage.unit * lift)
    radius = stage.unit * reach
    stops: list[Stop] = [(0.0, colour, alpha), (0.5, colour, alpha * 0.42), (1.0, colour, 0.0)]
    stage.canvas.drawPaint(radial(centre, radius, stops))


def sweep(stage: Stage, ground: Rgb, soft: float = 0.05) -> None:
    """A ground that bends up into the wall as paper does, without an edge."""
    top = stage.horizon - stage.unit * soft
    span = stage.height - top
    far, near = mix(stage.palette.wall, ground, 0.55), shift(ground, -0.05)
    bend = min(0.5, stage.unit * soft * 3 / span)
    stops: list[Stop] = [(0.0, far, 0.0), (bend, mix(far, ground, 0.35), 1.0), (1.0, near, 1.0)]
    stage.canvas.drawRect(stage.below(top), linear((0, top), (0, stage.height), stops))
    pool = [(0.0, stage.palette.glow, 0.5), (1.0, stage.palette.glow, 0.0)]
    centre = (stage.cx + stage.side * stage.unit * 0.1, stage.base)
    stage.canvas.drawRect(stage.below(top), radial(centre, stage.unit * 0.6, pool, 0.32))


def plane(stage: Stage, far: Rgb, near: Rgb, edge: float = 0.004) -> None:
    """A ground with a horizon line."""
    y = stage.horizon
    stage.canvas.drawRect(
        stage.below(y), linear((0, y), (0, stage.height), [(0.0, far, 1.0), (1.0, near, 1.0)])
    )
    soft = stage.unit * edge
    stage.canvas.drawLine(0, y, stage.width, y, stroke(mix(far, BLACK, 0.25), soft * 2, 0.35, blur=soft * 2))


def podium(
    stage: Stage, colour: Rgb, material: Material = MATTE, lift: float = 0.075, spread: float = 1.0
) -> tuple[float, float]:
    """A round podium whose top is the hero's ground. Returns its reach and drop (see Ground)."""
    reach = max(stage.hero_size[0] * 0.74, stage.unit * 0.27) * spread
    reach = min(reach, stage.width * (0.26 if stage.wide else 0.46))
    plinth(stage, stage.cx, stage.base + reach * EYE * 0.12, reach, stage.unit * lift, colour, material)
    return reach, stage.unit * lift


def plinth(
    stage: Stage, cx: float, top: float, reach: float, lift: float, colour: Rgb, material: Material = MATTE
) -> None:
    """A round block with its lit top and the shadow it stands in."""
    shade_under(stage.canvas, cx - stage.side * reach * 0.10, top + lift, reach * 1.06, 0.75, EYE)
    body = Turned(((0, 0.99), (0.04, 1), (1, 1)), cx, top, lift, reach, EYE)
    turn(stage.canvas, body, shift(colour, -0.03), material, stage.light)
    ry = reach * EYE
    bright, dim = shift(colour, 0.045, 0.95), shift(colour, -0.045)
    ends = ((cx + stage.side * reach, top - ry), (cx - stage.side * reach, top + ry))
    stage.canvas.drawOval(oval(cx, top, reach, ry), linear(*ends, [(0.0, bright, 1.0), (1.0, dim, 1.0)]))
    rim = stroke(WHITE, max(1.0, reach * 0.006), 0.38)
    stage.canvas.drawArc(oval(cx, top, reach * 0.995, ry * 0.99), 10, 160, False, rim)


def ball(
    stage: Stage, cx: float, base: float, radius: float, colour: Rgb, material: Material = SATIN
) -> None:
    """A sphere on the ground with its shadow."""
    shade_under(stage.canvas, cx - stage.side * radius * 0.2, base - radius * 0.06, radius * 0.9, 0.7, 0.2)
    path = skia.Path()
    path.addCircle(cx, base - radius, radius)
    puff(stage.canvas, path, radius, colour, material, stage.light)


def haze(stage: Stage, y: float, thickness: float, colour: Rgb, alpha: float) -> None:
    """A band of mist across the picture."""
    stops: list[Stop] = [(0.0, colour, 0.0), (0.5, colour, alpha), (1.0, colour, 0.0)]
    band = skia.Rect.MakeLTRB(0, y - thickness, stage.width, y + thickness)
    stage.canvas.drawRect(band, linear((0, y - thickness), (0, y + thickness), stops))


def is_dark(stage: Stage) -> bool:
    """Whether the wall is so dark that a lamp's pool stands out hard."""
    return lightness_of(stage.palette.wall) < 0.45


def dot(
    stage: Stage, x: float, y: float, radius: float, colour: Rgb, alpha: float, blur: float = 0.0
) -> None:
    """A disc, soft when it is out of focus."""
    stage.canvas.drawCircle(x, y, radius, fill(colour, alpha, blur=blur))
