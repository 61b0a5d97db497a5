"""Contact sheets: many ads small on one page, each with its size and what is to be said of it.

One page is in memory at a time, so that a thousand ads need no more of it than twenty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import skia
from PIL import Image

from .fonts import Face, paragraph
from .pictures import opened

COLUMNS, ROWS = 5, 4
EACH_PAGE = COLUMNS * ROWS
CELL, GAP, HEAD, CAPTION = 300, 24, 72, 44  # pixels
PAPER, INK, FAINT = (246, 246, 244), 0xFF1D1B19, 0xFF76716B
CUT_AT = 60  # letters: no caption is wider, whatever an ad or a run is called


@dataclass(frozen=True, slots=True)
class Cell:
    """One ad on the sheet. `image` is PNG, JPEG or WebP; both lines of the caption are one line each."""

    image: bytes
    label: str
    note: str = ""


class Sheet:
    """Collects ads; `add` gives a finished page when one is full, `rest` the last one."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._cells: list[Cell] = []
        self.pages = 0

    def add(self, cell: Cell) -> bytes | None:
        self._cells.append(cell)
        return self._page() if len(self._cells) == EACH_PAGE else None

    def rest(self) -> bytes | None:
        return self._page() if self._cells else None

    def _page(self) -> bytes:
        self.pages += 1
        painted = page(self._cells, f"{self._title} · {self.pages}")
        self._cells = []
        return painted


def page(cells: Sequence[Cell], title: str, columns: int = COLUMNS, cell: int = CELL) -> bytes:
    """One page as a PNG."""
    rows = -(-len(cells) // columns)
    width = columns * (cell + GAP) + GAP
    whole = Image.new("RGB", (width, HEAD + rows * (cell + CAPTION + GAP)), PAPER)
    words = [(title, GAP, 22, 22.0, 650, INK, width - 2 * GAP)]
    for number, entry in enumerate(cells):
        x, y = GAP + number % columns * (cell + GAP), HEAD + number // columns * (cell + CAPTION + GAP)
        small = _fitted(entry.image, cell)
        whole.paste(small, (x + (cell - small.width) // 2, y + (cell - small.height) // 2))
        words.append((entry.label, x, y + cell + 6, 13.0, 560, INK, cell))
        words.append((entry.note, x, y + cell + 24, 12.0, 400, FAINT, cell))
    return _png(_lettered(whole, words))


def _fitted(data: bytes, side: int) -> Image.Image:
    """Never larger than it is: a banner of 300 × 50 is shown as it will be seen."""
    image = opened(data)
    scale = min(1.0, side / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)


def _lettered(image: Image.Image, words: Sequence[tuple[str, int, int, float, int, int, int]]) -> Image.Image:
    pixels = np.array(image.convert("RGBA"))
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType)
    with surface as canvas:
        for text, x, y, size, weight, colour, room in words:
            if text:
                _line(text, size, weight, colour, room).paint(canvas, x, y)
    return Image.fromarray(pixels).convert("RGB")


def _line(text: str, size: float, weight: int, colour: int, room: int) -> skia.textlayout.Paragraph:
    for shown in _shorter(" ".join(text.split())):
        line = paragraph(shown, Face("Inter", weight), size, "en", colour)
        if line.MaxIntrinsicWidth <= room:
            return line
    return paragraph("…", Face("Inter", weight), size, "en", colour)


def _shorter(text: str) -> Iterator[str]:
    yield text[:CUT_AT]
    for letters in range(min(len(text), CUT_AT) - 1, 0, -2):
        yield f"{text[:letters].rstrip()}…"


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()
