"""The shipped fonts, and the refusal of characters they do not have."""

from pathlib import Path

import pytest

from runs import formats
from runs.composition import (
    CompositionError,
    Copy,
    MissingScript,
    NoHeadline,
    Style,
    UnknownFamily,
    plan_layout,
)
from runs.composition.fonts import FOLDER, Face, covered, paragraph
from runs.composition.measure import width

from . import scenes

SQUARE = formats.get("meta_feed_square")


def test_the_fonts_stay_under_four_megabytes() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.?tf")) < 4_000_000


def test_every_font_has_its_licence_beside_it() -> None:
    licences = {file.stem.removeprefix("OFL-") for file in FOLDER.glob("OFL-*.txt")}
    assert licences == {"Inter", "Noto", "NotoColorEmoji"}
    for file in FOLDER.glob("*.?tf"):
        assert any(file.stem.startswith(licence) for licence in licences), file.name


def test_each_script_is_drawn_by_its_font() -> None:
    for sign in "AäßŁőΩЯёậأपبשกこ夏、€₹→✓★🔥":
        assert covered(sign) == (sign != "प"), sign


@pytest.mark.parametrize("name", scenes.COPIES)
def test_the_copy_of_the_tests_can_be_drawn(name: str) -> None:
    language, copy = scenes.COPIES[name]
    assert plan_layout(SQUARE, copy, scenes.STYLE, language)


@pytest.mark.parametrize(
    ("headline", "missing"),
    [
        ("नमस्ते दुनिया", "न"),
        ("Flag 🇩🇪", "🇩"),
        ("Cook 👩\u200d🍳", "\u200d"),
        ("Odd \ud800", "\ud800"),
        ("\u0378?", "\u0378"),
    ],
)
def test_characters_without_a_font_are_refused_not_boxed(headline: str, missing: str) -> None:
    with pytest.raises(MissingScript) as caught:
        plan_layout(SQUARE, Copy(headline), Style(), "hi")
    assert missing in caught.value.characters
    assert "No font here can draw" in str(caught.value)
    str(caught.value).encode()


def test_every_field_is_looked_at() -> None:
    for copy in (Copy("A", legal="क"), Copy("A", price="क"), Copy("A", short_headline="क")):
        with pytest.raises(MissingScript):
            plan_layout(SQUARE, copy, Style(), "en")
    with pytest.raises(MissingScript):
        plan_layout(SQUARE, Copy("A"), Style(brand_name="क"), "en")


def test_a_typeface_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownFamily, match="Comic Sans"):
        plan_layout(SQUARE, Copy("A"), Style(family="Comic Sans"), "en")


@pytest.mark.parametrize("headline", ["", "   ", "\u200b\n"])
def test_an_ad_needs_a_headline(headline: str) -> None:
    with pytest.raises(NoHeadline):
        plan_layout(SQUARE, Copy(headline), Style(), "en")


def test_refusals_are_permanent() -> None:
    for kind in (MissingScript, NoHeadline, UnknownFamily):
        assert issubclass(kind, CompositionError)
        assert kind.permanent


def test_weights_are_really_different_cuts() -> None:
    widths = {width("Hamburgefonstiv", Face("Inter", weight), "en") for weight in (500, 700, 800)}
    assert len(widths) == 3


def test_latin_words_in_arabic_stand_where_they_are_read() -> None:
    """The Latin word comes last, so it stands at the left end of the line."""
    import numpy as np
    import skia

    line = paragraph("شحن مجاني مع IIIIIIII", Face("Noto Sans Arabic", 500), 40, "ar", 0xFF000000)
    paper = np.zeros((120, 600, 4), np.uint8)
    line.paint(skia.Surface(paper).getCanvas(), 10, 10)
    columns = (paper[..., 3] > 128).sum(axis=0)
    tall = np.flatnonzero(columns >= 26)  # capital I is a full column of ink
    assert np.median(tall) < 10 + line.LongestLine / 2


def test_no_font_of_the_machine_is_asked() -> None:
    source = "".join(file.read_text() for file in Path(FOLDER).parent.rglob("*.py"))
    assert "FontMgr.New_Custom_Directory" in source
    assert "RefDefault" not in source and "OneFontMgr" not in source
