"""`manage.py fonts`: which fonts the ads are set in, where they lie, and what would be needed for more scripts."""

from typing import Any

from django.core.management.base import BaseCommand

from runs.composition import fonts, found


class Command(BaseCommand):
    help = "List the shipped fonts, those found on this machine, and the packages that bring further scripts."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Shipped with the studio, in {fonts.FOLDER}:")
        for path in sorted(fonts.FOLDER.glob("*.?tf")):
            self.stdout.write(f"  {path.name} ({path.stat().st_size / 1024:,.0f} KB)")
        self.stdout.write("Further scripts:")
        for entry in found.FURTHER:
            self.stdout.write(f"  {entry.script}: {entry.path or _missing(entry)}")


def _missing(entry: found.Further) -> str:
    return f"missing; install {entry.package}, or put {entry.file} into a folder that FONTS_DIR names"
