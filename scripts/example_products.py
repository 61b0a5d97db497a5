"""Draws the product pictures of the example briefs: cut-outs with real transparency, as a photographer delivers them.

python scripts/example_products.py           # writes examples/*.png
"""

import random
import sys
from pathlib import Path

import numpy as np
import skia
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from runs.composition.fonts import Face, paragraph  # noqa: E402 (the path comes first)
from runs.simulator.painting import shapes, vessels  # noqa: E402
from runs.simulator.painting.brush import fill, oval, smooth, stroke  # noqa: E402
from runs.simulator.painting.colour import from_hex, mix  # noqa: E402
from runs.simulator.painting.light import ENAMEL, METAL, Light, Turned, turn  # noqa: E402
from runs.simulator.painting.palette import Palette  # noqa: E402
from runs.simulator.painting.place import Place  # noqa: E402

CAN, SHOE = (330, 790), (760, 420)
DARK, COPPER, CREAM = from_hex("#20161b"), from_hex("#d98a4e"), 0xFFF6E9D8


def can() -> skia.Surface:
    """A slim can, dark, with copper waves and its name on it."""
    width, height = CAN
    surface = skia.Surface(width, height)
    palette = Palette(from_hex("#d8d2cc"), from_hex("#9a928a"), from_hex("#ffffff"), DARK, COPPER)
    light = Light(-1, palette.wall, palette.floor, height=0.6)
    grain = random.Random(3)  # nosec B311 # the same at each call
    place = Place(surface.getCanvas(), width / 2, height - 4, height - 22, width - 8, palette, light, grain)
    radius, tilt = place.width / 2, vessels.TILT
    profile = ((0, 0.80), (0.02, 0.84), (0.075, 1), (0.95, 1), (1, 0.82))
    body = Turned(
        profile, place.cx, place.top + radius * tilt * 0.8, place.height - radius * tilt * 1.6, radius, tilt
    )
    turn(place.canvas, body, _skin(round(radius * np.pi), round(body.height)), ENAMEL, light)
    rim = body.height * 0.02
    collar = Turned(((0, 1), (1, 1.04)), place.cx, body.top - rim, rim * 2, radius * 0.8, tilt)
    turn(place.canvas, collar, vessels.STEEL, METAL, light)
    vessels.lid(place, place.cx, body.top - rim, radius * 0.8)
    return surface


def _skin(width: int, height: int) -> skia.Image:
    """The print of the can, flat; its middle is the front."""
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.drawPaint(fill(DARK))
    for n in range(6):
        y = height * (0.62 + n * 0.045)
        points = [(width * x / 8, y + height * 0.03 * np.sin(x * 1.5 + n * 0.4)) for x in range(-1, 10)]
        canvas.drawPath(smooth(points, False), stroke(mix(COPPER, DARK, n / 9), height * 0.013))
    canvas.drawOval(oval(width / 2, height * 0.25, height * 0.05, height * 0.05), fill(COPPER))
    for words, size, weight, y in (
        ("NORDLYS", 0.068, 800, 0.37),
        ("COLD BREW", 0.036, 600, 0.46),
        ("250 ml", 0.027, 500, 0.54),
    ):
        _centred(canvas, words, Face("Inter", weight, 0.06), size * height, width / 2, y * height)
    return surface.makeImageSnapshot()


def _centred(canvas: skia.Canvas, words: str, face: Face, size: float, x: float, y: float) -> None:
    line = paragraph(words, face, size, "en", CREAM)
    line.paint(canvas, x - line.LongestLine / 2, y - size)


def shoe() -> skia.Surface:
    """A light mint sneaker with a thick white sole."""
    width, height = SHOE
    surface = skia.Surface(width, height)
    palette = Palette(
        from_hex("#e8efe9"),
        from_hex("#b5c7bd"),
        from_hex("#ffffff"),
        from_hex("#a9dcc3"),
        from_hex("#fdfdfb"),
    )
    light = Light(-1, palette.wall, palette.floor, height=0.6)
    shapes.shoe(
        Place(
            surface.getCanvas(),
            width / 2,
            height - 8,
            height - 20,
            width - 20,
            palette,
            light,
            random.Random(5),  # nosec B311 # the same at each call
        )
    )
    return surface


def save(surface: skia.Surface, path: Path) -> None:
    pixels = surface.toarray(colorType=skia.kRGBA_8888_ColorType)
    image = Image.fromarray(np.ascontiguousarray(pixels), "RGBA")
    image.save(path, "PNG", optimize=True)
    print(f"{path}: {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    save(can(), ROOT / "examples" / "cold-brew-can.png")
    save(shoe(), ROOT / "examples" / "sommer-schuh.png")
