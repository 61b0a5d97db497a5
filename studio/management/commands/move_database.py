"""Moves a studio from SQLite to PostgreSQL: every row, in one transaction."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from runs.engine.embedded import AlreadyRunning, Ownership
from studio.moving import CannotMove, Moved, move


class Command(BaseCommand):
    help = (
        "Copy everything of this studio's database into an empty PostgreSQL database. The studio must not run. "
        "Files stay where they are; docs/moving.md says how they move."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="the empty database, such as postgres://studio:password@db/studio")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        ours = Ownership(settings.VAR_DIR)
        try:
            ours.take()
            rows = move(url, self._tell)
        except AlreadyRunning as refusal:
            raise CommandError(
                f"The studio is running and would keep writing. Stop it first. {refusal}"
            ) from refusal
        except CannotMove as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            ours.release()
        self.stdout.write(f"{rows} rows moved. Set DATABASE_URL to the new database, then start the studio.")

    def _tell(self, moved: Moved) -> None:
        if moved.rows:
            self.stdout.write(f"{moved.table:<40} {moved.rows:>9}")
            self.stdout.flush()
