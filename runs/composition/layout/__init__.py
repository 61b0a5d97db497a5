"""Geometry before pixels: where everything of an ad stands, from its copy and its format alone."""

from dataclasses import replace

from runs.formats import Format

from ..errors import DoesNotFit, NoHeadline
from ..fonts import adopt, require, require_family
from ..values import ButtonMode, Copy, Style
from ..wording import clean, prepared
from . import cover, strip, tower, wide
from .limits import too_long
from .model import Element, Kind, Layout, Pill, Place, Placement, Sign, Words, safe_box
from .page import Page

__all__ = [
    "Element",
    "Kind",
    "Layout",
    "Pill",
    "Place",
    "Placement",
    "Sign",
    "Words",
    "kind_of",
    "plan_layout",
    "safe_box",
]

STRIP_HEIGHT = 120
MOST_LETTERS = 600  # in any field
WIDE_ASPECT = 1.5
TOWER_ASPECT = 0.7
TOWER_WIDTH = 320
TEXT_SHARE = 0.2  # what Google's responsive display ads bear of text
CALMER = 0.9
LEAST_CALM = 0.35


def plan_layout(
    format: Format,
    copy: Copy,
    style: Style,
    language: str,
    *,
    button: ButtonMode | None = None,
    bare: bool = False,
) -> Layout:
    """Solve the layout of one ad: boxes in pixels, no pixels painted.

    `language` is a BCP 47 tag; `button` "drawn" or "platform" overrides what the format says. Strips and low banners
    take the short headline where one is given; other layouts take it when the headline does not fit. Where text in the
    picture is forbidden, or `bare` asks for it, the layout is the picture and nothing else.

    Raises DoesNotFit (copy too long at the smallest legible size), MissingScript (characters without a font),
    UnknownFamily, and BadPicture (a logo that is no PNG).
    """
    if bare or not format.allows_text:
        return Layout(format, Kind.BARE, language, (_bare(format),))
    page = _page(format, copy, style, language, button)
    tried = (_planned(replace(page, headline_field=field)) for field in _headlines(page))
    layout = next((layout for layout in tried if layout), None)
    if layout is None:
        raise too_long(page, _solved)
    return layout


def kind_of(format: Format) -> Kind:
    """Which of the layouts a format gets."""
    aspect = format.width / format.height
    if not format.allows_text:
        return Kind.BARE
    if format.height <= STRIP_HEIGHT and aspect >= WIDE_ASPECT:
        return Kind.STRIP
    if aspect >= WIDE_ASPECT:
        return Kind.WIDE
    if aspect <= TOWER_ASPECT and format.width <= TOWER_WIDTH:
        return Kind.TOWER
    return Kind.COVER


def _page(format: Format, copy: Copy, style: Style, language: str, button: ButtonMode | None) -> Page:
    ready = prepared(copy)
    if not ready.headline:
        raise NoHeadline
    _require_length(format, ready)
    family = adopt(style.font) if style.font else style.family
    style = replace(style, brand_name=clean(style.brand_name), family=family)
    require_family(style.family)
    require(
        "".join(getattr(ready, name) for name in Copy.__dataclass_fields__) + style.brand_name,
        language,
        family,
    )
    draws_button = format.draws_button if button is None else button == "drawn"
    page = Page(format, ready, "headline", style, language, draws_button)
    return replace(page, headline_field=_headlines(page)[0])


def _headlines(page: Page) -> tuple[str, ...]:
    """The headlines to try, the best one first: what is as low as a strip takes the short one."""
    if not page.copy.short_headline:
        return ("headline",)
    match kind_of(page.format):
        case Kind.STRIP:
            return ("short_headline",)
        case Kind.WIDE if page.height < wide.LOW:
            return "short_headline", "headline"
        case _:
            return "headline", "short_headline"


def _require_length(format: Format, copy: Copy) -> None:
    """No ad holds a thousand letters; to find out by trying would take minutes."""
    for name in Copy.__dataclass_fields__:
        words = getattr(copy, name)
        if len(words) > MOST_LETTERS:
            over = len(words) - MOST_LETTERS
            raise DoesNotFit(
                format.id, name, words, over, f"Write at most {MOST_LETTERS} characters.", format.label
            )


def _bare(format: Format) -> Placement:
    whole = Layout(format, Kind.BARE, "", ()).page
    return Placement(Place.NONE, (), whole)


def _planned(page: Page) -> Layout | None:
    """The layout; on platforms that discourage text, with type small enough that it stays a minor part."""
    layout = _solved(page)
    if page.format.text_in_image != "discouraged":
        return layout
    while layout and page.calm > LEAST_CALM and _loudest(layout) > TEXT_SHARE:
        page = replace(page, calm=page.calm * CALMER)
        layout = _solved(page) or layout
    return layout


def _loudest(layout: Layout) -> float:
    return max(layout.text_share(placement) for placement in layout.placements)


def _solved(page: Page) -> Layout | None:
    kind = kind_of(page.format)
    placements = _plan(kind, page) or _plan(kind, replace(page, without_logo=True))
    if not placements:
        return None
    if page.script.rtl:
        placements = [placement.mirrored(page.width) for placement in placements]
    return Layout(page.format, kind, page.language, tuple(placements), page.headline_field, page.wanted)


def _plan(kind: Kind, page: Page) -> list[Placement]:
    match kind:
        case Kind.STRIP:
            return strip.plan(page)
        case Kind.WIDE:
            return wide.plan(page)
        case Kind.TOWER:
            return tower.plan(page)
        case Kind.COVER:
            return cover.plan(page)
        case _:
            raise ValueError(kind)
