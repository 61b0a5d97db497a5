"""Puts ads and pictures where the library finds them: their rows, and a keyword for each word they are known by."""

from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any
from uuid import UUID

from runs.models import Creative, Generation, Keyword, Picture, Run, Word
from runs.words import words_in

SAID = ("headline", "short_headline", "line")
MOST = 40  # of an ad's own words; a headline has far fewer
BATCH = 1000


def label(run: Run, *, group: UUID, name: str) -> None:
    """What the run is part of, so that its ads are found by it. Said when it starts, before there are any."""
    run.group, run.group_name = group, name
    Run.objects.filter(pk=run.pk).update(group=group, group_name=name)


def put(ads: Iterable[Creative]) -> None:
    """Write these new ads."""
    rows = list(ads)
    Creative.objects.bulk_create(rows, batch_size=500)
    _write(Keyword(workspace_id=ad.workspace_id, ad=ad, word=word) for ad in rows for word in of_ad(ad))


def put_picture(picture: Picture) -> None:
    """Write this new picture."""
    picture.save()
    words = [*_tags(picture.generation.run, _brand_of(picture.generation.run)), *_ordered(picture.generation)]
    known = {"workspace_id": picture.workspace_id, "picture": picture}
    _write(Keyword(word=word, **known) for word in dict.fromkeys(words))


def of_ad(ad: Creative) -> list[str]:
    """What this ad is found by."""
    said = [] if ad.twin else words_in(str(ad.copy.get(name, "")) for name in SAID)[:MOST]
    tags = _tags(ad.run, str(ad.brand.get("name", "")))
    return list(dict.fromkeys([*tags, *said, *_ordered(ad.generation)]))


def tag_of_group(group: UUID) -> str:
    return f"c:{group}"


def tag_of_brand(name: str) -> str:
    return f"b:{name.strip().casefold()}"[: Keyword.LONGEST]


def _tags(run: Run, brand: str) -> Iterator[str]:
    if run.group:
        yield tag_of_group(run.group)
    if brand:
        yield tag_of_brand(brand)


def _ordered(generation: Generation) -> list[str]:
    """The words of what was ordered: brief, campaign, product and look by their names."""
    run, spec = generation.run, generation.run.spec
    product, look = spec["products"][generation.product], spec["looks"][generation.look]
    return words_in([run.name, run.group_name, product["name"], look["name"]])[:MOST]


def _brand_of(run: Run) -> str:
    brand: dict[str, Any] = run.spec.get("brand") or {}
    return str(brand.get("name", ""))


def _write(words: Iterable[Keyword]) -> None:
    said: dict[int, set[str]] = {}
    for batch in batched(words, BATCH, strict=False):
        Keyword.objects.bulk_create(batch)
        for keyword in batch:
            if ":" not in keyword.word:
                said.setdefault(keyword.workspace_id, set()).add(keyword.word)
    _know(said)


def _know(said: dict[int, set[str]]) -> None:
    """Words that are new to a workspace. All in order: of two that write the same ones neither waits for the other."""
    for place, words in sorted(said.items()):
        known = Word.objects.filter(workspace=place, word__in=words).values_list("word", flat=True)
        new = sorted(words.difference(known))
        Word.objects.bulk_create([Word(workspace_id=place, word=word) for word in new], ignore_conflicts=True)
