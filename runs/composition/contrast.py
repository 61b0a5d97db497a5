"""Makes type readable over a picture: measures the light behind it and finds the ink and the weakest veil that do.

Contrast counts at the 3rd or 97th percentile of the pixels behind the type, whichever is nearer to the ink:
the mean would call white type on a chequered floor readable.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runs.tastes import Ink

from .colour import NEAR_BLACK, READABLE, WHITE, Rgb, linear, luminance, ratio
from .layout import Place
from .values import Box

Pixels = NDArray[Any]

LOW = 3  # percentile, from either end
TEXTURE = 2.0  # weight of the steps between neighbours beside the spread of light
AIM = READABLE + 0.15  # a little over, for what encoding takes away
STRENGTHS = tuple(step / 20 for step in range(20))  # 0, 0.05, … 0.95
SAMPLE = 10_000  # pixels looked at behind one text
QUICK_SAMPLE = 1_000  # while a veil is looked for, often
DARK_TINT = 0.15  # of the picture's own colour: veils are dark versions of what they cover
LIGHT_TINT = 0.2
EASE = ((0.0, 0.0), (0.25, 0.1), (0.5, 0.36), (0.75, 0.72), (1.0, 1.0))  # how a veil fades in: part, strength

_LINEAR = np.array([linear(value / 255) for value in range(256)], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Veil:
    """A soft gradient from one edge of the ad, full up to `solid` pixels from it and faded out after `reach` more."""

    edge: Place
    solid: float
    reach: float
    colour: Rgb
    strength: float

    def stronger(self, by: float) -> "Veil":
        """With that much more strength, at most 1."""
        return replace(self, strength=min(1.0, self.strength + by))

    def scaled(self, by: float) -> "Veil":
        """The same on an ad that many times as large."""
        return replace(self, solid=self.solid * by, reach=self.reach * by)

    def stops(self) -> list[tuple[float, float]]:
        """Distance from the edge in pixels, and strength there."""
        faded = [
            (self.solid + self.reach * (1 - part), self.strength * value) for part, value in reversed(EASE)
        ]
        return [(0.0, self.strength), *faded]


def lights(pixels: Pixels) -> NDArray[np.float32]:
    """The luminances of 8-bit RGB pixels, thinned to a sample."""
    sample = _thinned(pixels, SAMPLE).reshape(-1, 3)
    light: NDArray[np.float32] = _LINEAR[sample] @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    return light


def _thinned(pixels: Pixels, most: int) -> Pixels:
    flat = pixels[..., :3]
    step = max(1, int((flat.shape[0] * flat.shape[1] / most) ** 0.5))
    return flat[::step, ::step]


def measured(pixels: Pixels, ink: Rgb) -> float:
    """The contrast of the ink to the pixels behind it, at their unkindest."""
    if not pixels.size:
        return 21.0
    light, own = lights(pixels), luminance(ink)
    rank = (light.size - 1) * LOW // 100
    ranked = np.partition(light, (rank, light.size - 1 - rank))  # a fifth of what percentile() takes
    return min(ratio(own, float(ranked[rank])), ratio(own, float(ranked[light.size - 1 - rank])))


def veiled(pixels: Pixels, colour: Rgb, strength: float) -> Pixels:
    """The pixels under an even veil."""
    mixed: Pixels = pixels[..., :3] * (1 - strength) + np.array(colour, dtype=np.float32) * strength
    return mixed.round().astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Reading:
    """How type can be read at one place: its ink, and the veil's colour and strength."""

    ink: Rgb
    tint: Rgb
    strength: float

    @property
    def dark(self) -> bool:
        """Whether the type is dark, on a light ground."""
        return self.ink != WHITE


def readings(patches: list[Pixels], ink: Ink = "auto") -> list[Reading]:
    """White ink and dark ink for type over these patches, each with the weakest veil that makes all readable.

    Only the inks that are wanted, and of both the dark one only where the white one needs a veil.
    """
    whole = np.concatenate([patch.reshape(-1, patch.shape[-1]) for patch in patches])[:, :3]
    mean = whole.mean(axis=0)
    patches = [_thinned(patch, QUICK_SAMPLE) for patch in patches]
    dark, light = mean * DARK_TINT, mean * LIGHT_TINT + 255 * (1 - LIGHT_TINT)
    found = [] if ink == "dark" else [_weakest(patches, WHITE, _rgb(dark))]
    if ink == "light" or any(reading.strength == 0 for reading in found):
        return found
    return [*found, _weakest(patches, NEAR_BLACK, _rgb(light))]


def _weakest(patches: list[Pixels], ink: Rgb, tint: Rgb) -> Reading:
    """The first strength that is enough: contrast grows with the veil, so halving finds it."""

    def readable(strength: float) -> bool:
        return all(measured(veiled(patch, tint, strength), ink) >= AIM for patch in patches)

    # None at all is enough over a calm scene, which most are: asked first, it saves looking at half the others.
    found = 0 if readable(0.0) else bisect_left(STRENGTHS, True, lo=1, key=readable)
    return Reading(ink, tint, STRENGTHS[found] if found < len(STRENGTHS) else 1.0)


def _rgb(colour: NDArray[Any]) -> Rgb:
    red, green, blue = (int(channel) for channel in colour)
    return red, green, blue


def patch(pixels: Pixels, box: Box, scale: float = 1.0) -> Pixels:
    """The pixels behind a box, at least one; `scale` is array pixels per pixel of the ad."""
    top, left = int(box.y * scale), int(box.x * scale)
    bottom, right = int(np.ceil(box.bottom * scale)), int(np.ceil(box.right * scale))
    height, width = pixels.shape[:2]
    top, left = min(max(top, 0), height - 1), min(max(left, 0), width - 1)
    return pixels[top : max(bottom, top + 1), left : max(right, left + 1)]


def unrest(pixels: Pixels) -> float:
    """How busy a region is, 0 (even) to about 1: fine texture, and things that stand in it."""
    grey = pixels[..., :3].astype(np.float32).mean(axis=2) / 255
    if min(grey.shape) < 2:
        return 0.0
    texture = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    return float(texture * TEXTURE + grey.std())
