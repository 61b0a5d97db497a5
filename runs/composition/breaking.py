"""Breaks copy into lines: as few as the width allows, then as even as they can be.

Skia breaks lines too, but it never hyphenates and never balances; so we measure words and decide here.
All widths are in em: type scales linearly, and one measurement serves every size.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import accumulate, groupby, pairwise

import budoux
import pyphen

from . import reading
from .clusters import clusters, is_emoji
from .fonts import Face
from .measure import width
from .scripts import Region, Spacing, base_language, of, region
from .wording import SOFT_HYPHEN

_EUROPEAN = re.compile(r"[\u0000-\u052f\u1e00-\u1fff\u2000-\u22ff]+")  # scripts that know the hyphen
MIN_SYLLABLES = (4, 4)  # letters that stay before and after a hyphen
STUB, STUB_COST = 0.75, 0.3  # of the usual width: a short word alone on a line looks forgotten
NEVER_AT_HEAD = frozenset(
    "、。，．・：；？！）」』】〕｝》〉…‥—～〜ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〻％‰゛゜ヽヾ)]}!?:;,.%°℃’”»›"
    "ๆฯ।॥،؛؟\u00a0"
)
NEVER_AT_END = frozenset("（「『【〔｛《〈([{‘“«‹￥＄$¥€£₩₹№#＃\u00a0")


class Joint(StrEnum):
    """What stands between two pieces when no line ends there."""

    SPACE = " "
    NONE = ""
    HYPHEN = "-"  # written only when the line ends there


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that stay together, and the joint after them."""

    text: str
    joint: Joint


@lru_cache(16384)
def wrap(
    text: str, face: Face, language: str, measure: float, cut_words: bool = False, count: int = 0
) -> tuple[str, ...] | None:
    """Lines no wider than `measure` em, balanced; None when a word alone is wider.

    `cut_words` lets words be hyphenated, and phrases of Japanese and Chinese be cut between characters. They are
    `count` lines, or as few as can be; None when the text cannot be set in so many.
    """
    run = _run(text, face, language, cut_words)
    fewest = run.fewest(measure)
    if fewest is None or not fewest <= (count or fewest) <= len(run.parts):
        return None
    lines = tuple(run.balanced(measure, count or fewest))
    fits = all(width(entry, face, language) <= measure + 1e-6 for entry in lines)
    return lines if fits else None


def pieces(text: str, language: str, cut_words: bool) -> list[Piece]:
    """The text as pieces a line may end after."""
    found: list[Piece] = []
    for word in re.split(r"[ \u3000]+", text):
        parts = list(_parts(word, language, cut_words))
        found += [*parts[:-1], Piece(parts[-1].text, Joint.SPACE)] if parts else []
    return found


def _parts(word: str, language: str, cut_words: bool) -> Iterator[Piece]:
    if of(language).spacing is Spacing.PHRASES:
        yield from _unspaced(word, _tongue(language), cut_words)
        return
    # Words of another script in the line: Japanese in an English line still parts between its phrases.
    runs = ["".join(run) for _, run in groupby(clusters(word), _writing)] if _foreign(word) else [word]
    for run in _joined(runs):
        if _foreign(run):
            yield from _unspaced(run, _foreign(run), cut_words)
        else:
            yield from _spaced(run, language, cut_words)


def _spaced(word: str, language: str, cut_words: bool) -> Iterator[Piece]:
    # A line may end after a hyphen or slash that stands between letters.
    for part in re.split(r"(?<=\w[-/–])(?=\w{3})", word):
        syllables = _syllables(part, language) if cut_words else [part.replace(SOFT_HYPHEN, "")]
        yield from (Piece(syllable, Joint.HYPHEN) for syllable in syllables[:-1])
        yield Piece(syllables[-1], Joint.NONE)


def _unspaced(word: str, tongue: str, cut_words: bool) -> Iterator[Piece]:
    phrases = _joined(_phrases(word, tongue))
    if cut_words and tongue != "th":  # Thai syllables cannot be told apart
        phrases = [part for phrase in phrases for part in _joined(clusters(phrase))]
    yield from (Piece(phrase, Joint.NONE) for phrase in phrases)


def _tongue(language: str) -> str:
    """Which parser finds the phrases of a language."""
    return "zh-hant" if region(language) is Region.TAIWAN else base_language(language)


def _writing(cluster: str) -> str:
    """How a cluster is written, where that is without spaces."""
    character = cluster[0]
    if "\u0e00" <= character <= "\u0e7f":
        return "th"
    if "\u3041" <= character <= "\u30ff":
        return "ja"
    if "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U000323af":
        return "zh"
    return ""


def _foreign(word: str) -> str:
    """The tongue of a word that is written without spaces; "" of all others. Kana tell Japanese from Chinese."""
    writings = {_writing(character) for character in word} if not word.isascii() else set()
    return next((tongue for tongue in ("ja", "th", "zh") if tongue in writings), "")


def _joined(parts: Iterable[str]) -> list[str]:
    """The parts, together again where no line may end between them."""
    joined: list[str] = []
    for part in filter(None, parts):
        if joined and not _may_part(joined[-1], part):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between these, by the rules of Japanese and Chinese setting."""
    last, first = clusters(before)[-1], clusters(after)[0]
    if first[0] in NEVER_AT_HEAD or last[-1] in NEVER_AT_END or is_emoji(first[0]) or last[-1].isdigit():
        return False  # 49円 and 2026年 stay whole, and no emoji begins a line
    if len(clusters(last + first)) < 2:
        return False
    return bool(_writing(last) or _writing(first)) or not (last[-1].isalnum() and first[0].isalnum())


@cache
def _parser(tongue: str) -> budoux.Parser | None:
    match tongue:
        case "ja":
            return budoux.load_default_japanese_parser()
        case "zh":
            return budoux.load_default_simplified_chinese_parser()
        case "zh-hant":
            return budoux.load_default_traditional_chinese_parser()
        case "th":
            return budoux.load_default_thai_parser()
        case _:
            return None


def _phrases(word: str, tongue: str) -> list[str]:
    parser = _parser(tongue)
    return parser.parse(word) if parser and word else [word]


@cache
def _dictionary(language: str) -> pyphen.Pyphen | None:
    known = pyphen.language_fallback(language.replace("-", "_"))
    return pyphen.Pyphen(lang=known) if known else None


@lru_cache(8192)
def _syllables(word: str, language: str) -> list[str]:
    if SOFT_HYPHEN in word:
        return [part for part in word.split(SOFT_HYPHEN) if part]
    dictionary = _dictionary(language)
    if dictionary is None or not word[:1].isalpha() or not _EUROPEAN.fullmatch(word):
        return [word]
    first, last = MIN_SYLLABLES
    letters = len(re.sub(r"\W+$", "", word))
    places = [place for place in dictionary.positions(word) if first <= place <= letters - last]
    return [word[start:end] for start, end in pairwise([0, *places, len(word)])]


@lru_cache(4096)
def _run(text: str, face: Face, language: str, cut_words: bool) -> "_Run":
    return _Run(pieces(text, language, cut_words), face, language)


class _Run:
    """All ways to set one text: where its pieces begin and end on an endless line, and where lines may part."""

    def __init__(self, parts: list[Piece], face: Face, language: str) -> None:
        self.parts = parts
        space = width("a a", face, language) - width("aa", face, language)
        self.hyphens = [width("-", face, language) * (part.joint is Joint.HYPHEN) for part in parts]
        self.starts, self.ends = [], []
        x = 0.0
        for part in parts:
            self.starts.append(x)
            x += width(part.text, face, language)
            self.ends.append(x)
            x += space * (part.joint is Joint.SPACE)
        texts = [part.text for part in parts]
        self.partings = [
            reading.syllables(*pair)
            if part.joint is Joint.HYPHEN
            else reading.parting(*pair, part.joint is Joint.SPACE)
            for part, pair in zip(parts, pairwise(texts), strict=False)
        ]
        self.few = reading.few(language)
        self.letters = [0, *accumulate(map(reading.letters, texts))]
        self.stops = [0.0, *accumulate(reading.stop(text, language) for text in texts)]

    def span(self, first: int, end: int) -> float:
        """The width of the line that holds pieces first to end - 1."""
        return self.ends[end - 1] - self.starts[first] + self.hyphens[end - 1]

    def reach(self, first: int, measure: float) -> Iterator[int]:
        """Where a line that starts at piece `first` may end."""
        for index in range(first, len(self.parts)):
            bare = self.ends[index] - self.starts[first]
            if bare > measure:
                return
            if bare + self.hyphens[index] <= measure:
                yield index + 1

    def fewest(self, measure: float) -> int | None:
        """How many lines the text needs, or None when a piece alone is too wide."""
        count, first = 0, 0
        while first < len(self.parts):
            end = max(self.reach(first, measure), default=first)
            if end == first:
                return None
            count, first = count + 1, end
        return count

    def balanced(self, measure: float, count: int) -> list[str]:
        """The `count` lines whose widths differ least, read as a reader would like them parted."""
        ideal = self.span(0, len(self.parts)) / count
        best: list[dict[int, tuple[float, list[int]]]] = [{0: (0.0, [0])}]
        for number in range(count):
            here: dict[int, tuple[float, list[int]]] = {}
            for first, (cost, breaks) in best[number].items():
                for end in self.reach(first, measure):
                    total = cost + self._cost(first, end, ideal)
                    if end not in here or total < here[end][0]:
                        here[end] = (total, [*breaks, end])
            best.append(here)
        _, breaks = best[count][len(self.parts)]
        return [self._text(first, end) for first, end in pairwise(breaks)]

    def _cost(self, first: int, end: int, ideal: float) -> float:
        wide = self.span(first, end) / max(ideal, 1e-6)
        cost = (wide - 1) ** 2 + (self.partings[end - 1] if end < len(self.parts) else 0.0)
        if wide < STUB and self.letters[end] - self.letters[first] <= self.few:
            cost += STUB_COST
        return cost + self._crossed(first, end)

    def _crossed(self, first: int, end: int) -> float:
        """What it costs that a sentence ends inside a line that does not hold it from its beginning to the end."""
        inside = self.stops[end - 1] - self.stops[first]
        begins = first == 0 or self.stops[first] > self.stops[first - 1]
        closes = end == len(self.parts) or self.stops[end] > self.stops[end - 1]
        return 0.0 if begins and closes else inside

    def _text(self, first: int, end: int) -> str:
        inner = "".join(
            part.text + (part.joint.value if part.joint is not Joint.HYPHEN else "")
            for part in self.parts[first : end - 1]
        )
        closing = self.parts[end - 1]
        return inner + closing.text + ("-" if closing.joint is Joint.HYPHEN else "")
