"""Where pixels are worked on: two threads, so that composing never starves the loop or the pages."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pixels")


async def pixels[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a heavy function that never touches the database."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(function, *args, **kwargs))
