"""Uploads: pictures only, drawn anew, without what was hidden in them."""

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.models import Workspace
from runs import assets, storage
from runs.composition import BadPicture
from runs.models import Asset
from tests.conftest import make_png

SECRET = "48.2082 N, 16.3738 E, serial 0042"


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(mode: str = "RGB", size: tuple[int, int] = (20, 10)) -> Image.Image:
    return Image.new(mode, size, 128 if mode == "L" else (200, 90, 60, 128)[: len(mode)])


def photo() -> bytes:
    """A JPEG as a phone makes it: lying on its side, with place and serial number."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by a quarter
    exif[0x010E] = SECRET
    return saved(plain(), "JPEG", exif=exif, comment=SECRET.encode())


def huge_header() -> bytes:
    """A hundred bytes that promise ten thousand megapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def store(workspace: Workspace, data: bytes) -> tuple[Asset, bytes]:
    asset = assets.store(workspace, "logo", data)
    return asset, storage.get(asset.key)


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        saved(plain(), "GIF"),
        saved(plain(), "BMP"),
        saved(plain(), "TIFF"),
        b"",
        b"\x89PNG\r\n\x1a\n",
        saved(Image.effect_noise((64, 64), 60), "PNG")[:2000],
        huge_header(),
    ],
    ids=["svg", "html", "pdf", "gif header", "gif", "bmp", "tiff", "empty", "png header", "cut off", "huge"],
)
def test_what_is_no_picture_of_ours_is_refused_and_nothing_is_kept(workspace: Workspace, data: bytes) -> None:
    with pytest.raises(BadPicture, match="Choose a PNG, JPEG or WebP of up to 40 megapixels"):
        assets.store(workspace, "logo", data)
    assert Asset.objects.count() == 0
    assert not any("assets" in folder for folder in _folders(workspace))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_png_jpeg_and_webp_become_png(workspace: Workspace, kind: str) -> None:
    asset, stored = store(workspace, saved(plain(), kind))
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.format, image.size) == ("PNG", (20, 10))
    assert (asset.width, asset.height, asset.bytes) == (20, 10, len(stored))
    assert asset.sha256 == storage.digest(stored)


def test_where_and_with_what_a_photo_was_taken_is_gone(workspace: Workspace) -> None:
    data = photo()
    assert SECRET.encode() in data
    asset, stored = store(workspace, data)
    assert SECRET.encode() not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert dict(image.getexif()) == {}
        assert not image.info.keys() & {"exif", "comment", "xmp", "icc_profile"}
    assert (asset.width, asset.height) == (10, 20)  # upright, as the phone showed it


def test_text_in_a_png_and_behind_it_is_gone(workspace: Workspace) -> None:
    info = PngInfo()
    info.add_text("Comment", SECRET)
    _, stored = store(workspace, saved(plain(), "PNG", pnginfo=info) + SECRET.encode())
    assert SECRET.encode() not in stored


def test_a_logo_stays_see_through(workspace: Workspace) -> None:
    _, stored = store(workspace, saved(plain("RGBA"), "PNG"))
    with Image.open(io.BytesIO(stored)) as image:
        assert image.getpixel((0, 0)) == (200, 90, 60, 128)


def test_a_file_is_kept_under_an_id_of_our_own(workspace: Workspace) -> None:
    asset, _ = store(workspace, make_png())
    assert asset.key == f"w/{workspace.uid}/assets/{asset.uid}.png"
    other, _ = store(workspace, make_png())
    assert other.key != asset.key


def _folders(workspace: Workspace) -> list[str]:
    root = f"w/{workspace.uid}"
    return default_storage.listdir(root)[0] if default_storage.exists(root) else []
