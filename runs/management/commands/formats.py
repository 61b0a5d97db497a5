"""List the ad sizes that a brief can name."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from runs import formats
from runs.formats import Format


class Command(BaseCommand):
    help = "List the ad sizes: their ids for a brief, pixels, byte limit and the shape of their picture."
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print them as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        entries = list(formats.catalogue().values())
        if options["json"]:
            self.stdout.write(json.dumps([_entry(entry) for entry in entries], indent=2, ensure_ascii=False))
            return
        rows = [("ID", "SIZE", "PIXELS", "AT MOST", "SHAPE"), *map(_row, entries)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write("* our own limit: the platform publishes none.")


def _row(entry: Format) -> tuple[str, ...]:
    limit = f"{entry.max_bytes / 1024:.0f} KB{'*' if entry.max_bytes_is_ours else ''}"
    return entry.id, entry.label, f"{entry.width}×{entry.height}", limit, _shape(entry)


def _shape(entry: Format) -> str:
    return entry.shape.value if entry.role == "image" else "(logo)"


def _entry(entry: Format) -> dict[str, Any]:
    return {
        "id": entry.id,
        "label": entry.label,
        "role": entry.role,
        "width": entry.width,
        "height": entry.height,
        "max_bytes": entry.max_bytes,
        "max_bytes_is_ours": entry.max_bytes_is_ours,
        "shape": entry.shape.value,
        "sources": list(entry.sources),
    }
