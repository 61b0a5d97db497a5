"""Counts what a stage has made: rows against files, each exactly once."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.ledgers import Bill, Prompt
from tests.chaos.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What there is. The four last are faults: none of them may be there."""

    pictures: int
    ads: int
    bill: Bill
    unfinished: list[str]  # generations that did not become done, with their status
    doubled: list[str]  # rows that are there twice, or not for the last attempt
    damaged: list[str]  # files that are missing or are not what their row says
    strays: list[str]  # files that no row names

    @property
    def faults(self) -> dict[str, object]:
        found: dict[str, object] = {
            "unfinished": self.unfinished,
            "doubled": self.doubled,
            "damaged": self.damaged,
            "strays": self.strays,
            "paid twice": self.bill.wasted,
        }
        return {name: entries for name, entries in found.items() if entries}

    def __str__(self) -> str:
        lost, doubled = len(self.unfinished) + len(self.damaged), len(self.doubled)
        return (
            f"{self.pictures} pictures and {self.ads} ads stored once, {lost} lost, {doubled} doubled, "
            f"{len(self.strays)} stray files; {self.bill.executed} prompts paid = {self.bill.pictures} + "
            f"{len(self.bill.excused)} whose server died with them + {len(self.bill.wasted)} without an excuse"
        )


def settle(stage: Stage) -> Account:
    """Take stock of a stage that has come to rest."""
    rows = {row.pk: row for row in stage.rows.generations()}
    pictures = stage.rows.ask("SELECT generation_id, attempt, key, sha256 FROM runs_picture")
    ads = stage.rows.ask(
        "SELECT generation_id, format, message, language, revision, key, sha256 FROM runs_creative"
    )
    of_row = Counter(pk for pk, *_ in pictures)
    doubled = [f"{row.pk} has {of_row[pk]} pictures" for pk, row in rows.items() if of_row[pk] > 1]
    doubled += [f"{pk} stored attempt {n}" for pk, n, *_ in pictures if n != rows[pk].attempt]
    doubled += [f"{ad} {n} times" for ad, n in Counter(ad[:5] for ad in ads).items() if n > 1]
    uploads = stage.rows.ask("SELECT key, sha256 FROM runs_asset")
    named = {key: sha256 for *_, key, sha256 in [*pictures, *ads, *uploads]}
    stage.tidy()
    files = stage.files()
    return Account(
        pictures=len(pictures),
        ads=len(ads),
        bill=stage.bill(),
        unfinished=[f"{row.pk}: {row.status}" for row in rows.values() if row.status != "done"],
        doubled=doubled,
        damaged=[key for key, sha256 in named.items() if key not in files or _digest(files[key]) != sha256],
        strays=sorted(set(files) - set(named)),
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def story(stage: Stage, wasted: Prompt) -> str:
    """What became of a picture that was paid for twice: its prompts, its servers' deaths, its row's steps, in order."""
    sent = [prompt for prompt in stage.prompts() if prompt.picture == wasted.picture]
    entries = [
        (at, f"{prompt.server} {step} {prompt.prompt_id[:8]}")
        for prompt in sent
        for step, at in [("accepted", prompt.accepted), ("began", prompt.started), ("ended", prompt.ended)]
        if at is not None
    ]
    servers = {prompt.server for prompt in sent}
    entries += [
        (at, f"{one.name} died") for one in stage.simulators if one.name in servers for at in one.died_at
    ]
    ids = {prompt.prompt_id for prompt in sent}
    for row in stage.rows.generations():
        if row.prompt_id in ids:
            entries += stage.rows.timed_steps(row.pk)
    return "\n".join(f"{at:.2f} {words}" for at, words in sorted(entries))
