"""Tells open pages and workers that something changed: ids, never content. Who hears it reads the rows again.

Whatever is told is a hint that may be lost: pages and workers look at the rows by themselves as well.
"""

import asyncio
import logging
import time
from contextvars import Context
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

WORKERS = "workers"

_loop: asyncio.AbstractEventLoop | None = None
_outbox: dict[tuple[str, str | None], dict[str, Any]] = {}  # what is still to be told, the newest of each
_teller: asyncio.Task[None] | None = None
_silent_until = 0.0


def bind(loop: asyncio.AbstractEventLoop | None) -> None:
    """The loop in which the web server runs: the in-memory layer only delivers within it."""
    global _loop, _teller
    _loop, _teller = loop, None
    _outbox.clear()


def group(run: UUID) -> str:
    return f"run.{run}"


def announce(run: UUID, generation: UUID | None = None, *, urgent: bool = False) -> None:
    """From any thread. Without a loop (shell, tests, commands) pages find out by looking."""
    message = {
        "type": "run.changed",
        "generation": str(generation) if generation else None,
        "urgent": urgent,
        "at": time.time(),
    }
    _tell(group(run), message)


def tell_workers() -> None:
    """Somebody wants pictures stopped; a worker that does not hear it finds out at its next beat."""
    _tell(WORKERS, {"type": "cancel.requested"})


def _tell(name: str, message: dict[str, Any]) -> None:
    if _loop is None or _loop.is_closed():
        return
    _loop.call_soon_threadsafe(_put, name, message, context=Context())


def _put(name: str, message: dict[str, Any]) -> None:
    """One sender, one entry a picture: a layer that hangs holds up the news, never the process."""
    global _teller
    key = (name, message.get("generation"))
    waiting = _outbox.get(key, {})
    merged = message | {"urgent": message.get("urgent", False) or waiting.get("urgent", False)}
    _outbox[key] = merged | {"at": waiting.get("at") or message.get("at")}
    if _teller is None or _teller.done():
        _teller = asyncio.get_running_loop().create_task(_send_all())


async def _send_all() -> None:
    layer = get_channel_layer()
    while layer is not None and _outbox:
        name, generation = next(iter(_outbox))
        try:
            await layer.group_send(name, _outbox.pop((name, generation)))
        except Exception as fault:
            # The rest would fare alike, and each try may take seconds.
            _outbox.clear()
            _complain(fault)


def _complain(fault: Exception) -> None:
    global _silent_until
    # At four reports a second and picture an outage would fill the log.
    if time.monotonic() > _silent_until:
        _silent_until = time.monotonic() + 30
        log.warning("Pages are not told of changes and look by themselves: %s", fault)
