"""Copies the studio's database and files into a folder, while it runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from studio.backup import back_up

ELSEWHERE = (
    "The database is PostgreSQL: back it up with its own tools, such as `pg_dump --format=custom`, and the files "
    "with those of their storage. docs/moving.md has the commands."
)


class Command(BaseCommand):
    requires_system_checks = ()  # one of them would write, and wait for whoever writes now
    help = (
        "Copy the SQLite database and the files into FOLDER, while the studio runs. Run again, it copies only what "
        "is new. docs/moving.md says how to bring it back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(ELSEWHERE)
        if folder.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
            raise CommandError("The folder is inside the files to copy. Choose one outside.")
        try:
            ours = None if self._is_in_a_bucket else Path(settings.MEDIA_ROOT)
            copied, kept = back_up(Path(connection.settings_dict["NAME"]), ours, folder)
        except OSError as fault:
            raise CommandError(
                f"It could not be copied: {fault}. What was there before is still there."
            ) from fault
        files = (
            "Files are in a bucket: copy that too."
            if self._is_in_a_bucket
            else f"{copied} files, {kept} before."
        )
        self.stdout.write(f"Copied to {folder}: the database and {files}")

    @property
    def _is_in_a_bucket(self) -> bool:
        return str(settings.MEDIA_STORAGE) != "files"
