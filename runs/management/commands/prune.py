"""Remove finished runs that are older than they are to be kept, with their files."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from runs import retention
from runs.retention import LeftOver, OldRecord, OldRun, Outcome, Plan, Removable
from runs.unused import UnusedUpload

MOST_DAYS = 36_500
KEPT = "RETENTION_DAYS is 0: runs are kept for ever. Give --days N to remove older ones."
LINE = "{:<32} {:>5} {:>9} {:>6} {:>9}  {}"


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise ArgumentTypeError(f"“{text}” is no number of days. Write a whole number from 1 to {MOST_DAYS}.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Remove finished runs older than RETENTION_DAYS with their pictures and ads, files whose run is gone, "
        "uploads that nothing names for 30 days, and campaigns, briefs and brand kits deleted 30 days ago. "
        "What is not finished is never touched. Can be stopped at any time; the next call goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--days", type=_days, metavar="N", help="instead of RETENTION_DAYS")

    def handle(self, *args: Any, dry_run: bool, days: int | None, **options: Any) -> None:
        kept = settings.RETENTION_DAYS if days is None else days
        decided = retention.plan(timezone.now(), kept)
        outcomes = _as_planned(decided) if dry_run else retention.apply(decided)
        if options["json"]:
            failed = self._json(outcomes, kept, dry_run=dry_run)
        else:
            failed = self._table(outcomes, kept, dry_run=dry_run)
        if failed:
            raise CommandError(f"{failed} could not be removed. The next prune tries again.")

    def _json(self, outcomes: Iterable[Outcome], days: int, *, dry_run: bool) -> int:
        done = list(outcomes)
        told = {
            "days": days,
            "dry_run": dry_run,
            "words": "" if days else KEPT,
            "bytes": sum(_size(outcome.what) for outcome in done if not outcome.fault),
            "runs": [_entry(outcome) for outcome in done if isinstance(outcome.what, OldRun)],
            "left_over_files": [_entry(outcome) for outcome in done if isinstance(outcome.what, LeftOver)],
            "unused_uploads": [_entry(outcome) for outcome in done if isinstance(outcome.what, UnusedUpload)],
            "deleted_records": [_entry(outcome) for outcome in done if isinstance(outcome.what, OldRecord)],
        }
        self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder))
        return sum(bool(outcome.fault) for outcome in done)

    def _table(self, outcomes: Iterable[Outcome], days: int, *, dry_run: bool) -> int:
        if not days:
            self.stdout.write(KEPT)
        runs = files = uploads = records = failed = size = 0
        for outcome in outcomes:
            if not runs + files + uploads + records + failed:
                self.stdout.write(LINE.format("RUN", "DAYS", "PICTURES", "ADS", "BYTES", "WHY"))
            self.stdout.write(_line(outcome))
            self.stdout.flush()  # whoever stops it must have seen what is gone
            failed += bool(outcome.fault)
            if not outcome.fault:
                size += _size(outcome.what)
                runs += isinstance(outcome.what, OldRun)
                files += len(outcome.what.keys) if isinstance(outcome.what, LeftOver) else 0
                uploads += isinstance(outcome.what, UnusedUpload)
                records += isinstance(outcome.what, OldRecord)
        verb = "would be removed" if dry_run else "removed"
        what = f"{runs} runs, {files} left-over files, {uploads} unused uploads and {records} deleted records"
        self.stdout.write(f"{what} {verb}, {_megabytes(size)}.")
        return failed


def _as_planned(decided: Plan) -> Iterator[Outcome]:
    yield from (Outcome(what=what) for what in decided)


def _size(what: Removable) -> int:
    return what.weight.bytes if isinstance(what, OldRun) else what.bytes


def _line(outcome: Outcome) -> str:
    what = outcome.what
    why = f"NOT REMOVED. {outcome.fault}" if outcome.fault else what.reason
    match what:
        case OldRun():
            weight = what.weight
            return LINE.format(what.name[:32], what.days, weight.pictures, weight.ads, weight.bytes, why)
        case LeftOver():
            return LINE.format(f"({len(what.keys)} files without a run)", "", "", "", what.bytes, why)
        case UnusedUpload():
            return LINE.format(f"({what.kind} nobody uses)", "", "", "", what.bytes, why)
        case OldRecord():
            return LINE.format(f"{what.kind} {what.name}"[:32], what.days, "", "", "", why)


def _entry(outcome: Outcome) -> dict[str, Any]:
    return asdict(outcome.what) | {"fault": outcome.fault}


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
