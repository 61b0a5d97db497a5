"""The brand's logo in the sizes that platforms ask for: exact pixels, a margin, under the byte limit, as PNG."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from runs.formats import Format

from .errors import BadPicture, TooHeavy

MOST_BLOWN_UP = 1.0  # beyond its own pixels a logo gets soft: it is still made, and the manifest says so
FEWER_COLOURS = (256, 64, 16)


@dataclass(frozen=True, slots=True)
class LogoFile:
    """`words` says what a person should know of it; empty when there is nothing."""

    data: bytes
    words: str


def logo_file(logo: bytes, format: Format) -> LogoFile:
    """The logo in the middle of that format, its transparency kept. Raises BadPicture or TooHeavy."""
    image = _trimmed(_opened(logo))
    safe = format.safe
    room = format.width - safe.left - safe.right, format.height - safe.top - safe.bottom
    scale = min(room[0] / image.width, room[1] / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    ground = (0, 0, 0, 0)
    whole = Image.new("RGBA", (format.width, format.height), ground)
    place = safe.left + (room[0] - size[0]) // 2, safe.top + (room[1] - size[1]) // 2
    whole.paste(image.resize(size, Image.Resampling.LANCZOS), place)
    words = ""
    if scale > MOST_BLOWN_UP:
        pixels = f"{image.width}×{image.height} pixels"
        words = f"The logo has {pixels} and was enlarged {scale:.1f} times: upload a larger one."
    return LogoFile(_light_enough(whole, format), words)


def _opened(logo: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(logo), formats=("PNG",)) as image:
            return image.convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:
        raise BadPicture(f"the logo does not open ({error})") from error


def _trimmed(image: Image.Image) -> Image.Image:
    """Without the empty edge that a file may have: the margin is the format's."""
    box = image.getchannel("A").getbbox()
    if box is None:
        raise BadPicture("the logo cannot be seen: all of it is transparent")
    return image.crop(box)


def _light_enough(image: Image.Image, format: Format) -> bytes:
    data = _png(image)
    for colours in FEWER_COLOURS:
        if len(data) <= format.max_bytes:
            return data
        data = _png(image.quantize(colours, Image.Quantize.FASTOCTREE))
    if len(data) <= format.max_bytes:
        return data
    raise TooHeavy(format.id, format.label, len(data), format.max_bytes)


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
