"""What `manage.py doctor` says of one thing: how it is, in words, and what to do where it is not well."""

from dataclasses import dataclass
from enum import StrEnum, auto


class Level(StrEnum):
    OK = auto()
    NOTE = auto()  # works, but is worth knowing
    FAULT = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    level: Level
    words: str
    fix: str = ""


def ok(about: str, words: str) -> Finding:
    return Finding(about, Level.OK, words)


def note(about: str, words: str, fix: str = "") -> Finding:
    return Finding(about, Level.NOTE, words, fix)


def fault(about: str, words: str, fix: str) -> Finding:
    return Finding(about, Level.FAULT, words, fix)
