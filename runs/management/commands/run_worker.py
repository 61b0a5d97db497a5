"""One of several workers: it takes pictures from the shared database and drives them on the GPU servers."""

import asyncio
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from runs.engine import worker

SHOWS_EVERY = 5.0  # seconds


class Command(BaseCommand):
    help = "Run a worker of the studio in several processes (PostgreSQL and Redis). Stop it with SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--alive", type=Path, metavar="FILE", help="touch FILE every 5 s, for whoever watches the process"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENGINE != "workers":
            raise CommandError(
                "A worker needs a database that several processes can share. Set DATABASE_URL to a PostgreSQL "
                "database; with SQLite, `manage.py studio` does the work itself."
            )
        self.stdout.write("The worker runs. Stop it with Ctrl-C; what is under way goes on elsewhere.")
        self.stdout.flush()
        asyncio.run(_until_told(options["alive"]))


async def _until_told(alive: Path | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    showing = asyncio.create_task(_show(alive)) if alive else None
    await worker.run(stop)
    if showing:
        showing.cancel()


async def _show(file: Path) -> None:
    """A process that hangs shows nothing any more; whether the database answers is no matter of this."""
    while True:
        file.touch()
        await asyncio.sleep(SHOWS_EVERY)
