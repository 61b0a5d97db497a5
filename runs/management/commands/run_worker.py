"""One of several workers: it takes pictures from the shared database and drives them on the GPU servers."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from runs.engine import worker


class Command(BaseCommand):
    help = "Run a worker of the studio in several processes (PostgreSQL and Redis). Stop it with SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENGINE != "workers":
            raise CommandError(
                "A worker needs a database that several processes can share. Set DATABASE_URL to a PostgreSQL "
                "database; with SQLite, `manage.py studio` does the work itself."
            )
        self.stdout.write("The worker runs. Stop it with Ctrl-C; what is under way goes on elsewhere.")
        self.stdout.flush()
        asyncio.run(_until_told())


async def _until_told() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await worker.run(stop)
