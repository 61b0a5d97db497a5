"""How much of what stands round a picture's focus a crop cuts off: shoes are wide, bottles are tall."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .crop import FOOT, HEAD, Crop

LOOKED_AT = 64  # pixels of the shorter side: outlines are enough
SIDE = 0.33  # of the shorter side: so far to either side of the focus its product may reach
RIM = 4  # pixels at either edge that show what the ground of a row looks like
CORE = 0.03  # of the shorter side, to either side of the focus: what ends above or below that is the product
GROUND = 0.03  # of the height: what a product stands on may be cut off
FAINT = 0.35  # so much may the ground differ from itself
SIDES, ENDS = 0.6, 2.0  # times that: what runs out at the sides may be leaves
APART = 50  # of 255: a colour that far from its ground stands out

type Marks = NDArray[Any]


def lost(preview: Image.Image, focus: tuple[float, float], cut: Crop) -> float:
    """The part of all that stands out from its ground there, and how much of it the crop's edges run through."""
    shrunk = LOOKED_AT / min(preview.size)
    across, down = (max(2, round(side * shrunk)) for side in preview.size)
    x, y = focus[0] * across, focus[1] * down
    standing = _standing_out(preview.resize((across, down), Image.Resampling.BOX))
    standing[:, ~_within(across, x - SIDE * LOOKED_AT, x + SIDE * LOOKED_AT)] = 0
    standing[~_within(down, y - HEAD * down, y + (FOOT - GROUND) * down)] = 0
    left, top, right, bottom = (edge * down / cut.picture_height for edge in cut.edges)
    shown = standing[_within(down, top, bottom)][:, _within(across, left, right)]
    whole = float(standing.sum())
    if not whole or not shown.size:
        return 0.0
    return 1 - float(shown.sum()) / whole + _run_through(shown, x - left)


def _run_through(shown: Marks, middle: float) -> float:
    """How much of what stands out goes on beyond the sides, and above and below the middle."""
    sides = max(float(shown[:, 0].mean()), float(shown[:, -1].mean()))
    core = shown[:, _within(shown.shape[1], middle - CORE * LOOKED_AT, middle + CORE * LOOKED_AT)]
    ends = (float(row.mean()) for row in (core[0], core[-1])) if core.size else ()
    return SIDES * sides + ENDS * sum(max(0.0, end - FAINT) for end in ends)


def _within(length: int, start: float, end: float) -> NDArray[np.bool_]:
    """Which pixels of a row have their middle between these."""
    middles = np.arange(length) + 0.5
    return (start <= middles) & (middles <= end)


def _standing_out(small: Image.Image) -> Marks:
    """Each pixel's distance, 0 to 1, from what its row shows at its ends."""
    pixels = np.asarray(small, np.float32)
    ground = np.median(np.concatenate([pixels[:, :RIM], pixels[:, -RIM:]], axis=1), axis=1)
    standing: Marks = np.clip(np.abs(pixels - ground[:, None]).max(axis=2) / APART, 0, 1)
    return standing
