"""Solves a column of type: headline, line, price and button, legal line, as large as the room allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from ..values import Box, Role
from . import setting
from .model import Element, Words
from .page import LEAST_LINE, Page, Sizes

LINE_TO_HEADLINE = 0.42
PRICE_TO_HEADLINE = 0.54
PRICE_TO_BUTTON = 0.6
PRICE_AT_MOST = 0.78  # of the headline, which nothing else may outshout
LABEL_AT_MOST = 0.85
WORTH_HYPHENS = 1.25  # hyphens must make the headline that much larger
LARGE_ENOUGH = 0.55  # of the largest size: no hyphens are looked for then
STEPS = 7  # halvings of the range of sizes: within a hundredth of it


@dataclass(frozen=True, slots=True)
class Stack:
    """A solved column, its top left corner at (0, 0)."""

    elements: tuple[Element, ...]
    headline_size: float

    @property
    def headline(self) -> Words:
        """The lines of its headline."""
        return next(
            words for words in self.elements if isinstance(words, Words) and words.role is Role.HEADLINE
        )

    @property
    def box(self) -> Box:
        """What all of it takes."""
        return Box.around([element.box for element in self.elements])

    def at(self, x: float, y: float) -> tuple[Element, ...]:
        """Its elements with the corner moved there."""
        return tuple(element.moved(x, y) for element in self.elements)


@dataclass(frozen=True, slots=True)
class Room:
    """The column a stack must keep to, in pixels, and the fields it must hold."""

    width: float
    height: float
    roles: frozenset[Role]


def solve(page: Page, room: Room, sizes: Sizes) -> Stack | None:
    """The column with the largest headline that fits and reads well; None when none does."""
    whole = _largest(page, room, sizes, cut=False)
    if whole and whole.headline_size < LARGE_ENOUGH * sizes.headline[1]:
        hyphened = _largest(page, room, sizes, cut=True)
        if hyphened and hyphened.headline_size >= WORTH_HYPHENS * whole.headline_size:
            return hyphened
    return _best_read(page, room, sizes, whole) if whole else _largest(page, room, sizes, cut=True)


def _best_read(page: Page, room: Room, sizes: Sizes, largest: Stack) -> Stack:
    """Type somewhat smaller than the largest, where its lines then end in better places."""
    if not setting.minded(page, largest.headline):
        return largest
    tried = (_with_lines(page, room, sizes, largest, count) for count in range(1, sizes.headline_lines + 1))
    return max((largest, *filter(None, tried)), key=lambda stack: _worth(page, stack))


def _worth(page: Page, stack: Stack) -> float:
    return stack.headline_size / (1 + setting.minded(page, stack.headline))


def _with_lines(page: Page, room: Room, sizes: Sizes, largest: Stack, count: int) -> Stack | None:
    """The column with its headline in that many lines, as large as it can be and still worth it."""
    least = max(sizes.headline[0], _worth(page, largest))
    return _grown(page, room, sizes, (least, largest.headline_size), False, count)


def _largest(page: Page, room: Room, sizes: Sizes, cut: bool) -> Stack | None:
    least, most = sizes.headline
    best = _build(page, room, sizes, most, cut)
    if best:
        return best
    return _grown(page, room, sizes, (least, most), cut)


def _grown(
    page: Page, room: Room, sizes: Sizes, limits: tuple[float, float], cut: bool, count: int = 0
) -> Stack | None:
    """The largest column between these sizes of its headline; None when the least does not fit."""
    least, most = limits
    best = _build(page, room, sizes, least, cut, count)
    for _ in range(STEPS if best else 0):
        middle = (least + most) / 2
        attempt = _build(page, room, sizes, middle, cut, count)
        best, least, most = (attempt, middle, most) if attempt else (best, least, middle)
    return best


def _build(page: Page, room: Room, sizes: Sizes, size: float, cut: bool, count: int = 0) -> Stack | None:
    """The column with its headline at that size, in that many lines if any number is given."""
    text_size = _clamp(size * LINE_TO_HEADLINE, sizes.line)
    headline = setting.words(
        page, Role.HEADLINE, page.headline, size, room.width, sizes.headline_lines, cut, count
    )
    rows: list[tuple[float, list[Element] | None]] = [(0, [headline] if headline else None)]
    if Role.LOGO in room.roles:
        mark = setting.logo(page, sizes.logo, room.width)
        rows = [(0, [mark] if mark else None), (sizes.gap * 1.1, rows[0][1])]
    if Role.LINE in room.roles:
        line = setting.line(page, Role.LINE, page.copy.line, text_size, room.width, sizes.line_lines)
        rows.append((max(text_size * 0.5, size * 0.25), [line] if line else None))
    if room.roles & {Role.PRICE, Role.BUTTON}:
        actions = _actions(page, room, sizes, size)
        rows += [(sizes.gap * (1.35 if first else 0.7), row) for first, row in actions]
    if Role.LEGAL in room.roles:
        legal = setting.line(page, Role.LEGAL, page.copy.legal, sizes.legal, room.width, sizes.legal_lines)
        rows.append((sizes.gap, [legal] if legal else None))
    return _stacked(rows, page, room, size)


def _actions(page: Page, room: Room, sizes: Sizes, size: float) -> list[tuple[bool, list[Element] | None]]:
    """Price and button as one row if they fit side by side, else as two; each with "is it the first"."""
    pill = None
    if Role.BUTTON in room.roles:
        pill = setting.button(
            page,
            sizes.button,
            sizes.button_type,
            room.width,
            sizes.button_lines,
            sizes.full_button,
            size * LABEL_AT_MOST,
        )
        if pill is None:
            return [(True, None)]
    if Role.PRICE not in room.roles:
        return [(True, [pill] if pill else None)]
    if pill is None:
        tag = setting.tag(page, max(sizes.line[0], size * PRICE_TO_HEADLINE), room.width)
        return [(True, [tag] if tag else None)]
    price_size = min(
        max(sizes.line[0], sizes.button * PRICE_TO_BUTTON), max(LEAST_LINE, size * PRICE_AT_MOST)
    )
    price = setting.words(page, Role.PRICE, page.copy.price, price_size, room.width, 1)
    if price and pill.box.width + sizes.gap * 1.02 + price.box.width <= room.width:
        return [(True, [pill, price])]
    return [(True, [price] if price else None), (False, [pill])]


def _stacked(
    rows: list[tuple[float, list[Element] | None]], page: Page, room: Room, size: float
) -> Stack | None:
    """The rows under each other; None when one is missing or they are too tall."""
    solved = [(space if number else 0.0, row) for number, (space, row) in enumerate(rows) if row]
    talls = [max(element.box.height for element in row) for _space, row in solved]
    # Most attempts are too tall: nothing is moved for them.
    if (
        len(solved) < len(rows)
        or sum(chain(*zip((space for space, _row in solved), talls, strict=True))) > room.height
    ):
        return None
    y = 0.0
    elements: list[Element] = []
    for (space, row), tall in zip(solved, talls, strict=True):
        y += space
        elements += _side_by_side(row, y, tall, space, page.script.middle)
        y += tall
    return Stack(tuple(elements), size)


def _side_by_side(
    row: list[Element], y: float, tall: float, space: float, middle: float
) -> Iterator[Element]:
    x = 0.0
    for element in row:
        down = (tall - element.box.height) / 2
        if isinstance(element, Words) and len(row) > 1:  # beside a pill, figures stand on its optical middle
            down = tall / 2 - element.rise + middle * element.size
        yield element.moved(x, y + down)
        x += element.box.width + space * 0.75


def _clamp(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
