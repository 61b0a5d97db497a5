"""Square, portrait and story: the picture fills the page, type stands at its top or bottom.

Where neither end is calm enough, the type moves to a panel beside or below the picture, or to a card on it.
"""

from dataclasses import replace

from ..values import Box, Role
from . import panels, setting
from .model import Element, Place, Placement
from .page import LEAST_HEADLINE, Page, Sizes
from .stack import Room, Stack, solve

MARGIN = 0.062  # of the shorter side
LEAST_MARGIN = 11
# Of the content's height: type with presence, and type that makes way for a tall product.
STACK_SHARES = (0.5, 0.37)
CROWDED_SHARES = (0.78,)
UPPER = 1.12  # at the head the type carries the logo, and may be taller by that
THUMB = 160  # pixels: up to here a headline and a button are all that can be read
SMALL = 220  # pixels of the longer side: here the line and the legal line give way to the picture
BESIDE_ASPECT = 1.1  # from here on a panel stands beside the picture
BESIDE_SHARES = (0.54, 0.62)
CARD_INSET = 2.0  # times the margin: a foot that the platform covers so far may get a card instead of a panel
PANEL_HEADLINE = 0.84  # of the size over the picture


def plan(page: Page) -> list[Placement]:
    """The placements that work; none when the copy does not fit."""
    sizes = _sizes(page)
    attempts: list[tuple[Sizes, tuple[float, ...], frozenset[Role]]]
    attempts = [(sizes, STACK_SHARES, roles) for roles in _role_sets(page)]
    attempts.append((sizes.tightened(page.least_line), CROWDED_SHARES, attempts[-1][2]))
    for attempt, shares, roles in attempts:
        over = [placement for share in shares for placement in _over_picture(page, attempt, share, roles)]
        if placements := [*over, *_on_panel(page, attempt, roles)]:
            return placements
    return []


def _role_sets(page: Page) -> list[frozenset[Role]]:
    """What may be shown, the fullest first; small pages can do with less."""
    longer = max(page.width, page.height)
    if longer <= THUMB:
        return [page.roles & {Role.HEADLINE, Role.BUTTON}]
    if longer <= SMALL:
        return [page.roles, page.roles - {Role.LEGAL}, page.roles - {Role.LEGAL, Role.LINE}]
    return [page.roles]


def _sizes(page: Page) -> Sizes:
    unit = page.shorter
    sizes = Sizes(
        headline=(max(LEAST_HEADLINE, 0.036 * unit), 0.132 * unit),
        line=(max(12.0, 0.03 * unit), max(13.0, 0.046 * unit)),
        legal=page.legal,
        button=max(28.0, 0.082 * unit),
        button_type=max(11.0, 0.024 * unit),
        logo=max(12.0, 0.036 * unit),
        gap=max(6.0, 0.024 * unit),
        headline_lines=3 if page.aspect > 0.7 else 4,
        line_lines=2 if page.aspect > 0.7 else 3,
    )
    return sizes.calmed(page.calm)


def _margin(page: Page) -> float:
    return max(LEAST_MARGIN, round(MARGIN * page.shorter))


def _over_picture(page: Page, sizes: Sizes, share: float, roles: frozenset[Role]) -> list[Placement]:
    """Type at the foot with the logo at the head or above the type; type at the head, the foot left to the product."""
    content = page.content(_margin(page))
    marks = _marks(page, sizes, roles)
    most = content.height * share
    found: list[Placement] = []
    for mark in marks:
        above = mark.box.height + sizes.gap * 1.2 if mark else 0.0
        room = Room(content.width, min(most, content.height - above), roles - {Role.LOGO} if mark else roles)
        if stack := solve(page, room, sizes):
            found.append(_at_bottom(page, content, stack, mark))
    upper = solve(page, Room(content.width, min(most * UPPER, content.height), roles), sizes)
    return [*found, _at_top(page, content, upper)] if upper else found


def _marks(page: Page, sizes: Sizes, roles: frozenset[Role]) -> list[Element | None]:
    """The logo apart from the type, and None for type that carries it itself (or has none)."""
    if Role.LOGO not in roles:
        return [None]
    mark = setting.logo(page, sizes.logo, page.content(_margin(page)).width * 0.5)
    return [mark, None] if mark else [None]


def _at_bottom(page: Page, content: Box, stack: Stack, mark: Element | None) -> Placement:
    top = content.bottom - stack.box.height
    logo = (mark.moved(content.x, content.y),) if mark else ()
    return _whole(page, Place.BOTTOM, (*logo, *stack.at(content.x, top)), top / 2 / page.height)


def _at_top(page: Page, content: Box, stack: Stack) -> Placement:
    focus = (content.y + stack.box.height + page.height) / 2 / page.height
    return _whole(page, Place.TOP, stack.at(content.x, content.y), focus)


def _whole(page: Page, place: Place, elements: tuple[Element, ...], focus_y: float) -> Placement:
    return Placement(place, elements, Box(0, 0, page.width, page.height), anchor=(0.5, focus_y))


def _on_panel(page: Page, sizes: Sizes, roles: frozenset[Role]) -> list[Placement]:
    """The answers when the picture is too busy for type."""
    margin = _margin(page)
    least, most = sizes.headline
    smaller = replace(sizes, headline=(least, max(least, most * PANEL_HEADLINE)))
    beside: list[Placement] = []
    if page.aspect >= BESIDE_ASPECT:
        found = (panels.beside(page, smaller, margin, share) for share in BESIDE_SHARES)
        beside = [placement for placement in found if placement][:1]
    if max(page.width, page.height) <= SMALL:
        roles -= {Role.LINE, Role.LEGAL, Role.LOGO}
    covered = page.height - page.content(margin).bottom >= CARD_INSET * margin
    ways = (panels.card, panels.below) if covered else (panels.below,)
    tried = (
        way(page, smaller, margin, mark, roles - {Role.LOGO} if mark else roles)
        for way in ways
        for mark in _marks(page, smaller, roles)
    )
    return [*beside, *(placement for placement in tried if placement)]
