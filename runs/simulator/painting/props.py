"""Small things that make a set believable: beans, citrus, leaves, ice, pebbles, spheres, petals."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import skia

from .brush import Point, clipped, fill, linear, oval, radial, shade_under, smooth, stroke
from .colour import BLACK, WHITE, Rgb, mix, shift, tone
from .light import GLOSS, MATTE, SATIN, Light, puff
from .stage import Ground, Stage, ball
from .wording import Prop


def strew(stage: Stage, ground: Ground) -> None:
    """Lay the ordered props to both sides of the hero, none on another, none in front of it."""
    spots = _spots(stage, ground)
    for prop in stage.props:
        _PAINTERS[prop](stage, spots)


def _spots(stage: Stage, ground: Ground) -> list[Point]:
    """Places left and right of hero and podium in turn, well apart; the first ones are the best."""
    half = max(stage.hero_size[0] / 2 + stage.unit * 0.09, ground.reach + stage.unit * 0.055)
    room = max(half, min(stage.width - stage.cx, stage.unit * 0.56) - stage.unit * 0.045)
    line = stage.base + ground.drop
    spots: list[Point] = []
    for index in range(60):
        away = half + (room - half) * stage.rng.random()
        x = stage.cx + (1 if index % 2 else -1) * away
        y = min(line + stage.unit * stage.rng.uniform(0.0, 0.085), stage.height - stage.unit * 0.02)
        if all(abs(x - sx) > stage.unit * 0.085 or abs(y - sy) > stage.unit * 0.05 for sx, sy in spots):
            spots.append((x, y))
    return spots


def _beans(stage: Stage, spots: list[Point]) -> None:
    low = max((y for _, y in spots), default=stage.base + stage.unit * 0.08)
    for x, y in sorted((_scatter(stage, low) for _ in range(15)), key=lambda spot: spot[1]):
        size = stage.unit * stage.rng.uniform(0.017, 0.024)
        _bean(stage, x, y, size, stage.rng.uniform(0, 180))


def _scatter(stage: Stage, low: float) -> Point:
    """A place anywhere along the front, below the line `low`."""
    reach = min(stage.unit * 0.5, (stage.width - stage.cx) * 0.95)
    floor = min(low, stage.height - stage.unit * 0.06)
    y = floor + (stage.height - floor) * stage.rng.uniform(0.15, 0.8)
    return stage.cx + stage.rng.uniform(-1, 1) * reach, min(y, floor + stage.unit * 0.1)


def _bean(stage: Stage, x: float, y: float, r: float, turn: float) -> None:
    canvas = stage.canvas
    shade_under(canvas, x, y + r * 0.55, r * 1.0, 0.8, 0.35)
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(1, 0.72)
    canvas.rotate(turn)
    brown = [(0.0, (0.52, 0.33, 0.20), 1.0), (0.6, (0.33, 0.19, 0.11), 1.0), (1.0, (0.17, 0.09, 0.05), 1.0)]
    canvas.drawOval(oval(0, 0, r, r * 0.7), radial((-r * 0.2, -r * 0.35), r * 1.2, brown))
    crease = smooth([(-r, 0), (-r * 0.3, -r * 0.2), (r * 0.3, r * 0.2), (r, 0)], False)
    canvas.drawPath(crease, stroke((0.11, 0.05, 0.03), r * 0.13))
    canvas.restore()


def _citrus(stage: Stage, spots: list[Point]) -> None:
    rind = stage.rng.choice([(0.98, 0.60, 0.16), (0.98, 0.82, 0.22), (0.95, 0.42, 0.33)])
    for index, (x, y) in enumerate(_take(spots, 2)):
        r = stage.unit * stage.rng.uniform(0.06, 0.075) * (1 - 0.2 * index)
        ball(stage, x, y, r, rind, SATIN)
        _slice(stage, x + (1 if x < stage.cx else -1) * r * 1.05, y + r * 0.30, r * 0.9, rind)


def _take(spots: list[Point], count: int) -> list[Point]:
    """The next free places, those further back first: what is nearer covers what is behind."""
    taken, spots[:] = spots[:count], spots[count:]
    return sorted(taken, key=lambda spot: spot[1])


def _slice(stage: Stage, x: float, y: float, r: float, rind: Rgb) -> None:
    """A round slice lying flat."""
    canvas, flat = stage.canvas, 0.42
    shade_under(canvas, x, y + r * 0.12, r * 1.02, 0.8, flat)
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(1, flat)
    canvas.drawOval(oval(0, r * 0.22, r, r), fill(shift(rind, -0.12)))
    canvas.drawOval(oval(0, 0, r, r), fill(rind))
    canvas.drawOval(oval(0, 0, r * 0.92, r * 0.92), fill((1.0, 0.95, 0.86)))
    start = stage.rng.uniform(0, 40)
    for i in range(9):
        _segment(canvas, start + i * 40, r * 0.86, mix(rind, WHITE, 0.12))
    canvas.restore()


def _segment(canvas: skia.Canvas, angle: float, r: float, flesh: Rgb) -> None:
    a, b = math.radians(angle + 4), math.radians(angle + 36)
    tip = (math.cos((a + b) / 2) * r * 0.1, math.sin((a + b) / 2) * r * 0.1)
    wedge = skia.Path()
    wedge.moveTo(*tip)
    wedge.lineTo(math.cos(a) * r, math.sin(a) * r)
    wedge.quadTo(
        math.cos((a + b) / 2) * r * 1.06, math.sin((a + b) / 2) * r * 1.06, math.cos(b) * r, math.sin(b) * r
    )
    wedge.close()
    canvas.drawPath(wedge, radial((0, 0), r, [(0.0, shift(flesh, 0.08), 1.0), (1.0, flesh, 1.0)]))


def _leaves(stage: Stage, spots: list[Point]) -> None:
    for x, y in _take(spots, 2):
        side = -1 if x < stage.cx else 1
        for i in range(3):
            turn = -90 + side * (26 + i * 30 + stage.rng.uniform(-8, 8))
            leaf(
                stage.canvas,
                x,
                y,
                stage.unit * stage.rng.uniform(0.11, 0.17),
                turn,
                leaf_green(stage, i),
                stage.light,
            )
        shade_under(stage.canvas, x, y, stage.unit * 0.04, 0.6, 0.25)


def leaf_green(stage: Stage, index: int) -> Rgb:
    """A green that belongs to the palette."""
    green = ((0.20, 0.43, 0.30), (0.29, 0.52, 0.36), (0.14, 0.33, 0.24))[index % 3]
    return mix(green, stage.palette.floor, 0.22)


def leaf(
    canvas: skia.Canvas, x: float, y: float, length: float, turn: float, colour: Rgb, light: Light
) -> None:
    """One leaf from its stem, its midrib a little bent, one half darker than the other."""
    canvas.save()
    canvas.translate(x, y)
    canvas.rotate(turn)
    bend, half = length * 0.06, length * 0.24
    rib = [(0.0, 0.0), (length * 0.5, bend), (length, 0.0)]
    upper = smooth(
        [
            (0, 0),
            (length * 0.25, -half),
            (length * 0.7, -half * 0.85),
            (length * 1.05, 0),
            (length * 0.5, bend),
        ]
    )
    lower = smooth(
        [(0, 0), (length * 0.25, half), (length * 0.7, half * 0.9), (length * 1.05, 0), (length * 0.5, bend)]
    )
    ends = ((0, 0), (length, 0))
    canvas.drawPath(
        lower, linear(*ends, [(0.0, shift(colour, -0.08), 1.0), (1.0, shift(colour, -0.02), 1.0)])
    )
    canvas.drawPath(upper, linear(*ends, [(0.0, shift(colour, 0.0), 1.0), (1.0, shift(colour, 0.09), 1.0)]))
    canvas.drawPath(smooth(rib, False), stroke(shift(colour, 0.16), length * 0.012, 0.8))
    for i in range(1, 6):
        at = length * i / 6.5
        for way in (-1, 1):
            vein = smooth(
                [
                    (at, bend * 0.8),
                    (at + length * 0.07, way * half * 0.35),
                    (at + length * 0.12, way * half * 0.6),
                ],
                False,
            )
            canvas.drawPath(vein, stroke(shift(colour, 0.12), length * 0.005, 0.45))
    canvas.restore()


def _ice(stage: Stage, spots: list[Point]) -> None:
    for x, y in _take(spots, 4):
        ice_cube(stage, x, y, stage.unit * stage.rng.uniform(0.055, 0.095))


def ice_cube(stage: Stage, x: float, base: float, size: float) -> None:
    """A clear cube with a bright rim, lying on a face."""
    canvas, rng = stage.canvas, stage.rng
    shade_under(canvas, x, base - size * 0.06, size * 0.62, 0.42, 0.3)
    canvas.save()
    canvas.translate(x, base - size * 0.5)
    canvas.rotate(rng.uniform(-14, 14))
    canvas.scale(1, 0.94)
    h = size / 2
    tint = mix(stage.palette.wall, WHITE, 0.55)
    whole = skia.Path()
    whole.addRoundRect(skia.Rect.MakeLTRB(-h, -h, h, h), size * 0.2, size * 0.2)
    glassy = [(0.0, WHITE, 0.85), (0.35, tint, 0.35), (0.75, shift(tint, -0.12), 0.45), (1.0, WHITE, 0.65)]
    canvas.drawPath(whole, linear((-h, -h), (h, h), glassy))
    with clipped(canvas, whole):
        face = smooth(
            [(-h * 0.62, -h * 0.5), (h * 0.5, -h * 0.66), (h * 0.68, h * 0.5), (-h * 0.5, h * 0.66)]
        )
        canvas.drawPath(face, fill(WHITE, 0.28, blur=size * 0.05))
        canvas.drawPath(face, stroke(shift(tint, -0.2), size * 0.02, 0.35, blur=size * 0.012))
        crack = smooth([(-h, h * 0.3), (-h * 0.2, h * 0.05), (h * 0.1, -h * 0.4), (h * 0.8, -h * 0.6)], False)
        canvas.drawPath(crack, stroke(WHITE, size * 0.035, 0.55, blur=size * 0.015))
    canvas.drawPath(whole, stroke(WHITE, size * 0.03, 0.75))
    canvas.drawLine(
        -h * 0.6, -h * 0.72, h * 0.1, -h * 0.76, stroke(WHITE, size * 0.06, 0.95, blur=size * 0.01)
    )
    canvas.restore()


def _pebbles(stage: Stage, spots: list[Point]) -> None:
    stone = mix(stage.palette.floor, (0.55, 0.53, 0.50), 0.45)
    for x, y in _take(spots, 4):
        pebble(
            stage,
            x,
            y,
            stage.unit * stage.rng.uniform(0.022, 0.05),
            shift(stone, stage.rng.uniform(-0.1, 0.14)),
        )


def pebble(stage: Stage, x: float, base: float, r: float, colour: Rgb) -> None:
    """A rounded stone."""
    shade_under(stage.canvas, x - stage.side * r * 0.2, base, r * 1.05, 0.8, 0.22)
    rng = stage.rng
    rim: list[Point] = []
    for i in range(8):
        across, down = (
            math.cos(i * 0.785) * rng.uniform(0.9, 1.12),
            math.sin(i * 0.785) * rng.uniform(0.5, 0.64),
        )
        rim.append((x + across * r, base - r * 0.55 + down * r))
    puff(stage.canvas, smooth(rim), r * 0.5, colour, MATTE, stage.light)


def _spheres(stage: Stage, spots: list[Point]) -> None:
    colours = (stage.palette.trim, stage.palette.glow, mix(stage.palette.floor, stage.palette.trim, 0.3))
    for index, (part, (x, y)) in enumerate(zip((0.046, 0.062, 0.03), _take(spots, 3), strict=False)):
        ball(
            stage,
            x,
            y,
            stage.unit * part * stage.rng.uniform(0.8, 1.15),
            colours[index],
            GLOSS if index else SATIN,
        )


def _petals(stage: Stage, spots: list[Point]) -> None:
    low = max((y for _, y in spots), default=stage.base + stage.unit * 0.08)
    pink = mix(stage.palette.trim, (0.98, 0.78, 0.80), 0.5)
    for _ in range(9):
        x, y = _scatter(stage, low)
        _petal(stage.canvas, x, y, stage.unit * stage.rng.uniform(0.016, 0.03), tone(pink, 0.84), stage.rng)


def _petal(canvas: skia.Canvas, x: float, y: float, r: float, colour: Rgb, rng: random.Random) -> None:
    shade_under(canvas, x, y + r * 0.3, r * 0.95, 0.5, 0.4)
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(1, 0.6)
    canvas.rotate(rng.uniform(0, 360))
    shape = smooth(
        [(-r, 0), (-r * 0.4, -r * 0.75), (r * 0.6, -r * 0.7), (r, 0), (r * 0.5, r * 0.7), (-r * 0.5, r * 0.6)]
    )
    canvas.drawPath(
        shape,
        linear((-r, -r), (r, r), [(0.0, mix(colour, WHITE, 0.5), 1.0), (1.0, shift(colour, -0.12), 1.0)]),
    )
    canvas.drawPath(
        smooth([(-r * 0.8, 0), (0, -r * 0.12), (r * 0.8, 0)], False), stroke(BLACK, r * 0.05, 0.12)
    )
    canvas.restore()


_PAINTERS: dict[Prop, Callable[[Stage, list[Point]], None]] = {
    Prop.BEANS: _beans,
    Prop.CITRUS: _citrus,
    Prop.LEAVES: _leaves,
    Prop.ICE: _ice,
    Prop.PEBBLES: _pebbles,
    Prop.SPHERES: _spheres,
    Prop.PETALS: _petals,
}
