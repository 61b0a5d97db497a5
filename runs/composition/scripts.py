"""What a language asks of its type: direction, leading, tracking, how its words are found."""

from dataclasses import dataclass, replace
from enum import StrEnum, auto
from functools import cache


class Spacing(StrEnum):
    """How a language shows where a line may break."""

    WORDS = auto()  # at spaces
    PHRASES = auto()  # budoux finds the phrases


class Region(StrEnum):
    """Whose shapes of the Han characters a language takes."""

    JAPAN = "JP"
    CHINA = "SC"
    TAIWAN = "TC"
    KOREA = "KR"


@dataclass(frozen=True, slots=True)
class Script:
    """Habits of one script. Distances are in em; `middle` is the optical half height above the baseline."""

    rtl: bool = False
    leading: float = 1.05
    text_leading: float = 1.28
    ascent: float = 0.76
    descent: float = 0.21
    middle: float = 0.365
    tracking: bool = True
    spacing: Spacing = Spacing.WORDS


LATIN = Script()
VIETNAMESE = Script(leading=1.2, text_leading=1.4)
# Letter-spacing breaks the joins of Arabic; its marks need the wide leading.
ARABIC = Script(
    rtl=True, leading=1.36, text_leading=1.5, ascent=0.78, descent=0.3, middle=0.24, tracking=False
)
HEBREW = Script(rtl=True, leading=1.12, text_leading=1.3, ascent=0.7, descent=0.2, middle=0.3, tracking=False)
THAI = Script(
    leading=1.36,
    text_leading=1.5,
    ascent=0.85,
    descent=0.25,
    middle=0.3,
    tracking=False,
    spacing=Spacing.PHRASES,
)
CJK = Script(
    leading=1.2,
    text_leading=1.4,
    ascent=0.87,
    descent=0.12,
    middle=0.37,
    tracking=False,
    spacing=Spacing.PHRASES,
)
KOREAN = replace(CJK, spacing=Spacing.WORDS)
DEVANAGARI = Script(leading=1.3, text_leading=1.45, ascent=0.82, descent=0.24, middle=0.31, tracking=False)

_BY_LANGUAGE = {
    "vi": VIETNAMESE,
    "ar": ARABIC,
    "fa": ARABIC,
    "ur": ARABIC,
    "ps": ARABIC,
    "ckb": ARABIC,
    "he": HEBREW,
    "yi": HEBREW,
    "th": THAI,
    "ja": CJK,
    "zh": CJK,
    "ko": KOREAN,
    **dict.fromkeys(("hi", "mr", "ne", "sa", "bho", "kok", "mai"), DEVANAGARI),
}
_TRADITIONAL = {"hant", "tw", "hk", "mo"}


@cache
def base_language(language: str) -> str:
    """The first part of a language tag: "de" of "de-AT"."""
    return language.replace("_", "-").split("-")[0].lower()


@cache
def of(language: str) -> Script:
    """The habits of that language (a BCP 47 tag); those of Latin, Greek and Cyrillic when it is not special."""
    return _BY_LANGUAGE.get(base_language(language), LATIN)


@cache
def region(language: str) -> Region:
    """Whose Han characters: "zh-TW" and "zh-Hant" are Taiwan's, plain "zh" is China's; all others take Japan's."""
    base, *further = language.replace("_", "-").lower().split("-")
    match base:
        case "zh":
            return Region.TAIWAN if _TRADITIONAL & set(further) else Region.CHINA
        case "yue":
            return Region.TAIWAN
        case "ko":
            return Region.KOREA
        case _:
            return Region.JAPAN
