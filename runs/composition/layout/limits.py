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
    "headline": "Shorten the headline or add a short headline.",
    "short_headline": "Shorten the short headline.",
    "price": "Shorten the price.",
    "line": "Shorten the supporting line or leave it out.",
    "button": "Shorten the button.",
    "legal": "Shorten the legal line or leave it out.",
}


def too_long(page: Page, solve: Solve) -> DoesNotFit:
    """The error that says what does not fit. Only for a page that `solve` found no layout for."""
    field = _culprit(page, solve)
    alone = _only(page, field)
    words: str = getattr(page.copy, field)
    fitting = _longest_fitting(alone, field, words, solve)
    over = max(1, len(words) - fitting)
    return DoesNotFit(page.format.id, field, words, over, _PROPOSALS[field], page.format.label)


def _order(page: Page) -> list[str]:
    """The fields from the least to give up to the first."""
    fields = ["button", page.headline_field, "price", "line", "legal"]
    return [field for field in fields if getattr(page.copy, field)]


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
    return replace(page, copy=copy, without_logo=True)


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


def _with(page: Page, field: str, words: str) -> Page:
    return replace(page, copy=replace(page.copy, **{field: words}))
