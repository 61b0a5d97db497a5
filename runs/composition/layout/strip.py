"""Banners up to 120 px high: a picture block, then brand, headline and button on the brand's colour.

These three always stand. Price, line and legal line are guests: each stays only as long as the headline keeps most
of its size.
"""

from collections.abc import Iterator

from ..values import Role
from ..wording import echoes
from .lockup import TOO_DEAR
from .model import Placement
from .page import Page
from .row import Row, Way, build, placement, upright

GUEST_LISTS: tuple[frozenset[Role], ...] = (
    frozenset({Role.LINE, Role.PRICE, Role.LEGAL}),
    frozenset({Role.LINE, Role.PRICE}),
    frozenset({Role.PRICE}),
    frozenset({Role.LINE}),
)
TALL_FOR_LINE = 80  # pixels of height from which a second row of type can be read
# The brand stands over the headline, else before it, as large as usual, else as small as it can still be read; the
# picture makes room, and a headline of one line is broken last.
OVER = (Way(), Way(small=True), Way(picture=0.8, small=True), Way(picture=0.62, small=True))
OVER_BROKEN = (Way(lines=2, small=True), Way(lines=2, picture=0.62, small=True))
BEFORE = (
    Way(before=True),
    Way(before=True, picture=0.8, small=True),
    Way(before=True, lines=2, small=True),
    Way(before=True, lines=2, picture=0.62, small=True),
)
COMFORTABLE = 0.66  # of the largest headline: no other way is looked for then
WORTH = 1.15  # a later way must make the headline that much larger


def plan(page: Page) -> list[Placement]:
    """The one placement, with as many guests as it bears; none when brand, headline and button do not fit."""
    chosen = alone = _best(page)
    if alone is None:
        return []
    for guests in _guest_lists(page):
        row = build(page, guests, alone.way)
        if row and row.headline_size >= TOO_DEAR * alone.headline_size:
            chosen = row
            break
    return [placement(page, chosen or alone)]


def _best(page: Page) -> Row | None:
    """Brand, headline and button alone, in the first way that makes the headline large, else in the largest."""
    best: Row | None = None
    for way in _ways(page):
        row = build(page, frozenset(), way)
        if row and row.ease >= COMFORTABLE:
            return row
        if row and (best is None or row.headline_size > WORTH * best.headline_size):
            best = row
    return best


def _ways(page: Page) -> tuple[Way, ...]:
    return (*BEFORE, *OVER, *OVER_BROKEN) if upright(page) else (*OVER, *BEFORE, *OVER_BROKEN)


def _guest_lists(page: Page) -> Iterator[frozenset[Role]]:
    welcome = page.roles
    if page.height < TALL_FOR_LINE:
        welcome -= {Role.LINE, Role.LEGAL}
    if echoes(page.copy.line, page.headline):
        welcome -= {Role.LINE}
    seen: set[frozenset[Role]] = {frozenset()}
    for guests in GUEST_LISTS:
        if (present := guests & welcome) not in seen:
            seen.add(present)
            yield present
