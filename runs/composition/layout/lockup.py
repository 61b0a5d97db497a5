"""The column of a strip and its price, which stands at the headline's end or, where that is dear, over it."""

from dataclasses import replace

from ..values import Role
from . import setting
from .model import Element, Words
from .page import LEAST_LINE, Page, Sizes
from .stack import Room, Stack, solve

TOO_DEAR = 0.86  # guests may shrink the headline to this part of its size
PRICE_PARTS = (0.74, 0.64)  # of the headline's size: as large, it would read as a part of it
PRICE_TO_BRAND = 1.1  # the smallest price beside a headline, and the one over it
PRICE_GAP = 1.1  # of the price's size, from the headline's end


def gap_of(page: Page) -> float:
    """Between what stands side by side."""
    return max(7.0, 0.13 * page.height)


def solved(page: Page, room: Room, sizes: Sizes) -> Stack | None:
    """The column in that room; None where it does not fit."""
    return solve(page, room, sizes) if room.width > 0 else None


def priced(page: Page, room: Room, sizes: Sizes) -> Stack | None:
    """The column with its price: at the headline's end, else at the end of the brand's line above it."""
    whole = solved(page, room, sizes)
    if whole is None:
        return None
    for part in PRICE_PARTS:
        if beside := _price_beside(page, whole, room, sizes, part):
            return beside
    return _narrowed(page, whole, room, sizes) or _price_above(page, whole, room, sizes)


def _narrowed(page: Page, whole: Stack, room: Room, sizes: Sizes) -> Stack | None:
    """A column that leaves the price its place, while this costs the headline little."""
    price = _price(page, PRICE_PARTS[-1] * whole.headline_size, room.width)
    if price is None:
        return None
    taken = price.box.width + PRICE_GAP * price.size
    taken *= min(1.0, room.width / (whole.box.width + taken))  # a smaller headline has a smaller price
    smaller = solved(page, replace(room, width=room.width - taken), sizes)
    if smaller is None or smaller.headline_size < TOO_DEAR * whole.headline_size:
        return None
    return _price_beside(page, smaller, room, sizes, PRICE_PARTS[-1])


def _price_beside(page: Page, stack: Stack, room: Room, sizes: Sizes, part: float) -> Stack | None:
    """Price and headline on one baseline; beside two lines the price stands in their middle."""
    headline = _words(stack, Role.HEADLINE)
    price = _price(page, part * stack.headline_size, room.width)
    if price is None or headline is None or price.size < PRICE_TO_BRAND * sizes.logo:
        return None
    low = _on_baseline(price, headline)
    band = replace(low.box.grown(sizes.gap / 2), x=0, width=page.width)
    beside = max(other.box.right for other in stack.elements if other.box.overlap(band))
    return _joined(stack, low.moved(beside + PRICE_GAP * price.size, 0), room)


def _price_above(page: Page, stack: Stack, room: Room, sizes: Sizes) -> Stack | None:
    """Brand and price share a line, which ends where the headline does."""
    brand, headline = element(stack, Role.LOGO), element(stack, Role.HEADLINE)
    price = _price(page, PRICE_TO_BRAND * sizes.logo, room.width)
    if brand is None or headline is None or price is None:
        return None
    x = max(headline.box.right - price.box.width, brand.box.right + gap_of(page))
    middle = brand.box.height / 2 - price.rise + page.script.middle * price.size
    low = _on_baseline(price, brand) if isinstance(brand, Words) else price.moved(0, brand.box.y + middle)
    return _joined(stack, low.moved(x, 0), room)


def _joined(stack: Stack, price: Words, room: Room) -> Stack | None:
    if any(price.box.overlap(other.box) for other in stack.elements):
        return None
    joined = replace(stack, elements=(*stack.elements, price))
    return joined if joined.box.right <= room.width and joined.box.height <= room.height else None


def _price(page: Page, size: float, measure: float) -> Words | None:
    return setting.words(page, Role.PRICE, page.copy.price, max(LEAST_LINE, size), measure, 1)


def _words(stack: Stack, role: Role) -> Words | None:
    found = element(stack, role)
    return found if isinstance(found, Words) else None


def element(stack: Stack, role: Role) -> Element | None:
    """The column's element with that role, if it has one."""
    return next((found for found in stack.elements if found.role is role), None)


def _on_baseline(price: Words, other: Words) -> Words:
    middle = other.pitch * (len(other.lines) - 1) / 2
    return price.moved(0, other.box.y + other.rise + middle - price.rise)
