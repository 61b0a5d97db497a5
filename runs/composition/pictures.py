"""Pictures as bytes: opens them safely, cleans what a server sent, makes thumbnails."""

import struct
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .errors import BadPicture

MOST_PIXELS = 40_000_000  # refused by the header alone, before anything is decoded
ACCEPTED = ("PNG", "JPEG", "WEBP")
PNG_LEVEL = 1  # stored pictures: 4 times as fast as the default, 10 % larger
THUMBNAIL_QUALITY = 80
PREVIEW_SIDE = 320  # pixels: enough to judge light and calm


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture that decodes, as PNG without metadata, upright and in sRGB; a cut-out keeps its alpha."""

    data: bytes
    width: int
    height: int


def clean_picture(data: bytes) -> CleanPicture:
    """Check bytes that came from elsewhere and encode their pixels anew; the same bytes give the same PNG.

    Text chunks, EXIF, profiles, anything after the picture's end and further frames are gone. Transparency
    stays: logos and product cut-outs live from it.
    Raises BadPicture: not PNG, JPEG or WebP, over 40 megapixels, or cut off.
    """
    image = decoded(data)
    return CleanPicture(_png(image), image.width, image.height)


def thumbnail(data: bytes, long_side: int, *, see_through: bool = False) -> bytes:
    """A WebP whose longer side is at most that many pixels, for pages. Raises BadPicture."""
    image = decoded(data, draft=long_side)
    image = image if see_through else opaque(image)
    scale = min(1.0, long_side / max(image.size))
    image = resized(image, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    out = BytesIO()
    image.save(out, "WEBP", quality=THUMBNAIL_QUALITY, method=2)
    return out.getvalue()


@lru_cache(maxsize=2)
def opened(data: bytes) -> Image.Image:
    """The picture as RGB, transparent parts laid on white. Asked for once per format, so the last two are kept."""
    return opaque(decoded(data))


@lru_cache(maxsize=8)
def preview(data: bytes) -> Image.Image:
    """The picture made small, to judge a layout on."""
    return reduced(opened(data), PREVIEW_SIDE)


def reduced(image: Image.Image, long_side: int) -> Image.Image:
    """An RGB picture, its longer side at most that long, quickly: each pixel the mean of those it stands for."""
    scale = min(1.0, long_side / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BOX)


def decoded(data: bytes, draft: int | None = None) -> Image.Image:
    """Upright, sRGB, eight bits, RGB or RGBA; `draft` may decode it smaller. Raises BadPicture."""
    try:
        with Image.open(BytesIO(data), formats=ACCEPTED) as image:
            _require_size(image)
            if draft:
                image.draft("RGB", (draft * 2, draft * 2))
            image.load()
            return _plain(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture("it has too many pixels") from error
    except UnidentifiedImageError as error:
        raise BadPicture("it is not PNG, JPEG or WebP") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadPicture(f"it does not decode ({error})") from error


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """RGB or RGBA at that size; colours are weighted by what is there, or transparent black would darken edges."""
    if image.mode != "RGBA":
        return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    weighted = image.convert("RGBa").resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    return weighted.convert("RGBA")


def _require_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise BadPicture(f"it has {image.width}×{image.height} pixels")


def _plain(image: Image.Image) -> Image.Image:
    """Upright, sRGB, eight bits, RGB or RGBA, and nothing beside the pixels."""
    profile = image.info.get("icc_profile")
    upright = _upright(image)
    if upright.mode.startswith("I;16"):
        upright = upright.point(lambda value: value / 256).convert("L")
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
    elif upright.mode == "P":
        upright = upright.convert("RGB")  # a profile speaks of the palette's colours
    if profile and upright.mode in ("RGB", "RGBA", "CMYK", "L"):
        upright = _to_srgb(upright, profile)
    plain = upright if upright.mode == "RGBA" else upright.convert("RGB")
    bare = plain.copy()
    bare.info.clear()
    return bare


def _upright(image: Image.Image) -> Image.Image:
    """As its EXIF says; where that is broken, as it lies."""
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, struct.error):
        return image


def opaque(image: Image.Image) -> Image.Image:
    """The picture as RGB, transparent parts laid on white."""
    if image.mode == "RGB":
        return image
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, image).convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode == "RGBA":  # alpha is no colour
        plain = _to_srgb(image.convert("RGB"), profile)
        plain.putalpha(image.getchannel("A"))
        return plain
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError):  # a broken profile: the numbers are taken as sRGB
        return image


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=PNG_LEVEL)
    return out.getvalue()
