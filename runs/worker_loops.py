"""How late the event loops of the workers are. They listen nowhere: each leaves its own in the shared cache.

One entry holds them all; where two write at once one is missing for as long as it takes until it is told again.
"""

import asyncio
import os
import socket
import time

from django.core.cache import cache

from runs.gauges import Pulse

TOLD = 10.0  # seconds between two words of a worker
FORGOTTEN = 35.0  # seconds after which one that said nothing is not there
_KEY = "worker-loops"


async def keep_telling() -> None:
    """Until it is cancelled: the worst of the last seconds, each time anew."""
    pulse, name = Pulse(asyncio.get_running_loop()), f"{socket.gethostname()}-{os.getpid()}"
    try:
        while True:
            await asyncio.sleep(TOLD)
            await asyncio.to_thread(tell, name, pulse.worst())  # the cache may be away, and take its time
    finally:
        pulse.stop()


def tell(name: str, late: float) -> None:
    now = time.time()
    cache.set(_KEY, _fresh(now) | {name: (now, late)}, FORGOTTEN)


def lags() -> dict[str, float]:
    """By the worker, in seconds."""
    return {name: late for name, (_, late) in sorted(_fresh(time.time()).items())}


def _fresh(now: float) -> dict[str, tuple[float, float]]:
    known: dict[str, tuple[float, float]] = cache.get(_KEY) or {}
    return {name: entry for name, entry in known.items() if now - entry[0] < FORGOTTEN}
