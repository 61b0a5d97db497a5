"""The choice among a layout's arrangements: what it does not look at could not have been better."""

import pytest

from runs import formats
from runs.composition import Style, plan_layout
from runs.composition.choose import View, choose, judged, outlined
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
