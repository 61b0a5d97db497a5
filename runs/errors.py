"""What can be wrong with an order, as one class and one sentence each.

* RunsError
  + BriefRefused        the brief has faults; each with its field and a sentence
  + NotAllowed          this run cannot do that now
    - QuotaReached      the workspace has ordered what it may for now
    - KeyReused         the order's key came before with another order
    - Overtaken         somebody changed the ad since it was looked at
  + LeaseLost           another worker owns the generation; drop what you hold
  + AlreadyCleaning     another clean-up is under way
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError


class RunsError(Exception):
    """Something about this run is wrong."""


@dataclass(frozen=True, slots=True)
class BriefFault:
    """`field` is a path such as "messages.0.headline"; empty when the fault concerns the whole brief."""

    field: str
    words: str

    def __str__(self) -> str:
        return f"{self.field}: {self.words}" if self.field else self.words


class BriefRefused(RunsError):
    """The brief has faults."""

    def __init__(self, faults: Sequence[BriefFault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)

    @classmethod
    def from_pydantic(cls, refusal: ValidationError) -> "BriefRefused":
        return cls(faults_of(refusal.errors(include_url=False)))


class NotAllowed(RunsError):
    """That cannot be done to this run now."""


class QuotaReached(NotAllowed):
    """The workspace has ordered as much as it may for now."""


class KeyReused(NotAllowed):
    """That key belongs to another order."""


class Overtaken(NotAllowed):
    """Somebody changed this ad since it was looked at."""


class AlreadyCleaning(RunsError):
    """Another clean-up is under way."""

    def __init__(self) -> None:
        super().__init__(
            "Another clean-up is in progress, so nothing was removed. Try again when it has finished."
        )


class StorageAway(RunsError):
    """Most files are gone at once."""

    def __init__(self, gone: int, looked_at: int) -> None:
        super().__init__(
            f"{gone} of {looked_at} files checked are missing. Nothing was changed. Check that the "
            "disk is mounted and that MEDIA_ROOT or MEDIA_BUCKET is right. If they really are lost, add --believe-it."
        )


class LeaseLost(RunsError):
    """Another worker owns this generation now."""


AT_FIELD = "at_field"  # a fault of the whole brief that names the field which has to change

_MISSING = {
    "name": "Give the brief a name.",
    "products.name": "Give the product a name.",
    "looks.name": "Give the look a name.",
    "products": "Add at least one product: what is sold?",
    "messages": "Add at least one message: the headline that goes on the ad.",
    "formats": "Choose at least one size, for example “meta_feed_square”.",
    "headline": "Write a headline.",
}

_SENTENCES = {
    "extra_forbidden": "This field does not exist. Check the spelling or remove it.",
    "string_type": "Write this as text in quotation marks.",
    "string_unicode": "This text has a broken character. Type it again.",
    "string_too_long": "Shorten this to {max_length} characters.",
    "int_type": "Write this as a whole number, such as 3.",
    "int_from_float": "Write this as a whole number, such as 3.",
    "float_type": "Write this as a number, such as 7.5.",
    "greater_than_equal": "Choose {ge} or more.",
    "less_than_equal": "Choose {le} or less.",
    "too_long": "Use at most {max_length} here.",
    "tuple_type": "Write this as a list in square brackets.",
    "model_type": "Write this as a table with its own fields.",
    "dict_type": "Write this as a table with its own fields.",
    "mapping_type": "Write this as a table with its own fields.",
}

_QUOTED = {
    "int_type": "Write this as a whole number without quotation marks.",
    "float_type": "Write this as a number without quotation marks.",
}

_TABLES = ("products", "messages", "looks")

_LANGUAGE = "Write a language as two letters, for example “en” or “de”."
_KEY = "[key]"  # what pydantic puts at the end of a place when not the value but its name is wrong

_PATTERNS = {
    "languages": _LANGUAGE,
    _KEY: _LANGUAGE,  # only translations are named by whoever writes the brief
    "palette": "Write a colour as # and six digits, for example “#f6c9a8”.",
    "primary": "Write a colour as # and six digits, for example “#14110f”.",
    "accent": "Write a colour as # and six digits, for example “#ffd84d”.",
    "panel": "Write a colour as # and six digits, for example “#14110f”, or leave it empty.",
    "link": "Write the whole address, for example “https://example.com/offer”.",
}


def faults_of(errors: Iterable[Mapping[str, Any]], skip: int = 0, raw: Any = None) -> list[BriefFault]:
    """Faults as pydantic tells them, in our words; `skip` leaves out the first parts of each place.

    `raw` is what was sent, for errors from which the API's framework took the value away.
    """
    errors = [{"input": _found(raw, error["loc"][skip:]), **error} for error in errors]
    places = [tuple(error["loc"]) for error in errors]
    return [_fault(error, skip) for error in errors if not _follows(error, places)]


def _found(raw: Any, place: Iterable[Any]) -> Any:
    for part in place:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _follows(error: Mapping[str, Any], places: list[tuple[Any, ...]]) -> bool:
    """Whether a list only counts as too short because an item in it is at fault."""
    place = tuple(error["loc"])
    deeper = (other for other in places if len(other) > len(place) and other[: len(place)] == place)
    return error["type"] == "too_short" and any(deeper)


def _fault(error: Mapping[str, Any], skip: int) -> BriefFault:
    path = [str(part) for part in error["loc"][skip:]]
    if error["type"] == AT_FIELD:
        path.append(error["ctx"]["field"])
    names = [part for part in path if not part.isdigit()] or [""]
    field = ".".join(part for part in path if part != _KEY)
    return BriefFault(field=field, words=_words(error, names))


def _words(error: Mapping[str, Any], names: list[str]) -> str:
    kind, context, name = error["type"], error.get("ctx") or {}, names[-1]
    if kind in ("missing", "too_short", "string_too_short"):
        return _MISSING.get(".".join(names)) or _MISSING.get(name, "This is required. Fill it in.")
    if kind == AT_FIELD:
        return str(context["words"])
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(name, "Remove the control characters from this text.")
    if kind == "tuple_type" and name in _TABLES:
        return f"Write this as a list: in a brief file each one under [[{name}]], in JSON in square brackets."
    quoted = isinstance(error.get("input"), str)
    sentence = (_QUOTED.get(kind) if quoted else None) or _SENTENCES.get(kind)
    return sentence.format(**context) if sentence else f"{error['msg']}."
