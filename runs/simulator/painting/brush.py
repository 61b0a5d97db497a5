"""Short words for skia: paints, gradients, blurs, soft shadows, layers. Sizes in pixels, colours as Rgb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import skia

from .colour import BLACK, Rgb, argb

type Stop = tuple[float, Rgb, float]
"""Place 0..1, colour, alpha."""
type Point = tuple[float, float]


def fill(colour: Rgb, alpha: float = 1.0, blur: float = 0.0, mode: Any = None) -> skia.Paint:
    """A paint for surfaces; `blur` softens the edge by that sigma."""
    paint = skia.Paint(AntiAlias=True, Dither=True, Color=argb(colour, alpha))
    return _finish(paint, blur, mode)


def stroke(colour: Rgb, width: float, alpha: float = 1.0, blur: float = 0.0, mode: Any = None) -> skia.Paint:
    """A paint for lines with round ends."""
    paint = skia.Paint(AntiAlias=True, Color=argb(colour, alpha), Style=skia.Paint.kStroke_Style)
    paint.setStrokeWidth(width)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    return _finish(paint, blur, mode)


def linear(
    start: Point, end: Point, stops: Sequence[Stop], blur: float = 0.0, mode: Any = None
) -> skia.Paint:
    """A paint that runs through the stops from start to end."""
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(*start), skia.Point(*end)], [argb(c, a) for _, c, a in stops], [at for at, _, _ in stops]
    )
    return _finish(skia.Paint(AntiAlias=True, Dither=True, Shader=shader), blur, mode)


def radial(
    centre: Point,
    radius: float,
    stops: Sequence[Stop],
    squash: float = 1.0,
    blur: float = 0.0,
    mode: Any = None,
) -> skia.Paint:
    """A paint that runs from the centre outwards; `squash` flattens the circle to an ellipse."""
    flat = skia.Matrix.Scale(1.0, squash).postTranslate(0.0, centre[1] * (1 - squash))
    shader = skia.GradientShader.MakeRadial(
        skia.Point(*centre),
        max(0.01, radius),
        [argb(c, a) for _, c, a in stops],
        [at for at, _, _ in stops],
        skia.TileMode.kClamp,
        0,
        flat,
    )
    return _finish(skia.Paint(AntiAlias=True, Dither=True, Shader=shader), blur, mode)


def _finish(paint: skia.Paint, blur: float, mode: Any) -> skia.Paint:
    if blur > 0.05:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    if mode is not None:
        paint.setBlendMode(mode)
    return paint


def oval(cx: float, cy: float, rx: float, ry: float) -> skia.Rect:
    """The box of an ellipse about its centre."""
    return skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry)


def polygon(points: Sequence[Point], close: bool = True) -> skia.Path:
    """A path through the points."""
    path = skia.Path()
    path.addPoly([skia.Point(x, y) for x, y in points], close)
    return path


def smooth(points: Sequence[Point], close: bool = True) -> skia.Path:
    """A soft path through the middles of the points' connections."""
    path = skia.Path()
    if not close:
        path.moveTo(*points[0])
        for here, after in pairwise(points[1:]):
            path.quadTo(*here, *_middle(here, after))
        path.lineTo(*points[-1])
        return path
    path.moveTo(*_middle(points[-1], points[0]))
    for here, after in zip(points, [*points[1:], points[0]], strict=True):
        path.quadTo(*here, *_middle(here, after))
    path.close()
    return path


def _middle(one: Point, other: Point) -> Point:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)


@contextmanager
def clipped(canvas: skia.Canvas, path: skia.Path) -> Iterator[None]:
    """What is drawn inside stays within the path."""
    canvas.save()
    canvas.clipPath(path, True)
    yield
    canvas.restore()


@contextmanager
def layer(
    canvas: skia.Canvas,
    alpha: float = 1.0,
    blur: float = 0.0,
    mode: Any = None,
    within: skia.Rect | None = None,
) -> Iterator[None]:
    """What is drawn inside comes down as one sheet: see-through, blurred, blended."""
    paint = skia.Paint(Alphaf=alpha)
    if blur > 0.05:
        paint.setImageFilter(skia.ImageFilters.Blur(blur, blur, skia.TileMode.kClamp))
    if mode is not None:
        paint.setBlendMode(mode)
    canvas.saveLayer(within, paint)
    yield
    canvas.restore()


@contextmanager
def far_away(canvas: skia.Canvas, width: int, height: int, blur: float) -> Iterator[skia.Canvas]:
    """Things out of focus: drawn on a small sheet, blurred there and laid over the whole canvas.

    Blurring a quarter of the size costs a sixteenth, and nobody can tell. `blur` is in full-size pixels.
    """
    scale = min(1.0, 2.5 / max(blur, 0.5))
    small = small_sheet(width, height, scale)
    yield small.getCanvas()
    lay_down(canvas, small, width, height, blur * scale)


@contextmanager
def falling_shadow(
    canvas: skia.Canvas, width: int, height: int, blur: float, alpha: float
) -> Iterator[skia.Canvas]:
    """Shapes drawn inside fall on the canvas as one soft black shadow, whatever their colours."""
    small = small_sheet(width, height, 0.25)
    yield small.getCanvas()
    small.getCanvas().drawPaint(fill(BLACK, mode=skia.BlendMode.kSrcIn))
    lay_down(canvas, small, width, height, blur / 4, alpha)


def small_sheet(width: int, height: int, scale: float) -> skia.Surface:
    """A sheet of a smaller size on which one draws in full-size pixels."""
    small = skia.Surface(max(1, round(width * scale)), max(1, round(height * scale)))
    small.getCanvas().scale(small.width() / width, small.height() / height)
    return small


def lay_down(
    canvas: skia.Canvas, small: skia.Surface, width: int, height: int, blur: float, alpha: float = 1.0
) -> None:
    """Blur a small sheet (sigma in its own pixels) and stretch it over the canvas."""
    soft = skia.Surface(small.width(), small.height())
    paint = skia.Paint(ImageFilter=skia.ImageFilters.Blur(blur, blur, skia.TileMode.kClamp))
    soft.getCanvas().drawImage(small.makeImageSnapshot(), 0, 0, skia.SamplingOptions(), paint)
    canvas.drawImageRect(
        soft.makeImageSnapshot(),
        skia.Rect.MakeWH(small.width(), small.height()),
        skia.Rect.MakeWH(width, height),
        skia.SamplingOptions(skia.FilterMode.kLinear),
        skia.Paint(Alphaf=alpha),
    )


def shade_under(
    canvas: skia.Canvas, cx: float, y: float, reach: float, strength: float, squash: float = 0.16
) -> None:
    """The dark that holds a thing to its ground: a tight line of contact and a wide breath round it."""
    for spread, alpha in ((1.9, 0.22), (1.25, 0.35), (0.98, 0.55)):
        rx, ry = reach * spread, reach * spread * squash
        stops = [(0.0, BLACK, strength * alpha), (0.55, BLACK, strength * alpha * 0.62), (1.0, BLACK, 0.0)]
        canvas.drawOval(oval(cx, y, rx, ry), radial((cx, y), rx, stops, squash))


@lru_cache(maxsize=4)
def noise_sheet(kind: str) -> skia.Image:
    """A tile of 256 × 256 noise: "grain" is film grain, "cloud" is soft and stretched, always the same."""
    rng = np.random.default_rng(20 if kind == "grain" else 21)
    grey = rng.normal(0.0, 1.0, (256, 256))
    if kind == "cloud":
        grey = sum((_soften(rng.normal(0, 1, (256, 256)), r) for r in (4, 10, 24)), np.zeros((256, 256)))
    grey = np.clip(128 + grey / grey.std() * 36, 0, 255).astype(np.uint8)
    pixels = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    return skia.Image.fromarray(np.ascontiguousarray(pixels), skia.kRGBA_8888_ColorType)


def _soften(
    values: np.ndarray[Any, np.dtype[np.float64]], radius: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    for axis in (0, 1):
        values = sum(
            (np.roll(values, step, axis) for step in range(-radius, radius + 1)), np.zeros_like(values)
        )
    return np.asarray(values / values.std())


def textured(kind: str, alpha: float, scale: Point = (1.0, 1.0), turn: float = 0.0) -> skia.Paint:
    """A paint that roughens what lies under it: grain, sand, stone or wood by scale and stretch."""
    matrix = skia.Matrix().setScale(*scale).postRotate(turn)
    repeat = skia.TileMode.kRepeat
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear)
    paint = skia.Paint(Shader=noise_sheet(kind).makeShader(repeat, repeat, sampling, matrix), Alphaf=alpha)
    paint.setBlendMode(skia.BlendMode.kSoftLight)
    return paint
