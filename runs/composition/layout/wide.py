"""Landscape: type in a column on one side. Very wide banners put it on a panel beside the picture."""

from ..values import Box, Role
from . import panels
from .model import Element, Place, Placement
from .page import LEAST_HEADLINE, Page, Sizes

MARGIN = 0.07  # of the height
LEAST_MARGIN = 11
BANNER = 2.4  # from this aspect on a full picture would show too little of itself
COLUMN = 0.53  # of the page's width, for type over the picture
PANELS = {False: (0.5, 0.56, 0.64), True: (0.56, 0.64)}  # parts of the width to try; True for banners


def plan(page: Page) -> tuple[list[Placement], frozenset[Role]]:
    """The placements that work, and the roles they leave out; no placements when the copy does not fit."""
    sizes = _sizes(page)
    for attempt in (sizes, sizes.tightened(page.least_line)):
        over = [] if page.aspect >= BANNER else _over_picture(page, attempt)
        found = (
            panels.beside(page, attempt, _margin(page), share) for share in PANELS[page.aspect >= BANNER]
        )
        panel = next((placement for placement in found if placement), None)
        if over or panel:
            return [*over, *([panel] if panel else [])], frozenset()
    return [], frozenset()


def _sizes(page: Page) -> Sizes:
    tall = page.height
    banner = page.aspect >= BANNER
    return Sizes(
        headline=(max(LEAST_HEADLINE, 0.036 * tall), (0.2 if banner else 0.125) * tall),
        line=(max(12.0, 0.03 * tall), max(13.0, (0.08 if banner else 0.046) * tall)),
        legal=page.legal,
        button=max(26.0, (0.15 if banner else 0.088) * tall),
        button_type=max(10.5, 0.024 * tall),
        logo=max(11.0, (0.062 if banner else 0.04) * tall),
        gap=max(5.0, (0.042 if banner else 0.028) * tall),
        headline_lines=3 if banner else 4,
        line_lines=2 if banner else 3,
    ).calmed(page.calm)


def _margin(page: Page) -> float:
    return max(LEAST_MARGIN, round(MARGIN * page.height))


def _over_picture(page: Page, sizes: Sizes) -> list[Placement]:
    content = page.content(_margin(page))
    column = min(content.width, page.width * COLUMN - content.x)
    solved = panels.column(page, sizes, column, content.height)
    if solved is None:
        return []
    stack, mark = solved
    whole = Box(0, 0, page.width, page.height)
    left = panels.laid(stack, mark, content, content.x)
    shift = content.right - max(element.box.right for element in left)
    right = panels.laid(stack, mark, content, content.x + shift)
    return [
        Placement(Place.LEFT, left, whole, anchor=((_end(left) / page.width + 1) / 2, 0.5)),
        Placement(Place.RIGHT, right, whole, anchor=(_start(right) / page.width / 2, 0.5)),
    ]


def _end(elements: tuple[Element, ...]) -> float:
    return max(element.box.right for element in elements)


def _start(elements: tuple[Element, ...]) -> float:
    return min(element.box.x for element in elements)
