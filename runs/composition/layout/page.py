"""What every layout starts from: the prepared copy, the room there is, and the sizes type may have there."""

from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image

from runs.formats import Format

from ..errors import BadPicture
from ..scripts import Script, of
from ..values import Box, Copy, Role, Style
from .model import safe_box

LEAST_STRIP_HEADLINE = 9.0  # pixels: what people still read on a phone
LEAST_HEADLINE = 12.0
LEAST_LINE = 10.0
LEAST_LINE_SHARE = 0.024  # of the shorter side: 26 px on an ad of 1080
LEGAL_SHARE = 0.019


@dataclass(frozen=True, slots=True)
class Sizes:
    """The type scale of one format, in pixels. Ranges are (least, most)."""

    headline: tuple[float, float]
    line: tuple[float, float]
    legal: float
    button: float  # height of the pill
    button_type: float  # least size of its words
    logo: float  # size of a word mark; a logo picture is scaled from it
    gap: float
    headline_lines: int = 3
    line_lines: int = 2
    legal_lines: int = 2
    button_lines: int = 1
    full_button: bool = False  # the pill spans its column

    def tightened(self, least_line: float) -> "Sizes":
        """More lines and smaller secondary type, for copy that finds no room otherwise."""
        return replace(
            self,
            line=(least_line, self.line[1]),
            headline_lines=self.headline_lines + 2,
            line_lines=self.line_lines + 2,
            legal_lines=self.legal_lines + 2,
            gap=self.gap * 0.8,
        )

    def calmed(self, by: float) -> "Sizes":
        """The same scale with smaller display type, for platforms that want little text."""
        least, most = self.headline
        line_least, line_most = self.line
        button = max(self.button_type * 2.1, self.button * by)
        return replace(
            self,
            headline=(least, max(least, most * by)),
            line=(line_least, max(line_least, line_most * by)),
            button=button,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One ad to be laid out. For languages read from the right the page is mirrored, and mirrored back at the end."""

    format: Format
    copy: Copy
    headline_field: str
    style: Style
    language: str
    draws_button: bool
    calm: float = 1.0  # factor on display type
    without_logo: bool = False

    @property
    def width(self) -> int:
        """In pixels."""
        return self.format.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.format.height

    @property
    def shorter(self) -> int:
        """The shorter side in pixels: sizes of type are shares of it."""
        return min(self.width, self.height)

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / self.height

    @property
    def script(self) -> Script:
        """How the language is written."""
        return of(self.language)

    @property
    def safe(self) -> Box:
        """Where type, logo and button have to stay, mirrored as the page is."""
        box = safe_box(self.format)
        return box.mirrored(self.width) if self.script.rtl else box

    @property
    def headline(self) -> str:
        """The headline that is set here, the long one or the short one."""
        words: str = getattr(self.copy, self.headline_field)
        return words

    @property
    def roles(self) -> frozenset[Role]:
        """What is to be placed."""
        return self.wanted - {Role.LOGO} if self.without_logo else self.wanted

    @property
    def wanted(self) -> frozenset[Role]:
        """What this ad has to show: its filled fields."""
        button = bool(self.copy.button) and self.draws_button
        present = {
            Role.LINE: bool(self.copy.line),
            Role.PRICE: bool(self.copy.price),
            Role.BUTTON: button,
            Role.LEGAL: bool(self.copy.legal),
            Role.LOGO: self.style.logo is not None or bool(self.style.brand_name.strip()),
        }
        return frozenset({Role.HEADLINE} | {role for role, there in present.items() if there})

    @property
    def least_line(self) -> float:
        """Pixels below which a line is not legible any more."""
        return max(LEAST_LINE, LEAST_LINE_SHARE * self.shorter)

    @property
    def legal(self) -> float:
        """Pixels of the legal line."""
        return max(LEAST_LINE, LEGAL_SHARE * self.shorter)

    def content(self, margin: float) -> Box:
        """The safe zone with at least that margin to every edge of the page."""
        safe = self.safe
        left, top = max(safe.x, margin), max(safe.y, margin)
        right, bottom = min(safe.right, self.width - margin), min(safe.bottom, self.height - margin)
        return Box(left, top, right - left, bottom - top)


def logo_aspect(logo: bytes) -> float:
    """Width divided by height of a logo, from the file's header. Raises BadPicture."""
    try:
        with Image.open(BytesIO(logo), formats=("PNG",)) as image:
            return image.width / image.height
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture(f"the logo cannot be read as PNG ({error})") from error
