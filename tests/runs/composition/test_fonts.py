"""The shipped fonts, and the refusal of characters they do not have."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skia

from runs import formats
from runs.composition import (
    CompositionError,
    Copy,
    MissingScript,
    NoHeadline,
    Style,
    UnknownFamily,
    fonts,
    found,
    plan_layout,
)
from runs.composition.fonts import FOLDER, Face, covered, families, paragraph
from runs.composition.measure import width

from . import scenes

SQUARE = formats.get("meta_feed_square")
INTER = Face("Inter", 800)


@pytest.fixture
def only_ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without fonts of its own."""
    monkeypatch.setattr(found, "there", list)
    fonts.forget()
    yield
    monkeypatch.undo()
    fonts.forget()


def test_the_fonts_stay_under_thirteen_megabytes() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.?tf")) < 13_000_000


def test_every_font_has_its_licence_beside_it() -> None:
    licences = {file.stem.removeprefix("OFL-") for file in FOLDER.glob("OFL-*.txt")}
    assert licences == {"Inter", "Noto", "NotoColorEmoji"}
    for file in FOLDER.glob("*.?tf"):
        assert any(file.stem.startswith(licence) for licence in licences), file.name


def test_each_script_is_drawn_by_its_font() -> None:
    for sign in "AäßŁőΩЯёậأپבשกこ夏鷗这國한뷁नक्ष₹、€→✓★🔥🇩🫶🏽\u20e3":
        assert covered(sign), sign


@pytest.mark.parametrize(
    "cluster", ["👩\u200d🍳", "👨\u200d👩\u200d👧\u200d👦", "🇩🇪", "🏳\ufe0f\u200d🌈", "👍🏽", "1\ufe0f\u20e3"]
)
def test_joined_emoji_and_flags_are_one_picture(cluster: str) -> None:
    one = width("🔥", INTER, "en")
    assert width(cluster, INTER, "en") == pytest.approx(one, rel=0.1)


@pytest.mark.parametrize(
    ("language", "asked_first"),
    [
        ("ja", "JP"),
        ("zh", "SC"),
        ("zh-CN", "SC"),
        ("zh-TW", "TC"),
        ("zh-Hant", "TC"),
        ("zh-HK", "TC"),
        ("ko", "KR"),
        ("en", "JP"),
    ],
)
def test_han_characters_take_the_shapes_of_their_language(language: str, asked_first: str) -> None:
    first = next(family for family in families("Inter", language) if "CJK" in family)
    assert first == f"Noto Sans CJK {asked_first}"


def test_the_same_character_looks_otherwise_in_tokyo_and_beijing() -> None:
    assert drawn("直", "ja") != drawn("直", "zh")


def drawn(text: str, language: str) -> bytes:
    paper = np.zeros((80, 80, 4), np.uint8)
    paragraph(text, INTER, 48, language).paint(skia.Surface(paper).getCanvas(), 8, 8)
    return paper.tobytes()


@pytest.mark.parametrize("name", scenes.COPIES)
def test_the_copy_of_the_tests_can_be_drawn(name: str) -> None:
    language, copy = scenes.COPIES[name]
    assert plan_layout(SQUARE, copy, scenes.STYLE, language)


@pytest.mark.parametrize(
    ("headline", "missing"),
    [
        ("বাংলা", "ব"),
        ("Half a flag 🇩", "🇩"),
        ("Odd \ud800", "\ud800"),
        ("\u0378?", "\u0378"),
        ("\ue000?", "\ue000"),
    ],
)
def test_characters_without_a_font_are_refused_not_boxed(
    headline: str, missing: str, only_ours: None
) -> None:
    with pytest.raises(MissingScript) as caught:
        plan_layout(SQUARE, Copy(headline), Style(), "bn")
    assert missing in caught.value.characters
    assert "No font here can draw" in str(caught.value)
    str(caught.value).encode()


@pytest.mark.parametrize(
    ("sign", "package"), [("ব", "fonts-noto-core"), ("𠮷", "fonts-noto-cjk"), ("ქ", "fonts-noto-core")]
)
def test_the_refusal_names_the_package_that_would_help(sign: str, package: str, only_ours: None) -> None:
    with pytest.raises(
        MissingScript, match=rf"Change the copy, or install NotoSans\w+-Bold\.tt[cf] .*{package}"
    ):
        plan_layout(SQUARE, Copy(sign), Style(), "en")


def test_a_font_in_the_named_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any font will do: what counts is that the file is found by its name and asked for its characters."""
    (tmp_path / "deep").mkdir()
    shutil.copy(FOLDER / "NotoSansThai-Bold.ttf", tmp_path / "deep" / "NotoSansTamil-Bold.ttf")
    monkeypatch.setenv("FONTS_DIR", str(tmp_path))
    found.forget()
    try:
        assert [entry.script for entry in found.there() if tmp_path in (entry.path or tmp_path).parents] == [
            "Tamil"
        ]
        assert "Noto Sans Tamil" in families.__wrapped__("Inter", "ta")
    finally:
        monkeypatch.undo()
        found.forget()


def test_every_field_is_looked_at(only_ours: None) -> None:
    for copy in (Copy("A", legal="ব"), Copy("A", price="ব"), Copy("A", short_headline="ব")):
        with pytest.raises(MissingScript):
            plan_layout(SQUARE, copy, Style(), "en")
    with pytest.raises(MissingScript):
        plan_layout(SQUARE, Copy("A"), Style(brand_name="ব"), "en")


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
    line = paragraph("شحن مجاني مع IIIIIIII", Face("Noto Sans Arabic", 500), 40, "ar", 0xFF000000)
    paper = np.zeros((120, 600, 4), np.uint8)
    line.paint(skia.Surface(paper).getCanvas(), 10, 10)
    columns = (paper[..., 3] > 128).sum(axis=0)
    tall = np.flatnonzero(columns >= 26)  # capital I is a full column of ink
    assert np.median(tall) < 10 + line.LongestLine / 2


def test_no_other_font_of_the_machine_is_asked() -> None:
    source = "".join(file.read_text() for file in Path(FOLDER).parent.rglob("*.py"))
    assert "FontMgr.New_Custom_Empty" in source
    assert "RefDefault" not in source and "OneFontMgr" not in source
