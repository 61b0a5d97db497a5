"""Fonts from outside: sanitised, refused with a sentence, or used for their brand alone."""

import struct
from dataclasses import replace
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from runs import formats
from runs.composition import BadFont, Copy, Style, clean_font, plan_layout
from runs.composition.fonts import FOLDER, Face, adopt
from runs.composition.measure import width

from . import scenes

INTER = (FOLDER / "Inter-Bold.ttf").read_bytes()
THAI = (FOLDER / "NotoSansThai-Bold.ttf").read_bytes()
SQUARE = formats.get("meta_feed_square")


def packed(flavour: str) -> bytes:
    font, out = TTFont(BytesIO(INTER)), BytesIO()
    font.flavor = flavour
    font.save(out)
    return out.getvalue()


def with_rights(rights: int) -> bytes:
    font, out = TTFont(BytesIO(INTER)), BytesIO()
    font["OS/2"].fsType = rights
    font.save(out)
    return out.getvalue()


@pytest.mark.parametrize("flavour", ["woff", "woff2"])
def test_packed_fonts_are_unpacked(flavour: str) -> None:
    clean = clean_font(packed(flavour))
    assert clean.data.startswith(b"\x00\x01\x00\x00")
    assert clean.name.startswith("Inter") and clean.glyphs > 1000


def test_the_same_font_gives_the_same_file() -> None:
    assert clean_font(INTER) == clean_font(INTER)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not TTF, OTF"),
        (b"MZ\x90\x00" * 100, "not TTF, OTF"),
        (b"ttcf" + INTER[4:], "not TTF, OTF"),
        (INTER[:5000], "damaged"),
        (INTER[:150_000] + bytes(40_000) + INTER[190_000:], "damaged"),
        (b"wOF2" + b"\xff" * 2000, "damaged"),
        (INTER[:4] + struct.pack(">H", 65_535) + INTER[6:], "damaged"),
        (bytes(10 * 1024 * 1024 + 1), "larger than 10 MB"),
    ],
    ids=[
        "empty",
        "program",
        "collection",
        "cut off",
        "hole",
        "woff2 of noise",
        "too many tables",
        "too large",
    ],
)
def test_broken_fonts_are_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadFont, match=words) as caught:
        clean_font(data)
    assert str(caught.value).endswith("Choose a TTF, OTF, WOFF or WOFF2 of up to 10 MB.")


@pytest.mark.parametrize("rights", [0x0002, 0x0200, 0x0102])
def test_a_makers_no_is_respected(rights: int) -> None:
    with pytest.raises(BadFont, match="its maker forbids"):
        clean_font(with_rights(rights))


@pytest.mark.parametrize("rights", [0x0000, 0x0004, 0x0008])
def test_fonts_that_may_be_embedded_are_taken(rights: int) -> None:
    assert clean_font(with_rights(rights))


def test_a_brand_is_set_in_its_own_font_and_others_are_not() -> None:
    own = Face(adopt(clean_font(THAI).data), 800)
    assert width("กาแฟ", own, "en") == width("กาแฟ", Face("Noto Sans Thai", 800), "en")
    assert width("Coffee", own, "en") == width("Coffee", Face("Inter", 700), "en")  # what it lacks is ours
    plain = plan_layout(SQUARE, scenes.ENGLISH, Style(), "en")
    branded = plan_layout(SQUARE, scenes.ENGLISH, replace(Style(), font=clean_font(THAI).data), "en")
    assert {words.face.family for words in plain.placements[0].words()} == {"Inter"}
    assert {words.face.family for words in branded.placements[0].words()} == {own.family}


def test_a_brand_font_may_bring_a_script_of_its_own() -> None:
    font, out = TTFont(BytesIO(THAI)), BytesIO()
    for table in font["cmap"].tables:
        table.cmap[0x13A0] = "uni0E01"  # a Cherokee letter
    font.save(out)
    assert plan_layout(SQUARE, Copy("Ꭰ"), Style(font=clean_font(out.getvalue()).data), "chr")
