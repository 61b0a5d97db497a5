"""Remove what the retention rules say can go, with its files."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from runs import cleaning, retention
from runs.errors import AlreadyCleaning
from runs.keeping import Part, Policy
from runs.models import RetentionPolicy
from runs.retention import FromRun, Interrupted, OldRecord, Outcome, Removable
from runs.unused import UnusedUpload

MOST_DAYS = 36_500
KEPT = (
    "No rule removes a run: they are kept for ever. Set RETENTION_DAYS, give a workspace rules in the admin, "
)
KEPT += "or give --days N to remove older ones."
LINE = "{:<36} {:>5} {:>9} {:>6} {:>12}  {}"
OPENING = '{"entries": ['
SECTIONS = {
    FromRun: "runs",
    Interrupted: "interrupted_removals",
    UnusedUpload: "unused_uploads",
    OldRecord: "deleted_records",
}
WORDS = {Part.RUN: "", Part.PICTURES: "pictures of ", Part.ADS: "ads of "}


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise ArgumentTypeError(
            f"“{text}” is not a number of days. Write a whole number from 1 to {MOST_DAYS}."
        )
    return int(text)


class Command(BaseCommand):
    help = (
        "Remove what the retention rules say can go: finished runs that are old, failed or over a workspace's "
        "ceiling, uploads that nothing names for 30 days, and campaigns, briefs and brand kits deleted 30 days ago. "
        "What runs, rests, is pinned, approved or being exported is never touched. Can be stopped at any time; the "
        "next call goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
        parser.add_argument("--json", action="store_true", help="print the result as JSON, an entry a line")
        parser.add_argument("--days", type=_days, metavar="N", help="instead of RETENTION_DAYS")

    def handle(self, *args: Any, dry_run: bool, days: int | None, **options: Any) -> None:
        usual = Policy.usual() if days is None else replace(Policy.usual(), run_days=days)
        if dry_run:
            outcomes: Iterable[Outcome] = map(_as_planned, retention.plan(timezone.now(), usual))
        else:
            outcomes = cleaning.clean("manage.py prune", usual=usual)
        totals = Counter[str]()
        try:
            for outcome in outcomes:
                self._tell(outcome, totals, as_json=options["json"])
        except AlreadyCleaning as refusal:
            raise CommandError(str(refusal)) from None
        self._sum_up(totals, usual, dry_run=dry_run, as_json=options["json"])
        if totals["faults"]:
            raise CommandError(f"{totals['faults']} could not be removed. The next prune tries again.")

    def _tell(self, outcome: Outcome, totals: Counter[str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(f"{',' if totals else OPENING}{_as_json(_entry(outcome))}")
        else:
            if not totals:
                self.stdout.write(LINE.format("WHAT", "DAYS", "PICTURES", "ADS", "BYTES", "WHY"))
            self.stdout.write(_line(outcome))
        self.stdout.flush()  # whoever stops it must have seen what is gone
        totals["faults" if outcome.fault else SECTIONS[type(outcome.what)]] += 1
        totals["bytes"] += 0 if outcome.fault else outcome.what.bytes

    def _sum_up(self, totals: Counter[str], usual: Policy, *, dry_run: bool, as_json: bool) -> None:
        kept = "" if usual.soonest or usual.ceiling or RetentionPolicy.objects.exists() else KEPT
        if as_json:
            told = {name: totals[name] for name in (*SECTIONS.values(), "bytes", "faults")}
            rest = _as_json({"totals": told, "dry_run": dry_run, "words": kept})
            self.stdout.write(f"{'' if totals else OPENING}], {rest[1:]}")
            return
        if kept:
            self.stdout.write(kept)
        verb = "would be removed" if dry_run else "removed"
        what = [f"{totals[name]} {name.replace('_', ' ')}" for name in SECTIONS.values()]
        self.stdout.write(f"{', '.join(what[:-1])} and {what[-1]} {verb}, {_megabytes(totals['bytes'])}.")


def _as_planned(what: Removable) -> Outcome:
    return Outcome(what=what)


def _line(outcome: Outcome) -> str:
    what = outcome.what
    why = f"NOT REMOVED. {outcome.fault}" if outcome.fault else what.reason
    match what:
        case FromRun():
            name, weight = f"{WORDS[what.part]}{what.name}"[:36], what.weight
            return LINE.format(name, what.days, weight.pictures, weight.ads, what.bytes, why)
        case Interrupted():
            return LINE.format(f"({what.files} files without rows)", "", "", "", what.bytes, why)
        case UnusedUpload():
            return LINE.format(f"({what.kind} nobody uses)", "", "", "", what.bytes, why)
        case OldRecord():
            return LINE.format(f"{what.kind} {what.name}"[:36], what.days, "", "", "", why)


def _entry(outcome: Outcome) -> dict[str, Any]:
    kind = {"kind": SECTIONS[type(outcome.what)]}
    entry = kind | asdict(outcome.what) | {"bytes": outcome.what.bytes, "fault": outcome.fault}
    return {name: value for name, value in entry.items() if name not in ("rules", "seen_at")}


def _as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
