"""The rules an ad must keep, looked up on the finished file and on its layout; each a row with a sentence."""

from collections.abc import Iterator
from io import BytesIO
from itertools import combinations

from PIL import Image

from runs.formats import Format

from . import marks
from .colour import READABLE
from .encode import ROOMY, Encoded
from .layout import Kind, Layout, Placement
from .layout.page import LEAST_HEADLINE, LEAST_LINE, LEAST_LINE_SHARE, LEAST_STRIP_HEADLINE
from .values import Box, Check, Role

FILE_NAMES = {"JPEG": "jpg", "PNG": "png"}
JPEG_SEGMENTS = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0, 0xE1}  # frame, tables, JFIF, and our XMP
PNG_CHUNKS = {b"IHDR", b"sRGB", b"iTXt", b"PLTE", b"IDAT", b"IEND"}
RATIO_TOLERANCE_PCT = 1.0  # whole pixels never hit 1.91:1
MOST_TEXT = 0.2
WITHOUT_TEXT = {
    "forbidden": "The platform forbids text in the picture: there is none.",
    "discouraged": "The platform discourages text in the picture: there is none.",
    "allowed": "There is no text in the picture.",
}
MOST_SHIFT = 1.0  # CIE76: what nobody sees
MOST_COVERED = 0.4  # of the place round the focus; small formats cannot leave all of it free


def check(data: bytes, format: Format) -> list[Check]:
    """Open a finished file again and hold it against its format: pixels, type, weight, colour, metadata, mark."""
    try:
        with Image.open(BytesIO(data), formats=tuple(FILE_NAMES)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError) as error:
        return [Check("opens", False, f"The file does not open: {error}.")]
    return [
        Check("opens", True, "The file opens."),
        _pixels(image, format),
        _ratio(image, format),
        _file_type(image, format),
        _weight(data, format),
        _colour(image),
        _metadata(data),
        _source(data),
    ]


def _pixels(image: Image.Image, format: Format) -> Check:
    wanted, got = f"{format.width}×{format.height}", f"{image.width}×{image.height}"
    return Check("pixels", wanted == got, f"{got} pixels; this size is {wanted}.")


def _ratio(image: Image.Image, format: Format) -> Check:
    across, down = (float(part) for part in format.ratio.split(":"))
    tolerance = format.ratio_tolerance_pct or RATIO_TOLERANCE_PCT
    off = abs(image.width / image.height / (across / down) - 1) * 100
    words = f"{off:.1f} % off {format.ratio}; up to {tolerance:g} % is allowed."
    return Check("ratio", off <= tolerance, words)


def _file_type(image: Image.Image, format: Format) -> Check:
    kind = FILE_NAMES[image.format or ""]
    return Check("file_type", kind in format.file_types, f"{kind}; allowed: {', '.join(format.file_types)}.")


def _weight(data: bytes, format: Format) -> Check:
    whose = " (our own limit: none is published)" if format.max_bytes_is_ours else ""
    words = f"{len(data):,} bytes of {format.max_bytes:,}{whose}."
    return Check("bytes", len(data) <= format.max_bytes, words)


def _colour(image: Image.Image) -> Check:
    plain = image.mode == "RGB" and not image.has_transparency_data and "icc_profile" not in image.info
    return Check(
        "colour", plain, "sRGB without transparency." if plain else f"Mode {image.mode}, not plain sRGB."
    )


def _metadata(data: bytes) -> Check:
    stray = sorted(_stray_chunks(data) if data.startswith(b"\x89PNG") else _stray_segments(data))
    return Check(
        "metadata", not stray, f"Stray metadata: {', '.join(stray)}." if stray else "No stray metadata."
    )


def _stray_segments(data: bytes) -> Iterator[str]:
    place = 2
    while place + 4 <= len(data) and data[place + 1] != 0xDA:
        marker = data[place + 1]
        length = int.from_bytes(data[place + 2 : place + 4])
        content = data[place + 4 : place + 2 + length]
        own = marker != 0xE1 or any(content.endswith(marks.packet(source)) for source in marks.Source)
        if (marker not in JPEG_SEGMENTS or not own) and not (marker == 0xEB and _credentials(content)):
            yield f"segment {marker:02X}"
        place += 2 + length
    if not data.endswith(b"\xff\xd9"):
        yield "bytes after the picture"


def _stray_chunks(data: bytes) -> Iterator[str]:
    place = 8
    while place + 8 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        content = data[place + 8 : place + 8 + length]
        own = kind != b"iTXt" or any(content.endswith(marks.packet(source)) for source in marks.Source)
        if (kind not in PNG_CHUNKS or not own) and not (kind == b"caBX" and _credentials(content)):
            yield f"chunk {kind.decode('ascii', 'replace')}"
        place += 12 + length
        if kind == b"IEND" and place < len(data):
            yield "bytes after the picture"
            return


def _credentials(content: bytes) -> bool:
    """Whether that is a signed manifest: a box of boxes named c2pa (C2PA specification 2.2, 11.1 and A.3)."""
    return b"jumb" in content[:16] and b"c2pa" in content[:64]


def _source(data: bytes) -> Check:
    source = marks.found(data)
    words = f"Marked as {source.value}." if source else "No digital source type is marked."
    return Check("source_type", source is not None, words)


def check_quality(file: Encoded, format: Format) -> Check:
    """Whether the file is written as well as it should be; a roomy limit must not cost quality."""
    if file.quality is None:
        return Check("quality", True, "Written without loss.")
    if file.squeezed:
        words = f"Even at its fine quality the file is over {format.max_bytes:,} bytes"
        words += f": squeezed to quality {file.quality} of 100, which can be seen."
        return Check("quality", False, words)
    fine = format.max_bytes >= ROOMY
    how = "finely, in full colour resolution" if fine else "as well as the limit allows"
    return Check("quality", True, f"Written {how}: quality {file.quality} of 100.")


def check_layout(
    layout: Layout, placement: Placement, contrast: dict[str, float], covered: float
) -> list[Check]:
    """Hold one painted placement against the rules of type: zone, overlap, size, contrast, share, focus."""
    if layout.kind is Kind.BARE:
        return [Check("text_free", True, WITHOUT_TEXT[layout.format.text_in_image])]
    return [
        _text_allowed(layout),
        _safe_zone(layout, placement),
        _apart(placement),
        _type_size(layout, placement),
        _contrast(contrast),
        _text_share(layout, placement),
        Check("focus", covered <= MOST_COVERED, f"Text covers {covered:.0%} of the picture's focus."),
    ]


def check_product(placement: Placement, box: Box, shift: float) -> Check:
    """The real product: whole, in front of nothing but the picture, and in its own colours."""
    covering = [element.role.value for element in placement.elements if element.box.overlap(box) > 0.01]
    faults = [
        "" if box.inside(placement.picture) else "it is cut off",
        f"under {', '.join(covering)}" if covering else "",
        f"its colours are off by ΔE {shift:.1f}" if shift > MOST_SHIFT else "",
    ]
    told = "; ".join(fault for fault in faults if fault)
    whole = f"The product is whole, clear of text and in its own colours (ΔE {shift:.1f})."
    return Check("product", not told, f"The product is not as uploaded: {told}." if told else whole)


def _text_allowed(layout: Layout) -> Check:
    discouraged = layout.format.text_in_image == "discouraged"
    words = f"Text in the picture is {layout.format.text_in_image}."
    return Check("text_allowed", True, f"{words} There is a version without it." if discouraged else words)


def _safe_zone(layout: Layout, placement: Placement) -> Check:
    outside = [element.role.value for element in placement.elements if not element.box.inside(layout.safe)]
    whose = " (our own margin: none is published)" if layout.format.safe_is_ours else ""
    words = (
        f"Outside the safe zone: {', '.join(outside)}." if outside else f"All inside the safe zone{whose}."
    )
    return Check("safe_zone", not outside, words)


def _apart(placement: Placement) -> Check:
    pairs = combinations(placement.elements, 2)
    meeting = [
        f"{first.role} and {second.role}" for first, second in pairs if first.box.overlap(second.box) > 0.01
    ]
    return Check(
        "overlap", not meeting, f"Overlapping: {', '.join(meeting)}." if meeting else "Nothing overlaps."
    )


def least_size(role: Role, layout: Layout) -> float:
    """The smallest type of that role in that layout, in pixels."""
    strip = layout.kind is Kind.STRIP
    match role:
        case Role.HEADLINE:
            return LEAST_STRIP_HEADLINE if strip else LEAST_HEADLINE
        case Role.LINE if not strip:
            return max(LEAST_LINE, LEAST_LINE_SHARE * min(layout.format.width, layout.format.height))
        case _:
            return LEAST_LINE


def _type_size(layout: Layout, placement: Placement) -> Check:
    small = [words for words in placement.words() if words.size < least_size(words.role, layout) - 0.01]
    listed = ", ".join(f"{words.role} {words.size:.0f} px" for words in small)
    least = min((words.size for words in placement.words()), default=0.0)
    words = f"Too small: {listed}." if small else f"The smallest text is {least:.0f} px."
    return Check("type_size", not small, words)


def _contrast(contrast: dict[str, float]) -> Check:
    faint = {role: value for role, value in contrast.items() if value < READABLE and role != Role.LOGO}
    listed = ", ".join(f"{role} {value:.1f}:1" for role, value in faint.items())
    least = min((value for role, value in contrast.items() if role != Role.LOGO), default=21.0)
    words = f"Under {READABLE}:1: {listed}." if faint else f"At least {least:.1f}:1 behind all text."
    return Check("contrast", not faint, words)


def _text_share(layout: Layout, placement: Placement) -> Check:
    share = layout.text_share(placement)
    minded = layout.format.text_in_image == "discouraged"
    words = f"{share:.0%} of the picture is text" + (f"; at most {MOST_TEXT:.0%} here." if minded else ".")
    return Check("text_share", share <= MOST_TEXT or not minded, words)
