"""What a layout is made of: words, pills and signs with their boxes, placed over or beside the picture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from runs.formats import Format

from ..fonts import Face
from ..values import Box, Role


class Kind(StrEnum):
    """The four ways to lay out an ad, and the bare picture."""

    STRIP = auto()
    WIDE = auto()
    TOWER = auto()
    COVER = auto()
    BARE = auto()


class Place(StrEnum):
    """Where the type stands to the picture."""

    TOP = auto()
    BOTTOM = auto()
    LEFT = auto()
    RIGHT = auto()
    PANEL = auto()  # beside or below the picture, on the brand's colour
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of type. Sizes and distances in pixels.

    `rise` leads from the box's top to the first baseline, `lead` from the edge where reading starts to the lines.
    """

    role: Role
    box: Box
    lines: tuple[str, ...]
    face: Face
    size: float
    rise: float
    pitch: float
    centred: bool = False
    lead: float = 0.0

    def moved(self, dx: float, dy: float) -> "Words":
        # Written out, as in its likes below: replace() takes four times as long, and a layout moves hundreds.
        box = self.box.moved(dx, dy)
        facts = (self.role, box, self.lines, self.face, self.size, self.rise, self.pitch)
        return Words(*facts, self.centred, self.lead)

    def mirrored(self, page_width: float) -> "Words":
        return replace(self, box=self.box.mirrored(page_width))

    def scaled(self, by: float) -> "Words":
        box, size, rise, pitch = self.box.scaled(by), self.size * by, self.rise * by, self.pitch * by
        return replace(self, box=box, size=size, rise=rise, pitch=pitch, lead=self.lead * by)


@dataclass(frozen=True, slots=True)
class Pill:
    """Words on a filled shape: the button, or a price tag."""

    role: Role
    box: Box
    radius: float
    words: Words

    def moved(self, dx: float, dy: float) -> "Pill":
        return Pill(self.role, self.box.moved(dx, dy), self.radius, self.words.moved(dx, dy))

    def mirrored(self, page_width: float) -> "Pill":
        return replace(self, box=self.box.mirrored(page_width), words=self.words.mirrored(page_width))

    def scaled(self, by: float) -> "Pill":
        return Pill(self.role, self.box.scaled(by), self.radius * by, self.words.scaled(by))


@dataclass(frozen=True, slots=True)
class Sign:
    """The brand's logo, a picture."""

    role: Role
    box: Box

    def moved(self, dx: float, dy: float) -> "Sign":
        return Sign(self.role, self.box.moved(dx, dy))

    def mirrored(self, page_width: float) -> "Sign":
        return replace(self, box=self.box.mirrored(page_width))

    def scaled(self, by: float) -> "Sign":
        return replace(self, box=self.box.scaled(by))


Element = Words | Pill | Sign


@dataclass(frozen=True, slots=True)
class Placement:
    """One solved arrangement.

    `picture` is in whole pixels. A `panel` with a `radius` is a card in front of the picture. `anchor` says
    where in the picture's box the focus should come to lie (0 to 1 across and down), so that the crop moves it
    out of the type's way.
    """

    place: Place
    elements: tuple[Element, ...]
    picture: Box
    panel: Box | None = None
    radius: float = 0.0
    anchor: tuple[float, float] = (0.5, 0.5)

    def element(self, role: Role) -> Element | None:
        """The element of that role, if there is one."""
        return next((element for element in self.elements if element.role is role), None)

    def on_panel(self, element: Element) -> bool:
        """Whether the element stands on the brand's colour and not on the picture."""
        return self.panel is not None and element.box.inside(self.panel)

    def words(self) -> Iterator[Words]:
        """All type of the placement, that on pills too."""
        for element in self.elements:
            match element:
                case Words():
                    yield element
                case Pill(words=words):
                    yield words
                case Sign():
                    continue

    def mirrored(self, page_width: float) -> "Placement":
        """The same for a language that is read from the right."""
        return replace(
            self,
            place={Place.LEFT: Place.RIGHT, Place.RIGHT: Place.LEFT}.get(self.place, self.place),
            elements=tuple(element.mirrored(page_width) for element in self.elements),
            picture=self.picture.mirrored(page_width),
            panel=self.panel and self.panel.mirrored(page_width),
            anchor=(1 - self.anchor[0], self.anchor[1]),
        )

    def scaled(self, by: float) -> "Placement":
        """The same arrangement on a page of that part of the size: no line breaks anew."""
        return replace(
            self,
            elements=tuple(element.scaled(by) for element in self.elements),
            picture=self.picture.scaled(by).snapped(),
            panel=self.panel and self.panel.scaled(by),
            radius=self.radius * by,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Every arrangement of one ad that its picture may choose from, the preferred one first.

    `headline_field` is the field of the copy that became the headline; `wanted` is all that the ad has to
    show.
    """

    format: Format
    kind: Kind
    language: str
    placements: tuple[Placement, ...]
    headline_field: str = "headline"
    wanted: frozenset[Role] = frozenset()

    def scaled(self, by: float) -> "Layout":
        """The same layout for a page of that part of the size."""
        across, down = (max(1, round(side * by)) for side in (self.format.width, self.format.height))
        placements = tuple(placement.scaled(by) for placement in self.placements)
        return replace(self, format=replace(self.format, width=across, height=down), placements=placements)

    @property
    def page(self) -> Box:
        """The whole ad."""
        return Box(0, 0, self.format.width, self.format.height)

    @property
    def safe(self) -> Box:
        """The zone that all type, logo and button keep to."""
        return safe_box(self.format)

    def left_out(self, placement: Placement) -> tuple[Role, ...]:
        """What the rules of the layout gave no room in that placement."""
        shown = {element.role for element in placement.elements}
        return tuple(role for role in Role if role in self.wanted - shown)

    def text_share(self, placement: Placement) -> float:
        """The part of the ad that type, button and logo cover, 0 to 1."""
        return sum(element.box.area for element in placement.elements) / self.page.area


def safe_box(format: Format) -> Box:
    """The format's safe zone as a rectangle."""
    inset = format.safe
    across, down = format.width - inset.left - inset.right, format.height - inset.top - inset.bottom
    return Box(inset.left, inset.top, across, down)
