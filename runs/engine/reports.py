"""Writes the progress of all pictures of this process down together: one commit for whatever is waiting."""

import asyncio
import logging
from weakref import WeakKeyDictionary

from runs import leases
from runs.engine.database import rows

log = logging.getLogger(__name__)

GATHER = 0.05  # seconds: steps of pictures' lives must not wait behind their progress


class Desk:
    """Takes reports at any time; while some are being written, the next ones gather, the newest of each picture."""

    def __init__(self) -> None:
        self._waiting: dict[int, leases.Report] = {}
        self._writer: asyncio.Task[None] | None = None

    def put(self, report: leases.Report) -> None:
        self._waiting[report.generation] = report
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write(), name="reports")

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER)
            reports, self._waiting = self._waiting, {}
            try:
                await rows(leases.report, *reports.values())
            except Exception as fault:
                # Each picture reports again soon; steps of its life go another way.
                log.warning("Progress could not be written down: %s", fault)


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, Desk] = WeakKeyDictionary()


def put(report: leases.Report) -> None:
    """Have this written down soon; returns at once."""
    _desks.setdefault(asyncio.get_running_loop(), Desk()).put(report)
