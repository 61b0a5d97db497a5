"""Finds out which field of the copy is too long for a format, and by how many letters."""

from collections.abc import Callable
from dataclasses import replace

from ..errors import DoesNotFit
from ..values import Copy
from .model import Layout
from .page import Page

Solve = Callable[[Page], Layout | None]

_SHORTEST = "I"
_PROPOSALS = {
    "headline": "Shorten the headline or give a short headline.",
    "short_headline": "Shorten the short headline.",
    "price": "Shorten the price.",
    "line": "Shorten the supporting line or leave it out.",
    "button": "Shorten the button.",
    "legal": "Shorten the legal line or leave it out.",
    "brand_name": "Shorten the brand's name or give a logo.",
}


def too_long(page: Page, solve: Solve) -> DoesNotFit:
    """The error that says what does not fit. Only for a page that `solve` found no layout for."""
    field = _culprit(page, solve)
    alone = _only(page, field)
    words = _words(alone, field)
    fitting = _longest_fitting(alone, field, words, solve)
    over = max(1, len(words) - fitting)
    return DoesNotFit(page.format.id, field, words, over, _PROPOSALS[field], page.format.label)


def _order(page: Page) -> list[str]:
    """The fields from the least to give up to the first."""
    fields = ["button", page.headline_field, "price", "line", "legal", "brand_name"]
    return [field for field in fields if _words(page, field)]


def _culprit(page: Page, solve: Solve) -> str:
    """The first field whose coming makes the page impossible."""
    fields = _order(page)
    return next((field for field in fields if not solve(_only(page, field))), fields[-1])


def _only(page: Page, last: str) -> Page:
    """The page with its fields up to that one; the headline is one letter until its turn comes."""
    fields = _order(page)
    kept = fields[: fields.index(last) + 1]
    copy = Copy(
        **{name: getattr(page.copy, name) if name in kept else "" for name in Copy.__dataclass_fields__}
    )
    if page.headline_field not in kept:
        copy = replace(copy, **{page.headline_field: _SHORTEST})
    name = page.style.brand_name if "brand_name" in kept else ""
    logo = page.style.logo if last == fields[-1] else None
    return replace(page, copy=copy, style=replace(page.style, brand_name=name, logo=logo))


def _longest_fitting(page: Page, field: str, words: str, solve: Solve) -> int:
    """How many letters of the field would have fitted, the fields before it standing."""
    fits, fails = 0, len(words)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if solve(_with(page, field, words[:middle].rstrip() or _SHORTEST)):
            fits = middle
        else:
            fails = middle
    return fits


def _words(page: Page, field: str) -> str:
    words: str = page.style.brand_name if field == "brand_name" else getattr(page.copy, field)
    return words


def _with(page: Page, field: str, words: str) -> Page:
    if field == "brand_name":
        return replace(page, style=replace(page.style, brand_name=words))
    return replace(page, copy=replace(page.copy, **{field: words}))
