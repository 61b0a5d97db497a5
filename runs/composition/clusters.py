"""Which characters are one to a reader: letters with their marks, syllables of Indic scripts, joined emoji, flags."""

from functools import lru_cache
from unicodedata import category, combining

JOINER = "\u200d"
VIRAMA = 9  # the combining class of signs that join consonants
MARKS = ("Mn", "Mc", "Me")
STARTS_EMOJI = "\U0001f000"
SIGNS = ((0x2300, 0x27BF), (0x2B00, 0x2BFF))  # older emoji live among these


def is_emoji(character: str) -> bool:
    """Whether a character is, or may be, a pictograph."""
    code = ord(character)
    return (character >= STARTS_EMOJI and code < 0x20000) or any(low <= code <= high for low, high in SIGNS)


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _tags(character: str) -> bool:
    """Skin tones, and the letters that make 🏴 the flag of a region."""
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"


def _joins(cluster: str, character: str) -> bool:
    """Whether the character belongs to the cluster before it."""
    if character in "\u200c\u200d" or category(character) in MARKS or _tags(character):
        return True
    if cluster.endswith(JOINER) or (combining(cluster[-1]) == VIRAMA and category(character) == "Lo"):
        return True
    return _regional(character) and len(cluster) == 1 and _regional(cluster)


@lru_cache(8192)
def clusters(text: str) -> tuple[str, ...]:
    """The text in pieces that must never be parted."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return tuple(found)
