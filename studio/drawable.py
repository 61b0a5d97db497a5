"""What can be drawn of a brief that is not right yet: a fault takes away what it touches, and nothing else."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from runs.brief import BriefSpec, from_data
from runs.errors import BriefFault, BriefRefused

TRIES = 20  # one fault may hide another; a form has a few

# What nobody sees on an ad, as it may stand for drawing.
_UNSEEN: Mapping[str, object] = {
    "name": "–",
    "audience": "",
    "variations": 1,
    "seed": None,
    "picture": {},
}


@dataclass(frozen=True, slots=True)
class Drawable:
    """`messages` are the places in the form of those that the spec still has."""

    spec: BriefSpec
    messages: tuple[int, ...]

    def place(self, field: str) -> str:
        """Where a field of the spec stands in the form."""
        head, _dot, rest = field.partition(".")
        number, dot, name = rest.partition(".")
        return f"{head}.{self.messages[int(number)]}{dot}{name}" if head == "messages" and number else field


def drawable(data: Mapping[str, Any]) -> Drawable | None:
    """None where nothing is left: no size, or no message that can be set."""
    left = deepcopy(dict(data))
    for number, message in enumerate(left["messages"]):
        message["at"] = number
    for _try in range(TRIES):
        messages = tuple(message["at"] for message in left["messages"])
        plain = [{k: v for k, v in message.items() if k != "at"} for message in left["messages"]]
        try:
            return Drawable(from_data(left | {"messages": plain}), messages)
        except BriefRefused as refusal:
            before = deepcopy(left)
            # From the end, so that the places of the others hold.
            for fault in sorted(refusal.faults, key=_place, reverse=True):
                _leave_out(left, fault.field)
            if left == before:
                return None
    return None


def _place(fault: BriefFault) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in fault.field.split(".")]


def _leave_out(data: dict[str, Any], field: str) -> None:
    head, *rest = field.split(".")
    if head in _UNSEEN:
        data[head] = _UNSEEN[head]
    elif head in _CURES:
        _CURES[head](data, rest)


def _of_products(data: dict[str, Any], place: list[str]) -> None:
    """A product stays: messages name it, and the form's rows count it."""
    if not place:
        return
    number, *names = place
    product = data["products"][int(number)]
    for name in names[:1] or ["name"]:
        product[name] = f"– {int(number) + 1}" if name == "name" else ""


def _of_messages(data: dict[str, Any], place: list[str]) -> None:
    messages = data["messages"]
    if not place or int(place[0]) >= len(messages):
        return
    match place[1:]:
        case ["post", *_]:
            messages[int(place[0])]["post"] = {}
        case ["product"]:
            messages[int(place[0])]["product"] = None
        case ["translations", language, "post", *_]:
            messages[int(place[0])]["translations"][language]["post"] = {}
        case ["translations", language, *_]:
            data["languages"] = [known for known in data["languages"] if known != language]
            for message in messages:
                message["translations"].pop(language, None)
        case _:
            del messages[int(place[0])]


def _of_looks(data: dict[str, Any], place: list[str]) -> None:
    if place and int(place[0]) < len(data["looks"]):
        del data["looks"][int(place[0])]
    else:
        data["looks"] = list({look["name"]: look for look in data["looks"]}.values())[:20]
    if not data["looks"]:
        del data["looks"]


def _of_sizes(data: dict[str, Any], place: list[str]) -> None:
    sizes = data["formats"]
    if place:
        del sizes[int(place[0])]
    elif len(set(sizes)) < len(sizes):
        data["formats"] = list(dict.fromkeys(sizes))
    else:  # too many ads or pictures: each size is drawn once, whatever they come to
        data |= {"variations": 1, "looks": data["looks"][:1]} if "looks" in data else {"variations": 1}


def _of_languages(data: dict[str, Any], place: list[str]) -> None:
    languages = data["languages"]
    if place:
        del languages[int(place[0])]
    data["languages"] = list(dict.fromkeys(languages))[:12] or ["en"]


def _of_brand(data: dict[str, Any], place: list[str]) -> None:
    gone = "font" if place[:1] == ["font_licensed"] else "".join(place[:1])
    data["brand"].pop(gone, None)


_CURES: Mapping[str, Callable[[dict[str, Any], list[str]], None]] = {
    "products": _of_products,
    "messages": _of_messages,
    "looks": _of_looks,
    "formats": _of_sizes,
    "languages": _of_languages,
    "brand": _of_brand,
}
