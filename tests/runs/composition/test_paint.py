"""Pixels keep to the boxes that the layout promised."""

from dataclasses import replace

import numpy as np
import pytest

from runs import formats
from runs.composition import plan_layout
from runs.composition.choose import View, choose
from runs.composition.paint import Painting, paint
from runs.composition.pictures import opened, preview

from . import scenes

SAMPLES = [
    "meta_feed_square",
    "google_display_leaderboard",
    "google_display_wide_skyscraper",
    "meta_feed_landscape",
]


def painted(format_id: str, name: str, elements: bool = True) -> tuple[Painting, list[tuple[float, ...]]]:
    """The ad's pixels, with or without its elements, and the elements' boxes."""
    entry = formats.get(format_id)
    language, copy = scenes.COPIES[name]
    picture = scenes.calm(entry.shape)
    layout = plan_layout(entry, copy, scenes.STYLE, language)
    staging = choose(layout, View(preview(picture), opened(picture).size, (0.5, 0.6)))
    boxes = [element.box for element in staging.placement.elements]
    if not elements:
        staging = replace(staging, placement=replace(staging.placement, elements=()))
    painting = paint(layout, staging, opened(picture), scenes.STYLE)
    return painting, [(box.x, box.y, box.right, box.bottom) for box in boxes]


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in scenes.COPIES if name != "wordy"])
@pytest.mark.parametrize("format_id", SAMPLES)
def test_no_ink_leaves_its_box(format_id: str, name: str) -> None:
    """Nothing is cut off, nothing overflows: outside the boxes the ad is its ground, pixel for pixel."""
    full, boxes = painted(format_id, name)
    ground, _ = painted(format_id, name, elements=False)
    changed = (full.pixels != ground.pixels).any(axis=2)
    assert changed.any()
    for left, top, right, bottom in boxes:
        slack = 1 + 0.01 * min(full.pixels.shape[:2])  # soft edges, and side bearings of large type
        changed[
            max(0, int(top - 1)) : int(bottom + 2), max(0, int(left - slack)) : int(right + slack + 1)
        ] = False
    assert not changed.any(), np.argwhere(changed)[:5]


def test_every_box_holds_ink() -> None:
    for format_id in SAMPLES:
        full, boxes = painted(format_id, "english")
        ground, _ = painted(format_id, "english", elements=False)
        for left, top, right, bottom in boxes:
            area = np.s_[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
            assert (full.pixels[area] != ground.pixels[area]).any()


def test_type_fills_the_width_its_box_claims() -> None:
    """A box much wider than its ink would mean that measuring and painting disagree."""
    full, boxes = painted("meta_feed_square", "one word")
    ground, _ = painted("meta_feed_square", "one word", elements=False)
    columns = np.flatnonzero((full.pixels != ground.pixels).any(axis=(0, 2)))
    assert columns.max() == pytest.approx(max(right for _, _, right, _ in boxes), abs=12)


def test_the_ground_is_opaque() -> None:
    painting, _ = painted("meta_feed_square", "english")
    assert (painting.pixels[..., 3] == 255).all()
