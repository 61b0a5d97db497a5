"""Writes pixels as JPEG or PNG: as good as the format's byte limit allows.

Under 1 MB the best quality is searched: in full colour resolution as long as that is fine, else by jpegli. From 1 MB
on the file is simply written well, and is squeezed only where even that is over the limit. Nothing depends on time or
chance: the same pixels give the same bytes.
"""

from dataclasses import dataclass, replace
from enum import StrEnum, auto
from io import BytesIO
from math import log

import numpy as np
import pyjpegli
from PIL import Image

from runs.formats import Format

from .contrast import Pixels
from .errors import TooHeavy

ROOMY = 1024 * 1024  # bytes: from this limit on quality rules, not weight
FINE = (99, 98)  # Pillow, 4:4:4; at 97 some ads have less than 90 of ssimulacra2 (benchmarks/encoding.py)
CLEAR, CLEAREST = 92, 99  # Pillow, 4:4:4: from there on coloured type in full resolution beats jpegli's 4:2:0
AMPLE = 0.5  # bytes a pixel: where so many are allowed, the clearest mostly fits
PROGRESSIVE = 0.92  # of the bytes: about what that form saves
BEST, LEAST = 95, 30  # jpegli's range under tighter limits
STEEPNESS = 1.5
WORTH_SEARCHING = 1.25  # a PNG that much heavier than the JPEG will not be lighter after all
FLAT_HEIGHT = 120  # strips are mostly even colour: PNG may win


class Encoder(StrEnum):
    """Who wrote the file."""

    JPEGLI = auto()
    PILLOW = auto()
    PNG = auto()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file without its mark; `quality` is the encoder's own scale, None for PNG.

    `squeezed`: the limit is roomy, and still the file could not be as good as it should be under such a limit.
    """

    data: bytes
    encoder: Encoder
    quality: int | None
    squeezed: bool = False

    def step(self, by: int) -> int:
        """The quality so much better or worse; of a JPEG."""
        assert self.quality is not None
        return self.quality + by

    @property
    def mime(self) -> str:
        """The file's media type."""
        return "image/png" if self.encoder is Encoder.PNG else "image/jpeg"

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""
        return ".png" if self.encoder is Encoder.PNG else ".jpg"


def encode(pixels: Pixels, format: Format, reserve: int = 0) -> Encoded:
    """The pixels (height × width × RGB or RGBA) as a file that stays `reserve` bytes under the format's limit.

    Raises TooHeavy when even the lowest quality is over it.
    """
    limit = format.max_bytes - reserve
    rgb = np.ascontiguousarray(pixels[..., :3])
    if "jpg" not in format.file_types:
        return _within(_png(rgb), format, limit)
    roomy = format.max_bytes >= ROOMY
    jpeg = _fine(rgb, limit) if roomy else _clear(rgb, limit)
    jpeg = jpeg or replace(_searched(rgb, limit), squeezed=roomy)
    if format.height <= FLAT_HEIGHT and "png" in format.file_types:
        jpeg = _lighter(rgb, jpeg)
    return _within(jpeg, format, limit)


def _lighter(rgb: Pixels, jpeg: Encoded) -> Encoded:
    """PNG where it is smaller; the slow search for its best form only where that can decide."""
    quick = _png(rgb, thorough=False)
    if len(quick.data) <= len(jpeg.data):
        return quick
    if len(quick.data) > len(jpeg.data) * WORTH_SEARCHING:
        return jpeg
    return min(jpeg, _png(rgb), key=lambda file: len(file.data))


def _within(file: Encoded, format: Format, limit: int) -> Encoded:
    if len(file.data) > limit:
        raise TooHeavy(format.id, format.label, len(file.data), format.max_bytes)
    return file


def _fine(rgb: Pixels, limit: int) -> Encoded | None:
    files = (_full(rgb, quality) for quality in FINE)
    return next((file for file in files if len(file.data) <= limit), None)


def _clear(rgb: Pixels, limit: int) -> Encoded | None:
    """The best in full colour resolution under a tight limit; None where that would cost too much elsewhere."""
    if limit > AMPLE * rgb.shape[0] * rgb.shape[1] and len((best := _full(rgb, CLEAREST)).data) <= limit:
        return best
    least = _full(rgb, CLEAR)
    if len(least.data) > limit:
        near = len(least.data) * PROGRESSIVE <= limit
        return _progressive(rgb, CLEAR, limit) if near else None
    found, low, high = least, CLEAR + 1, CLEAREST - 1
    while low <= high:
        better = _full(rgb, (low + high + 1) // 2)
        fits = len(better.data) <= limit
        found, low, high = (better, better.step(1), high) if fits else (found, low, better.step(-1))
    return _progressive(rgb, found.step(1), limit) or found


def _full(rgb: Pixels, quality: int) -> Encoded:
    return Encoded(_pillow(rgb, quality, full_colour=True), Encoder.PILLOW, quality)


def _progressive(rgb: Pixels, quality: int, limit: int) -> Encoded | None:
    """Written in twice the time with a tenth of the bytes less, which buys about one step of quality."""
    out = BytesIO()
    options = {"quality": quality, "subsampling": "4:4:4", "optimize": True, "progressive": True}
    try:
        Image.fromarray(rgb).save(out, "JPEG", **options)
    except OSError:  # Pillow reserves a byte a pixel for it: what needs more is too heavy anyway
        return None
    data = out.getvalue()
    return Encoded(data, Encoder.PILLOW, quality) if len(data) <= limit else None


def _searched(rgb: Pixels, limit: int) -> Encoded:
    """The best quality under the limit; the least one when none is.

    Weights grow about as a power of the quality's distance to 100, so that three or four tries are enough.
    """
    best = _jpegli(rgb, BEST)
    if len(best.data) <= limit:
        return best
    fits, fails = LEAST, BEST
    heavy, file = len(best.data), None
    while fails - fits > 1:
        attempt = _jpegli(rgb, _guess(fits, fails, heavy, file, limit))
        assert attempt.quality is not None
        if len(attempt.data) <= limit:
            file, fits = attempt, attempt.quality
        else:
            heavy, fails = len(attempt.data), attempt.quality
    return file or _jpegli(rgb, LEAST)


def _guess(fits: int, fails: int, heavy: int, file: Encoded | None, limit: int) -> int:
    """The quality between those two that should weigh just as much as the limit."""
    if file is None or file.quality is None:
        wished: float = 100 - (100 - fails) * (heavy / limit) ** STEEPNESS
    else:
        low, high, aim = (log(size) for size in (len(file.data), heavy, limit))
        wished = fits + (fails - fits) * (aim - low) / max(high - low, 1e-9)
    return min(max(round(wished), fits + 1), fails - 1)


def _jpegli(rgb: Pixels, quality: int) -> Encoded:
    """jpegli gives about a tenth more quality per byte; a picture it refuses is written by Pillow."""
    height, width = rgb.shape[:2]
    try:
        return Encoded(pyjpegli.encode(rgb.data, width, height, quality), Encoder.JPEGLI, quality)
    except (RuntimeError, ValueError):
        return Encoded(_pillow(rgb, quality), Encoder.PILLOW, quality)


def _pillow(rgb: Pixels, quality: int, full_colour: bool = False) -> bytes:
    out = BytesIO()
    subsampling = "4:4:4" if full_colour else "4:2:0"
    Image.fromarray(rgb).save(out, "JPEG", quality=quality, subsampling=subsampling)
    return out.getvalue()


def _png(rgb: Pixels, thorough: bool = True) -> Encoded:
    out = BytesIO()
    Image.fromarray(rgb).save(out, "PNG", optimize=thorough)
    return Encoded(out.getvalue(), Encoder.PNG, None)
