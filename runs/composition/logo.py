"""A brand's logo from outside: PNG, JPEG, WebP, or an SVG drawing that is turned into pixels at once.

An SVG is a program: scripts, links and files of others are refused before anything draws it, and it is drawn apart.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree  # nosec B405 # entities are refused first

from PIL import Image

from .errors import BadPicture
from .pictures import CleanPicture, clean_picture

LEAST_SIDE = 16  # pixels: less would be a blur in every ad
MOST_SIDE = 10_000
MOST_ASPECT = 20
MOST_SVG = 1024 * 1024  # bytes
MOST_PARTS, MOST_DEPTH = 20_000, 200
DRAWN_SIDE = 1600  # pixels of the longer side of a drawing
SECONDS = 15
APART = Path(__file__).parent / "apart.py"

_FORBIDDEN = {"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener"}
_FOREIGN_ADDRESS = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import|javascript:", re.IGNORECASE)
_OWN_LINK = re.compile(r"#|data:image/(?:png|jpe?g);base64,", re.IGNORECASE)


def clean_logo(data: bytes) -> CleanPicture:
    """The logo as PNG; the same bytes give the same PNG. Raises BadPicture with what to do."""
    clean = clean_picture(_drawn(data) if _is_svg(data) else data)
    _require_sense(clean)
    return clean


def _require_sense(logo: CleanPicture) -> None:
    short, long = sorted((logo.width, logo.height))
    if short < LEAST_SIDE:
        raise BadPicture(
            f"a logo of {logo.width}×{logo.height} pixels is too small; it needs at least {LEAST_SIDE} on each side"
        )
    if long > MOST_SIDE or long > MOST_ASPECT * short:
        raise BadPicture(f"a logo of {logo.width}×{logo.height} pixels is too long; cut or shrink it")
    with Image.open(BytesIO(logo.data)) as image:
        if image.mode == "RGBA" and image.getchannel("A").getextrema()[1] == 0:
            raise BadPicture("all of it is transparent")


def _is_svg(data: bytes) -> bool:
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<") and b"<svg" in data[:65_536]


def _drawn(data: bytes) -> bytes:
    """The drawing as PNG, its longer side DRAWN_SIDE pixels."""
    root = _parsed(data)
    across, down = _size(root)
    wide = across >= down
    size = (DRAWN_SIDE, 0) if wide else (0, DRAWN_SIDE)
    text = ElementTree.tostring(root)
    command = [sys.executable, "-I", str(APART), "svg", *map(str, size)]
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise BadPicture("the drawing takes too long to draw") from error
    if done.returncode or not done.stdout:
        raise BadPicture("the drawing cannot be drawn")
    return done.stdout


def _parsed(data: bytes) -> ElementTree.Element:
    if len(data) > MOST_SVG:
        raise BadPicture("the drawing is larger than 1 MB")
    data = data.decode("utf-8", "replace").encode()  # other encodings would hide what is looked for here
    if b"\0" in data:  # UTF-16, which expat would find out by itself
        raise BadPicture("the drawing is not written in UTF-8")
    if b"<!ENTITY" in data or re.search(rb"<!DOCTYPE[^>]*\[", data):
        raise BadPicture("the drawing declares entities")
    root: ElementTree.Element | None = None
    depth = parts = 0
    try:
        # Whatever the drawing says of itself.
        parser = ElementTree.XMLParser(encoding="utf-8")  # nosec B314 # entities are refused first
        for event, element in ElementTree.iterparse(BytesIO(data), events=("start", "end"), parser=parser):  # nosec B314
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            parts += event == "start"
            if depth > MOST_DEPTH or parts > MOST_PARTS:
                raise BadPicture("the drawing has too many parts")
    except ElementTree.ParseError as error:
        raise BadPicture(f"the drawing is not whole ({error})") from error
    assert root is not None  # an empty document does not parse
    for fault in _faults(root):
        raise BadPicture(fault)
    return root


def _faults(root: ElementTree.Element) -> Iterator[str]:
    """What makes a drawing more than a drawing."""
    for element in root.iter():
        tag = _local(element.tag)
        if tag in _FORBIDDEN:
            yield f"the drawing has a “{tag}” part"
        if tag in ("text", "tspan"):
            yield "the drawing has text; turn it into outlines"
        for name, value in element.attrib.items():
            if _local(name).startswith("on"):
                yield "the drawing has a script"
            if _local(name) in ("href", "src") and not _OWN_LINK.match(value.strip()):
                yield "the drawing uses something from outside the file"
        words = [*element.attrib.values(), element.text or "" if tag == "style" else ""]
        if any(_FOREIGN_ADDRESS.search(value) for value in words):
            yield "the drawing uses something from outside the file"


def _local(name: object) -> str:
    return str(name).rpartition("}")[2].lower()


def _size(root: ElementTree.Element) -> tuple[float, float]:
    """Width and height in the drawing's own units."""
    if _local(root.tag) != "svg":
        raise BadPicture("it is not an SVG drawing")
    box = re.findall(r"[-+.\deE]+", root.get("viewBox", ""))
    sides = box[2:] if len(box) == 4 else [_number(root.get("width")), _number(root.get("height"))]
    try:
        across, down = (float(side) for side in sides)
    except ValueError:
        across = down = 0.0
    if not (0 < across < 1e6 and 0 < down < 1e6):
        raise BadPicture("the drawing has no size")
    if max(across, down) > MOST_ASPECT * min(across, down):
        raise BadPicture("the drawing is too long; cut it")
    return across, down


def _number(text: str | None) -> str:
    found = re.match(r"\s*(\d*\.?\d+)\s*(?:px|pt|mm|cm|in)?\s*$", text or "")
    return found[1] if found else ""
