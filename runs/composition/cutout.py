"""Turns an uploaded product picture into a cut-out: its own transparency, or a plain ground that is taken away.

A ground counts as plain when the picture's whole border has one colour, give or take what a camera adds. Only what is
joined to the border goes: a white label on a can stays white.
"""

from dataclasses import dataclass
from enum import StrEnum, auto
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .errors import BadCutout
from .pictures import PNG_LEVEL, decoded, opaque, resized

MOST_SIDE = 2400  # pixels: the largest ad shows a product no taller
LEAST_SIDE = 96  # pixels of the product itself: less would be blown up in most ads
SEARCH_SIDE = 640  # pixels: the ground is looked for in a small copy, its edge is then drawn in the large one
SEEN = 110  # of 255: fainter pixels are no part of the outline
OPAQUE = 0.998  # a picture with more than this part of its pixels opaque has no transparency to speak of
SPREAD = 7.0  # how far the border's colours may lie from their middle (CIE Lab, 90 % of them)
TOLERANCE = 11.0  # how far from the ground's colour a pixel may be and still be ground
GRAIN = 1.4  # times the grain of the ground: what lies within is ground too
SOFT = 9.0  # over how much more the edge fades
# Of the picture: outside of this something else than the product was found.
LEAST_SHARE, MOST_SHARE = 0.01, 0.97


class Ground(StrEnum):
    """How the product was told from what is round it."""

    TRANSPARENT = auto()  # the upload said so itself
    PLAIN = auto()  # a ground of one colour was taken away: a person has to look at it


@dataclass(frozen=True, slots=True)
class Cutout:
    """A product on nothing: an RGBA PNG, trimmed to the product, in sRGB and without metadata."""

    data: bytes
    width: int
    height: int
    ground: Ground


def cut_out(data: bytes) -> Cutout:
    """The product of an uploaded picture (PNG, JPEG or WebP). The same bytes give the same cut-out.

    Raises BadPicture for what does not decode, BadCutout where product and ground cannot be told apart or the product
    is too small.
    """
    image = decoded(data)
    if _is_transparent(image):
        return _trimmed(image, Ground.TRANSPARENT)
    image = _shrunk(opaque(image))
    alpha = _without_ground(image)
    pixels = np.dstack([_cleaned(np.asarray(image), alpha), (alpha * 255).round().astype(np.uint8)])
    return _trimmed(Image.fromarray(pixels, "RGBA"), Ground.PLAIN)


def _is_transparent(image: Image.Image) -> bool:
    if image.mode != "RGBA":
        return False
    return float((np.asarray(image)[..., 3] > 250).mean()) < OPAQUE


def _shrunk(image: Image.Image) -> Image.Image:
    scale = min(1.0, MOST_SIDE / max(image.size))
    if scale == 1.0:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return resized(image, size)


def _trimmed(image: Image.Image, ground: Ground) -> Cutout:
    alpha = np.asarray(image)[..., 3]
    rows, columns = np.flatnonzero((alpha > SEEN).any(axis=1)), np.flatnonzero((alpha > SEEN).any(axis=0))
    if not rows.size:
        raise BadCutout("the picture shows nothing but background. Choose a picture of the product itself.")
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    product = _shrunk(image.crop(box))
    if max(product.size) < LEAST_SIDE:
        words = (
            f"the product in it is only {product.width}×{product.height} pixels. Choose one of 600 or more."
        )
        raise BadCutout(words)
    out = BytesIO()
    product.save(out, "PNG", compress_level=PNG_LEVEL)
    return Cutout(out.getvalue(), product.width, product.height, ground)


def _without_ground(image: Image.Image) -> NDArray[np.float32]:
    """How much of each pixel is product, 0 to 1."""
    small = image.copy()
    small.thumbnail((SEARCH_SIDE, SEARCH_SIDE), Image.Resampling.BOX)
    ground = _ground_of(lab_of(small))
    joined = _joined_to_border(_distance(lab_of(small), ground) < TOLERANCE)
    share = 1 - float(joined.mean())
    if not LEAST_SHARE < share < MOST_SHARE:
        raise BadCutout(
            "the product and the background look too alike. Choose a PNG with a transparent background."
        )
    # A little wider than what was found, so that the soft edge lies in it; beyond, all is product.
    near = Image.fromarray((joined * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(5))
    reach = np.asarray(near.resize(image.size, Image.Resampling.BILINEAR), np.float32) / 255
    away = _distance(lab_of(image), ground)
    grain = float(np.percentile(_border(away), 99))  # what the camera adds to the ground
    edge = np.clip((away - max(TOLERANCE * 0.6, grain * GRAIN)) / SOFT, 0, 1)
    # Steeper in the middle: a camera's colour fringes are wide and faint, the product's edge is neither.
    edge = edge * edge * (3 - 2 * edge)
    alpha: NDArray[np.float32] = 1 - reach * (1 - edge)
    return alpha.astype(np.float32)


def lab_of(image: Image.Image | NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIE Lab (D65) of 8-bit sRGB: distances in it are what the eye sees. IEC 61966-2-1 and CIE 15."""
    value = np.asarray(image, np.float32) / 255
    line = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
    )
    xyz = line @ matrix.T / np.array([0.95047, 1.0, 1.08883], np.float32)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _ground_of(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    border = _border(lab)
    middle: NDArray[np.float32] = np.median(border, axis=0)
    if float(np.percentile(_distance(border, middle), 90)) > SPREAD:
        raise BadCutout("the background is not plain. Choose a PNG with a transparent background.")
    return middle


def _border(field: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])


def _distance(lab: NDArray[np.float32], colour: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.sqrt(((lab - colour) ** 2).sum(axis=-1))
    return found


def _joined_to_border(ground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The part of the ground that can be reached from the border without crossing the product."""
    reached = np.zeros_like(ground)
    reached[[0, -1]], reached[:, [0, -1]] = ground[[0, -1]], ground[:, [0, -1]]
    before = -1
    while (count := int(reached.sum())) != before:
        before = count
        for axis in (0, 1):
            for turned in (False, True):
                _sweep(reached, ground, axis, turned)
    return reached


def _sweep(reached: NDArray[np.bool_], ground: NDArray[np.bool_], axis: int, turned: bool) -> None:
    """Spread along one direction, line by line: few sweeps reach round every corner."""
    here, open_ = (reached, ground) if axis == 0 else (reached.T, ground.T)
    order = range(len(here) - 2, -1, -1) if turned else range(1, len(here))
    step = 1 if turned else -1
    for n in order:
        here[n] |= here[n + step] & open_[n]


def _cleaned(pixels: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The product's own colours where the ground shone through at its edge: taken from the product nearby."""
    solid = (alpha > 0.98).astype(np.float32)[..., None]
    blurred = _blur(pixels * solid) / np.maximum(
        _blur(np.broadcast_to(solid * 255, pixels.shape)) / 255, 1e-3
    )
    mixed = np.where((alpha > 0.98)[..., None], pixels, np.clip(blurred, 0, 255))
    cleaned: NDArray[np.uint8] = mixed.round().astype(np.uint8)
    return cleaned


def _blur(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.BoxBlur(4)), np.float32)
