"""The web server's own event loop: it tells pages of changes, and runs the engine where that is embedded.

One process only may own a `var/` folder.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from runs import gauges, leases, live
from runs.engine.database import rows
from runs.engine.supervisor import Engine

log = logging.getLogger(__name__)

type Application = Callable[[Any, Any, Any], Awaitable[None]]


class AlreadyRunning(Exception):
    """Another studio works on the same folder."""


class Ownership:
    """A lock beside the database: two engines on one SQLite file would paint everything twice."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "studio.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises AlreadyRunning, naming the process that has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "another process"
            file.close()
            raise AlreadyRunning(
                f"A studio already runs on {self.path.parent} (process {owner}). "
                "Stop it first, or give this one a folder of its own with VAR_DIR."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class WithEngine:
    """An ASGI application whose loop also runs the engine, from its first use on."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.engine: Engine | None = None
        self._ownership = Ownership(settings.VAR_DIR)
        self._starting: asyncio.Lock = asyncio.Lock()
        self._refused = False
        self._started = False
        self._pulse: gauges.Pulse | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if not self._started and not self._refused:
            try:
                await self.start()
            except AlreadyRunning as refusal:
                # A second server on the same folder: it shows pages, the first one does the work.
                self._refused = True
                log.warning("No engine in this process. %s", refusal)
        await self.application(scope, receive, send)

    async def start(self) -> None:
        """Be ready in the running loop. Raises AlreadyRunning when another process has the folder."""
        async with self._starting:
            if self._started:
                return
            if settings.ENGINE == "embedded":
                await self._start_engine()
            else:
                live.bind(asyncio.get_running_loop())
            if settings.METRICS_TOKEN:
                self._pulse = gauges.Pulse(asyncio.get_running_loop())
            self._started = True

    async def _start_engine(self) -> None:
        self._ownership.take()
        engine = Engine()
        try:
            if not settings.POSTGRES:
                # The folder is ours, so the one who had it is gone: nobody has to wait for its leases.
                await rows(leases.end_all)
            await engine.start()
        except BaseException:
            await engine.stop()
            self._ownership.release()
            raise
        self.engine = engine

    async def stop(self) -> None:
        """Stop the engine, hand back its work and free the folder; it does not start again."""
        self._refused = True
        if self._pulse is not None:
            self._pulse.stop()
        if self.engine is not None:
            await self.engine.stop()
            self.engine = None
        live.bind(None)
        self._ownership.release()
