"""Measures type in em: how wide a line runs, how far its ink reaches above and below the baseline.

Type scales linearly, so one measurement serves every size and every format.
"""

from functools import lru_cache

import numpy as np
import skia
from numpy.typing import NDArray

from .clusters import clusters
from .fonts import Face, paragraph
from .scripts import base_language, of

WIDTH_AT = 100.0  # pixels
INK_AT = 48.0
SOFT = 64  # of 255: a fainter rim is no part of the letter
MARGIN = 64  # pixels of paper around the ink that is measured
THAI_OVERHANG = 0.05  # the last tone mark leans out of its advance width


@lru_cache(65536)
def width(text: str, face: Face, language: str) -> float:
    """The width of one line in em, letter-spacing included."""
    if not text:
        return 0.0
    overhang = THAI_OVERHANG if base_language(language) == "th" else 0.0
    measured: float = paragraph(text, face, WIDTH_AT, language).LongestLine
    return measured / WIDTH_AT + overhang


@lru_cache(8192)
def ink(text: str, face: Face, language: str) -> tuple[float, float]:
    """How far the text reaches above and below the baseline in em, at least as far as its script usually does."""
    script = of(language)
    paper, baseline, _across = _inked(text, face, language)
    rows = np.flatnonzero(paper.any(axis=1))
    if not rows.size:
        return script.ascent, script.descent
    above, below = baseline - int(rows[0]), int(rows[-1]) + 1 - baseline
    return max(script.ascent, above / INK_AT), max(script.descent, below / INK_AT)


@lru_cache(8192)
def overhang(cluster: str, face: Face, language: str) -> tuple[float, float]:
    """How far one letter leans out of its own width to the left and to the right, in em: the hook of a j."""
    paper, _baseline, across = _inked(cluster, face, language)
    columns = np.flatnonzero((paper > SOFT).any(axis=0))
    if not columns.size:
        return 0.0, 0.0
    left, right = MARGIN - int(columns[0]), int(columns[-1]) + 1 - MARGIN - across
    return max(0.0, left / INK_AT), max(0.0, right / INK_AT)


@lru_cache(65536)
def line(text: str, face: Face, language: str) -> tuple[float, float, float]:
    """The width of one line, and how far its first and its last letter lean out of it, in em.

    The first letter is where reading begins: at the right in scripts that are read from there.
    """
    letters = clusters(text)
    if not letters:
        return 0.0, 0.0, 0.0
    first, last = (overhang(letter, face, language) for letter in (letters[0], letters[-1]))
    lead, tail = (first[1], last[0]) if of(language).rtl else (first[0], last[1])
    return width(text, face, language), lead, tail


def _inked(text: str, face: Face, language: str) -> tuple[NDArray[np.uint8], float, float]:
    """The alpha of the text set at INK_AT with a margin of paper; its baseline and its width in pixels."""
    line = paragraph(text, face, INK_AT, language, 0xFF000000)
    paper = np.zeros((round(line.Height) + 2 * MARGIN, round(line.LongestLine) + 2 * MARGIN, 4), np.uint8)
    line.paint(skia.Surface(paper).getCanvas(), MARGIN, MARGIN)
    return paper[:, :, 3], MARGIN + line.AlphabeticBaseline, line.LongestLine
