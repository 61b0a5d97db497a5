"""Words that a brand does not use: found in the copy of a brief or of an ad, whichever way they are written.

Pure: brief page, preflight, API, command and recompose ask here, so that no such word reaches a GPU.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from unicodedata import category, normalize

from runs.brief import BriefSpec, CopySpec
from runs.errors import BriefFault, BriefRefused
from runs.post_copy import posts
from runs.post_text import platforms

COPY = ("headline", "short_headline", "line", "button", "legal")

# Accents of alphabets. Signs of other scripts stay: in Devanagari and Thai they are vowels, and tell words apart.
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
# Thai, Lao, Burmese, Khmer, Kana, Han: written without blanks, so that nothing tells where a word ends.
_RUN_ON = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LETTER = r"[^\W_]"


def found(words: Iterable[str], text: str) -> list[str]:
    """Those of the words that stand in the text, as the brand wrote them."""
    folded = _folded(text)
    return [word for word in words if folded and (pattern := _pattern(word)) and pattern.search(folded)]


def sentence(word: str) -> str:
    return f"“{word}” is a banned word for this brand. Use another."


def faults_of_words(spec: BriefSpec) -> list[BriefFault]:
    """Every such word in the brief, at its field; one field may have several."""
    banned = spec.brand.banned
    return _faults(banned, _written(spec)) if banned else []


def refuse_words(banned: Iterable[str], written: Mapping[str, str]) -> None:
    """Raises BriefRefused for copy, by its fields, that has such a word."""
    if faults := _faults(list(banned), written.items()):
        raise BriefRefused(faults)


def _faults(banned: Iterable[str], written: Iterable[tuple[str, str]]) -> list[BriefFault]:
    return [
        BriefFault(field=field, words=sentence(word))
        for field, text in written
        for word in found(banned, text)
    ]


def _written(spec: BriefSpec) -> Iterator[tuple[str, str]]:
    """Each field of the brief whose words people read, and what stands in it."""
    for number, product in enumerate(spec.products):
        yield f"products.{number}.name", product.name
        yield f"products.{number}.price", product.price
    for number, message in enumerate(spec.messages):
        yield from _copy(f"messages.{number}", message)
        for language in spec.languages[1:]:
            if language in message.translations:
                yield from _copy(f"messages.{number}.translations.{language}", message.translations[language])
    for place, post in posts(spec):
        for platform, _fields in platforms():
            for field, value in post.written(platform).items():
                yield from _lines(f"{place}.{platform}.{field}", value)


def _copy(place: str, copy: CopySpec) -> Iterator[tuple[str, str]]:
    return ((f"{place}.{name}", getattr(copy, name)) for name in COPY)


def _lines(place: str, value: str | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    else:
        yield from ((f"{place}.{number}", line) for number, line in enumerate(value))


@lru_cache(maxsize=1024)  # a brief is looked at while somebody types
def _pattern(word: str) -> re.Pattern[str] | None:
    """The word with nothing of the same writing right before or behind it; None where nothing is left of it."""
    folded = _folded(word)
    if not folded:
        return None
    before = "" if _RUN_ON.match(folded[0]) else f"(?<!{_LETTER})"
    behind = "" if _RUN_ON.match(folded[-1]) else f"(?!{_LETTER})"
    return re.compile(before + re.escape(folded) + behind)


def _folded(text: str) -> str:
    """Without case, accents, invisible characters and kinds of blanks, dashes and apostrophes."""
    text = normalize("NFD", normalize("NFKC", text).casefold())
    text = "".join(_plain(letter) for letter in _ACCENTS.sub("", text))
    return " ".join(normalize("NFC", text).split())


def _plain(letter: str) -> str:
    match category(letter):
        case "Cf":  # a soft hyphen in the middle of a word hides it from nobody who reads
            return ""
        case "Pd":
            return "-"
    return "'" if letter in "’‘ʼ" else letter
