"""Pictures from elsewhere: only whole PNG, JPEG and WebP pass, and nothing but their pixels."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from runs.composition import BadPicture, clean_picture, thumbnail
from runs.formats import Shape

from . import scenes


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def gradient(width: int = 64, height: int = 40) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def test_text_chunks_are_gone_and_pixels_stay() -> None:
    notes = PngInfo()
    notes.add_text("prompt", '{"3": {"class_type": "KSampler"}}')
    notes.add_itxt("workflow", "secret")
    clean = clean_picture(saved(gradient(), "PNG", pnginfo=notes))
    with Image.open(BytesIO(clean.data)) as image:
        assert image.info == {}
        assert image.tobytes() == gradient().tobytes()
    assert b"KSampler" not in clean.data and b"secret" not in clean.data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_come_out_as_png(kind: str) -> None:
    clean = clean_picture(saved(gradient(), kind))
    assert clean.data.startswith(b"\x89PNG")
    assert (clean.width, clean.height) == (64, 40)


def test_cleaning_twice_gives_the_same_bytes() -> None:
    data = scenes.calm(Shape.SQUARE)
    assert clean_picture(data).data == clean_picture(data).data


def test_gps_and_orientation_are_applied_and_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}
    clean = clean_picture(saved(gradient(), "JPEG", exif=exif))
    assert (clean.width, clean.height) == (40, 64)
    with Image.open(BytesIO(clean.data)) as image:
        assert not image.getexif()


def test_the_tail_of_a_polyglot_is_gone() -> None:
    clean = clean_picture(saved(gradient(), "JPEG") + b"PK\x03\x04<script>alert(1)</script>")
    assert b"<script>" not in clean.data


def test_a_cut_out_keeps_its_alpha() -> None:
    clean = clean_picture(scenes.logo())
    with Image.open(BytesIO(clean.data)) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "CMYK", "I;16"])
def test_odd_modes_become_plain(mode: str) -> None:
    image = Image.new(mode, (20, 10)) if mode == "I;16" else gradient(20, 10).convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    clean = clean_picture(saved(image, kind))
    with Image.open(BytesIO(clean.data)) as plain:
        assert plain.mode in ("RGB", "RGBA")


def test_a_colour_profile_is_turned_into_srgb_numbers() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clean = clean_picture(saved(gradient(), "PNG", icc_profile=lab))
    with Image.open(BytesIO(clean.data)) as image:
        assert "icc_profile" not in image.info


def swapped() -> bytes:
    """A profile whose red is sRGB's green, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_the_profile_of_a_logo_with_alpha_or_a_palette_counts_too(mode: str) -> None:
    image = Image.new("RGB", (20, 10), (250, 0, 0)).convert(mode)
    if mode == "RGBA":
        image.putalpha(128)
    clean = clean_picture(saved(image, "PNG", icc_profile=swapped()))
    with Image.open(BytesIO(clean.data)) as plain:
        red, green, _blue, *alpha = np.asarray(plain)[5, 5].tolist()
    assert red < 10 and green > 240 and alpha == ([128] if mode == "RGBA" else [])


@pytest.mark.parametrize("extra", [{"icc_profile": b"x" * 200}, {"exif": b"Exif\0\0garbage"}])
def test_a_picture_with_broken_notes_is_taken_as_it_lies(extra: dict[str, bytes]) -> None:
    assert clean_picture(saved(gradient(), "PNG", **extra)).width == 64


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Not found</title>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
        saved(gradient(), "GIF"),
        saved(gradient(), "BMP"),
        saved(gradient(), "TIFF"),
        saved(gradient(), "PNG")[:-60],
        saved(gradient(400, 400), "JPEG")[:900],
        saved(gradient(400, 400), "WEBP")[:-40],
        saved(gradient(), "PNG")[:20],
        bomb(64, 40),
    ],
    ids=[
        "empty",
        "html",
        "svg",
        "gif",
        "bmp",
        "tiff",
        "cut png",
        "cut jpeg",
        "cut webp",
        "header",
        "no pixels",
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture, match="This picture cannot be used"):
        clean_picture(data)


@pytest.mark.parametrize("size", [(8000, 5001), (20_000, 20_000), (60_000, 60_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(BadPicture, match=r"it has (too many|\d+×\d+) pixels"):
        clean_picture(bomb(*size))


def test_a_flood_of_compressed_text_is_refused() -> None:
    data = saved(gradient(), "PNG")
    flood = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"A" * 80_000_000))
    with pytest.raises(BadPicture):
        clean_picture(data[:33] + flood + data[33:])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_thumbnail_is_a_small_webp_of_the_same_shape(kind: str) -> None:
    data = thumbnail(saved(gradient(1200, 600), kind), 240)
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (240, 120))


def test_a_thumbnail_never_grows() -> None:
    with Image.open(BytesIO(thumbnail(saved(gradient(), "PNG"), 500))) as image:
        assert image.size == (64, 40)
