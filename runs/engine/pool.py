"""Where pixels are worked on: in processes of their own, so that composing never starves the loop or the pages.

What belongs to it and waits for storage instead of reckoning is called from threads, which also wait for the
processes.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from runs.processes import Processes

processes = Processes(2)
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="pixels")


async def pixels[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a slow function that never touches the database."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(function, *args, **kwargs))
