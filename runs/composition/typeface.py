"""A brand's own typeface from outside: sanitised apart, its licence bits respected, kept as a plain font file."""

import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import skia

from .errors import BadFont
from .logo import APART, SECONDS

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 40 * 1024 * 1024
KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"wOFF", b"wOF2")
RESTRICTED, LOOSER, BITMAP_ONLY = 0x0002, 0x000C, 0x0200  # OS/2 fsType


@dataclass(frozen=True, slots=True)
class CleanFont:
    """A font file that was sanitised: TTF or OTF, never compressed."""

    data: bytes
    name: str
    glyphs: int


def clean_font(data: bytes) -> CleanFont:
    """Check a font that came from elsewhere; the same bytes give the same file. Raises BadFont with what to do."""
    if len(data) > MOST_BYTES:
        raise BadFont("it is larger than 10 MB")
    if not data.startswith(KINDS):
        raise BadFont("it is not TTF, OTF, WOFF or WOFF2")
    clean = _sanitised(data)
    _respect(clean)
    typeface = skia.FontMgr.New_Custom_Empty().makeFromData(skia.Data.MakeWithCopy(clean))
    if typeface is None or typeface.countGlyphs() < 2:
        raise BadFont("it has no characters")
    return CleanFont(clean, str(typeface.getFamilyName()), typeface.countGlyphs())


def _sanitised(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in"), Path(folder, "out")
        source.write_bytes(data)
        command = [sys.executable, "-I", str(APART), "font", str(source), str(target)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, env={}, check=False)
        except subprocess.TimeoutExpired as error:
            raise BadFont("it takes too long to read") from error
        if done.returncode or not target.exists():
            raise BadFont("it is damaged")
        if target.stat().st_size > MOST_UNPACKED:
            raise BadFont("it unpacks to more than 40 MB")
        return target.read_bytes()


def _respect(data: bytes) -> None:
    """The maker's own word on whether the font may be used in other people's files."""
    rights = _rights(data)
    if (rights & RESTRICTED and not rights & LOOSER) or rights & BITMAP_ONLY:
        raise BadFont("its maker forbids embedding it (OS/2 fsType). Ask for a licence file that allows it")


def _rights(data: bytes) -> int:
    (tables,) = struct.unpack_from(">H", data, 4)
    for number in range(tables):
        tag, _sum, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        if tag == b"OS/2" and length >= 10:
            return int(struct.unpack_from(">H", data, offset + 8)[0])
    raise BadFont("it does not say what it may be used for (no OS/2 table)")
