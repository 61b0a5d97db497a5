"""What can go wrong between a picture and an ad: one class and one sentence each.

* CompositionError
  x DoesNotFit: copy too long for a format
  x NoHeadline: there is nothing to set
  x MissingScript: copy has characters that no font covers
  x UnknownFamily: the style names a typeface that is not there
  x BadColour: the style names a colour that is none
  x BadFont: bytes that are no typeface we may use
  x BadPicture: bytes that are no picture we accept
  x BadCutout: a product picture whose product cannot be told from its ground
  x TooHeavy: the ad cannot be made as light as its format asks
  x CannotSign: the ad was to be signed and cannot be
"""

QUOTED = 40  # letters
SHOWN = 12  # characters


class CompositionError(Exception):
    """The ad could not be composed. Trying again with the same input cannot help."""

    permanent = True


class DoesNotFit(CompositionError):
    """The words of one field find no room in a format at a size people can read.

    `over` is by how many letters they are too long; `proposal` is what the writer of the copy can do.
    """

    def __init__(
        self, format_id: str, field: str, words: str, over: int, proposal: str, label: str = ""
    ) -> None:
        super().__init__(format_id, field, words, over, proposal, label)
        self.format_id = format_id
        self.field = field
        self.words = words
        self.over = over
        self.proposal = proposal
        self.label = label or format_id

    def __str__(self) -> str:
        characters = "character" if self.over == 1 else "characters"
        return f"“{_beginning(self.words)}” is {self.over} {characters} too long for {self.label}. {self.proposal}"


def _beginning(words: str) -> str:
    """Enough of the words to know them again: the sentence stands under a small ad."""
    return words if len(words) <= QUOTED else f"{words[:QUOTED].rstrip()}…"


class NoHeadline(CompositionError):
    """The copy has no headline."""

    def __str__(self) -> str:
        return "An ad needs a headline. Write one."


class MissingScript(CompositionError):
    """No font here draws these characters; they would come out as empty boxes. `needed` names files that do."""

    def __init__(self, language: str, characters: str, needed: tuple[str, ...] = ()) -> None:
        super().__init__(language, characters, needed)
        self.language = language
        self.characters = characters
        self.needed = needed

    def __str__(self) -> str:
        shown = " ".join(_shown(c) for c in self.characters[:SHOWN])
        more = "" if len(self.characters) <= SHOWN else f" and {len(self.characters) - SHOWN} more"
        install = f", or install {' and '.join(self.needed)}" if self.needed else ""
        return f"No font here can draw {shown}{more} (copy in “{self.language}”). Change the copy{install}."


def _shown(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


class UnknownFamily(CompositionError):
    """The style asks for a typeface that is not among the fonts."""

    def __init__(self, family: str, known: tuple[str, ...]) -> None:
        super().__init__(family, known)
        self.family = family
        self.known = known

    def __str__(self) -> str:
        return f"There is no typeface “{self.family}”. Choose one of: {', '.join(self.known)}."


class BadColour(CompositionError):
    """A colour of the style is not written as #rrggbb."""

    def __init__(self, colour: str) -> None:
        super().__init__(colour)
        self.colour = colour

    def __str__(self) -> str:
        return f"“{self.colour}” is not a colour. Write it as #rrggbb, for example #ffd84d."


class BadPicture(CompositionError):
    """The bytes are not a whole PNG, JPEG or WebP picture of at most 40 megapixels."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"This picture cannot be used: {self.reason}. Choose a PNG, JPEG or WebP of up to 40 megapixels."
        )


class BadFont(CompositionError):
    """The bytes are not a whole font that may be used in ads."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"This font cannot be used: {self.reason}. Choose a TTF, OTF, WOFF or WOFF2 of up to 10 MB."


class TooHeavy(CompositionError):
    """Even at the lowest quality people accept, the file is over the format's byte limit."""

    def __init__(self, format_id: str, label: str, size: int, limit: int) -> None:
        super().__init__(format_id, label, size, limit)
        self.format_id = format_id
        self.label = label
        self.size = size
        self.limit = limit

    def __str__(self) -> str:
        kilobytes = f"{self.size / 1024:.0f} KB where {self.label} takes {self.limit / 1024:.0f} KB"
        return f"The ad cannot be made lighter than {kilobytes}. Use a calmer picture."


class BadCutout(CompositionError):
    """The product of this picture cannot be cut out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"The product cannot be cut out: {self.why}"


class CannotSign(CompositionError):
    """Content Credentials are wanted, and these ones or this installation cannot give them."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"The ad cannot be signed: {self.why}."
