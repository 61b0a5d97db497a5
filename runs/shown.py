"""Which ads a run shows and delivers, and in what order: the newest revision of each, as its brief lists the sizes."""

from collections.abc import Iterable
from typing import Any

from runs.models import Creative, Run


def in_order(run: Run, ads: Iterable[Creative]) -> list[Creative]:
    """By picture, size, message and language; the twin without text stands after its siblings."""
    sizes = _places(run.spec["formats"])
    languages = _places(run.spec["languages"])

    def place(ad: Creative) -> tuple[Any, ...]:
        size, language = sizes.get(ad.format, len(sizes)), languages.get(ad.language, len(languages))
        return ad.generation_id, size, ad.format, ad.twin, ad.message, language, ad.language

    return sorted(ads, key=place)


def _places(names: list[str]) -> dict[str, int]:
    return {name: n for n, name in enumerate(names)}
