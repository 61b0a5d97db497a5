"""One way to fill a strip: brand, headline with its price, and button, in a row or under each other."""

from dataclasses import dataclass, replace

from ..values import Box, Role
from . import setting
from .lockup import element, gap_of, priced, solved
from .model import Element, Place, Placement, Words
from .page import LEAST_LINE, LEAST_STRIP_HEADLINE, Page, Sizes, logo_aspect
from .stack import Room, Stack, solve

STACKED_BELOW = 4.5  # aspect under which the button stands below the headline
UPRIGHT_BELOW = 2.0  # aspect under which a logo is too tall to stand over a headline
LEAST_SIGN = 7.0  # size of the smallest logo picture that is still recognised: 12 px high, a square one 17
MARK_WIDTH = 0.2  # of the page's width: the most a brand before the headline may take
BUTTON_WIDTH = 0.4
AIRY = 1.05  # em from the deepest to the highest mark
LOW = 80  # pixels of height under which there are two rows of type at most


@dataclass(frozen=True, slots=True)
class Way:
    """How a strip saves room."""

    picture: float = 1.0  # of the usual picture block
    lines: int = 1  # of the headline
    before: bool = False  # the brand before the headline and not over it
    small: bool = False  # the brand at its smallest legible size


@dataclass(frozen=True, slots=True)
class Row:
    """A strip that works: a column of type that begins at `start`, and what stands beside it."""

    way: Way
    stack: Stack
    start: float
    picture: int  # width of the picture block
    ease: float  # the headline's part of the largest size it could have
    mark: Element | None = None  # before the column
    button: Element | None = None  # at the far edge

    @property
    def headline_size(self) -> float:
        """In pixels."""
        return self.stack.headline_size


def upright(page: Page) -> bool:
    """Whether the brand has a logo that is better placed beside type than above it."""
    return page.style.logo is not None and logo_aspect(page.style.logo) < UPRIGHT_BELOW


def build(page: Page, guests: frozenset[Role], way: Way) -> Row | None:
    """The strip filled that way with these guests; None when they do not fit."""
    return (_stacked if page.aspect < STACKED_BELOW else _in_a_row)(page, guests, way)


def _stacked(page: Page, guests: frozenset[Role], way: Way) -> Row | None:
    """Headline above button, for strips too short to hold them side by side."""
    sizes = _sizes(page, way, 0.25 * page.height, 0.3 * page.height)
    picture = _picture(page, way)
    mark = _mark(page, sizes, way)
    start = picture + gap_of(page) + (mark.box.width + gap_of(page) if mark else 0)
    roles = (page.roles & {Role.HEADLINE, Role.BUTTON, *_over(page, way)}) | guests
    width = page.safe.right - _pad(page) - start
    if width <= 0 or (mark is None and way.before):
        return None
    room = Room(width, page.height - 2 * _pad(page), roles)
    stack = solve(page, room, sizes)
    aired = _aired(page, stack, room) if stack else None
    return Row(way, aired, start, picture, aired.headline_size / sizes.headline[1], mark) if aired else None


def _aired(page: Page, stack: Stack, room: Room) -> Stack | None:
    """The price a little further from the button where there is room; none where it has to stand over it."""
    rest = tuple(other for other in stack.elements if other.role is not Role.PRICE)
    price, button = element(stack, Role.PRICE), element(stack, Role.BUTTON)
    if price is None or button is None:
        return stack
    if price.box.y >= button.box.bottom or button.box.y >= price.box.bottom:
        return None
    wished = button.box.right + gap_of(page) - price.box.x
    return replace(stack, elements=(*rest, price.moved(min(wished, room.width - price.box.right), 0)))


def _in_a_row(page: Page, guests: frozenset[Role], way: Way) -> Row | None:
    most = (0.34 if page.height >= LOW else 0.4) * page.height
    sizes = _sizes(page, way, most, min(max(24.0, 0.43 * page.height), 48.0))
    mark, button = _mark(page, sizes, way), _button(page, sizes)
    if (mark is None and way.before) or (button is None and Role.BUTTON in page.roles):
        return None
    gap, picture = gap_of(page), _picture(page, way)
    start = picture + gap * 1.2 + (mark.box.width + gap * 1.6 if mark else 0)
    end = page.width - max(_pad(page), gap) - (button.box.width + gap * 1.6 if button else 0)
    roles = (guests & {Role.LINE, Role.LEGAL}) | {Role.HEADLINE, *_over(page, way)}
    room = Room(end - start, page.height - 2 * _pad(page), roles)
    stack = (priced if Role.PRICE in guests else solved)(page, room, sizes)
    if stack is None:
        return None
    return Row(way, stack, start, picture, stack.headline_size / sizes.headline[1], mark, button)


def _over(page: Page, way: Way) -> frozenset[Role]:
    return frozenset() if way.before else page.roles & {Role.LOGO}


def _picture(page: Page, way: Way) -> int:
    return round(way.picture * min(max(0.2 * page.width, page.height), 2.2 * page.height))


def _sizes(page: Page, way: Way, most_headline: float, button: float) -> Sizes:
    tall = page.height
    least = LEAST_SIGN if page.style.logo else LEAST_LINE
    return Sizes(
        headline=(LEAST_STRIP_HEADLINE, max(LEAST_STRIP_HEADLINE, most_headline)),
        line=(max(LEAST_LINE, 0.135 * tall), max(12.0, 0.16 * tall)),
        legal=LEAST_LINE,
        button=button,
        button_type=LEAST_LINE,
        logo=least if way.small else max(11.0, 0.135 * tall),
        gap=_leading(page) * tall,
        headline_lines=way.lines,
        line_lines=1,
        legal_lines=1,
    )


def _leading(page: Page) -> float:
    """Between rows, of the height: scripts with high marks and deep tails bring air of their own."""
    return 0.045 if page.script.ascent + page.script.descent > AIRY else 0.065


def _pad(page: Page) -> float:
    """The least distance of type to the upper and lower edge."""
    return max(page.safe.y, 0.08 * page.height)


def _mark(page: Page, sizes: Sizes, way: Way) -> Element | None:
    """The brand that stands before the headline."""
    if not way.before or Role.LOGO not in page.roles:
        return None
    mark = setting.logo(page, sizes.logo, page.width * MARK_WIDTH)
    return mark if mark and mark.box.height <= page.height - 2 * _pad(page) else None


def _button(page: Page, sizes: Sizes) -> Element | None:
    if Role.BUTTON not in page.roles:
        return None
    button = setting.button(page, sizes.button, sizes.button_type, page.width * BUTTON_WIDTH)
    return button if button and button.box.height <= page.height - 2 * _pad(page) else None


def placement(page: Page, row: Row) -> Placement:
    """The row in the middle of the strip's height."""
    pad, box = _pad(page), row.stack.box
    top = (page.height - box.height) / 2 + _sag(row.stack)
    elements = list(row.stack.at(row.start, min(top, page.height - pad - box.height) - box.y))
    if row.mark:
        elements.append(row.mark.moved(row.picture + gap_of(page) * 1.2, _middle(page, row.mark)))
    if row.button:
        edge = page.width - max(pad, gap_of(page))
        elements.append(row.button.moved(edge - row.button.box.width, _middle(page, row.button)))
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
    match max(stack.elements, key=lambda element: element.box.bottom):
        case Words(box=box, rise=rise, pitch=pitch, lines=lines):
            return (box.height - rise - pitch * (len(lines) - 1)) / 2
        case _:
            return 0.0
