"""Skyscrapers and half pages: the picture above, a panel with the type below."""

from ..values import Box
from .model import Place, Placement
from .page import LEAST_HEADLINE, Page, Sizes
from .stack import Room, solve

MARGIN = 0.075  # of the width
LEAST_MARGIN = 9
NARROW = 200  # pixels: below this width the button spans the column and may take two lines
PANEL_SHARES = (0.56, 0.68)  # of the height: comfortable, and for long copy


def plan(page: Page) -> list[Placement]:
    """The one placement; none when the copy does not fit."""
    sizes = _sizes(page)
    attempts = ((sizes, PANEL_SHARES[0]), (sizes.tightened(page.least_line), PANEL_SHARES[1]))
    for attempt, share in attempts:
        placement = _placement(page, attempt, share)
        if placement:
            return [placement]
    return []


def _sizes(page: Page) -> Sizes:
    across = page.width
    narrow = across < NARROW
    return Sizes(
        headline=(LEAST_HEADLINE, max(20.0, 0.15 * across)),
        line=(12.0, max(13.0, 0.056 * across)),
        legal=page.legal,
        button=max(30.0, min(0.15 * across, 0.09 * page.height)),
        button_type=10.5,
        logo=max(12.0, 0.05 * across),
        gap=max(8.0, 0.04 * across),
        headline_lines=6 if narrow else 4,
        line_lines=5 if narrow else 3,
        legal_lines=4,
        button_lines=2 if narrow else 1,
        full_button=narrow,
    )


def _placement(page: Page, sizes: Sizes, share: float) -> Placement | None:
    margin = max(LEAST_MARGIN, round(MARGIN * page.width))
    content = page.content(margin)
    room = Room(content.width, page.height * share - 2 * margin, page.roles)
    stack = solve(page, room, sizes)
    if stack is None:
        return None
    top = content.bottom - stack.box.height
    edge = round(top - margin * 1.1)
    elements = stack.at(content.x, top)
    panel = Box(0, edge, page.width, page.height - edge)
    return Placement(Place.PANEL, elements, Box(0, 0, page.width, edge), panel)
