"""Remove files that no row names, and let rows whose file is gone say so."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from runs import orphans
from runs.alone import alone
from runs.errors import AlreadyCleaning, StorageAway
from runs.orphans import LeftOver, Orphan

OPENING = '{"entries": ['
LINE = "{:<8} {:>12}  {}  ({})"


class Command(BaseCommand):
    help = (
        "Look through the whole storage for files that no row names, and through the rows for those whose file is "
        "gone: after a backup was restored, or a storage failed. Files younger than a day are left alone. A row keeps "
        "what is known of its ad or picture; it only stops naming the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what is found")
        parser.add_argument(
            "--believe-it", action="store_true", help="go on although most files seem to be gone"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON, an entry a line")

    def handle(self, *args: Any, dry_run: bool, believe_it: bool, **options: Any) -> None:
        try:
            with alone():
                if not (dry_run or believe_it):
                    orphans.require_storage()
                totals = self._work(dry_run=dry_run, as_json=options["json"])
        except (AlreadyCleaning, StorageAway) as refusal:
            raise CommandError(str(refusal)) from None
        if totals["faults"]:
            raise CommandError(f"{totals['faults']} could not be settled; why is said above.")

    def _work(self, *, dry_run: bool, as_json: bool) -> Counter[str]:
        totals = Counter[str]()
        for orphan in orphans.find(timezone.now()):
            fault = "" if dry_run else orphans.remove(orphan)
            if as_json:
                entry = asdict(orphan) | {"fault": fault}
                self.stdout.write(f"{',' if totals else OPENING}{_as_json(entry)}")
            else:
                self.stdout.write(_line(orphan, fault))
            self.stdout.flush()
            totals["files" if isinstance(orphan, LeftOver) else "rows"] += _count(orphan)
            totals["bytes"] += 0 if fault else orphan.bytes
            totals["faults"] += bool(fault)
        self._sum_up(totals, dry_run=dry_run, as_json=as_json)
        return totals

    def _sum_up(self, totals: Counter[str], *, dry_run: bool, as_json: bool) -> None:
        if as_json:
            told = {name: totals[name] for name in ("files", "rows", "bytes", "faults")}
            rest = _as_json({"totals": told, "dry_run": dry_run})
            self.stdout.write(f"{'' if totals else OPENING}], {rest[1:]}")
            return
        deeds = ("would be removed", "would be settled") if dry_run else ("removed", "settled")
        files = f"{totals['files']} files without rows {deeds[0]}, {totals['bytes'] / 1024 / 1024:.1f} MB"
        self.stdout.write(f"{files}; {totals['rows'] - totals['faults']} rows without files {deeds[1]}.")


def _count(orphan: Orphan) -> int:
    return len(orphan.keys) if isinstance(orphan, LeftOver) else 1


def _line(orphan: Orphan, fault: str) -> str:
    why = fault or orphan.reason
    if isinstance(orphan, LeftOver):
        return LINE.format(f"{len(orphan.keys)} files", orphan.bytes, orphan.folder, why)
    return LINE.format(orphan.kind, "", orphan.key, why)


def _as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
