"""Finds ads and pictures of a workspace: by words and by what they are, the newest first, a page at a time.

Each page is one walk along an index, from where the page before ended. What is looked for by words begins with the
rarest of them: `tests/runs/test_library.py` reads the databases' plans.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from accounts.models import Workspace
from runs.models import Creative, Keyword, Picture, Verdict
from runs.shelf import tag_of_brand, tag_of_group
from runs.states import AdState
from runs.words import words_in

MOST_WORDS = 6
RARE = 1000  # keywords that are counted to tell which word is the rarest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is empty is not asked about."""

    words: str = ""
    group: UUID | None = None
    brand: str = ""
    size: str = ""
    language: str = ""
    verdict: Verdict | None = None
    since: datetime | None = None
    before: int | None = None  # the last row of the page before

    @property
    def terms(self) -> list[str]:
        """The keywords that all have to be there."""
        tags = [tag_of_group(self.group)] if self.group else []
        tags += [tag_of_brand(self.brand)] if self.brand.strip() else []
        return [*words_in([self.words])[:MOST_WORDS], *tags]


def ads(workspace: Workspace, wanted: Wanted) -> QuerySet[Creative]:
    """Finished ads, each in its newest revision."""
    facts = {"format": wanted.size, "language": wanted.language, "decision": wanted.verdict}
    rows = Creative.objects.newest().filter(
        workspace=workspace, state=AdState.READY, **{name: value for name, value in facts.items() if value}
    )
    return _page(rows, "ad", workspace, wanted)


def pictures(workspace: Workspace, wanted: Wanted) -> QuerySet[Picture]:
    """Pictures as they were painted. They have no size, language or decision of their own."""
    return _page(Picture.objects.filter(workspace=workspace), "picture", workspace, wanted)


def _page[M: Model](rows: QuerySet[M], kind: str, workspace: Workspace, wanted: Wanted) -> QuerySet[M]:
    rows = _in_time(rows, workspace, wanted)
    terms = _rarest_first(kind, workspace, wanted.terms)
    if not terms:
        rows = rows.filter(pk__lt=wanted.before) if wanted.before else rows
        return rows.order_by("-pk")
    first, *others = terms
    walked: dict[str, Any] = {"keywords__workspace": workspace, "keywords__word": first}
    if wanted.before:
        walked[f"keywords__{kind}__lt"] = wanted.before
    rows = rows.filter(**walked)
    for word in others:
        rows = rows.filter(Exists(Keyword.objects.filter(**{kind: OuterRef("pk")}, word=word)))
    # By the keyword's own column: with it the walk along the words is in order, and nothing is sorted.
    return rows.order_by(f"-keywords__{kind}_id")


def _rarest_first(kind: str, workspace: Workspace, terms: list[str]) -> list[str]:
    if len(terms) < 2:
        return terms
    known = Keyword.objects.filter(workspace=workspace, **{f"{kind}__isnull": False})
    counts = {word: known.filter(word=word)[:RARE].count() for word in terms}
    return sorted(counts, key=counts.__getitem__)


def _in_time[M: Model](rows: QuerySet[M], workspace: Workspace, wanted: Wanted) -> QuerySet[M]:
    """Rows are numbered as they are made, so that a day is a number to stop at."""
    if wanted.since is None:
        return rows
    own = rows.model._default_manager.filter(workspace=workspace, created_at__gte=wanted.since)
    first = own.order_by("created_at").values_list("pk", flat=True).first()
    return rows.none() if first is None else rows.filter(pk__gte=first)
