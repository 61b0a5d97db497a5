"""The lint report of an ad: each rule, whether the ad keeps it, and who says so since when.

What was measured was noted when the ad was made; whose rule it is, is looked up in the catalogue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from runs import formats, post_copy, posting
from runs.formats import Format
from runs.models import Creative


class Origin(StrEnum):
    """How far a rule can be relied on."""

    PUBLISHED = auto()  # a source says so
    CONFLICTING = auto()  # two sources say different things; the catalogue's note tells what was taken
    OURS = auto()  # nothing is published, or nothing that could be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    name: str
    url: str
    kind: str
    date: str  # when it was read, or published where it has a date of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the report."""

    name: str
    ok: bool
    words: str
    origin: Origin
    note: str
    sources: tuple[Source, ...]


_WCAG = Source(
    name="wcag22", url="https://www.w3.org/TR/WCAG22/#contrast-minimum", kind="standard", date="2023-10-05"
)
_IPTC = Source(
    name="iptc",
    url="https://cv.iptc.org/newscodes/digitalsourcetype/",
    kind="standard",
    date="2026-11-22",
)
_STANDARDS = {"contrast": _WCAG, "source_type": _IPTC}
# The fields of the catalogue that say what a check is held against. What is not here is a rule of our own.
_FIELDS = {
    "pixels": ("width", "height"),
    "ratio": ("ratio_tolerance_pct",),
    "file_type": ("file_types",),
    "bytes": ("max_bytes",),
    "safe_zone": ("safe_zone_pct",),
    "text_allowed": ("text_in_image",),
    "text_free": ("text_in_image",),
    "text_share": ("text_in_image",),
}


def rules_of(ad: Creative) -> list[Rule]:
    """The report of a finished ad; empty while there is none."""
    size = formats.catalogue().get(ad.format)
    noted: list[Mapping[str, Any]] = ad.report.get("checks", [])
    rows = [_rule(size, row["name"], ok=row["ok"], words=row["words"]) for row in noted]
    return [*rows, *_limits(ad, size)] if rows and size else rows


def _rule(size: Format | None, name: str, *, ok: bool, words: str) -> Rule:
    origin, sources = _whose(size, name)
    note = size.note or "" if size and origin is Origin.CONFLICTING else ""
    return Rule(name=name, ok=ok, words=words, origin=origin, note=note, sources=sources)


def _whose(size: Format | None, name: str) -> tuple[Origin, tuple[Source, ...]]:
    if name in _STANDARDS:
        return Origin.PUBLISHED, (_STANDARDS[name],)
    wanted = _FIELDS.get(name, ())
    if size is None or not wanted or _is_ours(size, name) or set(wanted) & set(size.unsourced_fields):
        return Origin.OURS, ()
    named = [size.field_sources[field] for field in wanted if field in size.field_sources]
    conflict = set(wanted) & set(size.conflicting_fields)
    sources = tuple(_source(source) for source in named or size.sources)
    return Origin.CONFLICTING if conflict else Origin.PUBLISHED, sources


def _is_ours(size: Format, name: str) -> bool:
    """Where nothing is published and we set a limit; plain text_in_image says only that nobody minds."""
    match name:
        case "bytes":
            return size.max_bytes_is_ours
        case "safe_zone":
            return size.safe_is_ours
        case "text_allowed" | "text_share":
            return size.text_in_image == "allowed"
        case _:
            return False


def _source(name: str) -> Source:
    known = formats.sources()[name]
    return Source(name=name, url=known["url"], kind=known["kind"], date=formats.read_on())


def _limits(ad: Creative, size: Format) -> Iterator[Rule]:
    """The post text beside the ad against the limits of its platform."""
    verdicts = post_copy.check(posting.of_ad(ad.run.brief, ad), [size])
    for verdict in verdicts:
        sources = tuple(_source(name) for name in verdict.sources)
        name = post_copy.field_name(verdict.field)
        words = verdict.words or f"{name}: {verdict.count} of {verdict.limit} characters."
        origin = Origin.OURS if "text" in size.unsourced_fields else Origin.PUBLISHED
        yield Rule(name="copy_limits", ok=verdict.ok, words=words, origin=origin, note="", sources=sources)
    if not verdicts:
        words = "No post text for this platform. Text on the ad is limited by its layout."
        yield Rule(name="copy_limits", ok=True, words=words, origin=Origin.OURS, note="", sources=())
