"""Layouts hold their promises on every format: inside the safe zone, apart, legible, or an honest refusal."""

from dataclasses import replace
from pathlib import Path

import pytest

from runs import formats
from runs.brief import from_toml
from runs.composition import (
    BadPicture,
    Copy,
    DoesNotFit,
    Layout,
    Role,
    Style,
    plan_layout,
)
from runs.composition.layout import Kind, Place, kind_of
from runs.composition.wording import clean, tied
from runs.copies import every_copy

from . import scenes
from .promises import faults

ALL = formats.images()
STRIPS = [entry for entry in ALL if kind_of(entry) is Kind.STRIP]


def solved(
    format_id: str, copy: Copy, language: str = "en", style: Style = scenes.STYLE, **more: str
) -> Layout:
    return plan_layout(formats.get(format_id), copy, style, language, **more)  # type: ignore[arg-type]


PLAIN, WITH_LOGO = Style(), Style(logo=scenes.logo())
CASES = [(name, scenes.STYLE) for name in scenes.COPIES] + [("english", PLAIN), ("wordy", WITH_LOGO)]


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "style"), CASES)
def test_every_format_holds_every_copy_or_refuses_it(name: str, style: Style) -> None:
    language, copy = scenes.COPIES[name]
    found: list[str] = []
    for entry in ALL:
        try:
            found += faults(plan_layout(entry, copy, style, language))
        except DoesNotFit as refusal:
            assert refusal.over >= 1
            assert refusal.words == tied(clean(getattr(copy, refusal.field)))
    assert found == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in scenes.COPIES if name != "wordy"])
def test_ordinary_copy_fits_all_74_formats(name: str) -> None:
    language, copy = scenes.COPIES[name]
    layouts = [plan_layout(entry, copy, scenes.STYLE, language) for entry in ALL]
    assert len(layouts) == 74


@pytest.mark.parametrize("button", ["drawn", "platform"])
def test_the_button_can_be_forced_and_forbidden_everywhere(button: str) -> None:
    for entry in ALL:
        layout = plan_layout(entry, scenes.ENGLISH, scenes.STYLE, "en", button=button)  # type: ignore[arg-type]
        drawn = {placement.element(Role.BUTTON) is not None for placement in layout.placements}
        assert drawn == {button == "drawn" and entry.allows_text}
        assert not list(faults(layout))


@pytest.mark.parametrize("letter", ["a", "夏", "ก", "न", "한", "🔥", "أ"])
def test_copy_of_ten_thousand_letters_is_refused_with_what_to_do(letter: str) -> None:
    for format_id in ("meta_story", "google_display_leaderboard"):
        with pytest.raises(DoesNotFit) as caught:
            solved(format_id, Copy(letter * 10_000, line=f"{letter} " * 5_000))
        assert caught.value.over > 1000 and len(str(caught.value)) < 300


def test_directions_that_were_forced_are_gone_and_copy_reads_as_written() -> None:
    layout = solved("meta_feed_square", Copy("Sale \u202etoday\u202c \u2067only\u2069"))
    headline = next(words for words in layout.placements[0].words() if words.role is Role.HEADLINE)
    assert " ".join(headline.lines).replace("\u00a0", " ") == "Sale today only"


EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_every_example_brief_keeps_the_rules_in_every_format(path: Path) -> None:
    """Or says honestly what does not fit; `scripts/every_format.py` paints and encodes them too."""
    refused = []
    for copy, language in every_copy(from_toml(path.read_text(encoding="utf-8"))):
        for entry in ALL:
            try:
                assert not list(faults(plan_layout(entry, copy, scenes.STYLE, language)))
            except DoesNotFit as refusal:
                refused.append(str(refusal))
    assert all("too long for" in words for words in refused)


def test_a_refusal_says_by_how_many_letters_and_what_to_do() -> None:
    copy = Copy("Donaudampfschifffahrtsgesellschaftskapitänsmütze für Kapitäninnen", button="Jetzt sichern")
    with pytest.raises(DoesNotFit) as caught:
        solved("google_display_mobile_banner_300", copy, "de")
    refusal = caught.value
    assert (refusal.format_id, refusal.field) == ("google_display_mobile_banner_300", "headline")
    assert str(refusal) == (
        f"“Donaudampfschifffahrtsgesellschaftskapit…” is {refusal.over} characters too long for "
        "Google mobile banner 300×50. Shorten the headline or add a short headline."
    )


@pytest.mark.parametrize("format_id", ["google_display_mobile_banner_300", "amazon_display_414x125"])
def test_taking_away_the_letters_that_refusals_name_makes_the_copy_fit(format_id: str) -> None:
    copy, named = scenes.WORDY, []
    for _ in range(6):
        try:
            solved(format_id, copy)
            break
        except DoesNotFit as refusal:
            named.append(refusal.field)
            copy = replace(copy, **{refusal.field: refusal.words[: -refusal.over].rstrip()})
    assert named and len(named) == len(set(named))  # one cut a field is enough


@pytest.mark.parametrize("field", ["line", "button", "legal", "price"])
def test_a_refusal_names_the_field_that_is_too_long(field: str) -> None:
    copy = replace(scenes.ENGLISH, **{field: "Unendlichkeitsversprechen " * 30})
    with pytest.raises(DoesNotFit) as caught:
        solved("google_display_inline_rectangle", copy)
    assert caught.value.field == field


def test_strips_take_the_short_headline_and_other_formats_the_long_one() -> None:
    assert solved("google_display_leaderboard", scenes.ENGLISH).headline_field == "short_headline"
    assert solved("google_display_billboard", scenes.ENGLISH).headline_field == "headline"


def test_a_strip_without_short_headline_takes_the_headline() -> None:
    layout = solved("google_display_leaderboard", replace(scenes.ENGLISH, short_headline=""))
    assert layout.headline_field == "headline"


def test_the_short_headline_stands_in_where_the_long_one_does_not_fit() -> None:
    copy = Copy("Unausweichlichkeitserklärung " * 12, "Kurz gesagt", button="Los")
    assert solved("google_display_inline_rectangle", copy, "de").headline_field == "short_headline"


def test_a_low_strip_leaves_out_line_and_legal_line_and_says_so() -> None:
    layout = solved("google_display_mobile_banner_320", scenes.ENGLISH)
    assert {Role.LINE, Role.LEGAL} <= set(layout.left_out(layout.placements[0]))


def test_a_long_headline_at_970_by_250_stays_on_its_panel() -> None:
    """The old fault of this size: the headline ran over the right edge."""
    copy = replace(scenes.ENGLISH, headline="Rechtsschutzversicherungsgesellschaften vergleichen und sparen")
    (placement,) = solved("google_display_billboard", copy, "de").placements
    headline = placement.element(Role.HEADLINE)
    assert headline and placement.panel and headline.box.inside(placement.panel)


def test_guests_of_a_strip_cost_the_headline_little() -> None:
    for entry in STRIPS:
        rich = plan_layout(entry, scenes.ENGLISH, scenes.STYLE, "en").placements[0]
        bare = plan_layout(entry, Copy("Paris from €49", button="Book now"), Style(), "en").placements[0]
        sizes = [next(w.size for w in p.words() if w.role is Role.HEADLINE) for p in (rich, bare)]
        assert sizes[0] >= 0.85 * sizes[1], entry.id


def test_forbidden_text_leaves_the_picture_bare() -> None:
    layout = solved("amazon_sponsored_brands_custom", scenes.ENGLISH)
    assert layout.kind is Kind.BARE
    assert [placement.elements for placement in layout.placements] == [()]


def test_discouraged_text_stays_a_fifth_of_the_picture() -> None:
    for entry in ALL:
        if entry.text_in_image == "discouraged":
            layout = plan_layout(entry, scenes.GERMAN, scenes.STYLE, "de")
            assert max(layout.text_share(placement) for placement in layout.placements) <= 0.2, entry.id


def test_arabic_is_laid_out_from_the_right() -> None:
    english = solved("google_display_leaderboard", scenes.ENGLISH).placements[0]
    arabic = solved("google_display_leaderboard", scenes.ARABIC, "ar").placements[0]
    assert english.picture.x == 0
    assert arabic.picture.right == 728
    assert arabic.element(Role.BUTTON).box.x < arabic.element(Role.HEADLINE).box.x  # type: ignore[union-attr]


def test_uneven_safe_zones_hold_in_both_directions() -> None:
    """YouTube covers the right edge, whichever way the copy is read."""
    for name in ("english", "arabic"):
        language, copy = scenes.COPIES[name]
        layout = solved("youtube_thumbnail", copy, language)
        assert not list(faults(layout))
        right = max(element.box.right for placement in layout.placements for element in placement.elements)
        assert right <= 1280 - 154


def test_covers_offer_head_foot_and_panel() -> None:
    places = {placement.place for placement in solved("meta_feed_square", scenes.ENGLISH).placements}
    assert places == {Place.TOP, Place.BOTTOM, Place.PANEL}


def test_landscapes_offer_both_sides_and_a_panel() -> None:
    places = {placement.place for placement in solved("meta_feed_landscape", scenes.ENGLISH).placements}
    assert places == {Place.LEFT, Place.RIGHT, Place.PANEL}


def test_the_logo_gives_way_before_the_copy_does() -> None:
    wordier = replace(scenes.WORDY, line=f"{scenes.WORDY.line} And more of the same for all.")
    layout = solved("google_display_triple_widescreen", wordier)
    assert {layout.left_out(placement) for placement in layout.placements} == {(Role.LOGO,)}


def test_an_ad_of_1080_has_supporting_lines_of_26_pixels() -> None:
    layout = solved("meta_feed_square", replace(scenes.WORDY, headline="Short"))
    sizes = [
        words.size
        for placement in layout.placements
        for words in placement.words()
        if words.role is Role.LINE
    ]
    assert min(sizes) >= 25.9


def test_headlines_are_set_tight_and_heavy() -> None:
    placement = solved("meta_feed_square", scenes.GERMAN, "de").placements[0]
    headline = next(words for words in placement.words() if words.role is Role.HEADLINE)
    assert (headline.face.weight, headline.face.tracking) == (800, -0.02)
    assert headline.pitch / headline.size < 1.1


def test_arabic_letters_are_not_spaced() -> None:
    placement = solved("meta_feed_square", scenes.ARABIC, "ar").placements[0]
    assert {words.face.tracking for words in placement.words() if words.role is not Role.LOGO} == {0.0}


def test_a_broken_logo_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadPicture, match="logo"):
        solved("meta_feed_square", scenes.ENGLISH, style=Style(logo=b"no picture"))
