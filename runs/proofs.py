"""Proofs of a brief's ads: what a form orders, how each is made, and where any process of the studio finds it.

An order says all that its proof shows, so its key names the same picture whoever asks, and a size that a keystroke
did not change is not made anew. Keys hold within their workspace alone.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any
from uuid import uuid4

from django.core.cache import caches
from pydantic import BaseModel, ConfigDict

from runs import brand, brief, formats, layouts, printing, prompts, storage
from runs.brief import BrandSpec
from runs.composition import BadPicture, Copy, Layout
from runs.press import Press, Sheet
from runs.printing import Job

log = logging.getLogger(__name__)

LIFE = 300  # seconds: a browser fetches them at once, and keeps what it has
SHEET_LIFE = 3600  # seconds: a page may be scrolled later
PROCESS = uuid4().hex
PATIENCE = 5.0  # seconds a request waits for its proof


class Order(BaseModel):
    """One proof: this copy in this size, over that picture or, without its key, over a scene painted from words."""

    model_config = ConfigDict(frozen=True)

    workspace: str
    format: str
    language: str
    words: Copy
    brand: BrandSpec
    prompt: str
    picture: str = ""
    cutout: str = ""

    @cached_property
    def key(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:40]


def publish(sheet: Sheet, at: int, orders: Iterable[Order], *, ahead: int) -> None:
    """A form shows these now, by a request that came at `at` (monotonic): what it showed before is dropped.

    The first `ahead` are printed at once, the others when they are asked for. Requests overtake one another between
    threads; the clocks of two processes tell nothing, and a page whose proofs do not come looks again.
    """
    held: dict[str, Any] = _cache().get(_place(sheet)) or {"by": ""}
    if held["by"] == PROCESS and held["at"] > at:
        return
    wanted = {order.key: order for order in orders}
    told = {key: order.model_dump_json() for key, order in wanted.items()}
    _cache().set(_place(sheet), {"by": PROCESS, "at": at, "orders": told}, SHEET_LIFE)
    press.replace(sheet, list(wanted.values())[:ahead])


def fetch(sheet: Sheet, workspace: str, key: str) -> bytes | None:
    """The JPEG with that key, printed here where it must be; None where the form does not show it any more."""
    data = stored(workspace, key)
    if data is not None:
        return data
    order = _wanted(sheet, key)
    if order is None or order.workspace != workspace:
        return None
    press.add(sheet, order)
    press.wait(sheet, key, PATIENCE)
    return stored(workspace, key)


def stored(workspace: str, key: str) -> bytes | None:
    data = _cache().get(f"proof:{workspace}:{key}")
    return data if isinstance(data, bytes) else None


def _make(sheet: Sheet, order: Order) -> None:
    # Any process may have heard of a newer state of the form, or have printed this one.
    if stored(order.workspace, order.key) is None and _wanted(sheet, order.key) is not None:
        _cache().set(f"proof:{order.workspace}:{order.key}", printed(order), LIFE)


press: Press[Order] = Press(_make)


def _cache() -> Any:
    return caches["proofs"]


def _place(sheet: Sheet) -> str:
    return f"proofs:{sheet[0]}:{sheet[1]}"


def _wanted(sheet: Sheet, key: str) -> Order | None:
    held = _cache().get(_place(sheet)) or {"orders": {}}
    told = held["orders"].get(key)
    return Order.model_validate_json(told, context=brief.STORED) if told else None


def printed(order: Order) -> bytes:
    """Compose it. Raises CompositionError where its copy does not fit."""
    style = brand.style_as_far_as_there(order.brand)
    layout = layouts.solved(order.format, order.words, style, order.language)
    if not isinstance(layout, Layout):
        raise layout
    shape = formats.get(order.format).shape
    job = Job(layout, style, prompts.FOCUS[shape], shape, order.prompt, None, _cutout(order.cutout))
    if order.picture:
        try:
            return layouts.processes.compute(printing.printed, replace(job, picture=_file(order.picture)))
        except (FileNotFoundError, BadPicture) as fault:
            log.warning("%s cannot be shown: %s", order.picture, fault)
    return layouts.processes.compute(printing.printed, job)


def _cutout(key: str) -> bytes | None:
    """A page must not stay without its proofs where a file is gone: then the ad is shown without the product."""
    try:
        return _file(key) if key else None
    except FileNotFoundError as gone:
        log.error("A product's picture is gone: %s", gone)
        return None


@lru_cache(maxsize=8)  # a key never changes its bytes; pages ask while somebody types
def _file(key: str) -> bytes:
    return storage.get(key)
