"""The pure enums as Django choices: a plain StrEnum is not accepted as `choices=`."""

from collections.abc import Iterable
from enum import StrEnum


def choices(enum: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in enum]
