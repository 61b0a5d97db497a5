"""The words of a text as a search knows them: whole words, small letters, no marks."""

import re
from collections.abc import Iterable
from unicodedata import normalize

LONGEST = 60
# Written without blanks between words: two letters at a time find any part of a text.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
_WORD = re.compile(r"\w+")


def words_in(texts: Iterable[str]) -> list[str]:
    """Each once, in order."""
    found = (word for text in texts for word in _split(normalize("NFKC", text).casefold()))
    return list(dict.fromkeys(found))


def _split(text: str) -> Iterable[str]:
    for run in _WORD.findall(_UNSPACED.sub(lambda hit: f" {hit[0]} ", text)):
        if _UNSPACED.fullmatch(run) and len(run) > 2:
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        else:
            yield run[:LONGEST]
