"""The one bridge from the engine's coroutines to the rows."""

from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import close_old_connections


async def rows[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a short database function in the process's one database thread."""
    return await sync_to_async(_clean, thread_sensitive=True)(function, *args, **kwargs)


def _clean[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    # Outside a request nobody else drops a connection that went bad or old.
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
