"""`manage.py doctor`: is this deployment well? In plain words, with what to do; exit code 1 where it is not."""

import json
import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.management.base import BaseCommand

from runs import doctor
from runs.engine import examining
from runs.findings import Finding, Level

MARKS = {Level.OK: "ok   ", Level.NOTE: "note ", Level.FAULT: "FAULT"}


class Command(BaseCommand):
    help = "Examine this deployment: settings, database, channels, files, fonts, disk, clocks, each ComfyUI."
    requires_system_checks = ()  # their faults are among its findings

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="findings as JSON")
        # The other process of the look at channels.
        parser.add_argument("--tell", metavar="WORD", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tell"]:
            async_to_sync(_tell)(options["tell"])
            return
        findings = []
        for finding in _all():
            findings.append(finding)
            if not options["json"]:
                self._say(finding)
        faults = sum(finding.level == Level.FAULT for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False))
        else:
            count = f"{faults} {'fault' if faults == 1 else 'faults'} found." if faults else "All is well."
            self.stdout.write(f"\n{count}")
        if faults:
            sys.exit(1)

    def _say(self, finding: Finding) -> None:
        self.stdout.write(f"{MARKS[finding.level]} {finding.about}: {finding.words}")
        if finding.fix:
            self.stdout.write(f"        → {finding.fix}")


def _all() -> Iterator[Finding]:
    yield from doctor.examine()
    yield from examining.examine()


async def _tell(channel: str) -> None:
    layer = get_channel_layer()
    assert layer is not None  # the settings always name one
    await layer.group_send(channel, {"type": "doctor.word"})
