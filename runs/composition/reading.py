"""What a reader minds about where lines end: torn sentences, forgotten words, a number without its unit.

`breaking` asks while it looks for lines; `stack` asks about the lines found, whether smaller type would read better.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from .clusters import clusters, is_emoji
from .scripts import Spacing, of

PAUSES = frozenset(",.;:!?–—。、！？，；：،؛؟।॥")
ENDS = frozenset(".!?…。！？؟।॥")
QUOTES = "\"'»”’)）」』"
# What an end inside a torn line costs; commas count where nothing else parts words.
SENTENCE, CLAUSE = 1.0, 0.1
TORN_NUMBER = 0.7
LONGEST_ABBREVIATION = 3  # letters with their full stop: "z." and "Nr." end no sentence
TORN_CLAUSE = 0.12  # between phrases where a pause could have been
BOUND = ("ที่สุด",)  # Thai says "most" after the adjective, and means one word
FEW_LETTERS, FEW_SIGNS = 5, 2
STUB = 0.56  # of the widest line: a short line of so few letters looks forgotten
STUB_COST = 0.45
DANGLING = 0.25  # a word of one letter belongs to the word after it

_PAUSE = re.compile(f"(?<=[{''.join(sorted(PAUSES))}])(?=.)")


def stop(text: str, language: str) -> float:
    """How much a line is torn when it goes on after this."""
    bare = text.rstrip(QUOTES)
    if of(language).spacing is Spacing.PHRASES and bare[-1:] in PAUSES:
        return SENTENCE if bare[-1] in ENDS else CLAUSE
    return SENTENCE if bare[-1:] in ENDS and len(bare) > LONGEST_ABBREVIATION else 0.0


def few(language: str) -> int:
    """So few letters do not fill a line."""
    return FEW_SIGNS if of(language).spacing is Spacing.PHRASES else FEW_LETTERS


def letters(text: str) -> int:
    """How many letters and figures a reader sees."""
    return sum(cluster[0].isalnum() for cluster in clusters(text))


def syllables(before: str, after: str) -> float:
    """What a hyphen between these costs. Compounds part at long syllables, in German often after a linking s."""
    inside_word = 0.3 if min(len(before), len(after)) <= 2 else 0.0
    return 0.25 + inside_word - (0.1 if before.endswith("s") and len(before) > 3 else 0.0)


def parting(before: str, after: str, spaced: bool) -> float:
    """What it costs a reader when a line ends between these words, or phrases of a language without spaces."""
    if before[-1:] in PAUSES or is_emoji(before[-1:] or " "):
        return -0.06  # a pause, or an emoji that closes the thought
    if not spaced:
        if after.startswith(BOUND):
            return TORN_NUMBER
        # Thai says "this" and the like after its noun.
        return 0.1 if len(clusters(after)) <= 2 and "\u0e00" <= after[0] <= "\u0e7f" else 0.0
    if before[-1:].isdigit() and after[0].isalpha():
        return TORN_NUMBER
    if before.isalpha():
        return DANGLING if len(before) == 1 else 0.04 if len(before) <= 3 else 0.0  # articles, prepositions
    return 0.0


def minded(lines: Sequence[str], widths: Sequence[float], language: str) -> float:
    """How much a reader minds these lines; 0 when they could not be better."""
    stubs = sum(
        STUB_COST * (0.4 if stop(line, language) >= SENTENCE and line is not lines[-1] else 1.0)
        for line, wide in zip(lines, widths, strict=True)
        if wide < STUB * max(widths) and letters(line) <= few(language)
    )
    return stubs + _torn(lines, language) + _crossed(lines, language)


def _torn(lines: Sequence[str], language: str) -> float:
    if of(language).spacing is not Spacing.PHRASES:
        return TORN_NUMBER * sum(a[-1:].isdigit() and b[0].isalpha() for a, b in pairwise(lines))
    paused = any(stop(part, language) for line in lines for part in _parts(line, language)[:-1])
    ends = [stop(line, language) > 0 for line in lines[:-1]]
    bound = TORN_NUMBER * sum(line.startswith(BOUND) for line in lines[1:])
    return bound + (TORN_CLAUSE * ends.count(False) if paused or any(ends) else 0.0)


def _crossed(lines: Sequence[str], language: str) -> float:
    """For each line that ends one sentence and begins another, unless it holds both whole."""
    ends = [True, *(stop(line, language) > 0 for line in lines[:-1]), True]
    return sum(
        sum(stop(part, language) for part in _parts(line, language)[:-1])
        for line, begins, closes in zip(lines, ends, ends[1:], strict=False)
        if not (begins and closes)
    )


def _parts(line: str, language: str) -> list[str]:
    """A line cut where a stop may be."""
    return _PAUSE.split(line) if of(language).spacing is Spacing.PHRASES else line.split(" ")
