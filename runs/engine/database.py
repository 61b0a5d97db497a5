"""The one bridge from the engine's coroutines to the rows."""

from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import connections


async def rows[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a short database function in the process's one database thread."""
    return await sync_to_async(_clean, thread_sensitive=True)(function, *args, **kwargs)


def _clean[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
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
