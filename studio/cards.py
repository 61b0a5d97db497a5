"""Campaigns as cards, with a few of the newest ads on their covers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db.models import Min
from django.urls import reverse

from runs.models import Creative, Run
from runs.states import AdState
from studio.models import Campaign
from studio.standing import Standing, next_date, stage, standings
from studio.tiles import ad_label

COVERS = 3


def cards(campaigns: Iterable[Campaign]) -> list[dict[str, Any]]:
    """What lists of campaigns show, in as many queries for many as for one."""
    rows = list(campaigns)
    numbers = standings(rows)
    images = covers_of([standing.newest[:2] for standing in numbers.values()])
    return [_card(row, numbers[row.pk], images) for row in rows]


def _card(campaign: Campaign, standing: Standing, images: dict[int, list[str]]) -> dict[str, Any]:
    # Of the last but one, where the latest has just begun and has none yet.
    covers = next((images[run] for run in standing.newest if images.get(run)), [])
    return {
        "uid": campaign.uid,
        "name": campaign.name,
        "goal": campaign.goal,
        "colour": campaign.colour,
        "updated_at": campaign.updated_at,
        "stage": stage(campaign, standing).value,
        "standing": standing,
        "when": next_date(campaign),
        "covers": covers,
    }


def covers_of(groups: Iterable[Sequence[int]], most: int = COVERS) -> dict[int, list[str]]:
    """Addresses of finished ads of these runs, by the run's pk: other looks first, then other pictures."""
    chosen = {run: varied(ads)[:most] for run, ads in _first_ads(chain.from_iterable(groups)).items()}
    pks = chain.from_iterable(chosen.values())
    uids = dict(Creative.objects.filter(pk__in=list(pks)).values_list("pk", "uid"))
    return {run: [_image(uids[pk]) for pk in ads] for run, ads in chosen.items()}


def _first_ads(runs: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """Of each picture of these runs one finished ad, as look and pk."""
    ready = Creative.objects.newest().filter(run__in=list(runs), state=AdState.READY).order_by()
    by_picture = ready.values("run", "generation", "generation__look").annotate(first=Min("pk"))
    found: dict[int, list[tuple[int, int]]] = {}
    for run, look, pk in by_picture.order_by("first").values_list("run", "generation__look", "first"):
        found.setdefault(run, []).append((look, pk))
    return found


def varied(ads: Iterable[tuple[int, int]]) -> list[int]:
    """The first ad of each look, then the second of each, and so on."""
    met: Counter[int] = Counter()
    ranked = []
    for look, pk in ads:
        ranked.append((met[look], pk))
        met[look] += 1
    return [pk for _, pk in sorted(ranked)]


def newest_ads(runs: Iterable[int], most: int) -> list[Creative]:
    """Finished ads of these runs, each with another picture."""
    pks = chain.from_iterable(varied(ads) for ads in _first_ads(runs).values())
    rows = Creative.objects.filter(pk__in=sorted(pks, reverse=True)[:most]).select_related("generation")
    return list(rows.order_by("-pk"))


def _image(uid: object) -> str:
    return reverse("runs:media", args=["ad", uid]) + "?size=small"


def shots(ads: Iterable[Creative]) -> list[dict[str, Any]]:
    """Finished ads in rows, each with what it says and its size; their `generation` is fetched with them."""
    rows = list(ads)
    specs = dict(Run.objects.filter(pk__in={row.run_id for row in rows}).values_list("pk", "spec"))
    return [_shot(row, specs[row.run_id]["looks"][row.generation.look]["name"]) for row in rows]


def _shot(row: Creative, look: str) -> dict[str, Any]:
    size, label = row.size, ad_label(row.size.label, row, several=False)
    # Ads of one look and size differ in their words; without words the look is what tells them apart.
    name = "" if row.twin else row.copy.get("headline", "")
    return {
        "url": reverse("studio:ad", args=[row.uid]),
        "thumb_url": _image(row.uid),
        "ratio_class": f"r-{size.width}x{size.height}",
        "width": size.width,
        "height": size.height,
        "name": name or look,
        "label": label,
        "full": " · ".join(filter(None, [name, look, label])),
        "decision": "sample" if row.simulated else row.decision,
    }
