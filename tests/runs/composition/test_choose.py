"""The choice among a layout's arrangements: calm ground for type, the product whole, and none better left out."""

import pytest
from PIL import Image, ImageDraw

from runs import formats
from runs.composition import Copy, Role, Style, plan_layout
from runs.composition.choose import Staging, View, choose, covered, judged, outlined
from runs.composition.layout import Place
from runs.composition.pictures import opened, preview
from runs.tastes import Scrim

from . import scenes

SIZES = ["meta_feed_square", "meta_story", "meta_feed_landscape", "google_display_inline_rectangle"]


@pytest.mark.thorough
@pytest.mark.parametrize("product", [None, (300, 900)], ids=["scene", "product"])
@pytest.mark.parametrize("scrim", ["auto", "none", "strong"])
@pytest.mark.parametrize("picture", [scenes.calm, scenes.busy])
@pytest.mark.parametrize("size", SIZES)
def test_the_chosen_arrangement_costs_least_of_all(
    size: str, picture: object, scrim: Scrim, product: tuple[int, int] | None
) -> None:
    entry, style = formats.get(size), Style(brand_name="Nordlys", scrim=scrim)
    layout = plan_layout(entry, scenes.ENGLISH, style, "en")
    scene = picture(entry.shape)  # type: ignore[operator]
    view = View(preview(scene), opened(scene).size, (0.5, 0.6), product)
    outlines = [outlined(layout, placement, view) for placement in layout.placements]
    all_judged = [judged(layout, outline, view, style) for outline in outlines]
    assert choose(layout, view, style) == min(all_judged, key=lambda staging: staging.cost)
    for outline, staging in zip(outlines, all_judged, strict=True):
        assert staging.cost >= outline.cost - 1e-9


def staged(
    format_id: str,
    scene: Image.Image,
    copy: Copy,
    language: str = "en",
    focus: tuple[float, float] = (0.68, 0.58),
) -> Staging:
    layout = plan_layout(formats.get(format_id), copy, Style(brand_name="Nordlys"), language)
    small = scene.resize((320, 320 * scene.height // scene.width))
    return choose(layout, View(small, scene.size, focus))


def ground(size: tuple[int, int], *marks: tuple[float, float, float, float]) -> Image.Image:
    """An even light picture with dark things at these parts of its width and height."""
    image = Image.new("RGB", size, "#d9f0e3")
    for left, top, right, bottom in marks:
        box = (left * size[0], top * size[1], right * size[0], bottom * size[1])
        ImageDraw.Draw(image).rectangle(box, fill="#205040")
    return image


PRODUCT = (0.62, 0.3, 0.74, 0.85)
SHORT = Copy("Fly to Paris", button="Book now", price="49 €")


def test_type_stands_over_a_calm_picture() -> None:
    assert staged("meta_feed_landscape", ground((1424, 744), PRODUCT), SHORT).placement.place is Place.LEFT


def test_no_price_stands_on_scenery() -> None:
    twig = (0.02, 0.8, 0.12, 0.98)  # where the price would be
    assert (
        staged("meta_feed_landscape", ground((1424, 744), PRODUCT, twig), SHORT).placement.place
        is Place.PANEL
    )


def test_languages_read_from_the_right_have_their_type_there() -> None:
    staging = staged("meta_feed_landscape", ground((1424, 744), PRODUCT), scenes.ARABIC, "ar")
    headline = staging.placement.element(Role.HEADLINE)
    assert headline and headline.box.x > 600


def test_small_pages_take_the_panel_that_shows_the_product_whole() -> None:
    wide, tall = (0.4, 0.55, 0.96, 0.8), (0.6, 0.38, 0.76, 0.85)
    below = staged("google_display_inline_rectangle", ground((1024, 1024), wide), SHORT).placement
    beside = staged("google_display_inline_rectangle", ground((1024, 1024), tall), SHORT).placement
    assert below.picture.width == 300 and beside.picture.height == 250


def test_a_panel_under_a_square_leaves_air_over_a_tall_product() -> None:
    copy = Copy("Skin that wakes up in the morning", line="Serum with birch water.")
    layout = plan_layout(formats.get("meta_feed_square"), copy, Style(brand_name="Nordlys"), "en")
    panels = [placement for placement in layout.placements if placement.place is Place.PANEL]
    assert panels and all(panel.picture.height >= 0.58 * 1080 for panel in panels)


def test_type_rather_gets_smaller_than_reach_into_the_product() -> None:
    copy = Copy("ชงช้า หมดไว", line="สกัดเย็น 18 ชั่วโมง ไม่เติมน้ำตาล", price="3,49 €")
    scene = ground((1024, 1024), (0.42, 0.6, 0.58, 0.87))
    staging = staged("meta_feed_square", scene, copy, "th", focus=(0.5, 0.6))
    assert staging.placement.place is Place.TOP and covered(staging.placement, staging.crop) == 0
