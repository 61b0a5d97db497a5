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
STACK_SHARE = 0.5  # of the content's height, so that the picture still speaks
CROWDED_SHARE = 0.78
THUMB = 160  # pixels: up to here a headline and a button are all that can be read
SMALL = 220  # pixels of the longer side: here the line and the legal line give way to the picture
BESIDE_ASPECT = 1.1  # from here on a panel stands beside the picture
BESIDE_SHARES = (0.54, 0.62)
CARD_INSET = 2.0  # times the margin: a foot that the platform covers so far gets a card, not a panel
PANEL_HEADLINE = 0.84  # of the size over the picture


def plan(page: Page) -> tuple[list[Placement], frozenset[Role]]:
    """The placements that work, and the roles they leave out; no placements when the copy does not fit."""
    sizes = _sizes(page)
    crowded = sizes.tightened(page.least_line)
    for roles in _role_sets(page):
        last = roles == _role_sets(page)[-1]
        for attempt, share in ((sizes, STACK_SHARE), (crowded, CROWDED_SHARE))[: 2 if last else 1]:
            placements = [*_over_picture(page, attempt, share, roles), *_on_panel(page, attempt, roles)]
            if placements:
                return placements, page.roles - roles
    return [], frozenset()


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
    content = page.content(_margin(page))
    mark = setting.logo(page, sizes.logo, content.width * 0.5) if Role.LOGO in roles else None
    if mark is None and Role.LOGO in roles:
        return []
    most = min(content.height * share, content.height - _above(mark, sizes))
    lower = solve(page, Room(content.width, most, roles - {Role.LOGO}), sizes)
    upper = solve(page, Room(content.width, min(most + _above(mark, sizes), content.height), roles), sizes)
    bottom = [_at_bottom(page, content, lower, mark)] if lower else []
    return [*bottom, _at_top(page, content, upper)] if upper else bottom


def _above(mark: Element | None, sizes: Sizes) -> float:
    """The height that a logo above the type takes."""
    return mark.box.height + sizes.gap * 1.2 if mark else 0.0


def _at_bottom(page: Page, content: Box, stack: Stack, mark: Element | None) -> Placement:
    """Type at the foot, the logo alone at the head."""
    top = content.bottom - stack.box.height
    logo = (mark.moved(content.x, content.y),) if mark else ()
    return _whole(page, Place.BOTTOM, (*logo, *stack.at(content.x, top)), top / 2 / page.height)


def _at_top(page: Page, content: Box, stack: Stack) -> Placement:
    """Logo and type at the head, so that the foot is the product's alone."""
    focus = (content.y + stack.box.height + page.height) / 2 / page.height
    return _whole(page, Place.TOP, stack.at(content.x, content.y), focus)


def _whole(page: Page, place: Place, elements: tuple[Element, ...], focus_y: float) -> Placement:
    return Placement(place, elements, Box(0, 0, page.width, page.height), anchor=(0.5, focus_y))


def _on_panel(page: Page, sizes: Sizes, roles: frozenset[Role]) -> list[Placement]:
    """The answer when the picture is too busy for type; thumbs and small squares have no room for it."""
    if max(page.width, page.height) <= SMALL:
        return []
    margin = _margin(page)
    smaller = replace(
        sizes, headline=(sizes.headline[0], max(sizes.headline[0], sizes.headline[1] * PANEL_HEADLINE))
    )
    if page.aspect >= BESIDE_ASPECT:
        found = (panels.beside(page, smaller, margin, share) for share in BESIDE_SHARES)
        return [placement for placement in found if placement][:1]
    mark = setting.logo(page, sizes.logo, page.content(margin).width * 0.5) if Role.LOGO in roles else None
    covered = page.height - page.content(margin).bottom >= CARD_INSET * margin
    ways = (panels.card, panels.below) if covered else (panels.below,)
    return [placement for way in ways if (placement := way(page, smaller, margin, mark, roles))]
