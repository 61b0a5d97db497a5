"""The tables of an export, as CSV that a spreadsheet opens as it is meant: UTF-8 with its mark, no formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs import formats, post_copy
from runs.brief import BriefSpec
from runs.formats import PLATFORM_NAMES
from runs.models import Creative, Run
from runs.post_text import PostCopy

BOM = "\ufeff".encode()
# A cell that begins so would be run as a formula by whoever opens the table.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    "file",
    "run",
    "state",
    "words",
    "platform",
    "label",
    "format",
    "width",
    "height",
    "bytes",
    "byte_limit",
    "language",
    "product",
    "look",
    "message",
    "headline",
    "faults",
    "source_type",
    "sha256",
)
COPY_COLUMNS = (
    "run",
    "message",
    "language",
    "where",
    "field",
    "number",
    "text",
    "count",
    "limit",
    "remarks",
)
ON_THE_AD = ("headline", "short_headline", "line", "button", "legal")


def harmless(value: object) -> str:
    words = "" if value is None else str(value).encode("utf-8", "replace").decode()
    return f"'{words}" if words.startswith(_FORMULA) else words


def table_line(cells: Sequence[object], bom: bool = False) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return (BOM if bom else b"") + out.getvalue().encode()


def manifest_head() -> bytes:
    return table_line(COLUMNS, bom=True)


def manifest_row(entry: dict[str, Any]) -> list[object]:
    report = entry["report"]
    faults = [check["words"] for check in report.get("checks", []) if not check["ok"]]
    facts = entry | {
        "message": entry["message"] + 1,
        "headline": entry["copy"].get("headline", ""),
        "faults": " ".join(faults),
        "source_type": report.get("source_type", ""),
    }
    return [facts[column] for column in COLUMNS]


def copy_head() -> bytes:
    return table_line(COPY_COLUMNS, bom=True)


type Said = tuple[str, ...]  # what one ad says, field by field of ON_THE_AD


@dataclass(slots=True)
class Beside:
    """The text beside the ads of one message and language: as the brief has it, unless an ad was given its own."""

    # By platform. Where all of a platform's ads have their own, the brief's goes with none of them.
    of_brief: dict[str, None] = field(default_factory=lambda: dict.fromkeys(PLATFORM_NAMES))
    changed: dict[str, tuple[str, PostCopy]] = field(default_factory=dict)  # by file
    _kept: set[str] = field(default_factory=set)

    def note(self, file: str, ad: Creative) -> None:
        size = formats.catalogue().get(ad.format)
        if size is None:
            return
        if ad.post is None:
            self._kept.add(size.platform)
            self.of_brief.setdefault(size.platform)
            return
        self.changed[file] = (size.platform, PostCopy.model_validate(ad.post))
        if size.platform not in self._kept:
            self.of_brief.pop(size.platform, None)


def said_by(copy: Mapping[str, str]) -> Said:
    return tuple(copy.get(name, "") for name in ON_THE_AD)


def copy_rows(
    run: Run,
    spec: BriefSpec,
    wanted: Mapping[tuple[int, str], Iterable[Said]],
    beside: Mapping[tuple[int, str], "Beside"],
) -> Iterator[list[object]]:
    """The words of a run, on its ads as they are now and beside them, with how each platform counts them.

    `wanted` has for each message and language all that its ads say: one that was changed by itself says something else.
    """
    for message, language in sorted(wanted):
        copy = spec.messages[message].copy_in(language)
        of = [run.name, message + 1, language]
        for said in wanted[message, language]:
            for name, words in zip(ON_THE_AD, said, strict=True):
                if words:
                    yield [*of, "On the ad", post_copy.field_name(name), "", words, "", "", ""]
        if copy.post.link:
            yield [*of, "Link", "Link", "", copy.post.link, "", "", ""]
        own = beside.get((message, language), Beside())
        yield from _posts(of, spec.offered, copy.post, {name: PLATFORM_NAMES[name] for name in own.of_brief})
        for file, (platform, post) in own.changed.items():
            where = f"{PLATFORM_NAMES[platform]}, {file}"
            if post.link != copy.post.link:
                yield [*of, where, "Link", "", post.link, "", "", ""]
            sizes = [size for size in formats.images() if size.platform == platform]
            yield from _posts(of, sizes, post, {platform: where})


def _posts(
    of: list[object], sizes: Iterable[formats.Format], post: PostCopy, where: Mapping[str, str]
) -> Iterator[list[object]]:
    """What is written for these platforms; `where` names each in the table."""
    verdicts = post_copy.check(post, sizes)
    for platform in where:
        for name, value in post.written(platform).items():
            lines = [(None, value)] if isinstance(value, str) else list(enumerate(value))
            for number, text in lines:
                mine = [v for v in verdicts if (v.platform, v.field, v.number) == (platform, name, number)]
                limits = " ".join(f"{v.limit}{'' if v.hard else ' (soft)'}" for v in mine if v.limit)
                yield [
                    *of,
                    where[platform],
                    post_copy.field_name(name),
                    "" if number is None else number + 1,
                    text,
                    post_copy.count(platform, text),
                    limits,
                    " ".join(verdict.words for verdict in mine if not verdict.ok),
                ]
