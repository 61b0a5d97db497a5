"""Paints the simulator's pictures: an advertising scene from a prompt, without a GPU. Called by the executor.

The same arguments give the same bytes, on every run and in every thread. Never a letter: type comes later.
"""

from __future__ import annotations

import random

import numpy as np
import skia
from PIL import Image

from .painting import heroes, props
from .painting.brush import lay_down, linear, radial, shade_under, small_sheet, textured
from .painting.colour import BLACK, WHITE, argb, shift
from .painting.place import Place
from .painting.sets_outdoor import FRONTS, SCENES
from .painting.stage import Ground, Stage, order_stage
from .painting.wording import Hero, Order, Prop, Scene, number_of, read

SMALLEST, LARGEST = 16, 4096


def paint(prompt: str, negative: str, seed: int, width: int, height: int) -> Image.Image:
    """A picture for a prompt.

    prompt: hex colours in it are the palette, words choose scene, hero and props (painting/wording.py);
    "empty podium" or "no product" leaves the hero's place free. negative: words of things that must not be
    in it. seed: light, placement, ornament. width, height: pixels, 16 to 4096.

    Returns an RGB picture of exactly that size. Calm space for copy is above in tall and square pictures, at
    the left in wide ones (from 5:4 on); the hero's centre is near (.5, .66) or (.70, .58).
    Raises ValueError for a size out of range.
    """
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise ValueError(f"A picture is {SMALLEST} to {LARGEST} pixels a side, not {width}x{height}.")
    order = read(prompt, negative)
    surface = skia.Surface(width, height)
    # Light and set hang on the seed alone, not on the size: the shapes of one picture look like one shoot.
    rng = random.Random(number_of(prompt, negative, seed))  # nosec B311 # the same seed, the same picture
    stage = order_stage(surface.getCanvas(), width, height, order, rng)
    _picture(stage, order)
    pixels = surface.toarray(colorType=skia.kRGBA_8888_ColorType)
    return Image.fromarray(np.ascontiguousarray(pixels[..., :3]), "RGB")


def _picture(stage: Stage, order: Order) -> None:
    ground = SCENES[order.scene](stage)
    if stage.hero is not Hero.NOTHING:
        _stand(stage, ground, _actor(stage))
    props.strew(stage, ground)
    if order.scene in FRONTS:
        FRONTS[order.scene](stage)
    _grade(stage, order)


def _actor(stage: Stage) -> skia.Image:
    """The hero alone on a clear sheet of the stage's size: shadow and mirror image follow its outline."""
    surface = skia.Surface(stage.width, stage.height)
    width, height = stage.hero_size
    hero_rng = random.Random(stage.rng.random())  # nosec B311 # the same seed, the same picture
    place = Place(
        surface.getCanvas(), stage.cx, stage.base, height, width, stage.palette, stage.light, hero_rng,
        wet=Prop.ICE in stage.props,
    )  # fmt: skip
    heroes.draw(stage.hero, place)
    return surface.makeImageSnapshot()


def _stand(stage: Stage, ground: Ground, actor: skia.Image) -> None:
    """Put the hero on its ground: mirror image, long shadow, contact, then itself."""
    if ground.mirror:
        _mirror(stage, actor, ground.mirror)
    if ground.cast:
        _cast(stage, actor, ground.cast)
    reach = stage.hero_size[0] * 0.5
    shade_under(stage.canvas, stage.cx - stage.side * reach * 0.08, stage.base, reach, ground.shadow, 0.14)
    stage.canvas.drawImage(actor, 0, 0)


def _mirror(stage: Stage, actor: skia.Image, strength: float) -> None:
    canvas, foot = stage.canvas, stage.base - stage.hero_size[0] * 0.012
    canvas.saveLayer(stage.below(foot), skia.Paint(Alphaf=strength))
    canvas.save()
    canvas.translate(0, 2 * foot)
    canvas.scale(1, -1)
    soft = skia.Paint(ImageFilter=skia.ImageFilters.Blur(stage.unit * 0.002, stage.unit * 0.006))
    canvas.drawImage(actor, 0, 0, skia.SamplingOptions(), soft)
    canvas.restore()
    fade = linear((0, foot), (0, foot + stage.unit * 0.17), [(0.0, BLACK, 0.95), (1.0, BLACK, 0.0)])
    fade.setBlendMode(skia.BlendMode.kDstIn)
    canvas.drawRect(stage.below(foot), fade)
    canvas.restore()


def _cast(stage: Stage, actor: skia.Image, strength: float) -> None:
    """The hero's shadow on the ground, away from the light; paler and softer the further it falls."""
    small = small_sheet(stage.width, stage.height, 0.25)
    sheet = small.getCanvas()
    black = skia.Paint(ColorFilter=skia.ColorFilters.Blend(argb(BLACK), skia.BlendMode.kSrcIn))
    sheet.save()
    sheet.translate(stage.cx, stage.base)
    sheet.skew(stage.side * 0.95, 0)
    sheet.scale(1, 0.24)
    sheet.translate(-stage.cx, -stage.base)
    sheet.drawImage(actor, 0, 0, skia.SamplingOptions(skia.FilterMode.kLinear), black)
    sheet.restore()
    long = stage.hero_size[1] * 0.24
    fade = linear((0, stage.base), (0, stage.base - long), [(0.0, BLACK, 1.0), (1.0, BLACK, 0.25)])
    fade.setBlendMode(skia.BlendMode.kDstIn)
    sheet.drawPaint(fade)
    lay_down(stage.canvas, small, stage.width, stage.height, stage.unit * 0.0032, strength)


def _grade(stage: Stage, order: Order) -> None:
    """What a lens and a film add: light from the lamp's side, darker corners, grain against banding."""
    canvas = stage.canvas
    corner = (stage.width * (0.5 + 0.5 * stage.side), 0.0)
    reach = max(stage.width, stage.height) * 1.05
    flare = 0.10 if order.scene is Scene.NIGHT else 0.16
    lamp = [(0.0, stage.light.lamp, flare), (1.0, WHITE, 0.0)]
    canvas.drawPaint(radial(corner, reach, lamp, mode=skia.BlendMode.kSoftLight))
    dim = shift(stage.palette.wall, -0.28)
    canvas.drawPaint(
        radial((stage.width / 2, stage.height * 0.52), reach * 0.8, [(0.5, dim, 0.0), (1.0, dim, 0.26)])
    )
    canvas.drawPaint(textured("grain", 0.055))
