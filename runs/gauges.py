"""What is measured in this process alone: its open pages, its event loop, how long news take to a browser.

Everything else that `/metrics` tells comes from rows. With several web processes each has its own of these.
"""

import asyncio
import time

from prometheus_client import CollectorRegistry, Gauge, Histogram, disable_created_metrics

PULSE = 1.0  # seconds between two looks at how late the loop is

disable_created_metrics()  # when this process began to count: nobody asks
registry = CollectorRegistry()
SOCKETS = Gauge("adgen_sockets_open", "Open run pages of this process", registry=registry)
NEWS = Histogram(
    "adgen_event_lag_seconds",
    "From a step of a picture's life to the frame that shows it, in this process",
    registry=registry,
    buckets=(0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5),
)
LOOP = Histogram(
    "adgen_loop_lag_seconds",
    "How late the event loop of this process comes to what is due, looked at once a second",
    registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)


def shown(told_at: float) -> None:
    """A step that was told at this time of the clock has gone out to the browsers."""
    NEWS.observe(max(0.0, time.time() - told_at))


class Pulse:
    """Looks once a second how late the loop is."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, every: float = PULSE) -> None:
        self._loop, self._every, self._worst = loop, every, 0.0
        self._due = loop.time() + every
        self._next = loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        late = max(0.0, self._loop.time() - self._due)
        self._worst = max(self._worst, late)
        LOOP.observe(late)
        self._due = self._loop.time() + self._every
        self._next = self._loop.call_at(self._due, self._beat)

    def worst(self) -> float:
        """The latest it was since this was asked before."""
        late, self._worst = self._worst, 0.0
        return late

    def stop(self) -> None:
        self._next.cancel()
