"""Banners up to 120 px high: a picture block, then headline and button on the brand's colour.

Headline and button always stand. Line, price, logo and legal line are guests: each stays only as long as the
headline keeps most of its size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..values import Box, Role
from . import setting
from .model import Element, Place, Placement, Words
from .page import LEAST_LINE, LEAST_STRIP_HEADLINE, Page, Sizes
from .stack import Room, Stack, solve

TOO_DEAR = 0.86  # guests may shrink the headline to this part of its size
PICTURE_WIDTHS = (1.0, 0.62)  # of the usual picture block, when words need the room
GUEST_LISTS: tuple[frozenset[Role], ...] = (
    frozenset({Role.LINE, Role.PRICE, Role.LOGO, Role.LEGAL}),
    frozenset({Role.LINE, Role.PRICE, Role.LOGO}),
    frozenset({Role.LINE, Role.PRICE}),
    frozenset({Role.PRICE, Role.LOGO}),
    frozenset({Role.LINE, Role.LOGO}),
    frozenset({Role.PRICE}),
    frozenset({Role.LINE}),
    frozenset({Role.LOGO}),
)
TALL_FOR_LINE = 80  # pixels of height from which a second row of type can be read
STACKED_BELOW = 4.5  # aspect under which the button stands below the headline


@dataclass(frozen=True, slots=True)
class _Row:
    """One way to fill the strip."""

    stack: Stack
    asides: tuple[Element, ...]  # from the headline's end to the edge: price, logo, button
    picture: int  # width of the picture block


def plan(page: Page) -> list[Placement]:
    """The one placement, with as many guests as it bears; none when headline and button do not fit."""
    alone = next((row for row in _rows(page, frozenset()) if row), None)
    if alone is None:
        return []
    chosen = alone
    for guests in _guest_lists(page):
        row = next((row for row in _rows(page, guests) if row and row.picture == alone.picture), None)
        if row and row.stack.headline_size >= TOO_DEAR * alone.stack.headline_size:
            chosen = row
            break
    return [_placement(page, chosen)]


def _guest_lists(page: Page) -> Iterator[frozenset[Role]]:
    welcome = page.roles if page.height >= TALL_FOR_LINE else page.roles - {Role.LINE, Role.LEGAL}
    seen: set[frozenset[Role]] = {frozenset()}
    for guests in GUEST_LISTS:
        if (present := guests & welcome) not in seen:
            seen.add(present)
            yield present


def _sizes(page: Page, most_headline: float, button: float) -> Sizes:
    tall = page.height
    return Sizes(
        headline=(LEAST_STRIP_HEADLINE, max(LEAST_STRIP_HEADLINE, most_headline)),
        line=(max(LEAST_LINE, 0.115 * tall), max(12.0, 0.15 * tall)),
        legal=LEAST_LINE,
        button=button,
        button_type=LEAST_LINE,
        logo=max(11.0, 0.17 * tall),
        gap=_gap(page),
        headline_lines=2,
        line_lines=1,
        legal_lines=1,
    )


def _gap(page: Page) -> float:
    return max(7.0, 0.13 * page.height)


def _rows(page: Page, guests: frozenset[Role]) -> Iterator[_Row | None]:
    usual = min(max(0.2 * page.width, page.height), 2.2 * page.height)
    for share in PICTURE_WIDTHS:
        if page.aspect < STACKED_BELOW:
            yield _stacked(page, guests, round(usual * share))
        else:
            yield _in_a_row(page, guests, round(usual * share))


def _stacked(page: Page, guests: frozenset[Role], picture: int) -> _Row | None:
    """Headline above button, for strips too short to hold them side by side."""
    sizes = _sizes(page, 0.26 * page.height, 0.32 * page.height)
    pad = _pad(page)
    roles = (page.roles & {Role.HEADLINE, Role.BUTTON}) | guests
    width = page.safe.right - pad - picture - sizes.gap
    stack = solve(page, Room(width, page.height - 2 * pad, roles), sizes)
    return _Row(stack, (), picture) if stack else None


def _in_a_row(page: Page, guests: frozenset[Role], picture: int) -> _Row | None:
    most = (0.34 if page.height >= TALL_FOR_LINE else 0.4) * page.height
    sizes = _sizes(page, most, min(max(24.0, 0.48 * page.height), 48.0))
    asides = _asides(page, guests, sizes)
    if asides is None:
        return None
    pad = _pad(page)
    taken = sum(aside.box.width + sizes.gap * 1.3 for aside in asides)
    width = page.width - max(pad, sizes.gap) - picture - sizes.gap * 1.2 - taken
    if width <= 0:
        return None
    roles = frozenset({Role.HEADLINE}) | (guests & {Role.LINE, Role.LEGAL})
    stack = solve(page, Room(width, page.height - 2 * pad, roles), sizes)
    return _Row(stack, asides, picture) if stack else None


def _asides(page: Page, guests: frozenset[Role], sizes: Sizes) -> tuple[Element, ...] | None:
    """Price, logo and button at (0, 0); None when one of them does not fit."""
    found: list[Element | None] = []
    most = page.width * 0.4
    if Role.PRICE in guests:
        found.append(setting.words(page, Role.PRICE, page.copy.price, 0.36 * page.height, most / 2, 1))
    if Role.LOGO in guests:
        found.append(setting.logo(page, sizes.logo, most / 2))
    if Role.BUTTON in page.roles:
        found.append(setting.button(page, sizes.button, sizes.button_type, most))
    asides = [element for element in found if element is not None]
    tall = page.height - 2 * _pad(page)
    fits = len(asides) == len(found) and all(element.box.height <= tall for element in asides)
    return tuple(asides) if fits else None


def _pad(page: Page) -> float:
    """The least distance of type to the upper and lower edge."""
    return max(page.safe.y, 0.08 * page.height)


def _placement(page: Page, row: _Row) -> Placement:
    gap = _gap(page)
    start = row.picture + gap * (1.2 if row.asides else 1)
    top = (page.height - row.stack.box.height) / 2 + _sag(row.stack)
    elements = list(row.stack.at(start, min(top, page.height - _pad(page) - row.stack.box.height)))
    x = page.width - max(_pad(page), gap)
    for aside in reversed(row.asides):
        x -= aside.box.width
        elements.append(aside.moved(x, _middle(page, aside)))
        x -= gap * 1.3
    panel = Box(row.picture, 0, page.width - row.picture, page.height)
    return Placement(Place.PANEL, tuple(elements), Box(0, 0, row.picture, page.height), panel)


def _middle(page: Page, aside: Element) -> float:
    """Where an aside stands to look centred: figures and letters by their middle, not by their descenders."""
    match aside:
        case Words(rise=rise, size=size):
            return page.height / 2 - rise + page.script.middle * size
        case _:
            return (page.height - aside.box.height) / 2


def _sag(stack: Stack) -> float:
    """Half the descenders of a column's last line: they weigh nothing when the column is centred."""
    match stack.elements[-1]:
        case Words(box=box, rise=rise, pitch=pitch, lines=lines):
            return (box.height - rise - pitch * (len(lines) - 1)) / 2
        case _:
            return 0.0
