"""Tells open pages that something changed: ids, never content. The page's socket reads the rows again."""

import asyncio
import logging
from contextvars import Context
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)
_loop: asyncio.AbstractEventLoop | None = None
_sending: set[asyncio.Task[None]] = set()  # a task that nobody holds may be collected before it ran


def bind(loop: asyncio.AbstractEventLoop | None) -> None:
    """The loop in which the web server runs: the in-memory layer only delivers within it."""
    global _loop
    _loop = loop


def tells() -> bool:
    """Whether changes are announced in this process; else a page has to ask for them."""
    return _loop is not None


def group(run: UUID) -> str:
    return f"run.{run}"


def announce(run: UUID, generation: UUID | None = None, *, urgent: bool = False) -> None:
    """From any thread. Without a loop (shell, tests, commands) pages find out by polling."""
    if _loop is None or _loop.is_closed():
        return
    message = {
        "type": "run.changed",
        "generation": str(generation) if generation else None,
        "urgent": urgent,
    }
    _loop.call_soon_threadsafe(_send, group(run), message, context=Context())


def _send(name: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    task = asyncio.get_running_loop().create_task(layer.group_send(name, message))
    _sending.add(task)
    task.add_done_callback(_sent)


def _sent(task: asyncio.Task[None]) -> None:
    _sending.discard(task)
    if not task.cancelled() and task.exception():
        log.warning("A page was not told of a change: %s", task.exception())
