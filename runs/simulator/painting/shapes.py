"""Heroes built of soft pieces and flat faces: pouch, box, shoe, headphones, phone, chair, a flacon."""

from __future__ import annotations

import skia

from .brush import Point, clipped, fill, linear, polygon, smooth, stroke
from .colour import BLACK, WHITE, Rgb, lightness_of, mix, shift, tone
from .light import GLOSS, MATTE, METAL, SATIN, Turned, puff, turn
from .place import Place, arc, label, ornament, tube


def pouch(place: Place) -> None:
    """A stand-up pouch with a sealed top and a gusset."""
    outline = smooth(place.all([
        (0.06, 0.0), (0.5, 0.012), (0.94, 0.0), (0.95, 0.10), (0.985, 0.5), (1.0, 0.9), (0.97, 0.99),
        (0.5, 1.03), (0.03, 0.99), (0.0, 0.9), (0.015, 0.5), (0.05, 0.10),
    ]))  # fmt: skip
    skin = label(place, round(place.width), round(place.height), under=place.palette.body)
    puff(place.canvas, outline, place.width * 0.24, skin, SATIN, place.light)
    with clipped(place.canvas, outline):
        _seal(place)
        _creases(place)


def _seal(place: Place) -> None:
    top = skia.Rect.MakeLTRB(
        place.left, place.top - 4, place.left + place.width, place.top + place.height * 0.085
    )
    place.canvas.drawRect(top, fill(shift(place.palette.body, 0.05), 0.55))
    for i in range(5):
        y = place.top + place.height * (0.018 + i * 0.015)
        place.canvas.drawLine(
            place.left, y, place.left + place.width, y, stroke(BLACK, place.height * 0.003, 0.22)
        )


def _creases(place: Place) -> None:
    for _ in range(7):
        x, y = place.rng.uniform(0.08, 0.92), place.rng.uniform(0.12, 0.92)
        run, drop = place.rng.uniform(-0.12, 0.12), place.rng.uniform(0.05, 0.16)
        line = smooth(place.all([(x, y), (x + run * 0.4, y + drop * 0.5), (x + run, y + drop)]), False)
        soft = place.width * 0.012
        place.canvas.drawPath(line, stroke(BLACK, soft * 1.4, 0.16, blur=soft))
        place.canvas.save()
        place.canvas.translate(place.light.side * soft * 1.3, -soft * 0.6)
        place.canvas.drawPath(line, stroke(WHITE, soft, 0.22, blur=soft * 0.8))
        place.canvas.restore()


def box(place: Place) -> None:
    """A carton seen over its corner: printed front, plain side, a strip of lid."""
    colour, side = place.palette.body, -place.light.side
    left, right, back = (0.0, 1.0, 0.33) if side > 0 else (1.0, 0.0, 0.67)
    near = 0.70 if side > 0 else 0.30
    front = place.all([(left, 0.065), (near, 0.10), (near, 1.0), (left, 0.955)])
    flank = place.all([(near, 0.10), (right, 0.08), (right, 0.925), (near, 1.0)])
    lid = place.all([(left, 0.065), (back, 0.048), (right, 0.08), (near, 0.10)])
    dark = [(0.0, shift(colour, -0.10), 1.0), (1.0, shift(colour, -0.2), 1.0)]
    place.canvas.drawPath(polygon(flank), linear(flank[0], flank[2], dark))
    place.canvas.drawPath(polygon(lid), fill(shift(colour, 0.09)))
    _print(place, front if side > 0 else [front[1], front[0], front[3], front[2]], colour)
    glow = [(0.0, WHITE, 0.20), (0.55, WHITE, 0.02), (1.0, BLACK, 0.14)]
    place.canvas.drawPath(polygon(front), linear(front[0], front[2], glow))
    place.canvas.drawLine(*front[1], *front[2], stroke(WHITE, place.height * 0.004, 0.35))
    place.canvas.drawLine(*front[0], *front[1], stroke(WHITE, place.height * 0.004, 0.4))


def _print(place: Place, corners: list[Point], colour: Rgb) -> None:
    skin = label(place, 420, 560, under=colour)
    flat = [skia.Point(0, 0), skia.Point(420, 0), skia.Point(420, 560), skia.Point(0, 560)]
    matrix = skia.Matrix()
    matrix.setPolyToPoly(flat, [skia.Point(*corner) for corner in corners])
    place.canvas.save()
    place.canvas.clipPath(polygon(corners), True)
    place.canvas.concat(matrix)
    place.canvas.drawImage(skin, 0, 0, skia.SamplingOptions(skia.CubicResampler.Mitchell()))
    place.canvas.restore()


def shoe(place: Place) -> None:
    """A running shoe from its side, toe towards the light."""
    if place.light.side > 0:
        place.canvas.save()
        place.canvas.scale(-1, 1)
        place.canvas.translate(-2 * place.cx, 0)
    _upper(place)
    _sole(place)
    if place.light.side > 0:
        place.canvas.restore()


def _upper(place: Place) -> None:
    colour, trim = place.palette.body, place.palette.trim
    unit = place.height
    inside = smooth(
        place.all([(0.56, 0.10), (0.66, 0.0), (0.82, 0.10), (0.90, 0.02), (0.93, 0.22), (0.7, 0.34)])
    )
    puff(place.canvas, inside, unit * 0.05, shift(colour, -0.14), MATTE, place.light)
    body = smooth(place.all([
        (0.0, 0.78), (0.02, 0.60), (0.12, 0.47), (0.28, 0.40), (0.44, 0.24), (0.58, 0.06), (0.66, 0.12),
        (0.76, 0.20), (0.88, 0.10), (0.95, 0.06), (0.975, 0.30), (0.985, 0.62), (0.98, 0.84), (0.5, 0.88),
        (0.05, 0.86),
    ]))  # fmt: skip
    puff(place.canvas, body, unit * 0.26, colour, SATIN, place.light)
    with clipped(place.canvas, body):
        toe = smooth(place.all([(-0.02, 0.9), (-0.02, 0.5), (0.10, 0.45), (0.20, 0.58), (0.24, 0.95)]))
        puff(place.canvas, toe, unit * 0.10, shift(colour, 0.07), SATIN, place.light)
        heel = smooth(place.all([(0.82, 0.95), (0.83, 0.42), (0.9, 0.26), (1.02, 0.2), (1.02, 0.95)]))
        puff(place.canvas, heel, unit * 0.10, trim, GLOSS, place.light)
        sweep = smooth(
            place.all([(0.30, 0.84), (0.46, 0.62), (0.66, 0.50), (0.86, 0.46), (0.86, 0.58), (0.62, 0.70)])
        )
        puff(place.canvas, sweep, unit * 0.025, trim, SATIN, place.light)
    _laces(place)


def _laces(place: Place) -> None:
    tongue = smooth(
        place.all([(0.28, 0.42), (0.42, 0.2), (0.55, 0.0), (0.63, 0.02), (0.60, 0.12), (0.46, 0.34)])
    )
    puff(place.canvas, tongue, place.height * 0.06, shift(place.palette.body, 0.05), MATTE, place.light)
    pale = tone(place.palette.glow, 0.95, 0.5)
    for i in range(5):
        x, y = 0.335 + i * 0.052, 0.40 - i * 0.072
        lace = tube(
            place.all([(x - 0.03, y - 0.02), (x + 0.02, y - 0.005), (x + 0.065, y + 0.055)]),
            place.height * 0.038,
        )
        puff(place.canvas, lace, place.height * 0.02, pale, MATTE, place.light)


def _sole(place: Place) -> None:
    pale = tone(place.palette.glow, 0.96, 0.5)
    middle = smooth(place.all([
        (-0.02, 0.80), (0.0, 0.72), (0.08, 0.755), (0.3, 0.80), (0.6, 0.76), (0.9, 0.70), (1.0, 0.70),
        (1.02, 0.82), (0.99, 0.97), (0.7, 0.985), (0.45, 0.965), (0.2, 0.985), (0.05, 0.95),
    ]))  # fmt: skip
    puff(place.canvas, middle, place.height * 0.10, pale, SATIN, place.light)
    tread = smooth(place.all([
        (0.03, 0.93), (0.2, 0.955), (0.45, 0.94), (0.7, 0.955), (0.99, 0.94), (0.97, 1.0), (0.5, 1.0),
        (0.1, 0.995),
    ]))  # fmt: skip
    puff(place.canvas, tread, place.height * 0.04, mix(place.palette.trim, BLACK, 0.25), MATTE, place.light)
    wave = smooth(place.all([(0.5, 0.86), (0.66, 0.83), (0.82, 0.86), (0.99, 0.80)]), False)
    place.canvas.drawPath(wave, stroke(place.palette.trim, place.height * 0.03))


def headphones(place: Place) -> None:
    """Over-ear headphones standing upright, turned a little."""
    colour, soft = place.palette.body, mix(place.palette.body, BLACK, 0.45)
    unit = place.width
    band = arc(place.cx, place.top + place.height * 0.5, unit * 0.40, place.height * 0.47, 176, 364, 40)
    puff(place.canvas, tube(band, unit * 0.105), unit * 0.06, colour, SATIN, place.light)
    pad = arc(place.cx, place.top + place.height * 0.52, unit * 0.355, place.height * 0.43, 205, 335, 30)
    puff(place.canvas, tube(pad, unit * 0.06), unit * 0.04, soft, MATTE, place.light)
    for side in (-1, 1):
        _ear(place, side, colour, soft)


def _ear(place: Place, side: int, colour: Rgb, soft: Rgb) -> None:
    unit, middle = place.width, place.top + place.height * 0.72
    x = place.cx + side * unit * 0.395
    arm = tube([(x, middle - place.height * 0.3), (x, middle)], unit * 0.05)
    puff(place.canvas, arm, unit * 0.025, tone(colour, 0.8, 0.2), METAL, place.light)
    cushion = arc(x - side * unit * 0.085, middle, unit * 0.085, place.height * 0.25, 0, 360)
    puff(place.canvas, smooth(cushion), unit * 0.09, soft, MATTE, place.light)
    shell = arc(x + side * unit * 0.02, middle, unit * 0.098, place.height * 0.265, 0, 360)
    puff(place.canvas, smooth(shell), unit * 0.10, colour, GLOSS, place.light)
    ring = arc(x + side * unit * 0.045, middle, unit * 0.055, place.height * 0.17, 0, 360)
    puff(place.canvas, smooth(ring), unit * 0.03, place.palette.trim, METAL, place.light)


def phone(place: Place) -> None:
    """A slab with a bright screen, leaning a little."""
    place.canvas.save()
    place.canvas.rotate(-7 * place.light.side, place.cx, place.base)
    place.canvas.translate(0, -place.height * 0.02)
    edge = place.width * 0.13
    back = skia.Path()
    slide = -place.light.side * place.width * 0.035
    frame = skia.Rect.MakeXYWH(place.left, place.top, place.width, place.height)
    back.addRoundRect(frame.makeOffset(slide, 0), edge, edge)
    puff(place.canvas, back, place.width * 0.05, tone(place.palette.body, 0.7, 0.4), METAL, place.light)
    face = skia.Path()
    face.addRoundRect(frame, edge, edge)
    puff(place.canvas, face, place.width * 0.03, mix(place.palette.body, BLACK, 0.6), GLOSS, place.light)
    _screen(place, edge)
    place.canvas.restore()


def _screen(place: Place, edge: float) -> None:
    rim = place.width * 0.035
    shown = skia.Rect.MakeXYWH(place.left, place.top, place.width, place.height).makeInset(rim, rim)
    glass = skia.Path()
    glass.addRoundRect(shown, edge - rim, edge - rim)
    with clipped(place.canvas, glass):
        sky = [(0.0, place.palette.glow, 1.0), (0.6, place.palette.trim, 1.0), (1.0, place.palette.body, 1.0)]
        place.canvas.drawPaint(linear((shown.left(), shown.top()), (shown.right(), shown.bottom()), sky))
        place.canvas.save()
        place.canvas.translate(shown.left(), shown.top())
        ornament(place.canvas, shown.width(), shown.height(), place.palette.trim, place.palette, place.rng)
        place.canvas.restore()
        sheen = polygon(place.all([(0.0, 0.0), (0.75, 0.0), (0.1, 1.0), (0.0, 1.0)]))
        place.canvas.drawPath(sheen, fill(WHITE, 0.14, blur=place.width * 0.01))


def chair(place: Place) -> None:
    """A padded armchair on wooden legs."""
    colour, wood = place.palette.body, (0.55, 0.36, 0.22)
    unit = place.height
    for x, lean in ((0.16, -0.03), (0.84, 0.03), (0.27, -0.01), (0.73, 0.01)):
        leg = tube(place.all([(x, 0.74), (x + lean, 1.0)]), unit * 0.05, 0.6)
        puff(place.canvas, leg, unit * 0.025, wood, SATIN, place.light)
    back = smooth(
        place.all(
            [(0.17, 0.6), (0.14, 0.2), (0.2, 0.02), (0.5, -0.03), (0.8, 0.02), (0.86, 0.2), (0.83, 0.6)]
        )
    )
    puff(place.canvas, back, unit * 0.14, colour, MATTE, place.light)
    with clipped(place.canvas, back):
        for x in (0.33, 0.5, 0.67):
            line = smooth(place.all([(x, -0.05), (x + (x - 0.5) * 0.1, 0.3), (x, 0.7)]), False)
            place.canvas.drawPath(line, stroke(BLACK, unit * 0.012, 0.3, blur=unit * 0.008))
    frame = smooth(
        place.all([(0.1, 0.66), (0.5, 0.70), (0.9, 0.66), (0.92, 0.80), (0.5, 0.83), (0.08, 0.80)])
    )
    puff(place.canvas, frame, unit * 0.07, shift(colour, -0.06), MATTE, place.light)
    seat = smooth(
        place.all(
            [(0.13, 0.55), (0.3, 0.50), (0.7, 0.50), (0.87, 0.55), (0.88, 0.68), (0.5, 0.74), (0.12, 0.68)]
        )
    )
    puff(place.canvas, seat, unit * 0.10, shift(colour, 0.04), MATTE, place.light)
    for x in (0.02, 0.84):
        arm = smooth(
            place.all([(x, 0.47), (x + 0.07, 0.40), (x + 0.14, 0.47), (x + 0.13, 0.82), (x + 0.01, 0.82)])
        )
        puff(place.canvas, arm, unit * 0.09, colour, MATTE, place.light)


def thing(place: Place) -> None:
    """No product in particular: a smooth flacon with a ball for a cap."""
    colour, unit = place.palette.body, place.width
    ball = unit * 0.19
    body = skia.Path()
    top = place.top + ball * 2.05
    body.addRoundRect(
        skia.Rect.MakeLTRB(place.left, top, place.left + unit, place.base), unit * 0.30, unit * 0.27
    )
    skin = label(place, round(unit), round(place.base - top), under=colour)
    puff(place.canvas, body, unit * 0.30, skin, GLOSS, place.light)
    collar = Turned(((0, 1), (1, 1)), place.cx, top - ball * 0.28, ball * 0.42, ball * 0.72)
    turn(place.canvas, collar, tone(place.palette.trim, 0.8, 0.6), METAL, place.light)
    pale = place.palette.trim if lightness_of(place.palette.trim) > 0.3 else tone(place.palette.glow, 0.9)
    cap = skia.Path()
    cap.addCircle(place.cx, place.top + ball, ball)
    puff(place.canvas, cap, ball, pale, GLOSS, place.light)
