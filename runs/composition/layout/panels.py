"""Type on the brand's colour instead of over the picture: beside it, below it, or on a card in front of it."""

from ..values import Box, Role
from . import setting
from .model import Element, Place, Placement
from .page import Page, Sizes
from .stack import Room, Stack, solve

LEAST_PICTURES = (0.47, 0.36)  # of the page's height, above a panel: as wished, and for long copy
AIRY = 0.59  # where a page is no wider than tall: a tall product with air over it
PRESENT = 0.5  # of the largest headline: type that small is worth some of the picture
CARD_SHARE = 0.6  # of the safe zone's height
CARD_PAD = 0.05  # of the page's shorter side
CARD_RADIUS = 0.03


def beside(page: Page, sizes: Sizes, margin: float, share: float) -> Placement | None:
    """A panel over the full height at the reading side, `share` of the width; the picture takes the rest."""
    content = page.content(margin)
    edge = round(page.width * share)
    solved = column(page, sizes, edge - margin - content.x, content.height)
    if solved is None:
        return None
    panel = Box(0, 0, edge, page.height)
    picture = Box(edge, 0, page.width - edge, page.height)
    return Placement(Place.PANEL, laid(*solved, content, content.x), picture, panel)


def column(page: Page, sizes: Sizes, width: float, height: float) -> tuple[Stack, Element | None] | None:
    """The type of one column, and the logo that stands above it."""
    if width <= 0:
        return None
    mark = setting.logo(page, sizes.logo, width * 0.7) if Role.LOGO in page.roles else None
    if mark is None and Role.LOGO in page.roles:
        return None
    taken = mark.box.height + sizes.gap * 1.6 if mark else 0.0
    stack = solve(page, Room(width, height - taken, page.roles - {Role.LOGO}), sizes)
    return (stack, mark) if stack else None


def laid(stack: Stack, mark: Element | None, content: Box, x: float) -> tuple[Element, ...]:
    """Logo at the top of the column; type at its foot, or in the middle when there is no logo."""
    tall = stack.box.height
    if mark is None:
        return stack.at(x, content.y + (content.height - tall) / 2)
    return (mark.moved(x, content.y), *stack.at(x, content.bottom - tall))


def below(
    page: Page, sizes: Sizes, margin: float, mark: Element | None, roles: frozenset[Role]
) -> Placement | None:
    """A panel just tall enough for the type, the picture above it; `mark` is a logo for the picture's corner."""
    content = page.content(margin)
    stack = _stack_below(page, sizes, margin, roles)
    if stack is None:
        return None
    top = content.bottom - stack.box.height
    edge = round(top - margin)
    if mark and content.y + mark.box.height + margin > edge:
        return None
    logo = (mark.moved(content.x, content.y),) if mark else ()
    panel = Box(0, edge, page.width, page.height - edge)
    return Placement(Place.PANEL, (*logo, *stack.at(content.x, top)), Box(0, 0, page.width, edge), panel)


def _stack_below(page: Page, sizes: Sizes, margin: float, roles: frozenset[Role]) -> Stack | None:
    content = page.content(margin)
    foot = page.height - content.bottom
    best: Stack | None = None
    for picture in LEAST_PICTURES if page.aspect > 1 else (AIRY, *LEAST_PICTURES):
        room = Room(content.width, page.height * (1 - picture) - foot - margin, roles)
        best = solve(page, room, sizes) or best
        if best and best.headline_size >= PRESENT * sizes.headline[1]:
            return best
    return best


def card(
    page: Page, sizes: Sizes, margin: float, mark: Element | None, roles: frozenset[Role]
) -> Placement | None:
    """A card in front of the whole picture, for pages whose lower end belongs to the platform's own buttons."""
    content = page.content(margin)
    pad = CARD_PAD * page.shorter
    taken = mark.box.height + margin if mark else 0.0
    room = Room(content.width - 2 * pad, content.height * CARD_SHARE - taken - 2 * pad, roles)
    stack = solve(page, room, sizes)
    if stack is None:
        return None
    top = content.bottom - stack.box.height - 2 * pad
    panel = Box(content.x, top, content.width, stack.box.height + 2 * pad)
    logo = (mark.moved(content.x, content.y),) if mark else ()
    elements = (*logo, *stack.at(content.x + pad, top + pad))
    whole = Box(0, 0, page.width, page.height)
    # A card is told from other panels by its radius: a square one has next to none.
    radius = max(0.01, CARD_RADIUS * page.shorter * setting.CORNERS[page.style.corners])
    return Placement(Place.PANEL, elements, whole, panel, radius, (0.5, top / 2 / page.height))
