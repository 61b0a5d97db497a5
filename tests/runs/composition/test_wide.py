"""Landscapes: what is as low as a strip says one thing, large."""

from dataclasses import replace

import pytest

from runs import formats
from runs.composition import Copy, Layout, Role, plan_layout
from runs.composition.layout import Place

from . import scenes

LOW = ["amazon_display_414x125", "amazon_display_650x130"]
COLD = Copy("Slow brewed. Quickly gone.", "18 hours cold", "18 hours cold brewed, no sugar.", "Try it")


def solved(format_id: str, copy: Copy) -> Layout:
    return plan_layout(formats.get(format_id), copy, scenes.STYLE, "en")


@pytest.mark.parametrize("format_id", LOW)
def test_low_banners_take_the_short_headline(format_id: str) -> None:
    assert solved(format_id, COLD).headline_field == "short_headline"


@pytest.mark.parametrize("format_id", LOW)
def test_a_low_banner_takes_the_long_headline_where_only_that_fits(format_id: str) -> None:
    odd = replace(COLD, headline="Cold", short_headline="Unausweichlichkeitserklärung " * 18)
    assert solved(format_id, odd).headline_field == "headline"


@pytest.mark.parametrize("format_id", LOW)
def test_a_low_banner_leaves_out_a_line_that_repeats_the_headline(format_id: str) -> None:
    layout = solved(format_id, COLD)
    assert {layout.left_out(placement) for placement in layout.placements} == {(Role.LINE,)}
    other = solved(format_id, replace(COLD, line="Without sugar."))
    assert {other.left_out(placement) for placement in other.placements} == {()}


@pytest.mark.parametrize("name", ["english", "german", "japanese", "thai"])
def test_type_over_a_landscape_leaves_the_greater_half_to_the_picture(name: str) -> None:
    language, copy = scenes.COPIES[name]
    layout = plan_layout(formats.get("meta_feed_landscape"), copy, scenes.STYLE, language)
    over = [placement for placement in layout.placements if placement.place is Place.LEFT]
    reach = max(element.box.right for placement in over for element in placement.elements)
    assert over and reach <= 0.48 * 1200 + 0.01
