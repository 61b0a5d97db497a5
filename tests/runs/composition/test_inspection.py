"""Ads as they are delivered: measured on painted pixels and on the opened file, and faults are seen there.

`scripts/every_format.py` does this for every size, every example brief and every look; here is a sample of it.
"""

from dataclasses import replace
from io import BytesIO
from itertools import cycle, product
from pathlib import Path

import numpy as np
import pytest
import skia
from PIL import Image

from runs import formats
from runs.brief import from_toml
from runs.composition import Ad, Copy, DoesNotFit, Role, cut_out
from runs.composition.compose import Prepared, finish, prepare
from runs.composition.fonts import paragraph
from runs.composition.inspection import inspect
from runs.composition.layout import Words
from runs.composition.layout.page import Page
from runs.composition.layout.setting import placed
from runs.copies import every_copy
from runs.formats import Format, Shape

from . import scenes

EXAMPLES = Path(__file__).parents[3] / "examples"
SQUARE = formats.get("google_display_square")
QUICK = [entry for entry in formats.images() if entry.width * entry.height < 700_000]


pytestmark = pytest.mark.thorough


def ready(format: Format, *, real: bool = False, busy: bool = False) -> Prepared:
    product = cut_out((EXAMPLES / "cold-brew-can.png").read_bytes()).data if real else None
    picture = scenes.busy(format.shape) if busy else scenes.calm(format.shape)
    return prepare(picture, format, scenes.ENGLISH, scenes.STYLE, "en", product=product)


def faults(prepared: Prepared, ad: Ad | None = None) -> set[str]:
    return {check.name for check in inspect(prepared, ad or finish(prepared, simulated=True)).faults}


@pytest.mark.parametrize("busy", [False, True])
def test_a_sample_of_all_sizes_and_example_briefs_holds_as_delivered(busy: bool) -> None:
    copies = cycle(
        entry
        for path in sorted(EXAMPLES.glob("*.toml"))
        for entry in every_copy(from_toml(path.read_text(encoding="utf-8")))
    )
    shoe, found = cut_out((EXAMPLES / "sommer-schuh.png").read_bytes()).data, {}
    for number, format in enumerate(QUICK[busy::5]):
        copy, language = next(copies)
        picture = scenes.busy(format.shape) if busy else scenes.calm(format.shape)
        real = shoe if number % 2 else None
        try:
            prepared = prepare(picture, format, copy, scenes.STYLE, language, product=real)
        except DoesNotFit:
            continue
        found[format.id] = faults(prepared) - {"focus"}  # which patches of every colour do not have
    assert len(found) >= 8 and not any(found.values()), found


def test_ink_outside_the_safe_zone_is_seen() -> None:
    prepared = ready(SQUARE)
    narrow = replace(SQUARE, safe=formats.Insets(60, 60, 60, 60))
    assert "ink_in_zone" in faults(replace(prepared, layout=replace(prepared.layout, format=narrow)))


def test_letters_that_leave_their_box_are_seen() -> None:
    prepared = ready(SQUARE)
    placement = prepared.staging.placement
    headline = placement.element(Role.HEADLINE)
    assert isinstance(headline, Words)
    flat = replace(headline, box=replace(headline.box, height=headline.box.height / 2))
    elements = tuple(flat if element is headline else element for element in placement.elements)
    staging = replace(prepared.staging, placement=replace(placement, elements=elements))
    assert "overflow" in faults(replace(prepared, staging=staging))


def test_a_product_that_leaves_the_crop_is_seen() -> None:
    prepared = ready(SQUARE, real=True)
    stand = prepared.staging.product
    assert stand is not None and not faults(prepared)
    outside = replace(stand, box=stand.box.moved(0, SQUARE.height / 2))
    staging = replace(prepared.staging, product=outside)
    assert "product_in_crop" in faults(replace(prepared, staging=staging), finish(prepared, simulated=True))


def test_a_file_that_came_out_too_light_to_read_is_seen() -> None:
    prepared = ready(SQUARE)
    out = BytesIO()
    Image.new("RGB", (SQUARE.width, SQUARE.height), "#9a9a9a").save(out, "JPEG")
    ad = finish(prepared, simulated=True)
    assert inspect(prepared, ad).contrast[Role.HEADLINE] >= 4.5
    assert "light" in faults(prepared, replace(ad, data=out.getvalue()))


def test_a_button_is_measured_on_its_own_colour() -> None:
    prepared = prepare(scenes.calm(Shape.SQUARE), SQUARE, scenes.ENGLISH, scenes.STYLE, "en", button="drawn")
    inspection = inspect(prepared, finish(prepared, simulated=True))
    assert inspection.contrast[Role.BUTTON] > 10


@pytest.mark.parametrize(
    ("text", "language"), [("ẤỆỘ", "vi"), ("$24 (Å)", "en"), ("je jf", "de"), ("กั้ญ", "th")]
)
def test_letters_that_reach_further_than_others_stay_in_their_box(text: str, language: str) -> None:
    """A dollar sign of 27 pixels comes out two pixels taller than its outline; a j leans out of its line."""
    page, edge = Page(SQUARE, Copy(text), "headline", scenes.STYLE, language, True), 20
    for size, shift in product(range(10, 80, 2), (0, 0.25, 0.5, 0.75)):
        block = placed(page, Role.HEADLINE, (text,), size)
        line = paragraph(text, block.face, size, language, 0xFF000000)
        paper = np.zeros((round(block.box.height) + 60, round(block.box.width) + 60, 4), np.uint8)
        baseline = edge + shift + block.rise - line.AlphabeticBaseline
        line.paint(skia.Surface(paper).getCanvas(), edge + block.lead, baseline)
        rows, columns = np.nonzero(paper[..., 3] > 64)  # fainter ones are the soft edge
        assert min(rows.min() - shift, columns.min()) >= edge - 2, size
        assert rows.max() < edge + shift + block.box.height + 2, size
        assert columns.max() < edge + block.box.width + 2, size
