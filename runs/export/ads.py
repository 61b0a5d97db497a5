"""What an export holds: which runs, which of their ads, and what their files are called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from runs import naming
from runs.brief import BriefSpec
from runs.models import Creative, Delivery, Run, Verdict
from runs.naming import Names
from runs.states import AdState

BATCH = 100  # rows in memory at once


@dataclass(frozen=True, kw_only=True)
class Order:
    """One export: every ad, every `approved` one, or the `chosen`; `template` names the files, empty = as always."""

    title: str
    runs: tuple[Run, ...]
    chosen: frozenset[UUID] | None = None
    approved: bool = False
    exact: tuple[int, ...] | None = None  # these very rows, in whatever revision; rising pks
    template: str = ""
    campaign: str = ""  # its name, where whoever asks knows it
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", Names(self.template))

    @cached_property
    def briefs(self) -> Mapping[int, BriefSpec]:
        return {run.pk: run.brief for run in self.runs}

    @cached_property
    def by_pk(self) -> Mapping[int, Run]:
        return {run.pk: run for run in self.runs}

    @property
    def is_whole(self) -> bool:
        """Whether it is everything its runs deliver; only then is what they failed at told."""
        return self.chosen is None and self.exact is None and not self.approved

    def ads(self) -> Iterator[Creative]:
        """The newest revision of each ad, in the order in which they were made, a hundred rows at a time.

        Newest as it begins: what is changed while the files are sent is neither sent twice nor left out.
        """
        exact = self.exact
        if exact is None:
            exact = tuple(self._wanted().order_by("pk").values_list("pk", flat=True))
        yield from self._exactly(exact)

    def _exactly(self, pks: tuple[int, ...]) -> Iterator[Creative]:
        rows = Creative.objects.filter(run__in=self.by_pk).select_related("generation").order_by("pk")
        for batch in batched(pks, BATCH, strict=False):
            yield from rows.filter(pk__in=batch)

    def ready(self) -> Iterator[tuple[int, int, str, int]]:
        """Of each finished ad among them its pk, its run, its size's id and its bytes."""
        facts = ("pk", "run", "format", "bytes")
        rows = Creative.objects.filter(state=AdState.READY, run__in=self.by_pk).order_by("pk")
        if self.exact is None:
            yield from self._wanted().filter(state=AdState.READY).order_by("pk").values_list(*facts)
            return
        for batch in batched(self.exact, BATCH, strict=False):
            yield from rows.filter(pk__in=batch).values_list(*facts)

    def _wanted(self) -> QuerySet[Creative]:
        rows = Creative.objects.newest().filter(run__in=self.by_pk)
        if self.approved:
            rows = rows.filter(decision=Verdict.APPROVED)
        return rows if self.chosen is None else rows.filter(uid__in=self.chosen)

    def path(self, ad: Creative, number: int) -> str:
        """The ad's place in the export: its platform's folder, under its run's where there are several."""
        run = self.by_pk[ad.run_id]
        folders = [ad.size.platform_name or "other"]
        if len(self.runs) > 1:
            folders.insert(0, f"{run.name} {self.runs.index(run) + 1}")
        ending = ("_notext" if ad.twin else "") + (ad.key[ad.key.rfind(".") :] if ad.key else "")
        return self.names.path(folders, self._facts(run, ad, number), ending, sample=ad.simulated)

    def _facts(self, run: Run, ad: Creative, number: int) -> dict[str, Any]:
        spec, made = self.briefs[run.pk], ad.generation
        return {
            "campaign": self.campaign or self.title,
            "run": run.name,
            "platform": ad.size.platform_name,
            "format": ad.format,
            "size": f"{ad.size.width}x{ad.size.height}",
            "language": ad.language,
            "product": made.product + 1,
            "product_name": spec.products[made.product].name,
            "look": made.look + 1,
            "look_name": spec.looks[made.look].name,
            "variation": made.variation + 1,
            "message": ad.message + 1,
            "headline": ad.copy.get("headline", ""),
            "n": f"{number:03}",
        }


def of_run(
    run: Run, chosen: frozenset[UUID] | None = None, campaign: str = "", *, approved: bool = False
) -> Order:
    """The export of one run, its files named as its workspace wants it."""
    template = template_of(run.workspace_id)
    return Order(
        title=run.name, runs=(run,), chosen=chosen, approved=approved, template=template, campaign=campaign
    )


def template_of(workspace: int) -> str:
    """The workspace's template; none where it set none, or one that names no files any more."""
    found = Delivery.objects.filter(workspace=workspace).values_list("file_names", flat=True).first() or ""
    try:
        naming.check(found or naming.DEFAULT)
    except naming.BadTemplate:
        return ""
    return found
