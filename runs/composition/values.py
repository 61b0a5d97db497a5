"""The values that go in and come out: copy and style, boxes, checks, the report and the finished ad."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum, auto
from typing import Any, Literal

import numpy as np

from runs.tastes import ButtonShape, Corners, Ink, Scrim

ButtonMode = Literal["drawn", "platform"]


@dataclass(frozen=True, slots=True)
class Copy:
    """The words that stand on the picture, in one language. Empty fields are not set."""

    headline: str
    short_headline: str = ""
    line: str = ""
    button: str = ""
    legal: str = ""
    price: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """The brand as the ad shows it. Colours are #rrggbb; `logo` is a PNG, else `brand_name` is set in type.

    `font` is a typeface as `clean_font` gave it and goes before `family`; `panel` is the colour of panels, else the
    primary. The others are taste: `ink` over pictures, `scrim` "none" (rather a panel) or "strong" (a veil always),
    `corners` of cards and tags, the form of the button.
    """

    primary: str = "#14110f"
    accent: str = "#ffd84d"
    on_accent: str | None = None
    family: str = "Inter"
    logo: bytes | None = None
    brand_name: str = ""
    font: bytes | None = None
    panel: str = ""
    ink: Ink = "auto"
    scrim: Scrim = "auto"
    corners: Corners = "soft"
    button: ButtonShape = "pill"

    @property
    def ground(self) -> str:
        """The colour of panels and cards."""
        return self.panel or self.primary


class Role(StrEnum):
    """What an element of an ad is for."""

    HEADLINE = auto()
    LINE = auto()
    PRICE = auto()
    BUTTON = auto()
    LEGAL = auto()
    LOGO = auto()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the ad in pixels, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def area(self) -> float:
        """In square pixels."""
        return self.width * self.height

    def moved(self, dx: float, dy: float) -> "Box":
        """Further right and down by so much."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def mirrored(self, page_width: float) -> "Box":
        """Where it lies on a page of that width that is read from the right."""
        return Box(page_width - self.right, self.y, self.width, self.height)

    def grown(self, by: float) -> "Box":
        """Larger by so much on each side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def scaled(self, by: float) -> "Box":
        """The same place on a page of that part of the size."""
        return Box(self.x * by, self.y * by, self.width * by, self.height * by)

    def snapped(self) -> "Box":
        """With its edges on whole pixels; boxes that touched still touch."""
        left, top = round(self.x), round(self.y)
        return Box(left, top, max(1, round(self.right) - left), max(1, round(self.bottom) - top))

    def inside(self, other: "Box", slack: float = 0.01) -> bool:
        """Whether this box lies in the other one (slack swallows rounding)."""
        across = other.x - slack <= self.x and self.right <= other.right + slack
        return across and other.y - slack <= self.y and self.bottom <= other.bottom + slack

    def overlap(self, other: "Box") -> float:
        """The area both boxes cover, in square pixels."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0.0, width) * max(0.0, height)

    @staticmethod
    def around(boxes: "list[Box]") -> "Box":
        """The smallest box that holds them all."""
        x, y = min(box.x for box in boxes), min(box.y for box in boxes)
        return Box(x, y, max(box.right for box in boxes) - x, max(box.bottom for box in boxes) - y)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, whether the ad keeps it, and a sentence for the page."""

    name: str
    ok: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was decided and measured for one ad. `as_json` gives plain lists, numbers and strings.

    Boxes are (x, y, width, height) and type sizes are in pixels; contrast is the WCAG ratio measured behind
    each text at the 3rd or 97th percentile; `scrim` is the strongest veil laid over the picture, 0 to 1;
    `text_share` is the part of the ad that type, button and logo cover.
    """

    format_id: str
    kind: str
    placement: str
    language: str
    width: int
    height: int
    headline_field: str
    boxes: Mapping[str, tuple[float, float, float, float]]
    lines: Mapping[str, tuple[str, ...]]
    type_sizes: Mapping[str, float]
    left_out: tuple[str, ...]
    ink: str
    contrast: Mapping[str, float]
    scrim: float
    encoder: str
    quality: int | None
    bytes: int
    byte_limit: int
    byte_limit_is_ours: bool
    text_share: float
    safe_zone_ok: bool
    source_type: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        plain = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return plain | {"ok": self.ok}


def _plain(value: Any) -> Any:
    match value:
        case Check():
            return {key: _plain(entry) for key, entry in asdict(value).items()}
        case np.generic():
            return value.item()  # json does not know numpy's bool and float
        case tuple():
            return [_plain(entry) for entry in value]
        case Mapping():
            return {key: _plain(entry) for key, entry in value.items()}
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Ad:
    """A finished ad: the file's bytes, and how it was made."""

    data: bytes
    mime: str
    suffix: str
    width: int
    height: int
    report: Report
