"""Writes pixels as JPEG or PNG: as good as the format's byte limit allows.

Under 1 MB the quality is searched by halving; from 1 MB on the file is simply written well, with full colour
resolution. Nothing depends on time or chance: the same pixels give the same bytes.
"""

from dataclasses import dataclass
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
FINE = (96, 94, 92, 90)  # Pillow, 4:4:4; of finished ads 95 is the first with 90 of ssimulacra2 or more
LEAST_FINE = FINE[-1]
BEST, LEAST = 95, 30  # range of the search under tighter limits
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
    """A file without its mark; `quality` is the encoder's own scale, None for PNG."""

    data: bytes
    encoder: Encoder
    quality: int | None

    @property
    def mime(self) -> str:
        return "image/png" if self.encoder is Encoder.PNG else "image/jpeg"

    @property
    def suffix(self) -> str:
        return ".png" if self.encoder is Encoder.PNG else ".jpg"


def encode(pixels: Pixels, format: Format, reserve: int = 0) -> Encoded:
    """The pixels (height × width × RGB or RGBA) as a file that stays `reserve` bytes under the format's limit.

    Raises TooHeavy when even the lowest quality is over it.
    """
    limit = format.max_bytes - reserve
    rgb = np.ascontiguousarray(pixels[..., :3])
    if "jpg" not in format.file_types:
        return _within(_png(rgb), format, limit)
    jpeg = _fine(rgb, limit) if format.max_bytes >= ROOMY else None
    jpeg = jpeg or _searched(rgb, limit)
    if format.height <= FLAT_HEIGHT and "png" in format.file_types:
        jpeg = _lighter(rgb, jpeg)
    return _within(jpeg, format, limit)


def _lighter(rgb: Pixels, jpeg: Encoded) -> Encoded:
    """PNG where it is smaller; the slow search for its best form only where that can decide."""
    quick = _png(rgb, thorough=False)
    if len(quick.data) > len(jpeg.data) * WORTH_SEARCHING:
        return jpeg
    return min(jpeg, _png(rgb), key=lambda file: len(file.data))


def _within(file: Encoded, format: Format, limit: int) -> Encoded:
    if len(file.data) > limit:
        raise TooHeavy(format.id, format.label, len(file.data), format.max_bytes)
    return file


def _fine(rgb: Pixels, limit: int) -> Encoded | None:
    for quality in FINE:
        data = _pillow(rgb, quality, full_colour=True)
        if len(data) <= limit:
            return Encoded(data, Encoder.PILLOW, quality)
    return None


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
