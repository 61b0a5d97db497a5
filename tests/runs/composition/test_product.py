"""The real product in the ad: whole, beside the type, on the ground, and in its own colours."""

from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from runs import formats
from runs.composition import Copy, check, compose, plan_layout
from runs.composition.checks import check_product
from runs.composition.choose import Staging, View, choose
from runs.composition.colour import READABLE
from runs.composition.cutout import lab_of
from runs.composition.marks import Source, found
from runs.composition.paint import paint
from runs.composition.pictures import opened, preview
from runs.composition.product import BELOW_FOCUS, colour_shift, scaled
from runs.composition.values import Box, Role
from runs.formats import Format, Shape
from tests.runs.composition.scenes import ENGLISH, STYLE
from tests.runs.composition.scenes import calm as picture

FOCUS = {Shape.LANDSCAPE: (0.68, 0.58)}
SIZES = list(formats.images())
PAINTED = list({(entry.width, entry.height): entry for entry in SIZES}.values())  # each size once


@cache
def cutout(kind: str) -> bytes:
    """A tall bottle or a wide shoe: strong colours, soft edges, holes."""
    size = (300, 900) if kind == "bottle" else (900, 420)
    image = Image.new("RGBA", size)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), 60, fill=(200, 40, 60, 255))
    draw.ellipse((size[0] * 0.3, size[1] * 0.3, size[0] * 0.7, size[1] * 0.7), fill=(250, 240, 90, 255))
    draw.rectangle((size[0] * 0.45, 0, size[0] * 0.5, size[1] * 0.2), fill=(0, 0, 0, 0))
    image = image.resize(size, Image.Resampling.BICUBIC)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def staged(format: Format, kind: str, copy: Copy = ENGLISH) -> tuple[Staging, Image.Image, Image.Image]:
    scene, real = picture(format.shape), Image.open(BytesIO(cutout(kind))).convert("RGBA")
    focus = FOCUS.get(format.shape, (0.5, 0.6))
    layout = plan_layout(format, copy, STYLE, "en")
    view = View(preview(scene), opened(scene).size, focus, real.size)
    return choose(layout, view), opened(scene), real


def place_of(staging: Staging) -> Box:
    assert staging.product is not None
    return staging.product.box


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["bottle", "shoe"])
@pytest.mark.parametrize("format", SIZES, ids=lambda format: format.id)
def test_the_product_is_whole_and_beside_the_type(format: Format, kind: str) -> None:
    staging, _scene, _real = staged(format, kind)
    box = place_of(staging)
    assert box.inside(staging.placement.picture)
    assert all(box.overlap(element.box) == 0 for element in staging.placement.elements)


@pytest.mark.thorough
@pytest.mark.parametrize("format", PAINTED, ids=lambda format: format.id)
def test_inside_the_product_the_colours_are_those_of_the_upload(format: Format) -> None:
    staging, scene, real = staged(format, "bottle" if PAINTED.index(format) % 2 else "shoe")
    painting = paint(plan_layout(format, ENGLISH, STYLE, "en"), staging, scene, STYLE, real)
    box = place_of(staging)
    wanted = scaled(real, (round(box.width), round(box.height)))
    top, left = round(box.y), round(box.x)
    got = painting.pixels[top : top + wanted.shape[0], left : left + wanted.shape[1], :3]
    solid = wanted[..., 3] == 255
    apart = np.sqrt(((lab_of(got[solid]) - lab_of(wanted[solid][:, :3])) ** 2).sum(axis=-1))
    assert apart.size and float(apart.max()) <= 1.0
    assert painting.product_shift <= 1.0
    assert min(painting.contrast.values(), default=21.0) >= READABLE, "its shadow makes type hard to read"


def test_a_colour_that_is_not_the_uploads_is_told() -> None:
    format = formats.get("meta_feed_square")
    staging, scene, real = staged(format, "bottle")
    painting = paint(plan_layout(format, ENGLISH, STYLE, "en"), staging, scene, STYLE, real)
    place = staging.product
    assert place is not None
    layer = scaled(real, (round(place.box.width), round(place.box.height)))
    middle = round(place.box.y + place.box.height / 2), round(place.box.x + place.box.width / 2)
    painting.pixels[middle] = (0, 90, 255, 255)
    assert colour_shift(painting.pixels, layer, place) > 50
    row = check_product(staging.placement, place.box, 50.0)
    assert (row.ok, row.words) == (False, "The product is not as uploaded: its colours are off by ΔE 50.0.")


def test_a_product_that_is_cut_off_or_under_type_is_told() -> None:
    staging, _scene, _real = staged(formats.get("meta_feed_square"), "bottle")
    headline = next(element.box for element in staging.placement.elements if element.role is Role.HEADLINE)
    row = check_product(staging.placement, headline.moved(-headline.width, 0).grown(40), 0.0)
    assert not row.ok and "cut off" in row.words and "under " in row.words


@pytest.mark.parametrize("format_id", ["meta_feed_square", "meta_story", "linkedin_landscape"])
def test_the_product_stands_on_the_ground_of_the_scene(format_id: str) -> None:
    format = formats.get(format_id)
    staging, _scene, _real = staged(format, "bottle", Copy("Slow brewed.", "", "18 hours cold."))
    foot = place_of(staging).bottom / format.height
    assert staging.product is not None and staging.product.astray < 0.15
    assert foot > 0.6, "it floats"


def test_the_ground_it_stands_on_is_not_cropped_away() -> None:
    for format in SIZES:
        staging, _scene, _real = staged(format, "shoe")
        ground = FOCUS.get(format.shape, (0.5, 0.6))[1] + BELOW_FOCUS
        cut = staging.crop
        shown = (ground * cut.picture_height - cut.box.y) / cut.box.height
        at_the_foot = cut.box.bottom >= cut.picture_height - 0.01
        assert shown <= 0.88 + 1e-6 or at_the_foot, format.id


def test_a_shadow_ties_it_to_the_scene() -> None:
    format = formats.get("meta_feed_square")
    staging, scene, real = staged(format, "bottle")
    layout = plan_layout(format, ENGLISH, STYLE, "en")
    with_it = paint(layout, staging, scene, STYLE, real).pixels
    bare = paint(layout, staging, scene, STYLE).pixels
    box = place_of(staging)
    low, left, right = round(box.bottom), round(box.x), round(box.right)
    under = (slice(low, low + 4), slice(left, right))
    assert with_it[under][..., :3].mean() < bare[under][..., :3].mean() - 4


def test_an_ad_with_a_product_passes_every_check_and_says_what_it_is() -> None:
    format = formats.get("meta_feed_square")
    ad = compose(
        picture(Shape.SQUARE), format, ENGLISH, STYLE, "en", simulated=False, product=cutout("bottle")
    )
    assert all(entry.ok for entry in check(ad.data, format))
    assert found(ad.data) is Source.COMPOSITE
    assert all(row.ok for row in ad.report.checks)
    assert "product" in ad.report.boxes
    (told,) = [row.words for row in ad.report.checks if row.name == "product"]
    assert told == "The product is whole, clear of text and in its own colours (ΔE 0.0)."


def test_an_ad_without_a_product_has_no_row_for_it() -> None:
    format = formats.get("meta_feed_square")
    ad = compose(picture(Shape.SQUARE), format, ENGLISH, STYLE, "en", simulated=False)
    assert "product" not in ad.report.boxes
    assert "product" not in [row.name for row in ad.report.checks]


def test_a_size_that_forbids_text_shows_the_product_alone() -> None:
    format = next(entry for entry in SIZES if not entry.allows_text)
    ad = compose(picture(format.shape), format, ENGLISH, STYLE, "en", simulated=False, product=cutout("shoe"))
    assert set(ad.report.boxes) == {"picture", "product"}
    assert found(ad.data) is Source.COMPOSITE


def test_the_same_product_gives_the_same_bytes() -> None:
    format = formats.get("meta_story")
    made = [
        compose(picture(Shape.STORY), format, ENGLISH, STYLE, "en", simulated=True, product=cutout("shoe"))
        for _ in range(2)
    ]
    assert made[0].data == made[1].data
