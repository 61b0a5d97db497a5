"""The ad formats: pixels, safe zones, byte limits, who draws the button; each with its sources.

Read from data/ad-formats.json. A format belongs to a shape; formats of one shape share the picture that
a GPU paints for them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum, auto
from functools import cache
from math import log
from pathlib import Path
from typing import Any

OUR_MAX_BYTES = 5 * 1024 * 1024  # where the platform publishes no limit
OUR_MARGIN_PCT = 4.0  # where the platform publishes no safe zone

PLATFORM_NAMES = {
    "meta": "Meta",
    "google_ads": "Google",
    "youtube": "YouTube",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "pinterest": "Pinterest",
    "x": "X",
    "snapchat": "Snapchat",
    "amazon": "Amazon",
    "uber": "Uber",
    "walmart": "Walmart",
    "dv360": "DV360",
}

# Placements whose platform sets its own button beside or under the picture. In uploaded display banners the
# picture is the whole ad, so the button is ours to draw.
DRAWN_BUTTON_PREFIXES = ("google_display_", "amazon_display_", "tiktok_network_")


class UnknownFormat(KeyError):
    """That id is not in the catalogue of ad formats."""

    def __init__(self, format_id: str) -> None:
        super().__init__(format_id)
        self.format_id = format_id

    def __str__(self) -> str:
        return f"There is no ad size “{self.format_id}”. `manage.py formats` lists those there are."


class Shape(StrEnum):
    """The aspect buckets in which pictures are painted."""

    SQUARE = auto()
    PORTRAIT = auto()
    STORY = auto()
    LANDSCAPE = auto()

    @property
    def aspect(self) -> float:
        """Width divided by height of the picture painted for this shape."""
        return _ASPECTS[self]

    @classmethod
    def nearest(cls, width: int, height: int) -> "Shape":
        """The shape from which an ad of width × height pixels loses least when it is cropped."""
        return min(cls, key=lambda shape: abs(log(width / height) - log(shape.aspect)))


_ASPECTS = {Shape.SQUARE: 1.0, Shape.PORTRAIT: 4 / 5, Shape.STORY: 9 / 16, Shape.LANDSCAPE: 1.91}


@dataclass(frozen=True, slots=True)
class Insets:
    """Distances from the four edges of an ad, in pixels."""

    top: int
    right: int
    bottom: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One ad size of one placement. Pixels, bytes (binary) and the published rules with their sources."""

    id: str
    platform: str
    placement: str
    role: str  # "image" or "logo"
    width: int
    height: int
    ratio: str
    max_bytes: int
    max_bytes_is_ours: bool
    file_types: tuple[str, ...]
    safe: Insets
    safe_is_ours: bool
    text: Mapping[str, Any]
    text_in_image: str
    sources: tuple[str, ...]
    field_sources: Mapping[str, str]  # which source says this very field; the others stand for the rest
    unsourced_fields: tuple[str, ...]
    conflicting_fields: tuple[str, ...]  # two sources say different things; the note tells what was taken
    ratio_tolerance_pct: float | None
    note: str

    @property
    def shape(self) -> Shape:
        return Shape.nearest(self.width, self.height)

    @property
    def draws_button(self) -> bool:
        """Whether we draw the button (the platform sets its own under the picture otherwise)."""
        return self.id.startswith(DRAWN_BUTTON_PREFIXES)

    @property
    def allows_text(self) -> bool:
        return self.text_in_image != "forbidden"

    @property
    def wants_twin(self) -> bool:
        """Whether each picture is delivered without text too. Where text is forbidden the ad itself has none."""
        return self.text_in_image == "discouraged"

    @property
    def platform_name(self) -> str:
        return PLATFORM_NAMES[self.platform]

    @property
    def name(self) -> str:
        """The placement in words, without platform and size: "story", "large mobile banner"."""
        words = self.id.removeprefix("google_").removeprefix(f"{self.platform}_").removeprefix("display_")
        for short, long in _NAMES.items():
            words = words.replace(short, long)
        words = words.replace("_", " ").replace(f"{self.width}x{self.height}", "")
        return words.removesuffix(f" {self.width}").strip()

    @property
    def size(self) -> str:
        """The ratio where the placement scales ("9:16"), else the exact pixels ("728×90")."""
        return f"{self.width}×{self.height}" if self.draws_button or len(self.ratio) > 6 else self.ratio

    @property
    def label(self) -> str:
        """What the studio calls it: "Meta story 9:16", "Google leaderboard 728×90"."""
        return " ".join(filter(None, (self.platform_name, self.name, self.size)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What is still told of an ad's size when its format may have left the catalogue. 0 bytes: no limit is known."""

    label: str
    platform_name: str
    width: int
    height: int
    max_bytes: int
    max_bytes_is_ours: bool
    sources: tuple[str, ...]


_NAMES = {
    "rda_": "responsive ",
    "pmax_": "Performance Max ",
    "demandgen_": "Demand Gen ",
    "app_": "app ",
    "dv360": "",
}


def _insets(raw: Mapping[str, Any], width: int, height: int) -> tuple[Insets, bool]:
    zone = raw["safe_zone_pct"]
    least = round(min(width, height) * OUR_MARGIN_PCT / 100)
    if zone is None:
        return Insets(least, least, least, least), True
    vertical = [max(least, round(height * zone[side] / 100)) for side in ("top", "bottom")]
    horizontal = [max(least, round(width * zone[side] / 100)) for side in ("right", "left")]
    return Insets(vertical[0], horizontal[0], vertical[1], horizontal[1]), False


def _format(raw: Mapping[str, Any]) -> Format:
    safe, safe_is_ours = _insets(raw, raw["width"], raw["height"])
    same = (
        "id",
        "platform",
        "placement",
        "role",
        "width",
        "height",
        "ratio",
        "text",
        "text_in_image",
        "field_sources",
        "ratio_tolerance_pct",
        "note",
    )
    return Format(
        **{key: raw[key] for key in same},
        max_bytes=raw["max_bytes"] or OUR_MAX_BYTES,
        max_bytes_is_ours=raw["max_bytes"] is None,
        file_types=tuple("jpg" if kind == "jpeg" else kind for kind in raw["file_types"]),
        safe=safe,
        safe_is_ours=safe_is_ours,
        sources=tuple(raw["sources"]),
        unsourced_fields=tuple(raw["unsourced_fields"]),
        conflicting_fields=tuple(raw.get("conflicting_fields", ())),
    )


@cache
def _file() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = json.loads((Path(__file__).parent / "data" / "ad-formats.json").read_text())
    return raw


@cache
def catalogue() -> Mapping[str, Format]:
    """Every format by its id, in the order of the file."""
    return {entry["id"]: _format(entry) for entry in _file()["formats"]}


def sources() -> Mapping[str, Mapping[str, str]]:
    """Where the rules come from: each source's url and kind ("official", "third-party", …) by its name."""
    known: Mapping[str, Mapping[str, str]] = _file()["sources"]
    return known


def read_on() -> str:
    """The day on which the sources were read, as an ISO date."""
    day: str = _file()["compiled"]
    return day


def get(format_id: str) -> Format:
    """The format with that id; raises UnknownFormat."""
    try:
        return catalogue()[format_id]
    except KeyError:
        raise UnknownFormat(format_id) from None


def still_offered(format_ids: Iterable[str]) -> list[Format]:
    """Those that are in the catalogue; an order from before may name others."""
    return [catalogue()[format_id] for format_id in format_ids if format_id in catalogue()]


def size_now(format_id: str) -> Size | None:
    """The size as the catalogue has it; None where it is not offered any more."""
    entry = catalogue().get(format_id)
    if entry is None:
        return None
    return Size(**{field.name: getattr(entry, field.name) for field in fields(Size)})


def noted(format_id: str) -> dict[str, Any]:
    """What an ad notes of its size: the format may leave the catalogue, and the ad is still shown then."""
    size = get(format_id)
    return {
        "label": size.label,
        "platform": size.platform_name,
        "width": size.width,
        "height": size.height,
    }


def size_then(format_id: str, noted: Mapping[str, Any], pixels: tuple[int, int]) -> Size:
    """The size as an ad noted it when it was made; `pixels` where it noted none."""
    return Size(
        label=noted.get("label") or format_id,
        platform_name=noted.get("platform") or "",
        width=noted.get("width") or pixels[0],
        height=noted.get("height") or pixels[1],
        max_bytes=noted.get("byte_limit") or 0,
        max_bytes_is_ours=bool(noted.get("byte_limit_is_ours")),
        sources=(),
    )


def logos() -> list[Format]:
    """The sizes in which platforms ask for the brand's logo."""
    return [entry for entry in catalogue().values() if entry.role == "logo"]


def images() -> list[Format]:
    """The formats an ad can be made in (the logo roles are exports of the brand's logo)."""
    return [entry for entry in catalogue().values() if entry.role == "image"]
