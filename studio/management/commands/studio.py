"""The studio in one process: pages, sockets, engine and, in test mode, the simulator."""

import asyncio
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from runs.engine.embedded import AlreadyRunning
from studio import serving
from studio.welcome import welcome


class Command(BaseCommand):
    help = "Run the studio: web server, engine and (in test mode) the simulator in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--welcome", metavar="EMAIL", help="print a sign-in link for EMAIL and a curl")

    def handle(self, *args: Any, **options: Any) -> None:
        # The simulator paints in threads beside the pages: at Python's 5 ms each turn of it would make them wait.
        sys.setswitchinterval(0.0005)
        try:
            sock = serving.listen(settings.HOST, settings.PORT)
            self._check_migrated()
            application = import_string(settings.ASGI_APPLICATION)
            self._serve(application, sock, lambda: self._say(options["welcome"]))
        except (serving.PortTaken, AlreadyRunning) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _serve(self, application: Any, sock: Any, ready: Any) -> None:
        if settings.SERVER == "daphne":
            serving.serve_daphne(application, sock, ready)
        else:
            asyncio.run(serving.serve_uvicorn(application, sock, ready))

    def _check_migrated(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date. Run `make setup` (or `manage.py migrate`).")
        connection.close()

    def _say(self, email: str | None) -> None:
        """Only once the folder is ours: a studio that is refused must not spend the other one's token."""
        self.stdout.write(welcome(email) if email else f"The studio runs at {settings.PUBLIC_URL}")
        self.stdout.flush()
