"""The words that stand on an ad, from the brief: for the typesetter, and for the page that tells what fits."""

from collections.abc import Iterator
from dataclasses import dataclass

from runs.brief import BriefSpec
from runs.composition import Copy


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the brief the words of an ad come from; `message` and `product` are indices."""

    message: int
    product: int
    language: str


def copy_of(spec: BriefSpec, message: int, product: int, language: str) -> Copy:
    """What one ad says; `message` and `product` are indices into the brief."""
    words = spec.messages[message].copy_in(language)
    return Copy(
        headline=words.headline,
        short_headline=words.short_headline,
        line=words.line,
        button=words.button,
        legal=words.legal,
        price=spec.products[product].price,
    )


def every_place(spec: BriefSpec) -> Iterator[tuple[Place, Copy]]:
    """Each different copy of the brief, where it stands first: every language of the first message comes first."""
    seen: set[tuple[Copy, str]] = set()
    for message in range(len(spec.messages)):
        for language in spec.languages:
            for number, product in enumerate(spec.products):
                words = copy_of(spec, message, number, language)
                if message in spec.messages_of(product) and (words, language) not in seen:
                    seen.add((words, language))
                    yield Place(message, number, language), words


def every_copy(spec: BriefSpec) -> Iterator[tuple[Copy, str]]:
    """The same with nothing but the language."""
    return ((words, place.language) for place, words in every_place(spec))


def field_of(spec: BriefSpec, place: Place, name: str) -> str:
    """The field of the brief that holds this part of the copy there, as a fault of the brief names it."""
    if name == "price":
        return f"products.{place.product}.price"
    message = spec.messages[place.message]
    own = "" if place.language not in message.translations else f"translations.{place.language}."
    return f"messages.{place.message}.{own}{name}"
