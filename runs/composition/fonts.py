"""The fonts we ship and the few of the machine that we look for: what they cover, and paragraphs set in them.

A skia font collection is not made for several threads, so every thread has its own.
"""

import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import skia

from . import found
from .clusters import clusters
from .errors import MissingScript, UnknownFamily
from .scripts import Region, of, region

FOLDER = Path(__file__).parent / "fonts"
CJK = {region: f"Noto Sans CJK {region}" for region in Region}
SCRIPTS = ("Inter", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai", "Noto Sans Devanagari")
EMOJI = "Noto Color Emoji"
FALLBACKS = (*SCRIPTS, *CJK.values(), EMOJI)
# Characters that steer their neighbours and need no shape of their own.
INVISIBLE = frozenset(
    "\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f"
    + "".join(map(chr, range(0xE0020, 0xE0080)))
)
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
        """All typefaces by the names we use: Skia itself would miss those of the machine."""
        files = skia.FontMgr.New_Custom_Empty()
        provider = skia.textlayout.TypefaceFontProvider()
        for path in sorted(FOLDER.glob("*.?tf")):
            provider.registerTypeface(files.makeFromFile(str(path)))
        for further in found.there():
            if typeface := files.makeFromFile(str(further.path), further.index):
                provider.registerTypeface(typeface, skia.String(further.family))
        return provider

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
        return tuple(self.manager.matchFamilyStyle(family, plain) for family in _all_families())


_library = _Library()


def forget() -> None:
    """Read the fonts of this thread anew when they are next asked for."""
    vars(_library).clear()
    families.cache_clear()
    covered.cache_clear()


def _all_families() -> tuple[str, ...]:
    return (*FALLBACKS[:-1], *(further.family for further in found.there()), EMOJI)


@lru_cache(512)
def families(family: str, language: str) -> tuple[str, ...]:
    """The typefaces in the order in which they are asked: of Han characters the language's own shapes first."""
    own = region(language)
    first = (family, *SCRIPTS, CJK[own], f"{CJK[own]} whole")
    return tuple(dict.fromkeys((*first, *_all_families())))


@lru_cache(65536)
def covered(character: str) -> bool:
    """Whether a font has a shape for that character."""
    if character in INVISIBLE or character == " ":
        return True
    return any(typeface.unicharsToGlyphs([ord(character)])[0] for typeface in _library.typefaces)


def require(text: str, language: str) -> None:
    """Refuse text that would come out as empty boxes. Raises MissingScript."""
    missing = {character for character in text if not covered(character)}
    missing |= {cluster for cluster in clusters(text) if _lone(cluster)}
    if missing:
        remedies = filter(None, (found.remedy(entry[0]) for entry in sorted(missing)))
        needed = {f"{entry.file} (Debian package {entry.package})": None for entry in remedies}
        raise MissingScript(language, "".join(sorted(missing)), tuple(needed))


def _lone(cluster: str) -> bool:
    """Half a flag is a letter in a box."""
    return len(cluster) == 1 and "\U0001f1e6" <= cluster <= "\U0001f1ff"


def require_family(family: str) -> None:
    """Refuse a typeface that is not shipped. Raises UnknownFamily."""
    if family not in FALLBACKS:
        raise UnknownFamily(family, FALLBACKS)


def paragraph(text: str, face: Face, size: float, language: str, colour: int = WHITE) -> Any:
    """One line of text as a laid-out skia paragraph; `size` in pixels, `colour` as 0xAARRGGBB."""
    style = skia.textlayout.TextStyle()
    style.setFontFamilies(list(families(face.family, language)))
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
