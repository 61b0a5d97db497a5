"""The fonts we ship, and nothing of the machine's: which characters they cover, and paragraphs set in them.

A skia font collection is not made for several threads, so every thread has its own.
"""

import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import skia

from .errors import MissingScript, UnknownFamily
from .scripts import of

FOLDER = Path(__file__).parent / "fonts"
FALLBACKS = (
    "Inter",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Noto Sans CJK JP",
    "Noto Color Emoji",
)
# Characters that steer their neighbours and need no shape of their own.
INVISIBLE = frozenset("\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f")
WHITE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Face:
    """One cut of a typeface. `tracking` is the extra space between letters, in em."""

    family: str
    weight: int
    tracking: float = 0.0


class _Library(threading.local):
    """One thread's fonts."""

    @cached_property
    def manager(self) -> Any:
        return skia.FontMgr.New_Custom_Directory(str(FOLDER))

    @cached_property
    def collection(self) -> Any:
        collection = skia.textlayout.FontCollection()
        collection.setDefaultFontManager(self.manager)
        return collection

    @cached_property
    def unicode(self) -> Any:
        return skia.Unicodes.ICU.Make()

    @cached_property
    def typefaces(self) -> tuple[Any, ...]:
        plain = skia.FontStyle(400, 5, skia.FontStyle.kUpright_Slant)
        return tuple(self.manager.matchFamilyStyle(family, plain) for family in FALLBACKS)


_library = _Library()


@lru_cache(65536)
def covered(character: str) -> bool:
    """Whether a shipped font has a shape for that character."""
    if character in INVISIBLE or character == " ":
        return True
    return any(typeface.unicharsToGlyphs([ord(character)])[0] for typeface in _library.typefaces)


def require(text: str, language: str) -> None:
    """Refuse text that would come out as empty boxes. Raises MissingScript."""
    missing = sorted({character for character in text if not covered(character)})
    joined = "\u200d" in text and any(ord(character) >= 0x2190 for character in text)
    if joined:  # emoji sequences (families, professions) are not in the shipped cut
        missing.append("\u200d")
    if missing:
        raise MissingScript(language, "".join(missing))


def require_family(family: str) -> None:
    """Refuse a typeface that is not shipped. Raises UnknownFamily."""
    if family not in FALLBACKS:
        raise UnknownFamily(family, FALLBACKS)


def paragraph(text: str, face: Face, size: float, language: str, colour: int = WHITE) -> Any:
    """One line of text as a laid-out skia paragraph; `size` in pixels, `colour` as 0xAARRGGBB."""
    style = skia.textlayout.TextStyle()
    style.setFontFamilies([face.family, *(family for family in FALLBACKS if family != face.family)])
    style.setFontSize(size)
    style.setFontStyle(skia.FontStyle(face.weight, 5, skia.FontStyle.kUpright_Slant))
    style.setColor(colour)
    style.setLocale(language)
    if face.tracking:
        style.setLetterSpacing(face.tracking * size)
    frame = skia.textlayout.ParagraphStyle()
    frame.setTextStyle(style)
    builder = skia.textlayout.ParagraphBuilder.make(frame, _library.collection, _library.unicode)
    builder.pushStyle(style)
    # Skia takes no base direction, so Latin words in Arabic would land on the wrong side of the line.
    builder.addText(f"\u202b{text}\u202c" if of(language).rtl else text)
    built = builder.Build()
    built.layout(1e6)
    return built
