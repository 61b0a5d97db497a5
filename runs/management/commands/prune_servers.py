"""Take off the GPU servers what this studio left there."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runs.engine import leavings
from runs.engine.leavings import Left

FILES = (
    "Files in a server's output folder are not in reach: ComfyUI has no way to delete one. The built-in graphs write "
    "to its temp folder, which it empties when it starts."
)


class Command(BaseCommand):
    help = (
        "Ask every GPU server that is switched on for prompts of this studio that nobody waits for, and for the "
        "history of those that are done; take both away. What other people sent is left alone, and so is what is "
        f"being painted. Prompts of runs that were deleted cannot be told from other people's. {FILES}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what is there")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        found = leavings.clean(dry_run=dry_run)
        if options["json"]:
            told = {"dry_run": dry_run, "servers": [asdict(left) for left in found], "files": FILES}
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            for left in found:
                self.stdout.write(_line(left, dry_run=dry_run))
            self.stdout.write(FILES if found else "No GPU server is switched on.")
        silent = [left.server for left in found if left.fault]
        if silent:
            raise CommandError(f"Not reached: {', '.join(silent)}. Try again when they answer.")


def _line(left: Left, *, dry_run: bool) -> str:
    if left.fault:
        return f"{left.server}: {left.fault}"
    deed = "would be taken off" if dry_run else "taken off"
    rest = f" {left.others} prompts of others are left alone." if left.others else ""
    return f"{left.server}: {len(left.queued)} prompts and {len(left.ended)} entries of its history {deed}.{rest}"
