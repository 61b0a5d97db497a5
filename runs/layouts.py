"""Solved layouts, kept: between two keystrokes nearly all copy stays the same, and so does where it stands."""

import logging
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from runs import formats
from runs.composition import CompositionError, Copy, Layout, Style, plan_layout
from runs.processes import ProcessDied, Processes

log = logging.getLogger(__name__)

KEPT = 4096
TOGETHER = 512  # that are solved before they are asked for

type Key = tuple[str, Copy, Style, str]
type Solved = Layout | CompositionError

# For what a form shows while somebody types; those that compose ads are others, or it would wait for a run.
processes = Processes(2)
_threads = ThreadPoolExecutor(2, thread_name_prefix="layouts")
_kept: OrderedDict[Key, Solved] = OrderedDict()
_lock = Lock()


def solved(format_id: str, copy: Copy, style: Style, language: str) -> Solved:
    """The layout of that copy, or the reason why there is none."""
    key = (format_id, copy, style, language)
    found = _find(key)
    if found is None:
        found = _solve(key)
        _keep({key: found})
    return found


def solve_all(keys: Iterable[Key]) -> None:
    """Solve the first of these that are not known, several at once, beside the pages: `solved` has them then."""
    missing = [key for key in dict.fromkeys(keys) if _find(key) is None][:TOGETHER]
    if len(missing) > 1:
        for found in _threads.map(_solve_beside, (missing[::2], missing[1::2])):
            _keep(found)


def _solve_beside(keys: list[Key]) -> dict[Key, Solved]:
    """Under our own keys: those that came back would each bring a copy of the brand's font and logo."""
    try:
        return dict(zip(keys, processes.compute(_solve_each, keys), strict=True))
    except ProcessDied as fault:
        log.warning("Layouts are solved here instead: %s", fault)
        return {}


def _solve_each(keys: list[Key]) -> list[Solved]:
    return [_solve(key) for key in keys]


def _solve(key: Key) -> Solved:
    format_id, copy, style, language = key
    try:
        return plan_layout(formats.get(format_id), copy, style, language)
    except CompositionError as fault:
        return fault


def _find(key: Key) -> Solved | None:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(found: dict[Key, Solved]) -> None:
    with _lock:
        _kept.update(found)
    trim(KEPT)


def trim(most: int) -> None:
    """Keep only so many, those that were asked for last."""
    with _lock:
        while len(_kept) > most:
            _kept.popitem(last=False)


def forget() -> None:
    """Solve everything anew."""
    trim(0)
