"""Scenes under a roof: studio, arch, night, kitchen, ice, bedroom. Each paints what is behind the hero."""

from __future__ import annotations

import math

import skia

from . import props
from .brush import (
    Point,
    falling_shadow,
    far_away,
    fill,
    layer,
    linear,
    oval,
    polygon,
    radial,
    smooth,
    stroke,
    textured,
)
from .colour import BLACK, WHITE, Rgb, mix, shift, tone
from .light import SATIN
from .stage import Ground, Stage, haze, plane, plinth, podium, spot, sweep, wash


def studio(stage: Stage) -> Ground:
    """Seamless paper, a lamp's pool, a podium and a lower block behind it."""
    wall = stage.palette.wall
    wash(stage, shift(wall, -0.035), shift(wall, 0.015))
    spot(stage, stage.palette.glow)
    disc(stage, stage.rng.uniform(0.24, 0.3), 0.34)
    sweep(stage, stage.palette.floor)
    window_light(stage, 0.30)
    side = stage.rng.choice((-1, 1))
    block = stage.cx + side * stage.unit * 0.34
    plinth(
        stage,
        block,
        stage.base - stage.unit * 0.11,
        stage.unit * 0.1,
        stage.unit * 0.115,
        stage.palette.floor,
    )
    reach, drop = podium(stage, mix(stage.palette.glow, stage.palette.wall, 0.35))
    return Ground(reach=reach, drop=drop)


def disc(stage: Stage, reach: float, alpha: float) -> None:
    """A pale paper disc on the wall behind the hero, with its soft shadow."""
    r = stage.unit * reach
    x, y = stage.cx + stage.side * -stage.unit * 0.05, stage.base - stage.hero_size[1] * 0.62
    drop = stage.unit * 0.02
    stage.canvas.drawCircle(x - stage.side * drop, y + drop, r, fill(BLACK, 0.13, blur=drop * 1.2))
    ends = ((x + stage.side * r, y - r), (x - stage.side * r, y + r))
    pale = [
        (0.0, stage.palette.glow, min(1.0, alpha * 2.4)),
        (1.0, mix(stage.palette.glow, stage.palette.wall, 0.6), 0.95),
    ]
    stage.canvas.drawCircle(x, y, r, linear(*ends, pale))


def window_light(stage: Stage, alpha: float) -> None:
    """Sun through a window: slanted panes of light on wall and ground, soft at the edges."""
    unit, lean = stage.unit, -stage.side
    with layer(stage.canvas, alpha=alpha, mode=skia.BlendMode.kSoftLight):
        x0 = stage.cx + stage.side * unit * stage.rng.uniform(0.30, 0.42)
        y0 = stage.base - unit * stage.rng.uniform(0.92, 1.02)
        for column in range(2):
            for row in range(3):
                x, y = x0 + lean * column * unit * 0.26, y0 + row * unit * 0.25 + column * unit * 0.09
                stage.canvas.drawPath(_pane(x, y, unit, lean), fill(WHITE, 1.0, blur=unit * 0.012))


def _pane(x: float, y: float, unit: float, lean: int) -> skia.Path:
    across, down = unit * 0.22 * lean, unit * 0.22
    slope = unit * 0.08
    return polygon([(x, y), (x + across, y + slope), (x + across + lean * unit * 0.06, y + slope + down),
                    (x + lean * unit * 0.06, y + down)])  # fmt: skip


def arch(stage: Stage) -> Ground:
    """A wall with a deep arched niche, two steps and a plant's shadow."""
    wall = stage.palette.wall
    wash(stage, shift(wall, 0.01), shift(wall, -0.05))
    spot(stage, stage.palette.glow, 0.6)
    stage.canvas.drawPaint(textured("cloud", 0.06, (2.6, 2.0)))
    plane(stage, mix(stage.palette.floor, wall, 0.25), shift(stage.palette.floor, -0.07))
    _niche(stage)
    foliage_shadow(stage, 0.15)
    for step in (1, 0):
        reach = min(stage.unit * (0.30 + 0.085 * step), stage.width * 0.47)
        top = stage.base + stage.unit * (0.006 + 0.045 * step)
        plinth(
            stage,
            stage.cx,
            top,
            reach,
            stage.unit * 0.045,
            shift(mix(wall, stage.palette.glow, 0.5), -0.03 * step),
        )
    return Ground(reach=stage.unit * 0.385, drop=stage.unit * 0.09)


def _niche(stage: Stage) -> None:
    reach = min(stage.unit * 0.31, stage.width * 0.36)
    top = stage.base - max(stage.hero_size[1] * 1.14, stage.unit * 0.55)
    deep = stage.unit * 0.045 * -stage.side
    outer, inner = (
        _arch_path(stage, 0.0, reach, top),
        _arch_path(stage, deep, reach * 0.93, top + stage.unit * 0.03),
    )
    glow, wall = stage.palette.glow, stage.palette.wall
    stage.canvas.drawPath(outer, linear((stage.cx - reach, top), (stage.cx + reach, top), [
        (0.0, shift(wall, -0.11 if stage.side < 0 else 0.07), 1.0),
        (1.0, shift(wall, 0.07 if stage.side < 0 else -0.11), 1.0)]))  # fmt: skip
    back = [(0.0, mix(wall, stage.palette.floor, 0.35), 1.0), (1.0, mix(wall, glow, 0.75), 1.0)]
    stage.canvas.save()
    stage.canvas.clipPath(outer, True)
    stage.canvas.drawPath(inner, linear((0, top), (0, stage.horizon), back))
    shade = stroke(BLACK, stage.unit * 0.05, 0.17, blur=stage.unit * 0.028)
    stage.canvas.drawPath(inner, shade)
    stage.canvas.restore()
    stage.canvas.drawPath(outer, stroke(WHITE, stage.unit * 0.003, 0.35))


def _arch_path(stage: Stage, shift_x: float, reach: float, top: float) -> skia.Path:
    path = skia.Path()
    left, right, foot = stage.cx - reach + shift_x, stage.cx + reach + shift_x, stage.horizon
    path.moveTo(left, foot)
    path.lineTo(left, top + reach)
    path.arcTo(skia.Rect.MakeLTRB(left, top, right, top + 2 * reach), 180, 180, False)
    path.lineTo(right, foot)
    path.close()
    return path


def foliage_shadow(stage: Stage, alpha: float) -> None:
    """The shadow of a branch that stands outside the picture."""
    rng, unit = stage.rng, stage.unit
    x, y = stage.cx - stage.side * unit * 0.12, stage.base - min(unit * 0.98, stage.base * 0.93)
    with falling_shadow(stage.canvas, stage.width, stage.height, unit * 0.012, alpha) as sheet:
        for i in range(9):
            px, py = x + stage.side * i * unit * 0.07, y + i * unit * 0.045
            for way in (-1, 1):
                turn = (20 if stage.side > 0 else 160) + way * rng.uniform(40, 60)
                props.leaf(sheet, px, py, unit * rng.uniform(0.14, 0.2), turn, BLACK, stage.light)
        sheet.drawLine(x, y, x + stage.side * unit * 0.6, y + unit * 0.4, stroke(BLACK, unit * 0.008))


def night(stage: Stage) -> Ground:
    """A dark room, a ring of neon behind the hero, beams in the haze, a floor like black glass."""
    wall = stage.palette.wall
    wash(stage, shift(wall, -0.06), wall)
    spot(stage, mix(wall, stage.palette.glow, 0.55), 0.55, 0.8)
    beams(stage, stage.palette.glow)
    plane(stage, mix(stage.palette.floor, stage.palette.glow, 0.10), stage.palette.floor)
    ring = oval(stage.cx, stage.base - stage.hero_size[1] * 0.56, *(stage.unit * 0.29,) * 2)
    neon(stage, ring)
    return Ground(mirror=0.42, shadow=0.55, cast=0.0)


def beams(stage: Stage, colour: Rgb) -> None:
    """Shafts of light from above, faint where copy will stand."""
    screen = skia.BlendMode.kScreen
    for _ in range(3):
        x = stage.cx + stage.unit * stage.rng.uniform(-0.5, 0.5)
        foot = stage.cx + stage.unit * stage.rng.uniform(-0.3, 0.3)
        wide = stage.unit * stage.rng.uniform(0.1, 0.2)
        shaft = polygon(
            [(x - wide * 0.1, -9), (x + wide * 0.1, -9), (foot + wide, stage.base), (foot - wide, stage.base)]
        )
        fade = [(0.0, colour, 0.20), (0.55, colour, 0.10), (1.0, colour, 0.0)]
        stage.canvas.drawPath(
            shaft, linear((x, 0), (foot, stage.base), fade, blur=stage.unit * 0.02, mode=screen)
        )


def neon(stage: Stage, ring: skia.Rect) -> None:
    """A glowing tube, its light on the wall and its image in the floor."""
    colour, unit, screen = stage.palette.glow, stage.unit, skia.BlendMode.kScreen
    stage.canvas.save()
    stage.canvas.clipRect(skia.Rect.MakeLTRB(0, 0, stage.width, stage.horizon))
    for width, alpha, blur in ((0.09, 0.30, 0.05), (0.035, 0.6, 0.014), (0.014, 1.0, 0.003)):
        stage.canvas.drawOval(ring, stroke(colour, unit * width, alpha, blur=unit * blur, mode=screen))
    stage.canvas.drawOval(ring, stroke(mix(colour, WHITE, 0.85), unit * 0.007))
    stage.canvas.restore()
    image = skia.Rect.MakeLTRB(ring.left(), 0, ring.right(), ring.height() * 0.62)
    image.offset(0, stage.horizon * 2 - ring.bottom() - ring.height() * 0.05)
    stage.canvas.save()
    stage.canvas.clipRect(stage.below(stage.horizon))
    stage.canvas.drawOval(image, stroke(colour, unit * 0.03, 0.32, blur=unit * 0.016, mode=screen))
    stage.canvas.restore()


def kitchen(stage: Stage) -> Ground:
    """A wooden table before a bright kitchen that is out of focus."""
    wall = stage.palette.wall
    wash(stage, shift(wall, 0.03), shift(wall, -0.02))
    with far_away(stage.canvas, stage.width, stage.height, stage.unit * 0.022) as sheet:
        sheet.drawPaint(
            linear((0, 0), (0, stage.height), [(0.0, shift(wall, 0.02), 1.0), (1.0, shift(wall, -0.03), 1.0)])
        )
        _kitchen_wall(stage, sheet)
    spot(stage, stage.palette.glow, 0.45, 0.9, 0.4)
    _table(stage)
    return Ground(mirror=0.10)


def _kitchen_wall(stage: Stage, sheet: skia.Canvas) -> None:
    unit, wall, top = stage.unit, stage.palette.wall, stage.horizon
    x = stage.cx + stage.side * unit * 0.62
    frame = skia.Rect.MakeLTRB(x - unit * 0.24, top - unit * 0.86, x + unit * 0.24, top - unit * 0.28)
    sheet.drawRect(frame, fill(tone(stage.palette.glow, 0.98, 0.4)))
    sheet.drawRect(frame, stroke(shift(wall, 0.12), unit * 0.03))
    sheet.drawRect(
        skia.Rect.MakeLTRB(-9, top - unit * 0.2, stage.width + 9, top + 9), fill(shift(wall, -0.06))
    )
    shelf_y = top - unit * 0.46
    left = stage.cx - stage.side * unit * 0.34
    run = sorted((left, left - stage.side * unit * 1.2))
    sheet.drawRect(
        skia.Rect.MakeLTRB(run[0], shelf_y, run[1], shelf_y + unit * 0.025), fill((0.62, 0.45, 0.31))
    )
    for i in range(6):
        h, w = unit * stage.rng.uniform(0.08, 0.15), unit * stage.rng.uniform(0.06, 0.1)
        at = left - stage.side * unit * (0.08 + i * 0.15)
        colour = mix(wall, stage.rng.choice((stage.palette.trim, stage.palette.floor, WHITE)), 0.6)
        sheet.drawRoundRect(skia.Rect.MakeXYWH(at - w / 2, shelf_y - h, w, h), w * 0.2, w * 0.2, fill(colour))


def _table(stage: Stage) -> None:
    y, unit = stage.horizon - stage.unit * 0.02, stage.unit
    wood = mix((0.66, 0.47, 0.31), stage.palette.floor, 0.42)
    board = stage.below(y)
    stops = [(0.0, shift(wood, 0.07), 1.0), (0.4, wood, 1.0), (1.0, shift(wood, -0.13), 1.0)]
    stage.canvas.drawRect(board, linear((0, y), (0, stage.height), stops))
    stage.canvas.drawRect(board, textured("cloud", 0.34, (unit * 0.02, unit * 0.0011)))
    for i in range(4):
        at = y + (stage.height - y) * (0.10 + 0.29 * i * (0.7 + 0.12 * i))
        stage.canvas.drawLine(0, at, stage.width, at, stroke(BLACK, unit * 0.004, 0.28, blur=unit * 0.0015))
        stage.canvas.drawLine(
            0, at + unit * 0.005, stage.width, at + unit * 0.005, stroke(WHITE, unit * 0.003, 0.10)
        )
    stage.canvas.drawLine(0, y, stage.width, y, stroke(WHITE, unit * 0.006, 0.3, blur=unit * 0.002))
    pool = [(0.0, stage.palette.glow, 0.42), (1.0, stage.palette.glow, 0.0)]
    stage.canvas.drawRect(
        board, radial((stage.cx + stage.side * unit * 0.2, stage.base), unit * 0.62, pool, 0.35)
    )


def icy(stage: Stage) -> Ground:
    """Cold light, a wet floor that mirrors, cubes of ice, mist at the ground."""
    wall = stage.palette.wall
    wash(stage, wall, mix(wall, WHITE, 0.32))
    spot(stage, WHITE, 0.8, 0.7)
    with far_away(stage.canvas, stage.width, stage.height, stage.unit * 0.03) as sheet:
        for _ in range(9):
            x = stage.cx + stage.unit * stage.rng.uniform(-0.75, 0.75)
            r = stage.unit * stage.rng.uniform(0.03, 0.1)
            y = stage.horizon - r * stage.rng.uniform(0.1, 0.8)
            sheet.drawRoundRect(
                skia.Rect.MakeXYWH(x - r, y - r, r * 2, r * 2), r * 0.4, r * 0.4, fill(WHITE, 0.4)
            )
    floor = mix(stage.palette.floor, wall, 0.3)
    plane(stage, mix(floor, WHITE, 0.5), shift(floor, -0.02), 0.012)
    haze(stage, stage.horizon, stage.unit * 0.12, WHITE, 0.6)
    for _ in range(4):
        x = stage.cx + stage.rng.choice((-1, 1)) * stage.unit * stage.rng.uniform(0.18, 0.44)
        props.ice_cube(stage, x, stage.base - stage.unit * 0.03, stage.unit * stage.rng.uniform(0.10, 0.15))
    return Ground(mirror=0.38, shadow=0.5, cast=0.12)


def bedroom(stage: Stage) -> Ground:
    """Hanging cloth in soft folds, a bed of the same cloth, light from a window."""
    wall = stage.palette.wall
    wash(stage, shift(wall, 0.02), shift(wall, -0.03))
    _folds(stage)
    spot(stage, stage.palette.glow, 0.55, 0.85, 0.35)
    window_light(stage, 0.22)
    _cloth(stage)
    reach, drop = podium(stage, mix(stage.palette.glow, wall, 0.3), SATIN, 0.05, 0.92)
    return Ground(cast=0.25, reach=reach, drop=drop)


def _folds(stage: Stage) -> None:
    """Folds are a row of soft stripes; they fade out where copy will stand."""
    unit, wall, x = stage.unit, stage.palette.wall, -stage.unit * 0.1
    calm = (0.0, 0.30) if stage.wide else (0.0, 0.45)
    while x < stage.width + unit * 0.1:
        fold = unit * stage.rng.uniform(0.05, 0.11)
        strength = 0.35 if stage.wide and x < stage.width * 0.45 else 1.0
        stripe = skia.Rect.MakeXYWH(x, 0, fold * 2, stage.height)
        dark = [
            (0.0, shift(wall, -0.2), 0.0),
            (0.5, shift(wall, -0.17), 0.34 * strength),
            (1.0, shift(wall, -0.2), 0.0),
        ]
        stage.canvas.drawRect(stripe, linear((x, 0), (x + fold, 0), dark))
        pale = [
            (0.0, stage.palette.glow, 0.0),
            (0.5, stage.palette.glow, 0.4 * strength),
            (1.0, stage.palette.glow, 0.0),
        ]
        stage.canvas.drawRect(stripe, linear((x + fold * 0.7, 0), (x + fold * 1.6, 0), pale))
        x += fold
    quiet = [(calm[0], wall, 0.6), (calm[1], wall, 0.45), (calm[1] + 0.3, wall, 0.0)]
    stage.canvas.drawPaint(linear((0, 0), (0, stage.height), quiet))


def _cloth(stage: Stage) -> None:
    unit, y = stage.unit, stage.horizon
    cloth = mix(stage.palette.floor, stage.palette.glow, 0.45)
    edge: list[Point] = [(-9, y)]
    for i in range(9):
        edge.append((stage.width * i / 8, y + unit * 0.012 * math.sin(i * 2.1 + stage.rng.random() * 2)))
    shape = smooth(
        [
            *edge,
            (stage.width + 9, y),
            (stage.width * 1.3, stage.height * 1.3),
            (-stage.width * 0.3, stage.height * 1.3),
        ]
    )
    stage.canvas.drawPath(
        shape,
        linear((0, y), (0, stage.height), [(0.0, shift(cloth, 0.03), 1.0), (1.0, shift(cloth, -0.10), 1.0)]),
    )
    for i in range(9):
        sway, at = unit * stage.rng.uniform(0.02, 0.06), y + (stage.height - y) * (i + 0.6) / 9
        x0 = stage.width * stage.rng.uniform(-0.2, 0.6)
        run = [(x0, at), (x0 + unit * 0.3, at - sway), (x0 + unit * 0.6, at + sway), (x0 + unit * 0.95, at)]
        stage.canvas.drawPath(
            smooth(run, False), stroke(shift(cloth, -0.2), unit * 0.03, 0.28, blur=unit * 0.013)
        )
        lit = [(px, py - unit * 0.024) for px, py in run]
        stage.canvas.drawPath(
            smooth(lit, False), stroke(shift(cloth, 0.14), unit * 0.02, 0.4, blur=unit * 0.010)
        )
