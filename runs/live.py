"""Tells open pages and workers that something changed: ids, never content. Who hears it reads the rows again."""

import asyncio
import logging
import time
from contextvars import Context
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)
_loop: asyncio.AbstractEventLoop | None = None
_silent_until = 0.0
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
    message = {
        "type": "run.changed",
        "generation": str(generation) if generation else None,
        "urgent": urgent,
    }
    _tell(group(run), message)


WORKERS = "workers"


def tell_workers() -> None:
    """Somebody wants pictures stopped; a worker that does not hear it finds out at its next beat."""
    _tell(WORKERS, {"type": "cancel.requested"})


def _tell(name: str, message: dict[str, Any]) -> None:
    if _loop is None or _loop.is_closed():
        return
    _loop.call_soon_threadsafe(_send, name, message, context=Context())


def _send(name: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    task = asyncio.get_running_loop().create_task(layer.group_send(name, message))
    _sending.add(task)
    task.add_done_callback(_sent)


def _sent(task: asyncio.Task[None]) -> None:
    global _silent_until
    _sending.discard(task)
    if task.cancelled() or not task.exception():
        return
    # At four reports a second and picture an outage would fill the log.
    if time.monotonic() > _silent_until:
        _silent_until = time.monotonic() + 30
        log.warning("Pages are not told of changes and ask by themselves: %s", task.exception())
