"""A brand's taste shows in its ads, and never costs legibility."""

from dataclasses import replace
from itertools import product

import pytest

from runs import formats
from runs.composition import Style, compose, plan_layout
from runs.composition.layout import Pill
from runs.formats import Shape

from . import scenes

STORY, SQUARE = formats.get("meta_story"), formats.get("meta_feed_square")


def ad(style: Style, busy: bool = False) -> dict[str, object]:
    picture = scenes.busy(Shape.SQUARE) if busy else scenes.calm(Shape.SQUARE)
    return compose(picture, SQUARE, scenes.ENGLISH, style, "en", simulated=True).report.as_json()


def test_ink_is_the_brands_where_type_stands_on_the_picture() -> None:
    assert ad(replace(scenes.STYLE, ink="light"))["ink"] == "#ffffff"
    assert ad(replace(scenes.STYLE, ink="dark"))["ink"] != "#ffffff"


def test_a_brand_that_always_wants_a_veil_gets_one() -> None:
    assert ad(scenes.STYLE)["scrim"] == 0
    assert ad(replace(scenes.STYLE, scrim="strong"))["scrim"] >= 0.45  # type: ignore[operator]


def test_a_brand_without_veils_gets_a_panel_where_one_would_be_needed() -> None:
    assert "panel" in ad(replace(scenes.STYLE, scrim="none"), busy=True)["boxes"]  # type: ignore[operator]


@pytest.mark.parametrize(("shape", "part"), [("pill", 0.5), ("rounded", 0.22), ("square", 0.0)])
def test_the_button_has_the_brands_form(shape: str, part: float) -> None:
    style = replace(scenes.STYLE, button=shape)  # type: ignore[arg-type]
    layout = plan_layout(formats.get("google_display_half_page"), scenes.ENGLISH, style, "en")
    pills = [element for element in layout.placements[0].elements if isinstance(element, Pill)]
    button = next(pill for pill in pills if pill.role == "button")
    assert button.radius == pytest.approx(button.box.height * part, abs=0.5)


@pytest.mark.parametrize(
    ("ink", "scrim", "panel"),
    list(product(["light", "dark"], ["none", "strong"], ["", "#777777"])),
)
def test_every_taste_can_be_read(ink: str, scrim: str, panel: str) -> None:
    style = replace(scenes.STYLE, ink=ink, scrim=scrim, panel=panel, corners="square")  # type: ignore[arg-type]
    picture = scenes.busy(Shape.STORY)
    report = compose(picture, STORY, scenes.ENGLISH, style, "en", simulated=True).report
    assert {rule.name for rule in report.checks if not rule.ok} <= {"focus"}
    assert min(report.contrast.values()) >= 4.5
