"""A workspace with very many ads, as bulk rows around one real small run; for benchmarks/pages.py."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import batched
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, User, Workspace
from runs import lifecycle, shelf
from runs.brief import from_data
from runs.models import (
    Creative,
    Decision,
    Export,
    Generation,
    Keyword,
    Picture,
    Run,
    Selection,
    Verdict,
    Word,
)
from runs.states import AdState, RunStatus, Status
from studio import kits
from studio.models import Brief, Campaign
from tests.conftest import brief_data, finish

CAMPAIGNS, PICTURES, EACH = 60, 8, 10  # pictures of a run, ads of a picture
SIZES = [
    "meta_story",
    "meta_feed_square",
    "meta_feed_portrait",
    "linkedin_landscape",
    "google_display_leaderboard",
]
BATCH = 2000


def fill(ads: int) -> tuple[Client, dict[str, str]]:
    """The client of its owner, and the uids that the page list names."""
    owner = User.objects.create_user("owner@bench.example", first_name="Owner")
    place = Workspace.objects.create(name="Large")
    Membership.objects.create(workspace=place, user=owner, role=Role.OWNER)
    for n in range(12):
        other = User.objects.create_user(f"member{n}@bench.example", first_name=f"Member {n}")
        Membership.objects.create(workspace=place, user=other, role=Role.EDITOR)
    kit = kits.make(place, "Nordlys")
    campaigns = Campaign.objects.bulk_create(
        Campaign(workspace=place, name=f"Campaign {n}", created_by=owner) for n in range(CAMPAIGNS)
    )
    spec = from_data(brief_data(formats=SIZES))
    briefs = Brief.objects.bulk_create(
        Brief(workspace=place, campaign=campaign, name="Brief", spec=spec.model_dump(mode="json"), kit=kit)
        for campaign in campaigns
    )
    model = finish(lifecycle.start(place, owner, spec, origin=briefs[0].uid))
    shelf.label(model, group=campaigns[0].uid, name=campaigns[0].name)
    runs = _runs(model, briefs, ads // (PICTURES * EACH))
    _ads(model, runs, owner)
    things = _things(place, campaigns[0], briefs[0], kit, runs)
    client = Client(SERVER_NAME="localhost")
    client.force_login(owner)
    _analyze()
    return client, things


def _runs(model: Run, briefs: list[Brief], many: int) -> list[Run]:
    facts = _facts(model, "workspace_id", "started_by_id", "name", "spec", "workflow_id", "ads_total")
    facts |= {"status": RunStatus.DONE, "simulated": False, "pictures_total": PICTURES}
    now = timezone.now()

    def row(n: int) -> Run:
        brief, at = briefs[n % len(briefs)], now - timedelta(minutes=many - n)
        own = {"origin": brief.uid, "group": brief.campaign.uid, "group_name": brief.campaign.name}
        return Run(**facts | own, created_at=at, started_at=at, ended_at=at)

    return Run.objects.bulk_create(map(row, range(many)), batch_size=BATCH)


def _facts(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _ads(model: Run, runs: list[Run], owner: User) -> None:
    sample = model.creatives.select_related("picture", "generation").first()
    assert sample is not None
    for some in batched(runs, 100, strict=False):
        painted = Generation.objects.bulk_create(_generations(sample.generation, some), batch_size=BATCH)
        kept = Picture.objects.bulk_create(_pictures(sample.picture, painted), batch_size=BATCH)
        rows = Creative.objects.bulk_create(_creatives(sample, painted, kept), batch_size=BATCH)
        Decision.objects.bulk_create(_decisions(rows, owner), batch_size=BATCH)
        Keyword.objects.bulk_create(_keywords("ad", rows), batch_size=BATCH)
        Keyword.objects.bulk_create(_keywords("picture", kept), batch_size=BATCH)
    words = {"slow", "brewed", "fast", "gone", "cold", "brew", "can", *(f"number{n}" for n in range(10_000))}
    place = model.workspace_id
    Word.objects.bulk_create(
        (Word(workspace_id=place, word=word) for word in sorted(words)),
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    Export.objects.bulk_create(_exports(runs, owner))


def _generations(like: Generation, runs: tuple[Run, ...]) -> Iterator[Generation]:
    names = (
        "workspace_id",
        "product",
        "look",
        "shape",
        "width",
        "height",
        "positive",
        "negative",
        "server_id",
    )
    facts = _facts(like, *names)
    for run in runs:
        for n in range(PICTURES):
            yield Generation(run=run, variation=n, seed=n, status=Status.DONE, progress=1.0, **facts)


def _pictures(like: Picture, painted: list[Generation]) -> Iterator[Picture]:
    facts = _facts(like, "workspace_id", "sha256", "width", "height", "bytes", "server")
    for row in painted:
        # Media is not asked for here: a key that is its own stands for the one small file.
        yield Picture(generation=row, attempt=0, key=f"bench/{uuid4()}.png", simulated=False, **facts)


def _creatives(like: Creative, painted: list[Generation], kept: list[Picture]) -> Iterator[Creative]:
    facts = _facts(like, "workspace_id", "brand", "focus", "key", "sha256", "bytes", "mime", "report")
    for row, picture in zip(painted, kept, strict=True):
        for n in range(EACH):
            own = {"format": SIZES[n % 5], "language": "en" if n < 5 else "de", "message": 0}
            verdict = random.choice((Verdict.UNDECIDED, Verdict.APPROVED, Verdict.REJECTED))
            yield Creative(
                run_id=row.run_id,
                generation=row,
                picture=picture,
                state=AdState.READY,
                simulated=False,
                copy={"headline": "Slow brewed. Fast gone."},
                decision=verdict,
                **facts | own,
            )


def _decisions(rows: list[Creative], owner: User) -> Iterator[Decision]:
    for row in rows:
        if row.decision != Verdict.UNDECIDED:
            facts = {"workspace_id": row.workspace_id, "creative": row, "sha256": row.sha256}
            yield Decision(verdict=row.decision, by=owner, who="Owner", **facts)


def _keywords(kind: str, rows: list[Any]) -> Iterator[Keyword]:
    for row in rows:
        run = row.run if kind == "ad" and "run" in row._state.fields_cache else row.generation.run
        words = (
            "slow",
            "brewed",
            "fast",
            "gone",
            "cold",
            "brew",
            "can",
            f"number{row.pk % 10_000}",
            f"c:{run.group}",
        )
        for word in words:
            yield Keyword(**{"workspace_id": row.workspace_id, kind: row, "word": word})


def _exports(runs: list[Run], owner: User) -> Iterator[Export]:
    for run in runs[-200:]:
        facts = {"workspace_id": run.workspace_id, "by": owner, "who": "Owner", "title": run.name}
        yield Export(
            **facts,
            selection=Selection.ALL,
            platforms="Meta",
            ads=[1],
            runs={str(run.pk): 80},
            count=80,
            bytes=10**7,
        )


def _things(place: Workspace, campaign: Campaign, brief: Brief, kit: Any, runs: list[Run]) -> dict[str, str]:
    ad = Creative.objects.filter(run=runs[-1]).select_related("picture")[0]
    uids = {"workspace": place.uid, "campaign": campaign.uid, "brief": brief.uid, "kit": kit.uid}
    uids |= dict.fromkeys(("running", "done", "partly", "failed", "sample"), runs[-1].uid)
    uids |= dict.fromkeys(("ad", "changed", "unfit"), ad.uid) | {"picture": ad.picture.uid}
    return {name: str(uid) for name, uid in uids.items()}


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
