"""Strips show whose ad it is, read as brand, headline, price, button, and say nothing twice."""

from dataclasses import replace

import pytest

from runs import formats
from runs.composition import Copy, Role, Style, plan_layout
from runs.composition.layout import Element, Kind, Placement, Words, kind_of
from runs.formats import Format

from . import scenes

STRIPS = [entry for entry in formats.images() if kind_of(entry) is Kind.STRIP]
IN_A_ROW = [entry for entry in STRIPS if entry.width / entry.height >= 4.5]
BRANDS = [
    scenes.STYLE,
    Style(logo=scenes.logo()),
    Style(logo=scenes.logo(300, 300)),
    Style(logo=scenes.logo(90, 300)),
]
SHORT = [(language, copy) for language, copy in scenes.COPIES.values() if copy.short_headline]
COLD = Copy("Slow brewed. Quickly gone.", "18 hours cold", "18 hours cold brewed, no sugar.", "Try it")
SERUM = replace(COLD, line="With hyaluron and birch water.")


def placed(entry: Format, copy: Copy, style: Style = scenes.STYLE, language: str = "en") -> Placement:
    (placement,) = plan_layout(entry, copy, style, language).placements
    return placement


def element(placement: Placement, role: Role) -> Element:
    found = placement.element(role)
    assert found, role
    return found


@pytest.mark.parametrize("style", BRANDS, ids=["name", "wide", "square", "tall"])
def test_a_strip_never_goes_out_without_its_brand_while_a_short_headline_fits(style: Style) -> None:
    for entry in STRIPS:
        for language, copy in SHORT:
            assert placed(entry, copy, style, language).element(Role.LOGO), (entry.id, language)


@pytest.mark.parametrize("style", BRANDS, ids=["name", "wide", "square", "tall"])
def test_the_brand_is_as_large_as_it_has_to_be_to_be_read(style: Style) -> None:
    for entry in STRIPS:
        for language, copy in SHORT:
            match element(placed(entry, copy, style, language), Role.LOGO):
                case Words(size=size):
                    assert size >= 10
                case mark:
                    assert mark.box.height >= 11.8


def test_what_fits_without_a_brand_is_not_refused_because_of_it() -> None:
    copy = Copy("The quick brown fox jumps over the lazy dog and yawns", button="Los")
    style = Style(brand_name="Rechtsschutzversicherungsgesellschaft von Kapitänen")
    for entry in STRIPS:
        assert placed(entry, copy, Style()).element(Role.HEADLINE)
        assert placed(entry, copy, style).element(Role.HEADLINE)


def test_a_row_reads_brand_headline_price_button() -> None:
    for entry in IN_A_ROW:
        placement = placed(entry, scenes.ENGLISH)
        brand, headline, price, button = (
            element(placement, role).box for role in (Role.LOGO, Role.HEADLINE, Role.PRICE, Role.BUTTON)
        )
        assert brand.x <= headline.x < price.x < button.x, entry.id
        assert brand.y < headline.y


def test_a_row_reads_from_the_right_in_hebrew() -> None:
    for entry in IN_A_ROW:
        placement = placed(entry, scenes.HEBREW, language="he")
        headline, price, button = (
            element(placement, role).box for role in (Role.HEADLINE, Role.PRICE, Role.BUTTON)
        )
        assert headline.right > price.right > button.right, entry.id


def test_a_price_is_nearer_to_its_headline_than_to_the_button() -> None:
    for entry in IN_A_ROW:
        placement = placed(entry, replace(scenes.ENGLISH, price="€49.50"))
        headline, price, button = (
            element(placement, role).box for role in (Role.HEADLINE, Role.PRICE, Role.BUTTON)
        )
        assert max(0.0, price.x - headline.right) <= button.x - price.right, entry.id


def test_price_and_headline_of_a_leaderboard_stand_on_one_baseline() -> None:
    placement = placed(formats.get("google_display_leaderboard"), scenes.ENGLISH)
    headline, price = element(placement, Role.HEADLINE), element(placement, Role.PRICE)
    assert isinstance(headline, Words) and isinstance(price, Words)
    assert price.box.y + price.rise == pytest.approx(headline.box.y + headline.rise)
    assert price.size < 0.8 * headline.size  # "168 grams €89" would be one line with two numbers


def test_a_price_never_stands_in_a_row_of_its_own_between_headline_and_button() -> None:
    entry = formats.get("google_display_large_mobile_banner")
    copy = Copy("Slow brewed", "18 Stunden kalt", button="Jetzt probieren", price="3,49 €")
    placement = placed(entry, copy, Style(logo=scenes.logo(300, 300)), "de")
    price, button = placement.element(Role.PRICE), element(placement, Role.BUTTON)
    assert price is None or price.box.bottom > button.box.y


def test_a_line_that_repeats_the_headline_is_left_out() -> None:
    entry = formats.get("google_display_leaderboard")
    assert placed(entry, COLD).element(Role.LINE) is None
    assert placed(entry, SERUM).element(Role.LINE)


def test_a_latin_brand_has_no_room_for_marks_it_does_not_bear() -> None:
    entry = formats.get("google_display_leaderboard")
    thai = element(placed(entry, scenes.THAI, language="th"), Role.LOGO)
    assert thai.box.height == pytest.approx(element(placed(entry, scenes.ENGLISH), Role.LOGO).box.height)
