"""The studio in one process: pages, sockets, engine and, in test mode, the simulator."""

import asyncio
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
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--welcome", metavar="EMAIL", help="print a sign-in link for EMAIL and a curl")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        try:
            sock = serving.listen(host, port)
            self._check_migrated()
            application = import_string(settings.ASGI_APPLICATION)
            words = welcome(options["welcome"]) if options["welcome"] else _short()
            self._serve(application, sock, lambda: self._say(words))
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

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _short() -> str:
    return f"The studio runs at {settings.PUBLIC_URL}"
