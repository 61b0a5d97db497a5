"""Sets one field in type: lines with their box, pills round them, and the brand's logo."""

from dataclasses import replace
from functools import cache
from math import inf

from .. import measure as measuring
from .. import reading
from ..breaking import wrap
from ..fonts import Face
from ..measure import ink, width
from ..values import Box, Role
from .model import Element, Pill, Sign, Words
from .page import Page, logo_aspect

HEADLINE_TRACKING = -0.02
PILL_PADDING = 0.56  # of the pill's height, at either end
TAG_HEIGHT = 1.72  # of the type on a price tag
TAG_RADIUS = 0.2
BUTTON_RADII = {"pill": 0.5, "rounded": 0.22, "square": 0.0}  # of the button's height
CORNERS = {"square": 0.0, "soft": 1.0, "round": 2.0}  # times the usual radius
HINTED = 1.0  # pixels: so much taller than their outline small letters come out, set to whole rows
ROUNDING = 0.01  # pixels
USUAL = 0.01  # em: what may reach so far over its script's letters has no room above that would take this up
WIDOW = 0.4  # of the widest line: a shorter last line looks forgotten
LOGO_LINE_HEIGHT = 1.7  # of a word mark's size: how tall a wide logo stands beside it
LOGO_SQUARE_HEIGHT = 2.5
LATIN_ENDS = 0x250  # code points


def face(page: Page, role: Role) -> Face:
    """The cut that sets this role."""
    return _cut(role, page.style.family, page.script.tracking)


@cache
def _cut(role: Role, family: str, tracked: bool) -> Face:
    tracking = HEADLINE_TRACKING if tracked else 0.0
    match role:
        case Role.HEADLINE | Role.PRICE:
            return Face(family, 800, tracking)
        case Role.LINE | Role.LEGAL:
            return Face(family, 500)
        case Role.BUTTON:
            return Face(family, 700)
        case Role.LOGO:
            return Face(family, 800, tracking / 2)
        case _:
            raise ValueError(role)


def words(
    page: Page,
    role: Role,
    text: str,
    size: float,
    measure: float,
    most_lines: int,
    cut: bool = False,
    count: int = 0,
) -> Words | None:
    """The text in lines no wider than `measure` pixels, at (0, 0); None when it takes too many lines.

    They are as few as can be, or `count` of them.
    """
    narrower = 0.0
    for _ in range(2):  # a letter at an edge may lean out of its line
        lines = wrap(text, face(page, role), page.language, (measure - narrower) / size, cut, count)
        if lines is None or len(lines) > most_lines:
            return None
        block = placed(page, role, lines, size)
        narrower += block.box.width - measure
        if narrower <= ROUNDING:
            return block
    return None


def placed(page: Page, role: Role, lines: tuple[str, ...], size: float) -> Words:
    """These lines as type at (0, 0), in a box that holds all their ink."""
    cut = face(page, role)
    measured = [measuring.line(line, cut, page.language) for line in lines]
    lead, tail = max(sides[1] for sides in measured), max(sides[2] for sides in measured)
    across = (max(sides[0] for sides in measured) + lead + tail) * size
    above, below = ink("".join(lines), cut, page.language)
    leading = page.script.leading if role is Role.HEADLINE else page.script.text_leading
    pitch = size * leading
    rise = above * size + (HINTED if above > page.script.ascent + USUAL else 0.0)
    box = Box(0, 0, across, rise + pitch * (len(lines) - 1) + below * size)
    return Words(role, box, lines, cut, size, rise=rise, pitch=pitch, lead=lead * size)


def minded(page: Page, block: Words) -> float:
    """How much a reader minds where the lines of this block end."""
    widths = [width(line, block.face, page.language) for line in block.lines]
    return reading.minded(block.lines, widths, page.language)


def line(page: Page, role: Role, text: str, size: float, measure: float, most_lines: int) -> Words | None:
    """Secondary text: whole words if they fit, hyphenated if that saves it or its last line from a lone word."""
    whole = words(page, role, text, size, measure, most_lines)
    if whole and not _widowed(whole, page):
        return whole
    cut = words(page, role, text, size, measure, most_lines, cut=True)
    if whole and cut and len(cut.lines) >= len(whole.lines):
        return whole
    return cut or whole


def _widowed(block: Words, page: Page) -> bool:
    last = width(block.lines[-1], block.face, page.language) * block.size
    return len(block.lines) > 1 and last < WIDOW * block.box.width


def button(
    page: Page,
    height: float,
    least: float,
    measure: float,
    most_lines: int = 1,
    full: bool = False,
    most: float = inf,
) -> Pill | None:
    """The button as a pill at (0, 0), no wider than `measure`; its type shrinks to `least` before it gives up."""
    preferred = max(least, min(most, height * 0.42))
    for size in (preferred, (preferred + least) / 2, least):
        pad = height * PILL_PADDING if most_lines == 1 else size * 0.8
        label = words(page, Role.BUTTON, page.copy.button, size, measure - 2 * pad, most_lines)
        if label is not None and size >= least:
            across = measure if full else label.box.width + 2 * pad
            tall = max(height, label.box.height + size * 1.1)
            return _pill(
                page, label, Box(0, 0, across, tall), min(height, tall) * BUTTON_RADII[page.style.button]
            )
    return None


def tag(page: Page, size: float, measure: float) -> Pill | None:
    """The price on a tag of the accent colour, at (0, 0)."""
    label = words(page, Role.PRICE, page.copy.price, size, measure - size * 1.1, 1)
    if label is None:
        return None
    box = Box(0, 0, label.box.width + size * 1.1, size * TAG_HEIGHT)
    return _pill(page, label, box, box.height * TAG_RADIUS * CORNERS[page.style.corners])


def _pill(page: Page, label: Words, box: Box, radius: float) -> Pill:
    """The label in the optical middle of the box: its lower-case letters count, not its ascenders."""
    block = label.pitch * (len(label.lines) - 1)
    baseline = box.height / 2 + page.script.middle * label.size - block / 2
    inner = label.moved((box.width - label.box.width) / 2, baseline - label.rise)
    centred = Words(
        label.role, inner.box, label.lines, label.face, label.size, label.rise, label.pitch, centred=True
    )
    return Pill(label.role, box, radius, centred)


def logo(page: Page, size: float, measure: float) -> Element | None:
    """The brand's logo or word mark at (0, 0), no wider than `measure`; None when the mark finds no room."""
    if page.style.logo is not None:
        aspect = logo_aspect(page.style.logo)
        height = size * (LOGO_LINE_HEIGHT if aspect >= 2 else LOGO_SQUARE_HEIGHT)
        height = min(height, measure / aspect)
        return Sign(Role.LOGO, Box(0, 0, height * aspect, height))
    if max(map(ord, page.style.brand_name)) < LATIN_ENDS:
        page = replace(page, language="en")  # no room for the marks of another script
    return words(page, Role.LOGO, page.style.brand_name, size, measure, 1)
