"""Suggestions for copy, asked for beside the pages: nobody's page waits for a service that takes its time."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from threading import BoundedSemaphore
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.pace import Pace
from studio import copywriter
from studio.copywriter import NoSuggestions, Suggestion, Wish
from studio.forms import Draft
from studio.rows import split

log = logging.getLogger(__name__)

KEPT = 600  # seconds
ASKED = Pace("suggestions", most=6, window=60)  # by one person
_free = BoundedSemaphore(8)  # asked at once, of all people
_threads = ThreadPoolExecutor(4, thread_name_prefix="copywriter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is there by now; `waiting` while nothing is."""

    key: str = ""
    waiting: bool = False
    fault: str = ""
    suggestions: tuple[Suggestion, ...] = ()


def begin(user: int, wish: Wish) -> Answer:
    """Ask, and come back at once."""
    if not (wish.products or wish.audience):
        return Answer(fault=_("First add a product, or say who the ads are for."))
    if ASKED.is_over(user) or not _free.acquire(blocking=False):
        return Answer(fault=_("Too many requests. Try again in a minute."))
    key = str(uuid4())
    cache.set(_place(user, key), {}, KEPT)
    _threads.submit(_work, _place(user, key), wish)
    return Answer(key=key, waiting=True)


def answer(user: int, key: str) -> Answer:
    """What became of it, for whoever asked."""
    found = cache.get(_place(user, key))
    if found is None:
        return Answer(fault=_("These suggestions have expired. Ask for new ones."))
    if not found:
        return Answer(key=key, waiting=True)
    suggestions = tuple(Suggestion(**facts) for facts in found["suggestions"])
    return Answer(key=key, fault=found["fault"], suggestions=suggestions)


def wish_of(draft: Draft) -> Wish:
    """From the form as it stands, whether a brief could be made of it or not."""
    form, brand = draft.form, draft.brand
    languages = split(str(form["languages"].value() or ""))
    return Wish(
        products=tuple(_of_rows(draft.products, "name", "description", "price")),
        audience=str(form["audience"].value() or "")[:2000],
        brand=brand.name,
        tone=draft.kit.tone[:2000] if draft.kit else "",
        language=languages[0] if languages else "en",
        banned=brand.banned,
        headlines=tuple(row["headline"] for row in _of_rows(draft.messages, "headline")),
    )


def _of_rows(table: Any, *names: str) -> Iterator[dict[str, str]]:
    """What is written in those fields, of every row that has the first."""
    for row in table.forms[:20]:
        told = {name: str(row[name].value() or "")[:300] for name in names}
        if told[names[0]] and not row["DELETE"].value():
            yield {name: words for name, words in told.items() if words}


def _work(place: str, wish: Wish) -> None:
    try:
        found = {"suggestions": [asdict(suggestion) for suggestion in copywriter.ask(wish)], "fault": ""}
    except NoSuggestions as refusal:
        log.warning("No suggestions for copy: %s", refusal)
        found = {"suggestions": [], "fault": str(refusal)}
    except Exception:
        log.exception("The suggestions for copy failed")
        found = {
            "suggestions": [],
            "fault": _("Something went wrong in the studio. Your studio admin can find out why in its log."),
        }
    finally:
        _free.release()
    cache.set(place, found, KEPT)


def _place(user: int, key: str) -> str:
    return f"suggestions:{user}:{key}"
