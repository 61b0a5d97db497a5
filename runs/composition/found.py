"""Fonts of the machine for what the shipped ones do not draw: where they lie, and which package brings them.

Only these files are looked for, by name, so that the same copy does not look otherwise on the next machine.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ALWAYS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts")


@dataclass(frozen=True, slots=True)
class Further:
    """One file that may be there: `index` is its place in a collection, `ranges` the characters it is for."""

    script: str
    family: str
    package: str
    file: str
    ranges: tuple[tuple[int, int], ...]
    index: int = 0

    def draws(self, character: str) -> bool:
        """Whether it is for this character."""
        return any(first <= ord(character) <= last for first, last in self.ranges)

    @property
    def path(self) -> Path | None:
        """Where it is, or None."""
        return _files().get(self.file)


HAN = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x323AF))


def _cjk(script: str, region: str, index: int) -> Further:
    return Further(
        script, f"Noto Sans CJK {region} whole", "fonts-noto-cjk", "NotoSansCJK-Bold.ttc", HAN, index
    )


def _core(script: str, *ranges: tuple[int, int]) -> Further:
    name = f"NotoSans{script}-Bold.ttf"
    return Further(script, f"Noto Sans {script}", "fonts-noto-core", name, ranges)


FURTHER = (
    _cjk("rare Japanese", "JP", 0),
    _cjk("rare Simplified Chinese", "SC", 2),
    _cjk("rare Traditional Chinese", "TC", 3),
    _core("Armenian", (0x530, 0x58F)),
    _core("Bengali", (0x980, 0x9FF)),
    _core("Gurmukhi", (0xA00, 0xA7F)),
    _core("Gujarati", (0xA80, 0xAFF)),
    _core("Oriya", (0xB00, 0xB7F)),
    _core("Tamil", (0xB80, 0xBFF)),
    _core("Telugu", (0xC00, 0xC7F)),
    _core("Kannada", (0xC80, 0xCFF)),
    _core("Malayalam", (0xD00, 0xD7F)),
    _core("Sinhala", (0xD80, 0xDFF)),
    _core("Georgian", (0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    _core("Ethiopic", (0x1200, 0x139F)),
)


def folders() -> list[Path]:
    """Where is looked: the folders FONTS_DIR names come first."""
    named = [name for name in os.environ.get("FONTS_DIR", "").split(os.pathsep) if name]
    return [Path(name).expanduser() for name in (*named, *ALWAYS)]


@cache
def _files() -> dict[str, Path]:
    wanted = {further.file for further in FURTHER}
    seen: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.rglob("NotoSans*-Bold.tt[fc]")):
            if path.name in wanted:
                seen.setdefault(path.name, path)
    return seen


def there() -> list[Further]:
    """Those whose file was found."""
    return [further for further in FURTHER if further.path]


def remedy(character: str) -> Further | None:
    """What would have to be installed for that character."""
    return next((further for further in FURTHER if further.draws(character)), None)


def forget() -> None:
    """Look again at the next question."""
    _files.cache_clear()
