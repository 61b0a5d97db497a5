"""The fonts we ship and the few of the machine that we look for: what they cover, and paragraphs set in them.

A skia font collection is not made for several threads, so every thread has its own.
"""

import hashlib
import threading
from collections import OrderedDict
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
MOST_BRANDS = 32  # typefaces of brands that are kept at once

_brands: OrderedDict[str, bytes] = OrderedDict()
_brands_lock = threading.Lock()


def adopt(data: bytes) -> str:
    """Make a brand's own typeface (as `clean_font` gave it) known; the name to ask for it by."""
    family = f"brand {hashlib.sha256(data).hexdigest()[:16]}"
    with _brands_lock:
        _brands[family] = data
        _brands.move_to_end(family)
        while len(_brands) > MOST_BRANDS:
            _brands.popitem(last=False)
    return family


@dataclass(frozen=True, slots=True)
class Face:
    """One cut of a typeface. `tracking` is the extra space between letters, in em."""

    family: str
    weight: int
    tracking: float = 0.0


class _Library(threading.local):
    """One thread's fonts."""

    @cached_property
    def files(self) -> Any:
        return skia.FontMgr.New_Custom_Empty()

    @cached_property
    def named(self) -> list[tuple[Any, str]]:
        """All typefaces with the names we use: Skia itself would miss those of the machine."""
        shipped = [(self.files.makeFromFile(str(path)), "") for path in sorted(FOLDER.glob("*.?tf"))]
        further = [(self.files.makeFromFile(str(f.path), f.index), f.family) for f in found.there()]
        return [(typeface, name) for typeface, name in (*shipped, *further) if typeface]

    @cached_property
    def manager(self) -> Any:
        return _provider(self.named)

    @cached_property
    def collection(self) -> Any:
        return _collection(self.manager)

    @cached_property
    def brands(self) -> OrderedDict[str, tuple[Any, Any]]:
        """Of each brand its typeface and a collection of its own: no brand meets another's font."""
        return OrderedDict()

    def brand(self, family: str) -> tuple[Any, Any]:
        if family not in self.brands:
            typeface = self.files.makeFromData(skia.Data.MakeWithCopy(_brands[family]))
            self.brands[family] = typeface, _collection(_provider([(typeface, family), *self.named]))
            while len(self.brands) > MOST_BRANDS:
                self.brands.popitem(last=False)
        return self.brands[family]

    @cached_property
    def unicode(self) -> Any:
        return skia.Unicodes.ICU.Make()

    @cached_property
    def typefaces(self) -> tuple[Any, ...]:
        plain = skia.FontStyle(400, 5, skia.FontStyle.kUpright_Slant)
        return tuple(self.manager.matchFamilyStyle(family, plain) for family in _all_families())


def _provider(named: list[tuple[Any, str]]) -> Any:
    provider = skia.textlayout.TypefaceFontProvider()
    for typeface, name in named:
        if name:
            provider.registerTypeface(typeface, skia.String(name))
        else:
            provider.registerTypeface(typeface)
    return provider


def _collection(manager: Any) -> Any:
    collection = skia.textlayout.FontCollection()
    collection.setDefaultFontManager(manager)
    return collection


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


def require(text: str, language: str, family: str = "") -> None:
    """Refuse text that would come out as empty boxes. Raises MissingScript."""
    missing = {character for character in text if not covered(character)}
    if missing and family in _brands:
        own, _ = _library.brand(family)
        missing = {character for character in missing if not own.unicharsToGlyphs([ord(character)])[0]}
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
    if family not in FALLBACKS and family not in _brands:
        raise UnknownFamily(family, FALLBACKS)


def paragraph(text: str, face: Face, size: float, language: str, colour: int = WHITE) -> Any:
    """One line of text as a laid-out skia paragraph; `size` in pixels, `colour` as 0xAARRGGBB."""
    style = skia.textlayout.TextStyle()
    weight, collection = face.weight, _library.collection
    if face.family not in FALLBACKS:
        own, collection = _library.brand(face.family)
        weight = own.fontStyle().weight()  # the one cut there is: Skia would smear it bold
    style.setFontFamilies(list(families(face.family, language)))
    style.setFontSize(size)
    style.setFontStyle(skia.FontStyle(weight, 5, skia.FontStyle.kUpright_Slant))
    style.setColor(colour)
    style.setLocale(language)
    if face.tracking:
        style.setLetterSpacing(face.tracking * size)
    frame = skia.textlayout.ParagraphStyle()
    frame.setTextStyle(style)
    builder = skia.textlayout.ParagraphBuilder.make(frame, collection, _library.unicode)
    builder.pushStyle(style)
    # Skia takes no base direction, so Latin words in Arabic would land on the wrong side of the line.
    builder.addText(f"\u202b{text}\u202c" if of(language).rtl else text)
    built = builder.Build()
    built.layout(1e6)
    return built
