"""The words that stand on an ad, from the brief: for the typesetter, and for the page that tells what fits."""

from collections.abc import Iterator

from runs.brief import BriefSpec
from runs.composition import Copy


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


def every_copy(spec: BriefSpec) -> Iterator[tuple[Copy, str]]:
    """Each different copy of the brief with its language: every language of the first message comes first."""
    seen: set[tuple[Copy, str]] = set()
    for message in range(len(spec.messages)):
        for language in spec.languages:
            for number, product in enumerate(spec.products):
                entry = (copy_of(spec, message, number, language), language)
                if message in spec.messages_of(product) and entry not in seen:
                    seen.add(entry)
                    yield entry
