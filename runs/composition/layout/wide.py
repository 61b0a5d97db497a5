"""Landscape: type in a column on one side. Very wide banners put it on a panel beside the picture."""

from dataclasses import replace

from ..values import Box
from ..wording import echoes
from . import panels
from .model import Element, Place, Placement
from .page import LEAST_HEADLINE, Page, Sizes

MARGIN = 0.07  # of the height
LEAST_MARGIN = 11
LOW = 160  # pixels of height under which there is no room to say a thing twice
BANNER = 2.4  # from this aspect on a full picture would show too little of itself
COLUMNS = (0.48, 0.42)  # of the page's width, for type over the picture: with presence, and making way
PANELS = (0.5, 0.56, 0.64)  # of the page's width: the narrowest that holds the type
BANNER_PANELS = PANELS[1:]


def plan(page: Page) -> list[Placement]:
    """The placements that work; none when the copy does not fit."""
    banner = page.aspect >= BANNER
    if page.height < LOW and echoes(page.copy.line, page.headline):
        page = replace(page, copy=replace(page.copy, line=""))
    sizes = _banner_sizes(page) if banner else _sizes(page)
    for attempt in (sizes, sizes.tightened(page.least_line)):
        columns = () if banner else COLUMNS
        placements = [placement for share in columns for placement in _over_picture(page, attempt, share)]
        shares = BANNER_PANELS if banner else PANELS
        tried = (panels.beside(page, attempt, _margin(page), share) for share in shares)
        placements += [placement for placement in tried if placement][:1]
        if placements:
            return placements
    return []


def _sizes(page: Page) -> Sizes:
    tall = page.height
    return Sizes(
        headline=(max(LEAST_HEADLINE, 0.036 * tall), 0.125 * tall),
        line=(max(12.0, 0.03 * tall), max(13.0, 0.046 * tall)),
        legal=page.legal,
        button=max(26.0, 0.088 * tall),
        button_type=max(10.5, 0.024 * tall),
        logo=max(11.0, 0.04 * tall),
        gap=max(5.0, 0.028 * tall),
        headline_lines=4,
        line_lines=3,
    ).calmed(page.calm)


def _banner_sizes(page: Page) -> Sizes:
    """Billboards are low: their type takes a larger part of the height."""
    tall = page.height
    return Sizes(
        headline=(LEAST_HEADLINE, 0.2 * tall),
        line=(11.0 if tall < LOW else 12.0, max(13.0, 0.08 * tall)),
        legal=page.legal,
        button=max(26.0, 0.15 * tall),
        button_type=10.5,
        logo=max(11.0, 0.07 * tall),
        gap=max(5.0, 0.042 * tall),
    )


def _margin(page: Page) -> float:
    return max(LEAST_MARGIN, round(MARGIN * page.height))


def _over_picture(page: Page, sizes: Sizes, share: float) -> list[Placement]:
    content = page.content(_margin(page))
    column = min(content.width, page.width * share - content.x)
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
