"""Heroes turned on an axis: can, bottle, jar, cup, lamp. Called by heroes.py."""

from __future__ import annotations

import math

import skia

from .brush import fill, linear, oval, radial, smooth, stroke
from .colour import BLACK, WHITE, Rgb, lightness_of, mix, shift, tone
from .light import ENAMEL, GLASS, GLOSS, MATTE, METAL, SATIN, Material, Turned, even, puff, turn
from .place import Place, arc, label, tube

STEEL: Rgb = (0.80, 0.81, 0.83)
TILT = 0.13


def can(place: Place) -> None:
    """A slim drink can with a lid of bare metal."""
    radius = place.width / 2
    body = Turned(
        ((0, 0.80), (0.02, 0.84), (0.075, 1), (0.95, 1), (1, 0.82)), place.cx,
        place.top + radius * TILT * 0.8, place.height - radius * TILT * 1.6, radius, TILT,
    )  # fmt: skip
    turn(place.canvas, body, wrap(place, body, place.palette.body), ENAMEL, place.light)
    rim = body.height * 0.02
    collar = Turned(((0, 1), (1, 1.04)), place.cx, body.top - rim, rim * 2, radius * 0.8, TILT)
    turn(place.canvas, collar, STEEL, METAL, place.light)
    lid(place, place.cx, body.top - rim, radius * 0.8)
    if place.wet:
        dew(place, body)


def wrap(place: Place, body: Turned, colour: Rgb) -> skia.Image:
    """An ornament on a sheet that goes once round the front of the body without being stretched."""
    return label(place, round(body.radius * math.pi), round(body.height), under=colour)


def lid(place: Place, cx: float, y: float, rx: float) -> None:
    """The lid of a can, seen from a little above: `cx`, `y` is its middle, `rx` half its width, in pixels."""
    ry = rx * TILT
    across = [(0.0, tone(STEEL, 0.6), 1.0), (0.35, tone(STEEL, 0.97), 1.0), (1.0, tone(STEEL, 0.55), 1.0)]
    place.canvas.drawOval(oval(cx, y, rx, ry), linear((cx - rx, y), (cx + rx, y), across))
    place.canvas.drawOval(oval(cx, y + ry * 0.06, rx * 0.9, ry * 0.82), fill(tone(STEEL, 0.62)))
    place.canvas.drawOval(oval(cx, y + ry * 0.22, rx * 0.84, ry * 0.66), fill(tone(STEEL, 0.76)))
    place.canvas.drawOval(oval(cx, y + ry * 0.2, rx * 0.24, ry * 0.26), stroke(tone(STEEL, 0.93), ry * 0.16))


def bottle(place: Place) -> None:
    """A glass bottle with a paper label and a cap, more or less slender."""
    radius, colour = place.width / 2, place.palette.body
    shoulder = place.rng.uniform(0.3, 0.42)
    neck = place.rng.uniform(0.3, 0.38)
    profile = even([(0, neck), (shoulder * 0.55, neck), (shoulder + 0.06, 1), (0.97, 1), (1, 0.93)])
    top = place.top + place.height * 0.075
    body = Turned(profile, place.cx, top, place.base - top - radius * TILT, radius, TILT)
    turn(place.canvas, body, _glass_skin(place, colour, shoulder), GLASS, place.light)
    cap_height = place.height * 0.115
    cap = Turned(((0, 1), (1, 1)), place.cx, top - cap_height * 0.62, cap_height, radius * neck * 1.16, TILT)
    capped(place, cap, place.palette.trim, SATIN)
    if place.wet:
        dew(place, body)


def _glass_skin(place: Place, colour: Rgb, shoulder: float) -> skia.Image:
    wide = max(8, round(place.width / 2 * math.pi))
    tall = max(8, round(place.height * 0.9))
    surface = skia.Surface(wide, tall)
    canvas = surface.getCanvas()
    deep, thin = mix(colour, BLACK, 0.12), mix(colour, WHITE, 0.12)
    filled = [
        (0.0, thin, 0.55),
        (shoulder * 0.5, thin, 0.6),
        (shoulder * 0.52, deep, 0.93),
        (1.0, deep, 0.97),
    ]
    canvas.drawPaint(linear((0, 0), (0, tall), filled))
    y, h = tall * (shoulder + 0.13), tall * (0.80 - shoulder)
    paper = tone(place.palette.glow, 0.95, 0.7) if lightness_of(colour) < 0.75 else place.palette.trim
    canvas.drawImage(label(place, wide, max(4, round(h)), under=paper), 0, y)
    return surface.makeImageSnapshot()


def capped(place: Place, body: Turned, colour: Rgb, material: Material) -> None:
    """A solid turned piece with its flat top."""
    turn(place.canvas, body, colour, material, place.light)
    rx = body.radius * body.profile[0][1]
    top = (shift(colour, 0.10, 0.9), shift(colour, -0.02))
    lit = [
        (0.0, top[0 if place.light.side < 0 else 1], 1.0),
        (1.0, top[1 if place.light.side < 0 else 0], 1.0),
    ]
    ends = (body.cx - rx, body.top), (body.cx + rx, body.top)
    place.canvas.drawOval(oval(body.cx, body.top, rx, rx * body.tilt), linear(*ends, lit))


def jar(place: Place) -> None:
    """A low cosmetics jar: thick tinted glass, a wide lid."""
    radius, colour = place.width / 2, place.palette.body
    lid_height = place.height * 0.36
    top = place.top + radius * TILT + lid_height
    body = Turned(
        ((0, 0.9), (0.06, 0.985), (0.9, 1), (1, 0.93)),
        place.cx,
        top,
        place.base - top - radius * TILT,
        radius,
        TILT,
    )
    turn(place.canvas, body, wrap(place, body, colour), GLOSS, place.light)
    lid = Turned(
        ((0, 0.975), (0.05, 1), (1, 1)), place.cx, place.top + radius * TILT, lid_height, radius * 0.985, TILT
    )
    far = tone(place.palette.trim, 0.9, 0.5) if lightness_of(colour) < 0.6 else place.palette.trim
    shadow = Turned(((0, 1), (1, 1)), place.cx, top, place.height * 0.03, radius * 0.95, TILT)
    turn(place.canvas, shadow, mix(far, BLACK, 0.55), MATTE, place.light)
    capped(place, lid, far, SATIN)


def cup(place: Place) -> None:
    """A mug with a handle on the light's far side, filled, steaming."""
    radius, colour = place.width * 0.36, place.palette.body
    cx = place.cx - place.light.side * place.width * -0.06
    tilt, top = 0.19, place.top + radius * 0.19
    height = place.base - top - radius * tilt * 0.8
    side = -place.light.side
    ear = arc(cx + side * radius * 0.93, top + height * 0.45, radius * 0.52, height * 0.27, -100, 100)
    ear = ear if side > 0 else [(2 * (cx - radius * 0.93) - x, y) for x, y in ear]
    puff(place.canvas, tube(ear, radius * 0.2), radius * 0.09, colour, SATIN, place.light)
    profile = even([(0, 1), (0.55, 0.97), (0.9, 0.82), (1, 0.68)])
    body = Turned(profile, cx, top, height, radius, tilt)
    turn(place.canvas, body, wrap(place, body, colour), SATIN, place.light)
    _drink(place, cx, top, radius, tilt)


def _drink(place: Place, cx: float, y: float, rx: float, tilt: float) -> None:
    colour, coffee = place.palette.body, (0.29, 0.17, 0.10)
    ry = rx * tilt
    place.canvas.drawOval(oval(cx, y, rx, ry), fill(shift(colour, 0.08)))
    dark = [(0.0, shift(colour, -0.28), 1.0), (1.0, shift(colour, -0.04), 1.0)]
    place.canvas.drawOval(oval(cx, y, rx * 0.94, ry * 0.9), linear((cx, y - ry), (cx, y + ry), dark))
    brew = [
        (0.0, mix(coffee, (0.76, 0.55, 0.34), 0.35), 1.0),
        (0.8, coffee, 1.0),
        (1.0, (0.62, 0.42, 0.25), 1.0),
    ]
    place.canvas.drawOval(oval(cx, y + ry * 0.16, rx * 0.9, ry * 0.72), radial((cx, y), rx, brew, tilt))
    for i in range(3):
        x = cx + (i - 1) * rx * 0.3
        sway = rx * 0.22 * (1 if i % 2 else -1)
        rise = [(x, y), (x + sway, y - rx * 0.5), (x - sway, y - rx), (x + sway * 0.5, y - rx * 1.5)]
        place.canvas.drawPath(smooth(rise, False), stroke(WHITE, rx * 0.13, 0.16, blur=rx * 0.07))


def lamp(place: Place) -> None:
    """A table lamp that is on."""
    radius = place.width / 2
    shade_height = place.height * 0.42
    glow_at = (place.cx, place.top + shade_height * 0.7)
    warm = mix(place.palette.glow, (1.0, 0.86, 0.6), 0.55)
    halo = [(0.0, warm, 0.75), (0.4, warm, 0.26), (1.0, warm, 0.0)]
    reach = place.height * 1.05
    place.canvas.drawCircle(*glow_at, reach, radial(glow_at, reach, halo))
    foot = Turned(
        ((0, 0.9), (0.2, 0.97), (0.5, 1), (1, 1)),
        place.cx,
        place.base - radius * 0.2,
        radius * 0.13,
        radius * 0.5,
        TILT,
    )
    capped(place, foot, place.palette.body, SATIN)
    profile = even([(0, 0.5), (0.3, 0.5), (0.62, 1), (0.85, 0.8), (1, 0.45)])
    top, foot_top = place.top + shade_height, place.base - radius * 0.2
    stem = Turned(profile, place.cx, top, foot_top - top, radius * 0.28, TILT)
    turn(place.canvas, stem, place.palette.body, GLOSS, place.light)
    shade = Turned(((0, 0.62), (1, 1)), place.cx, place.top + radius * 0.08, shade_height, radius, TILT)
    turn(place.canvas, shade, _lit_cloth(warm), MATTE, place.light)
    inner = oval(place.cx, shade.top, radius * 0.62, radius * 0.62 * TILT)
    place.canvas.drawOval(inner, fill(tone(warm, 0.97)))


def _lit_cloth(warm: Rgb) -> skia.Image:
    surface = skia.Surface(400, 300)
    cloth = [(0.0, tone(warm, 0.86), 1.0), (0.7, tone(warm, 0.99, 0.8), 1.0), (1.0, tone(warm, 0.88), 1.0)]
    surface.getCanvas().drawPaint(linear((0, 0), (0, 300), cloth))
    for x in range(0, 400, 20):
        surface.getCanvas().drawLine(x, 0, x, 300, stroke(BLACK, 2, 0.05))
    return surface.makeImageSnapshot()


def dew(place: Place, body: Turned) -> None:
    """Cold drops on a body: denser below, each with its dark upper edge and its glint."""
    curve, _ = body.edges()
    for _ in range(90):
        v, u = place.rng.random() ** 0.8, place.rng.uniform(-0.93, 0.93)
        r = body.radius * place.rng.uniform(0.008, 0.03) * (1 - abs(u) * 0.4)
        x = body.cx + u * body.radius * float(curve[int(v * 255)])
        y = body.top + v * body.height
        place.canvas.drawOval(oval(x, y, r * 0.9, r), fill(BLACK, 0.22))
        place.canvas.drawOval(oval(x, y + r * 0.25, r * 0.75, r * 0.72), fill(WHITE, 0.30))
        place.canvas.drawOval(
            oval(x + place.light.side * r * 0.3, y - r * 0.35, r * 0.22, r * 0.22), fill(WHITE, 0.9)
        )
