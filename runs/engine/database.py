"""The bridges from the engine's coroutines to the rows: one for all that is short, one for what takes long."""

import asyncio
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import connections


async def rows[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a short database function in the process's one database thread."""
    return await sync_to_async(with_connection, thread_sensitive=True)(function, *args, **kwargs)


async def aside[R](function: Callable[[], R]) -> R:
    """Run a long function in a thread and on a connection of its own: leases must not run out behind it."""
    return await asyncio.to_thread(_alone, function)


def _alone[R](function: Callable[[], R]) -> R:
    try:
        return function()
    finally:
        connections.close_all()  # the thread may stay, and nobody else would


def with_connection[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call it on this thread's connection, which is kept for the next as long as it is good."""
    _drop_bad()
    try:
        return function(*args, **kwargs)
    finally:
        _drop_bad()


def _drop_bad() -> None:
    """Outside a request nobody else drops a connection that went bad or old."""
    for connection in connections.all(initialized_only=True):
        # A file does not go away, and opening it costs as much as a short write.
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
