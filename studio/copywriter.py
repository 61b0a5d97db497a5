"""Asks a language model for further messages of a brief, and takes from its answer what a message may be.

The service is any that speaks OpenAI's chat completions
(https://platform.openai.com/docs/api-reference/chat/create). Whatever it answers is text: bounded, checked, shown.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from runs import banned
from runs.brief import CopySpec
from studio.rows import language_name

MOST = 6  # suggestions
MOST_BYTES = 256 * 1024
MOST_BEGINS = 60  # places at which an answer's list may begin, among words
PATIENCE = httpx.Timeout(30.0, connect=5.0)
IN_ALL = 45.0  # seconds for the whole answer, however slowly its parts come
TASK = (
    "You write advertising copy. Answer with JSON alone: a list of {count} objects, each with the fields "
    '"headline" (at most 40 letters), "line" (at most 60) and "button" (at most 18). '
    "Write in {language}. Say nothing about the product that the brief does not say. No emoji, no quotation marks."
)


class NoSuggestions(Exception):
    """There are none; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    headline: str
    line: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the service learns of the brief: no names of people, no files, no other campaigns."""

    products: tuple[dict[str, str], ...]
    audience: str
    brand: str
    tone: str
    language: str
    banned: tuple[str, ...]
    headlines: tuple[str, ...]  # so far

    def __str__(self) -> str:
        told = {
            "products": self.products,
            "audience": self.audience,
            "brand": self.brand,
            "tone": self.tone,
            "never use these words": self.banned,
            "messages so far, do not repeat them": self.headlines,
        }
        return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)


def ask(wish: Wish) -> list[Suggestion]:
    """Further messages for this brief. Raises NoSuggestions."""
    task = TASK.format(count=MOST, language=language_name(wish.language))
    answer = _post(
        {
            "model": settings.COPY_API_MODEL,
            "messages": [{"role": "system", "content": task}, {"role": "user", "content": str(wish)}],
            "temperature": 0.9,
            "max_tokens": 1200,
        }
    )
    usable = [suggestion for suggestion in _read(answer) if _may_be_said(wish, suggestion)]
    if not usable:
        raise NoSuggestions(_("The suggestion service sent nothing usable. Try again."))
    return usable[:MOST]


def _post(order: dict[str, Any]) -> str:
    """What the model said. The answer is read no further than a list of messages can be long."""
    key = settings.COPY_API_KEY
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with (
            httpx.Client(timeout=PATIENCE, follow_redirects=False) as client,
            client.stream(
                "POST", f"{settings.COPY_API_URL}/chat/completions", json=order, headers=headers
            ) as answer,
        ):
            return _content(answer.status_code, _body(answer))
    except httpx.TimeoutException as fault:
        raise NoSuggestions(_("The suggestion service didn’t respond in time. Try again.")) from fault
    except httpx.HTTPError as fault:
        words = _("The suggestion service can’t be reached. Tell your studio admin: %s.")
        raise NoSuggestions(words % type(fault).__name__) from fault


def _body(answer: httpx.Response) -> bytes:
    body, until = bytearray(), time.monotonic() + IN_ALL
    for part in answer.iter_bytes():
        body += part
        if time.monotonic() > until:
            raise NoSuggestions(_("The suggestion service didn’t respond in time. Try again."))
        if len(body) > MOST_BYTES:
            raise NoSuggestions(_("The suggestion service sent too much. Try again."))
    return bytes(body)


def _content(status: int, body: bytes) -> str:
    if status in (401, 403):
        raise NoSuggestions(_("The suggestion service rejected its key. Tell your studio admin."))
    if status == 429:
        raise NoSuggestions(_("The suggestion service is busy. Try again in a minute."))
    if status != 200:
        words = _("The suggestion service returned an error (%d). Tell your studio admin.")
        raise NoSuggestions(words % status)
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        content = None
    if not isinstance(content, str):
        words = _("The suggestion service uses a different protocol. Tell your studio admin.")
        raise NoSuggestions(words)
    return content


def _read(content: str) -> Iterator[Suggestion]:
    """The messages of the answer: a list, or an object that holds one, with or without words around it."""
    for begin in islice(re.finditer(r"[\[{]", content), MOST_BEGINS):
        try:
            found, _end = json.JSONDecoder().raw_decode(content, begin.start())
        except (ValueError, RecursionError):
            continue
        suggestions = [suggestion for item in _items(found) if (suggestion := _suggestion(item))]
        if suggestions:
            yield from suggestions
            return


def _items(found: object) -> list[dict[str, Any]]:
    """The list itself, or the one in an object."""
    lists = found.values() if isinstance(found, dict) else [found]
    return [item for items in lists if isinstance(items, list) for item in items if isinstance(item, dict)]


def _suggestion(item: dict[str, Any]) -> Suggestion | None:
    said = {name: item.get(name, "") for name in ("headline", "line", "button")}
    try:
        copy = CopySpec.model_validate({name: _one_line(words) for name, words in said.items()})
    except ValidationError:
        return None
    return Suggestion(copy.headline, copy.line, copy.button)


def _one_line(words: object) -> object:
    return " ".join(words.split()).strip("\"'“”„«»") if isinstance(words, str) else words


def _may_be_said(wish: Wish, suggestion: Suggestion) -> bool:
    """New, and without the words that the brand never says."""
    said = " ".join((suggestion.headline, suggestion.line, suggestion.button))
    return suggestion.headline not in wish.headlines and not banned.found(wish.banned, said)
