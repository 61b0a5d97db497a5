"""The finished file is opened again and held against its format."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from runs import formats
from runs.composition import check, compose, marks
from runs.formats import Shape

from . import scenes

SQUARE = formats.get("google_display_square")


@pytest.fixture(scope="module")
def ad() -> bytes:
    picture = scenes.calm(Shape.SQUARE)
    return compose(picture, SQUARE, scenes.ENGLISH, scenes.STYLE, "en", simulated=False).data


def failed(data: bytes, format: formats.Format = SQUARE) -> set[str]:
    return {entry.name for entry in check(data, format) if not entry.ok}


def again(data: bytes, kind: str, **options: object) -> bytes:
    """The ad as another program would save it, with our mark put back."""
    out = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.convert(str(options.pop("mode", "RGB"))).save(out, kind, **options)
    return marks.mark(out.getvalue(), marks.Source.COMPOSITE)


def test_a_composed_ad_passes(ad: bytes) -> None:
    assert failed(ad) == set()
    assert all(entry.words.endswith(".") for entry in check(ad, SQUARE))


def test_wrong_pixels_are_found(ad: bytes) -> None:
    assert failed(ad, formats.get("google_display_inline_rectangle")) == {"pixels", "ratio"}


def test_a_heavy_file_is_found(ad: bytes) -> None:
    assert failed(ad, replace(SQUARE, max_bytes=len(ad) - 1)) == {"bytes"}
    assert failed(ad, replace(SQUARE, max_bytes=len(ad))) == set()


def test_a_file_type_the_platform_refuses_is_found(ad: bytes) -> None:
    assert failed(again(ad, "PNG"), replace(SQUARE, file_types=("jpg",))) == {"file_type"}


def test_an_alpha_channel_is_found(ad: bytes) -> None:
    assert failed(again(ad, "PNG", mode="RGBA")) == {"colour"}


def test_a_palette_is_found(ad: bytes) -> None:
    assert "colour" in failed(again(ad, "PNG", mode="P"))


def test_stray_metadata_is_found(ad: bytes) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a prompt"
    assert failed(again(ad, "JPEG", exif=exif)) == {"metadata"}
    assert failed(again(ad, "JPEG", comment=b"made by hand")) == {"metadata"}
    assert failed(again(ad, "PNG", dpi=(72, 72))) == {"metadata"}
    assert failed(ad + b"tail") == {"metadata"}


def test_a_missing_mark_is_found(ad: bytes) -> None:
    out = BytesIO()
    with Image.open(BytesIO(ad)) as image:
        image.convert("RGB").save(out, "JPEG")
    assert failed(out.getvalue()) == {"source_type"}


@pytest.mark.parametrize("data", [b"", b"<html>", b"GIF89a", b"\xff\xd8\xff\xe0 cut off"])
def test_what_does_not_open_is_found(data: bytes) -> None:
    assert failed(data) == {"opens"}


def test_a_truncated_ad_is_found(ad: bytes) -> None:
    assert failed(ad[: len(ad) // 2]) == {"opens"}
