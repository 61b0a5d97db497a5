"""The real product in the ad: where it stands, how large, and the shadow that ties it to the scene.

It is never repainted: its pixels are the upload's, scaled. What makes it belong are the things round it: a contact
shadow, a shadow that falls away from the scene's light, both in the scene's own dark colour.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .contrast import Pixels
from .crop import Crop
from .cutout import lab_of
from .errors import BadPicture
from .layout import Placement
from .pictures import resized
from .values import Box

BELOW_FOCUS = 0.27  # of the picture's height: how far below the focus the ground is, as the prompt asks for
MOST_HEIGHT = 0.66  # of the picture's box: more leaves no scene round it
MOST_WIDTH = 0.74
MOST_IN_BLOCK = 0.86  # in a block too small for a scene
BLOCK = 200  # pixels of the picture's longer side up to which it is such a block
AIR = 0.03  # of the picture's shorter side: between the product and type or the edge
ASTRAY = 1.5  # what standing off the free place costs against size
NEAR = 0.04  # parts of the picture that do not count as off it
SINK = 0.004  # of the product's height: how far it stands in its own shadow
LIGHT_SHIFT = 1.02  # how much brighter one half must be for the light to come from there


type Alpha = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the product goes, in whole pixels of the ad; `astray` is how far that is from the scene's free place."""

    box: Box
    astray: float = 0.0  # parts of the picture's height and width

    def scaled(self, by: float) -> "Stand":
        """The same on an ad that many times as large."""
        return replace(self, box=_whole(self.box.scaled(by)))

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of its lower edge, on which its shadow lies."""
        return self.box.x + self.box.width / 2, self.box.bottom


@lru_cache(maxsize=4)
def opened(data: bytes) -> Image.Image:
    """The cut-out as RGBA. Raises BadPicture."""
    try:
        with Image.open(BytesIO(data), formats=("PNG",)) as file:
            return file.convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:
        raise BadPicture("the product's cut-out does not open") from error


def stand(placement: Placement, cut: Crop, size: tuple[int, int]) -> Stand:
    """The place for a product of that size (pixels of its cut-out) beside the type of that placement.

    Always whole and inside the picture's box; on the scene's ground where the layout lets it.
    """
    picture = placement.picture
    air = AIR * min(picture.width, picture.height)
    rooms = _free(picture, [blocker.grown(air) for blocker in _blockers(placement)])
    aspect = size[0] / size[1]
    boxes = [box for room in rooms for box in _within(room.grown(-air * 0.5), picture, cut, aspect)]
    best = max(boxes, key=lambda box: side(box, picture) - ASTRAY * _astray(box, picture, cut))
    return Stand(_whole(best), _astray(best, picture, cut))


def _blockers(placement: Placement) -> list[Box]:
    """What stands over the picture: type, button, logo, and a card in front of it."""
    over = [element.box for element in placement.elements if element.box.overlap(placement.picture) > 0]
    if placement.panel is not None and placement.panel.overlap(placement.picture) > 0:
        over.append(placement.panel)
    return over


def _free(picture: Box, blockers: list[Box]) -> list[Box]:
    """The largest empty rectangles of the picture."""
    rooms = [picture]
    for blocker in blockers:
        rooms = [part for room in rooms for part in _without(room, blocker)]
    return rooms or [picture]


def _without(room: Box, blocker: Box) -> list[Box]:
    if room.overlap(blocker) <= 0:
        return [room]
    parts = (
        Box(room.x, room.y, room.width, blocker.y - room.y),
        Box(room.x, blocker.bottom, room.width, room.bottom - blocker.bottom),
        Box(room.x, room.y, blocker.x - room.x, room.height),
        Box(blocker.right, room.y, room.right - blocker.right, room.height),
    )
    return [part for part in parts if part.width > 4 and part.height > 4]


def _within(room: Box, picture: Box, cut: Crop, aspect: float) -> list[Box]:
    """The product in that room: as large as it lets it, and as large as its foot can be on the scene's ground."""
    block = max(picture.width, picture.height) <= BLOCK
    tall = min(room.height, picture.height * (MOST_IN_BLOCK if block else MOST_HEIGHT))
    wide = min(room.width, picture.width * (MOST_IN_BLOCK if block else MOST_WIDTH))
    x, foot = picture.x + cut.focus[0] * picture.width, picture.y + _ground(cut) * picture.height
    grounded = foot + NEAR * picture.height - room.y
    heights = {min(tall, wide / aspect)}
    heights |= {min(tall, wide / aspect, grounded)} if grounded > 0 else set()
    return [_standing(room, max(1.0, height), aspect, (x, foot)) for height in sorted(heights)]


def _standing(room: Box, height: float, aspect: float, foot: tuple[float, float]) -> Box:
    """A product of that height with its foot as near there as the room lets it."""
    width = max(1.0, height * aspect)
    left = min(max(foot[0] - width / 2, room.x), room.right - width)
    top = min(max(foot[1] - height, room.y), room.bottom - height)
    return Box(left, top, width, height)


def _ground(cut: Crop) -> float:
    """How far down the ad's picture the scene's ground is, 0 to 1 and beyond; seen from the focus."""
    shown = cut.box.height / cut.picture_height
    return cut.focus[1] + BELOW_FOCUS / shown


def side(box: Box, picture: Box) -> float:
    """How large it is beside the picture, as a side."""
    return float((box.area / picture.area) ** 0.5)


def _astray(box: Box, picture: Box, cut: Crop) -> float:
    """How far it stands from the scene's free place: off its ground above all, for then it floats."""
    x, foot = picture.x + cut.focus[0] * picture.width, picture.y + _ground(cut) * picture.height
    above = max(0.0, abs(box.bottom - min(foot, picture.bottom)) / picture.height - NEAR)
    beside = max(0.0, abs(box.x + box.width / 2 - x) / picture.width - NEAR)
    return above * 2 + beside


def _whole(box: Box) -> Box:
    width, height = max(1, int(box.width)), max(1, int(box.height))
    return Box(int(box.x), int(box.bottom) - height, width, height)


def scaled(product: Image.Image, size: tuple[int, int]) -> Pixels:
    """The product's pixels (RGBA) at that size. Its colours are weighted by what is there: no dark rims."""
    return np.asarray(product if product.size == size else resized(product, size))


def lay(pixels: Pixels, product: Image.Image, place: Stand) -> Pixels:
    """Put the product into the ad (height × width × RGBA), its shadows first; the pixels it brought."""
    box = place.box
    layer = scaled(product, (round(box.width), round(box.height)))
    alpha: Alpha = (layer[..., 3] / 255).astype(np.float32)
    ground = _ground_colour(pixels, box)
    _shade(pixels, _cast(alpha, _light_side(pixels, box)), place, ground, 0.34)
    _shade(pixels, _contact(alpha), place, ground, 0.62)
    under = _covered(pixels, place)
    under[:] = (layer[..., :3] * alpha[..., None] + under * (1 - alpha[..., None])).round()
    return layer


def colour_shift(pixels: Pixels, layer: Pixels, place: Stand) -> float:
    """The largest distance (CIE76) between the solid pixels it brought and what the finished ad shows there."""
    solid = layer[..., 3] == 255
    wanted, got = layer[..., :3][solid], _covered(pixels, place)[solid]
    other = (wanted != got).any(axis=-1)
    if not other.any():
        return 0.0
    return float(np.sqrt(((lab_of(wanted[other]) - lab_of(got[other])) ** 2).sum(axis=-1)).max())


def _covered(pixels: Pixels, place: Stand) -> Pixels:
    """The ad's colours in the product's box."""
    top, left = round(place.box.y), round(place.box.x)
    return pixels[top : top + round(place.box.height), left : left + round(place.box.width), :3]


@dataclass(frozen=True, slots=True)
class _Shadow:
    """A shadow's strength (0 to 1), and where its upper left corner lies from the product's foot, in pixels."""

    strength: Alpha
    dx: float
    dy: float


def _contact(alpha: Alpha) -> _Shadow:
    """Where the product touches the ground: dark, narrow, right under it."""
    height, width = alpha.shape
    columns = np.flatnonzero(alpha[-max(2, height // 12) :].max(axis=0) > 0.3)
    left, right = (columns[0], columns[-1] + 1) if columns.size else (0, width)
    reach, flat = (right - left) / 2 * 1.06, max(1.5, (right - left) * 0.055)
    pad = max(3, round(flat * 2.5))
    rows, line = np.mgrid[-pad : pad + 1, -round(reach) - pad : round(reach) + pad + 1].astype(np.float32)
    far = np.sqrt((line / max(reach, 1)) ** 2 + (rows / flat) ** 2)
    strength = np.clip(1.25 - far, 0, 1) ** 1.5
    centre = (left + right) / 2 - width / 2
    return _Shadow(strength.astype(np.float32), centre - reach - pad, -pad - SINK * height)


def _cast(alpha: Alpha, side: int) -> _Shadow:
    """Its outline laid on the ground, away from the light, paler and softer the further it falls."""
    height, width = alpha.shape
    depth, lean = max(2, round(height * 0.16)), round(height * 0.2) * -side
    outline = Image.fromarray((alpha * 255).astype(np.uint8)).resize((width, depth), Image.Resampling.BOX)
    pad = max(4, round(height * 0.06))
    sheet = Image.new("L", (width + abs(lean) + 2 * pad, depth + 2 * pad))
    # Each row of the outline shifted by how high it was.
    rows = np.zeros((sheet.height, sheet.width), np.float32)
    for n, row in enumerate(np.asarray(outline, np.float32) / 255):
        part = 1 - n / depth
        start = pad + round(lean * part) + (abs(lean) if lean < 0 else 0)
        rows[pad + n, start : start + width] = row * (1 - 0.75 * part)
    soft = Image.fromarray((rows * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(pad * 0.4))
    left = -width / 2 - pad - (abs(lean) if lean < 0 else 0)
    strength: Alpha = (np.asarray(soft) / 255).astype(np.float32)
    return _Shadow(strength, left, -depth - pad)


def _shade(pixels: Pixels, shadow: _Shadow, place: Stand, colour: NDArray[np.float32], most: float) -> None:
    """Darken the ad's pixels towards that colour."""
    x, y = place.foot
    left, top = round(x + shadow.dx), round(y + shadow.dy)
    height, width = shadow.strength.shape
    rows = slice(max(0, top), min(pixels.shape[0], top + height))
    columns = slice(max(0, left), min(pixels.shape[1], left + width))
    part = shadow.strength[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if not part.size:
        return
    under = pixels[rows, columns, :3]
    under[:] = (under * (1 - part[..., None] * most) + colour * part[..., None] * most).round()


def _ground_colour(pixels: Pixels, box: Box) -> NDArray[np.float32]:
    """The scene's own dark, so that a shadow on warm stone is warm."""
    low, left = round(box.bottom), round(box.x)
    span = max(2, round(box.height * 0.08))
    patch = pixels[max(0, low - span) : low + span, max(0, left) : left + round(box.width), :3]
    mean = patch.reshape(-1, 3).mean(axis=0) if patch.size else np.zeros(3)
    return (mean * 0.18).astype(np.float32)


def _light_side(pixels: Pixels, box: Box) -> int:
    """-1 where the scene's light comes from the left, 1 from the right; left when it cannot be told."""
    middle = min(max(1, round(box.x + box.width / 2)), pixels.shape[1] - 1)
    band = pixels[: max(1, round(box.bottom)), :, :3].astype(np.float32)
    return 1 if band[:, middle:].mean() > band[:, :middle].mean() * LIGHT_SHIFT else -1
