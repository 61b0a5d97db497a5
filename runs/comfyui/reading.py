"""Reading JSON that a stranger sent: each function returns the typed value or raises ProtocolViolation."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from runs.comfyui.errors import ProtocolViolation

type Json = Mapping[str, Any]


def decode_json(raw: str | bytes) -> Any:
    """The value of a JSON text."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ProtocolViolation(f"The server sent text that is not JSON: {str(raw[:80])!r}.") from error


def as_object(value: object, what: str) -> Json:
    """A JSON object."""
    if isinstance(value, Mapping):
        return value
    raise _unexpected(value, what, "an object")


def as_list(value: object, what: str, least: int = 0) -> Sequence[Any]:
    """A JSON list with at least so many entries."""
    if isinstance(value, list | tuple) and len(value) >= least:
        return value
    raise _unexpected(value, what, f"a list of at least {least} entries" if least else "a list")


def as_text(value: object, what: str) -> str:
    """A JSON string; what cannot be written down as UTF-8 in any database is replaced.

    A server that lists a file with a name of other bytes sends lone surrogates.
    """
    if isinstance(value, str):
        return value.encode(errors="replace").decode().replace("\0", "")
    raise _unexpected(value, what, "a string")


def as_number(value: object, what: str) -> float:
    """A finite JSON number; whole numbers stay whole."""
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
        return value
    raise _unexpected(value, what, "a number")


def as_whole(value: object, what: str) -> int:
    """A JSON number without its fraction, e.g. a time stamp in milliseconds."""
    return int(as_number(value, what))


def as_flag(value: object, what: str) -> bool:
    """JSON true or false."""
    if isinstance(value, bool):
        return value
    raise _unexpected(value, what, "true or false")


def texts(value: object, what: str) -> tuple[str, ...]:
    """A list of strings."""
    return tuple(as_text(entry, what) for entry in as_list(value, what))


def text_or_none(value: object, what: str) -> str | None:
    """A string, or None for null and for a missing key."""
    return None if value is None else as_text(value, what)


def whole_or_none(value: object, what: str) -> int | None:
    """A whole number, or None for null and for a missing key."""
    return None if value is None else as_whole(value, what)


def object_or_empty(value: object, what: str) -> Json:
    """An object; null and a missing key are an empty one."""
    return {} if value is None else as_object(value, what)


def without_nulls(**fields: Any) -> dict[str, Any]:
    """A JSON object of the given fields, those that are None left out."""
    return {key: value for key, value in fields.items() if value is not None}


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number too large for a float
        return False


def _unexpected(value: object, what: str, wanted: str) -> ProtocolViolation:
    got = "nothing" if value is None else type(value).__name__
    return ProtocolViolation(f"The server sent “{what}” as {got}, where ComfyUI sends {wanted}.")
