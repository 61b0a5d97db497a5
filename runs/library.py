"""Finds ads and pictures of a workspace: by parts of words and by what they are, the newest first, a page at a time.

Each page is one walk along an index, from where the page before ended; where a part stands for several words it is one
walk a word that many have, one for those that few have, and the newest of them all. What is looked for by words begins
with the rarest of them: `tests/runs/test_library.py` reads the databases' plans.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, Model, OuterRef, QuerySet, When
from django.db.models.functions import Length

from accounts.models import Workspace
from runs.models import Creative, Keyword, Picture, Verdict, Word
from runs.shelf import tag_of_brand, tag_of_group
from runs.states import AdState
from runs.words import words_in

MOST_WORDS = 6
MOST_ALIKE = 100  # words that one part stands for: those that begin with it first, the shortest first
RARE = 5000  # keywords that are counted to tell which word is the rarest; fewer are read at once


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
    def parts(self) -> list[str]:
        return words_in([self.words])[:MOST_WORDS]

    @property
    def tags(self) -> list[str]:
        tags = [tag_of_group(self.group)] if self.group else []
        return tags + ([tag_of_brand(self.brand)] if self.brand.strip() else [])


def ads(workspace: Workspace, wanted: Wanted) -> "Found[Creative]":
    """Finished ads, each in its newest revision."""
    facts: dict[str, Any] = {
        "format": wanted.size,
        "language": wanted.language,
        "decision": wanted.verdict,
    }
    rows = Creative.objects.newest().filter(
        workspace=workspace, state=AdState.READY, **{name: value for name, value in facts.items() if value}
    )
    if wanted.verdict == Verdict.UNDECIDED:  # nobody can choose samples
        rows = rows.filter(simulated=False)
    return Found(rows, "ad", workspace, wanted)


def pictures(workspace: Workspace, wanted: Wanted) -> "Found[Picture]":
    """Pictures as they were painted. They have no size, language or decision of their own."""
    return Found(Picture.objects.filter(workspace=workspace, dropped_at=None), "picture", workspace, wanted)


class Found[M: Model]:
    """The rows of one search, the newest first. Asks nothing of the database before it is told how many."""

    def __init__(self, rows: QuerySet[M], kind: str, workspace: Workspace, wanted: Wanted) -> None:
        self._rows, self._kind, self._place, self._wanted = rows, kind, workspace, wanted

    def first(self, most: int) -> QuerySet[M]:
        """At most so many rows."""
        walks = self.walks
        if len(walks) == 1:
            return walks[0][:most]
        newest = sorted(
            {pk for walk in walks for pk in walk.values_list("pk", flat=True)[:most]}, reverse=True
        )
        return self._rows.model._default_manager.filter(pk__in=newest[:most]).order_by("-pk")

    def count(self, most: int) -> int:
        """How many there are, counted no further than that."""
        walks = self.walks
        if len(walks) == 1:
            return walks[0][:most].count()
        pks: set[int] = set()
        for walk in walks:
            if len(pks) < most:
                pks.update(walk.values_list("pk", flat=True)[:most])
        return min(most, len(pks))

    @cached_property
    def walks(self) -> list[QuerySet[M]]:
        """One a word that may be meant; none where a word is known to nothing."""
        rows = _in_time(self._rows, self._place, self._wanted)
        meant = [[tag] for tag in self._wanted.tags]
        meant += [words[:MOST_ALIKE] for words in self._meant.values()]
        if not all(meant):
            return [rows.none()]
        if not meant:
            rows = rows.filter(pk__lt=self._wanted.before) if self._wanted.before else rows
            return [rows.order_by("-pk")]
        first, *others = self._rarest_first(meant)
        for words in others:
            rows = rows.filter(Exists(Keyword.objects.filter(**{self._kind: OuterRef("pk")}, word__in=words)))
        return list(self._along_all(rows, first))

    @property
    def vague(self) -> list[str]:
        """The parts that stand for more words than were looked for."""
        return [part for part, words in self._meant.items() if len(words) > MOST_ALIKE]

    @cached_property
    def _meant(self) -> dict[str, list[str]]:
        return {part: alike(self._place, part) for part in self._wanted.parts}

    def _along_all(self, rows: QuerySet[M], words: list[str]) -> Iterator[QuerySet[M]]:
        """Words that few rows have are read together; halving finds those that many have."""
        if len(words) == 1:
            yield self._along(rows, words[0])
            return
        known = self._known.filter(word__in=words)
        if self._wanted.before:
            known = known.filter(**{f"{self._kind}__lt": self._wanted.before})
        if known[:RARE].count() < RARE:
            pks = set(known.values_list(self._kind, flat=True)[:RARE])
            yield rows.filter(pk__in=pks).order_by("-pk")
            return
        half = len(words) // 2
        yield from self._along_all(rows, words[:half])
        yield from self._along_all(rows, words[half:])

    @property
    def _known(self) -> QuerySet[Keyword]:
        return Keyword.objects.filter(workspace=self._place, **{f"{self._kind}__isnull": False})

    def _along(self, rows: QuerySet[M], word: str) -> QuerySet[M]:
        walked: dict[str, Any] = {"keywords__workspace": self._place, "keywords__word": word}
        if self._wanted.before:
            walked[f"keywords__{self._kind}__lt"] = self._wanted.before
        # By the keyword's own column: with it the walk along the words is in order, and nothing is sorted.
        return rows.filter(**walked).order_by(f"-keywords__{self._kind}_id")

    def _rarest_first(self, meant: list[list[str]]) -> list[list[str]]:
        if len(meant) < 2:
            return meant
        counts = [self._known.filter(word__in=words)[:RARE].count() for words in meant]
        ranked = sorted(zip(counts, meant, strict=True), key=lambda pair: (pair[0], len(pair[1])))
        return [words for _, words in ranked]


def alike(workspace: Workspace, part: str) -> list[str]:
    """The words of the workspace that the part may stand for, and one more than are looked for where there are more."""
    known = Word.objects.filter(workspace=workspace, word__contains=part)
    begins = Case(When(word__startswith=part, then=0), default=1)
    return list(
        known.order_by(begins, Length("word"), "word").values_list("word", flat=True)[: MOST_ALIKE + 1]
    )


def _in_time[M: Model](rows: QuerySet[M], workspace: Workspace, wanted: Wanted) -> QuerySet[M]:
    """Rows are numbered as they are made, so that a day is a number to stop at."""
    if wanted.since is None:
        return rows
    own = rows.model._default_manager.filter(workspace=workspace, created_at__gte=wanted.since)
    first = own.order_by("created_at").values_list("pk", flat=True).first()
    return rows.none() if first is None else rows.filter(pk__gte=first)
