"""What the files of an export are called: a template that a workspace may set, and names no system chokes on."""

import re
from collections.abc import Mapping
from string import Formatter
from unicodedata import category, normalize

DEFAULT = "p{product}_look{look}_v{variation}_m{message}_{language}_{format}"
MOST = 200  # letters of a template
LONGEST = 120  # letters of a name, before its ending
PLACEHOLDERS = {
    "campaign": "the campaign",
    "run": "the run",
    "platform": "the platform",
    "format": "the size's id in the catalogue",
    "size": "its pixels, such as 1080x1080",
    "language": "the language",
    "product": "the number of the product",
    "product_name": "the name of the product",
    "look": "the number of the look",
    "look_name": "the name of the look",
    "variation": "the number of the variation",
    "message": "the number of the message",
    "headline": "the headline",
    "n": "the number of the ad in the export",
}
_PLAIN = "Cc Cf Cn Co Cs Zl Zp"  # control, direction and unassigned characters, lone surrogates
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x7f]+')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)($|[.])", re.IGNORECASE)


class BadTemplate(ValueError):
    """A template that cannot name files; its words say what to change."""


def check(template: str) -> None:
    """Raises BadTemplate."""
    if len(template) > MOST:
        raise BadTemplate(
            f"Shorten this by {len(template) - MOST}: a template has at most {MOST} characters."
        )
    if _FORBIDDEN.search(template):
        raise BadTemplate('A file name cannot have / \\ : * ? " < > or |. The folders are the platforms.')
    if any(category(letter) in _PLAIN.split() for letter in template):
        raise BadTemplate("Remove the invisible characters.")
    names = _placeholders(template)
    strange = [name for name in names if name not in PLACEHOLDERS]
    if strange:
        raise BadTemplate(
            f"There is no {{{strange[0]}}}. Choose from: {', '.join(map(_braced, PLACEHOLDERS))}."
        )
    if not names:
        raise BadTemplate("All files would get the same name. Add at least {format}, {language} and {n}.")


def _braced(name: str) -> str:
    return f"{{{name}}}"


def _placeholders(template: str) -> list[str]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise BadTemplate(
            "There is a single brace. Write placeholders as {format}, and use no other braces."
        ) from None
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise BadTemplate("Write placeholders without “:” and “!”, for example {format}.")
    return [name for _, name, _, _ in parts if name is not None]


def safe(words: str) -> str:
    """One part of a path that every system takes: no separators, nothing invisible, no leading dot."""
    words = "".join(letter for letter in normalize("NFC", words) if category(letter) not in _PLAIN.split())
    words = re.sub(r"\s+", "_", _FORBIDDEN.sub("-", words)).strip(" ._-")
    words = words[:LONGEST].rstrip(" ._-")
    while len(words.encode()) > 200:  # a name has at most 255 bytes
        words = words[:-1].rstrip(" ._-")
    return f"_{words}" if _RESERVED.match(words) else words or "ad"


class Names:
    """Gives every file of one export a path of its own; a second one of the same name gets a number."""

    def __init__(self, template: str = "") -> None:
        self._template = template or DEFAULT
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}  # number of each stem: thousands may share one

    def path(self, folders: list[str], facts: Mapping[str, object], ending: str, sample: bool = False) -> str:
        """`facts` holds a value for every placeholder; `ending` begins with its dot."""
        values = {name: str(value).replace("{", "").replace("}", "") for name, value in facts.items()}
        name = safe(self._template.format_map(values))
        name = f"SAMPLE_{name}" if sample else name
        return self.of_its_own("/".join([*map(safe, folders), name]), ending)

    def of_its_own(self, stem: str, ending: str) -> str:
        same = f"{stem}{ending}".casefold()  # many systems do not tell A from a
        path, number = f"{stem}{ending}", self._last.get(same, 1)
        while path.casefold() in self._taken:
            number += 1
            path = f"{stem}_{number}{ending}"
        self._taken.add(path.casefold())
        self._last[same] = number
        return path
