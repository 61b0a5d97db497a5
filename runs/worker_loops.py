"""How late the event loops of the workers are. They listen nowhere: each leaves its own in the shared cache.

One entry holds them all; where two write at once one is missing for as long as it takes until it is told again.
"""

import time

from django.core.cache import cache

FORGOTTEN = 35.0  # seconds after which one that said nothing is not there
_KEY = "worker-loops"


def tell(name: str, late: float) -> None:
    now = time.time()
    cache.set(_KEY, _fresh(now) | {name: (now, late)}, FORGOTTEN)


def lags() -> dict[str, float]:
    """By the worker, in seconds."""
    return {name: late for name, (_, late) in sorted(_fresh(time.time()).items())}


def _fresh(now: float) -> dict[str, tuple[float, float]]:
    known: dict[str, tuple[float, float]] = cache.get(_KEY) or {}
    return {name: entry for name, entry in known.items() if now - entry[0] < FORGOTTEN}
