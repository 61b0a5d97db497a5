"""Measures a finished ad once more, on what was painted and on its opened file, apart from what its report says.

The report knows boxes; this looks at pixels: where the ink really is, and the light behind it as it is delivered.
Twice the work of making the ad, so it is for `scripts/every_format.py` and the tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from . import contrast
from .colour import READABLE
from .compose import Prepared
from .contrast import Pixels
from .layout import Pill, Sign, Words
from .paint import Painting
from .values import Ad, Box, Check, Role

type Mask = NDArray[np.bool_]

EDGE = 1.0  # pixels: the soft edge of a letter, which the safe zone's line may cut
ROUNDED = 2.0  # pixels: that edge, and by how much letters move when they are set to whole rows
FRINGE = 5  # pixels, odd: so wide is the neighbourhood in which JPEG lets letters ring


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found: a row for every rule, and the contrast (WCAG ratio) behind each text in the opened file."""

    checks: tuple[Check, ...]
    contrast: dict[Role, float]

    @property
    def faults(self) -> tuple[Check, ...]:
        """Those rules that the file breaks."""
        return tuple(check for check in self.checks if not check.ok)


def inspect(ready: Prepared, ad: Ad) -> Inspection:
    """Measure the file that `finish` made of this prepared ad.

    Rows: those of the ad's own report, then `ink_in_zone` and `overflow` (pixels that type, button and logo changed lie
    inside the safe zone, to a pixel, and inside their boxes, to two), `product_in_crop` (the real product lies whole
    inside the picture's box; without one the picture's focus does), `light` (at least 4.5:1 to the opened file's own
    pixels round the letters, and to what was painted under them: WCAG 2.2, 1.4.3).
    """
    painting, bare = ready.painted(), _without_type(ready)
    ink: Mask = _packed(painting.pixels) != _packed(bare)
    measured = dict(_contrasts(ready, painting, bare, _opened(ad.data)))
    checks = (
        *ad.report.checks,
        _in_zone(ready, ink),
        _in_boxes(ready, ink),
        _product(ready),
        _light(measured),
    )
    return Inspection(checks, measured)


def _without_type(ready: Prepared) -> Pixels:
    """The ad painted once more without type, button and logo."""
    placement = replace(ready.staging.placement, elements=())
    return replace(ready, staging=replace(ready.staging, placement=placement)).painted().pixels


def _opened(data: bytes) -> Pixels:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def _packed(rgba: Pixels) -> NDArray[np.uint32]:
    """One number a pixel: compared in a tenth of the time."""
    numbers: NDArray[np.uint32] = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
    return numbers


def _in_zone(ready: Prepared, ink: Mask) -> Check:
    stray = int((ink & ~_mask([ready.layout.safe], ink.shape, EDGE)).sum())
    return Check("ink_in_zone", not stray, f"{stray} pixels of ink outside the safe zone.")


def _in_boxes(ready: Prepared, ink: Mask) -> Check:
    boxes = [element.box for element in ready.staging.placement.elements]
    stray = int((ink & ~_mask(boxes, ink.shape, ROUNDED)).sum())
    return Check("overflow", not stray, f"{stray} pixels of ink outside their boxes.")


def _mask(boxes: list[Box], shape: tuple[int, ...], rim: float) -> Mask:
    """The pixels that these boxes touch, and a rim of so many round them."""
    mask: Mask = np.zeros(shape, np.bool_)
    for box in boxes:
        top, left = (max(0, int(np.floor(edge - rim))) for edge in (box.y, box.x))
        bottom, right = (int(np.ceil(edge + rim)) for edge in (box.bottom, box.right))
        mask[top:bottom, left:right] = True
    return mask


def _product(ready: Prepared) -> Check:
    placement, product, crop = ready.staging.placement, ready.staging.product, ready.staging.crop
    if product is not None:
        inside = product.box.inside(placement.picture) and product.box.inside(ready.layout.page)
        return Check("product_in_crop", inside, "The product's box lies inside the picture's.")
    seen = all(0 <= part <= 1 for part in crop.focus)
    return Check("product_in_crop", seen, "The picture's focus lies inside the crop.")


def _light(measured: dict[Role, float]) -> Check:
    faint = ", ".join(f"{role} {value:.2f}:1" for role, value in measured.items() if value < READABLE)
    return Check("light", not faint, f"In the file: {faint or 'all readable'}.")


def _contrasts(
    ready: Prepared, painting: Painting, bare: Pixels, delivered: Pixels
) -> Iterator[tuple[Role, float]]:
    for element in ready.staging.placement.elements:
        match element:
            case Words(box=box):
                under = contrast.patch(bare, box)
            case Pill(words=Words(box=box)):
                under = _fill(contrast.patch(painting.pixels, box))
            case Sign():
                continue
        lettered = _packed(contrast.patch(painting.pixels, box)) != _packed(under)
        seen = np.where(_spread(lettered)[..., None], under[..., :3], contrast.patch(delivered, box))
        yield element.role, contrast.measured(seen, painting.inks[element.role])


def _fill(pixels: Pixels) -> Pixels:
    """A pill's own colour, the most frequent one round its words, everywhere."""
    colours, counts = np.unique(_packed(pixels), return_counts=True)
    return np.full(pixels.shape[:2], colours[counts.argmax()]).view(np.uint8).reshape(pixels.shape)


def _spread(mask: Mask) -> Mask:
    """The mask and the pixels round it, where JPEG lets letters ring."""
    grown = Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(FRINGE))
    spread: Mask = np.asarray(grown) > 0
    return spread
