"""Scenes under the sky: beach, leaves, mountains, city; and which scene is painted by which function."""

from __future__ import annotations

import math
from collections.abc import Callable

import skia

from . import props
from .brush import Point, far_away, fill, linear, oval, radial, smooth, stroke, textured
from .colour import WHITE, Rgb, mix, shift, tone
from .sets_indoor import arch, bedroom, icy, kitchen, night, studio
from .stage import Ground, Stage, dot, haze, plane, plinth, podium, spot, wash
from .wording import Scene


def beach(stage: Stage) -> Ground:
    """Sky, a low sun, a band of sea, warm sand."""
    wall, unit = stage.palette.wall, stage.unit
    wash(stage, shift(wall, -0.02), mix(wall, stage.palette.glow, 0.6))
    _sun(stage)
    sea = stage.horizon - unit * 0.075
    water = mix((0.14, 0.50, 0.60), wall, 0.30)
    band = skia.Rect.MakeLTRB(0, sea, stage.width, stage.horizon + unit * 0.03)
    stage.canvas.drawRect(
        band,
        linear(
            (0, sea), (0, band.bottom()), [(0.0, shift(water, 0.12), 1.0), (1.0, shift(water, -0.03), 1.0)]
        ),
    )
    _glitter(stage, band)
    _sand(stage)
    return Ground(cast=0.4)


def _sun(stage: Stage) -> None:
    x, y = stage.cx + stage.side * stage.unit * 0.2, stage.horizon - stage.unit * 0.42
    light = mix(stage.palette.glow, (1.0, 0.96, 0.84), 0.6)
    halo = [(0.0, light, 0.9), (0.25, light, 0.5), (1.0, light, 0.0)]
    stage.canvas.drawPaint(radial((x, y), stage.unit * 0.7, halo))
    dot(stage, x, y, stage.unit * 0.135, light, 1.0, blur=stage.unit * 0.004)


def _glitter(stage: Stage, band: skia.Rect) -> None:
    middle = stage.cx + stage.side * stage.unit * 0.2
    for _ in range(46):
        at = stage.rng.random()
        y = band.top() + band.height() * at * 0.85
        x = middle + stage.rng.gauss(0, 1) * stage.unit * (0.06 + 0.25 * at)
        long = stage.unit * stage.rng.uniform(0.012, 0.05)
        stage.canvas.drawLine(
            x - long, y, x + long, y, stroke(WHITE, stage.unit * 0.003, 0.5 * (1 - at * 0.5))
        )


def _sand(stage: Stage) -> None:
    unit, y = stage.unit, stage.horizon
    sand = mix((0.93, 0.80, 0.62), stage.palette.floor, 0.35)
    edge: list[Point] = [
        (stage.width * i / 6, y + unit * 0.014 * math.sin(i * 1.7 + 1)) for i in range(-1, 8)
    ]
    shape = smooth([*edge, (stage.width * 1.3, stage.height * 1.4), (-stage.width * 0.3, stage.height * 1.4)])
    foam = stroke(WHITE, unit * 0.016, 0.75, blur=unit * 0.004)
    stage.canvas.drawPath(smooth(edge, False), foam)
    stops = [(0.0, shift(sand, -0.06), 1.0), (0.12, shift(sand, 0.04), 1.0), (1.0, shift(sand, -0.06), 1.0)]
    stage.canvas.drawPath(shape, linear((0, y), (0, stage.height), stops))
    stage.canvas.drawPath(shape, textured("cloud", 0.22, (unit * 0.004, unit * 0.0011)))
    stage.canvas.drawPath(shape, textured("grain", 0.5))
    for i in range(6):
        at = y + (stage.height - y) * (0.2 + i * 0.14)
        ripple = [(stage.width * k / 6, at + unit * 0.01 * math.sin(k * 1.9 + i * 1.3)) for k in range(-1, 8)]
        stage.canvas.drawPath(
            smooth(ripple, False), stroke(shift(sand, -0.12), unit * 0.008, 0.25, blur=unit * 0.004)
        )
        above = [(px, py - unit * 0.007) for px, py in ripple]
        stage.canvas.drawPath(smooth(above, False), stroke(WHITE, unit * 0.006, 0.2, blur=unit * 0.003))


def botanical(stage: Stage) -> Ground:
    """Leaves behind the hero, sharper the nearer they are; a stone as podium; light through a canopy."""
    wall = stage.palette.wall
    wash(stage, shift(wall, 0.01), shift(wall, -0.05))
    spot(stage, stage.palette.glow, 0.8, 0.8)
    with far_away(stage.canvas, stage.width, stage.height, stage.unit * 0.02) as sheet:
        sheet.drawPaint(
            linear((0, 0), (0, stage.height), [(0.0, shift(wall, 0.01), 1.0), (1.0, shift(wall, -0.05), 1.0)])
        )
        pool = [(0.0, stage.palette.glow, 0.85), (1.0, stage.palette.glow, 0.0)]
        sheet.drawPaint(radial((stage.cx, stage.base - stage.unit * 0.3), stage.unit * 0.7, pool))
        _foliage(stage, sheet, 6, 0.60, 0.35)
    _foliage(stage, stage.canvas, 4, 0.56, 0.0)
    plane(stage, mix(stage.palette.floor, wall, 0.3), shift(stage.palette.floor, -0.1))
    reach, drop = podium(stage, mix((0.62, 0.62, 0.58), stage.palette.glow, 0.45), lift=0.09)
    return Ground(reach=reach, drop=drop)


def _foliage(stage: Stage, sheet: skia.Canvas, branches: int, reach: float, pale: float) -> None:
    """Branches that grow in from both sides and leave the middle and the copy's place free."""
    unit, rng = stage.unit, stage.rng
    for i in range(branches):
        side = -1 if i % 2 else 1
        foot = (stage.cx + side * unit * rng.uniform(reach - 0.1, reach + 0.04), stage.horizon + unit * 0.03)
        rise = unit * rng.uniform(0.22, 0.46)
        tip = (stage.cx + side * unit * rng.uniform(reach - 0.32, reach - 0.18), foot[1] - rise)
        _branch(stage, sheet, foot, tip, mix(props.leaf_green(stage, i // 2), stage.palette.wall, pale))


def _branch(stage: Stage, sheet: skia.Canvas, foot: Point, tip: Point, colour: Rgb) -> None:
    unit, rng = stage.unit, stage.rng
    along = math.degrees(math.atan2(tip[1] - foot[1], tip[0] - foot[0]))
    bow = (foot[0] * 0.45 + tip[0] * 0.55, foot[1] * 0.3 + tip[1] * 0.7 - unit * 0.02)
    sheet.drawPath(smooth([foot, bow, tip], False), stroke(shift(colour, -0.1), unit * 0.006))
    for i in range(4):
        share = 0.25 + i * 0.22
        x, y = foot[0] + (bow[0] - foot[0]) * share, foot[1] + (bow[1] - foot[1]) * share
        if share > 0.55:
            rest = (share - 0.55) / 0.45
            x, y = bow[0] + (tip[0] - bow[0]) * rest, bow[1] + (tip[1] - bow[1]) * rest
        for way in (-1, 1):
            long = unit * rng.uniform(0.13, 0.19) * (1.1 - share * 0.35)
            props.leaf(
                sheet, x, y, long, along + way * rng.uniform(30, 52), shift(colour, way * 0.02), stage.light
            )
    props.leaf(sheet, *tip, unit * 0.14, along, colour, stage.light)


def outdoor(stage: Stage) -> Ground:
    """Mountains that pale with distance, a low sun, mist, a flat rock as podium."""
    wall = stage.palette.wall
    wash(stage, shift(wall, -0.03), mix(wall, stage.palette.glow, 0.75))
    _sun(stage)
    for index in range(4):
        _ridge(stage, index)
    ground = mix(stage.palette.floor, (0.30, 0.36, 0.26), 0.4)
    plane(stage, shift(ground, 0.03), shift(ground, -0.14), 0.002)
    stage.canvas.drawRect(
        stage.below(stage.horizon), textured("cloud", 0.26, (stage.unit * 0.003, stage.unit * 0.0008))
    )
    haze(stage, stage.horizon, stage.unit * 0.09, mix(wall, WHITE, 0.6), 0.65)
    stone = mix((0.52, 0.50, 0.48), stage.palette.floor, 0.25)
    reach = _rock(stage, stone)
    return Ground(cast=0.3, reach=reach, drop=stage.unit * 0.085)


def _ridge(stage: Stage, index: int) -> None:
    unit, near = stage.unit, index / 3
    colour = mix(
        mix(stage.palette.wall, stage.palette.glow, 0.4), shift(stage.palette.floor, -0.22), 0.25 + near * 0.6
    )
    high = unit * (0.36 - near * 0.2)
    points: list[Point] = []
    x = -unit * 0.2
    while x < stage.width + unit * 0.3:
        share = (x - stage.cx) / unit
        peak = (
            high
            * (0.55 + 0.4 * math.sin(share * (3 + index) + index * 2.4) ** 2)
            * stage.rng.uniform(0.8, 1.12)
        )
        if stage.wide and x < stage.width * 0.42:
            peak *= 0.55
        points.append((x, stage.horizon - peak))
        x += unit * stage.rng.uniform(0.05, 0.11)
    shape = [(-unit, stage.horizon + unit * 0.05), *points, (stage.width + unit, stage.horizon + unit * 0.05)]
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in shape], True)
    lit = [(0.0, shift(colour, 0.04), 1.0), (1.0, mix(colour, stage.palette.glow, 0.45), 1.0)]
    blurred = linear((0, stage.horizon - high), (0, stage.horizon), lit, blur=unit * 0.006 * (1.2 - near))
    stage.canvas.drawPath(path, blurred)


def _rock(stage: Stage, stone: Rgb) -> float:
    reach = min(max(stage.hero_size[0] * 0.8, stage.unit * 0.3), stage.width * 0.44)
    plinth(stage, stage.cx, stage.base + reach * 0.02, reach, stage.unit * 0.085, stone)
    top = oval(stage.cx, stage.base + reach * 0.02, reach, reach * 0.17)
    stage.canvas.drawOval(top, textured("cloud", 0.3, (stage.unit * 0.003, stage.unit * 0.0008)))
    return reach


def city(stage: Stage) -> Ground:
    """A skyline at dusk out of focus, its lights as discs, a smooth ledge in front."""
    wall = stage.palette.wall
    wash(stage, shift(wall, -0.03), mix(wall, stage.palette.glow, 0.65))
    with far_away(stage.canvas, stage.width, stage.height, stage.unit * 0.012) as sheet:
        stops = [(0.0, shift(wall, -0.03), 1.0), (0.75, mix(wall, stage.palette.glow, 0.7), 1.0)]
        sheet.drawPaint(linear((0, 0), (0, stage.height), stops))
        for depth in range(3):
            _skyline(stage, sheet, depth)
    _city_lights(stage)
    haze(stage, stage.horizon, stage.unit * 0.16, stage.palette.glow, 0.4)
    ledge = mix((0.55, 0.55, 0.57), stage.palette.floor, 0.5)
    plane(stage, shift(ledge, 0.10), shift(ledge, -0.12), 0.006)
    stage.canvas.drawRect(
        stage.below(stage.horizon), textured("cloud", 0.35, (stage.unit * 0.004, stage.unit * 0.001))
    )
    return Ground(mirror=0.16, cast=0.28)


def _skyline(stage: Stage, sheet: skia.Canvas, depth: int) -> None:
    unit, x = stage.unit, -stage.unit * 0.05
    colour = mix(stage.palette.wall, shift(stage.palette.floor, -0.18), 0.22 + depth * 0.24)
    while x < stage.width:
        w = unit * stage.rng.uniform(0.07, 0.14)
        h = unit * stage.rng.uniform(0.16, 0.46) * (1 - depth * 0.22)
        if stage.wide and x < stage.width * 0.4:
            h *= 0.6
        tower = skia.Rect.MakeXYWH(x, stage.horizon - h, w, h)
        sheet.drawRect(tower, linear((x, tower.top()), (x, stage.horizon), [
            (0.0, colour, 1.0), (1.0, mix(colour, stage.palette.glow, 0.35), 1.0)]))  # fmt: skip
        _windows(stage, sheet, tower)
        x += w + unit * stage.rng.uniform(0.0, 0.03)


def _windows(stage: Stage, sheet: skia.Canvas, tower: skia.Rect) -> None:
    lit = mix(stage.palette.glow, (1.0, 0.86, 0.58), 0.5)
    for _ in range(7):
        x = tower.left() + tower.width() * stage.rng.uniform(0.15, 0.85)
        y = tower.top() + tower.height() * stage.rng.uniform(0.1, 0.9)
        sheet.drawRect(skia.Rect.MakeXYWH(x, y, stage.unit * 0.010, stage.unit * 0.014), fill(lit, 0.8))


def _city_lights(stage: Stage) -> None:
    for _ in range(26):
        x = stage.rng.uniform(0.42 if stage.wide else 0.0, 1.0) * stage.width
        y = stage.horizon - abs(stage.rng.gauss(0, 1)) * stage.unit * 0.1
        colour = mix(stage.rng.choice((stage.palette.trim, stage.palette.glow, (1.0, 0.8, 0.5))), WHITE, 0.25)
        r = stage.unit * stage.rng.uniform(0.010, 0.03)
        dot(stage, x, y, r, tone(colour, 0.86), stage.rng.uniform(0.18, 0.42), blur=r * 0.12)


def near_leaves(stage: Stage) -> None:
    """Leaves so near the lens that they are a blur in the lower corners."""
    unit = stage.unit
    with far_away(stage.canvas, stage.width, stage.height, unit * 0.016) as sheet:
        for side in (1,) if stage.wide else (-1, 1):
            corner = stage.cx + side * min(unit * 0.62, stage.width - stage.cx + unit * 0.04)
            for i in range(2):
                turn = (180 if side > 0 else 0) + side * (38 + i * 34)
                props.leaf(sheet, corner, stage.height + unit * 0.05, unit * (0.30 - i * 0.05), turn,
                           shift(props.leaf_green(stage, 2), -0.05 * i), stage.light)  # fmt: skip


def mist(stage: Stage) -> None:
    """Cold breath over the lower edge."""
    haze(stage, stage.height, stage.unit * 0.10, WHITE, 0.55)


FRONTS: dict[Scene, Callable[[Stage], None]] = {Scene.BOTANICAL: near_leaves, Scene.ICY: mist}
SCENES: dict[Scene, Callable[[Stage], Ground]] = {
    Scene.STUDIO: studio,
    Scene.ARCH: arch,
    Scene.BEACH: beach,
    Scene.NIGHT: night,
    Scene.BOTANICAL: botanical,
    Scene.KITCHEN: kitchen,
    Scene.ICY: icy,
    Scene.OUTDOOR: outdoor,
    Scene.BEDROOM: bedroom,
    Scene.CITY: city,
}
