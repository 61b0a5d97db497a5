"""Say how much lies in the storage, by workspace and kind."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from runs import stored

LINE = "{:<32} {:<22} {:>10} {:>16}"


class Command(BaseCommand):
    help = (
        "Say how many files and bytes each workspace has in the storage, as the database knows it, by kind."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(stored.report())  # a handful of lines a workspace
        files, size = sum(use.files for use in found), sum(use.bytes for use in found)
        if options["json"]:
            told = {"storage": [asdict(use) for use in found], "files": files, "bytes": size}
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            return
        self.stdout.write(LINE.format("WORKSPACE", "KIND", "FILES", "BYTES"))
        for use in found:
            self.stdout.write(LINE.format(use.workspace[:32], use.kind, use.files, use.bytes))
        self.stdout.write(LINE.format("all", "", files, size))
