"""The words of a run's messages, to be changed on all its ads at once: the form, and what would be too long where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from runs import formats, recompose
from runs.brief import BriefSpec, CopySpec, MessageSpec
from runs.errors import BriefRefused
from runs.models import Creative, Run
from runs.recompose import Change
from runs.states import AdState
from studio.fitting import at_fields, fittings
from studio.rows import COPY, language_name

ANYWAY = "anyway"  # sent by the button that takes ads which do not fit into the bargain


class WordsForm(forms.Form):
    """As a message of the brief has them; what is too long for one of its sizes is told at its field."""

    headline = forms.CharField(label=COPY["headline"], error_messages={"required": _("Write a headline.")})
    short_headline = forms.CharField(label=COPY["short_headline"], required=False)
    line = forms.CharField(label=COPY["line"], required=False)
    button = forms.CharField(label=COPY["button"], required=False)
    legal = forms.CharField(label=COPY["legal"], required=False)

    def __init__(self, said: "Said", data: Mapping[str, Any] | None = None) -> None:
        self.said = said
        self.is_too_long = False
        first = said.ads[0].copy
        initial = {name: first.get(name, "") for name in COPY}
        super().__init__(data, initial=initial, auto_id=f"{said.key}_%s")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                self.copy = recompose.copy_from(given)
            except BriefRefused as refusal:
                self.refuse(refusal)
            else:
                self._measure()
        return given

    def _measure(self) -> None:
        if ANYWAY in self.data:
            return
        for field, words in too_long(self.said, self.copy).items():
            self.is_too_long = True
            self.add_error(field, words)

    def refuse(self, refusal: BriefRefused) -> None:
        for fault in refusal.faults:
            self.add_error(fault.field if fault.field in self.fields else None, fault.words)

    def order(self, actor: str) -> list[Creative] | None:
        """The new revisions; None where the form is at fault. No picture is painted anew."""
        if not self.is_valid():
            return None
        try:
            return recompose.order(self.said.ads, Change(copy=self.copy), actor=actor)
        except BriefRefused as refusal:
            self.refuse(refusal)
            return None


@dataclass(slots=True)
class Said:
    """One message in one language, and all ads of the run that say it."""

    run: Run
    message: int
    language: str
    ads: list[Creative]
    form: WordsForm | None = None

    @property
    def key(self) -> str:
        return f"{self.message}-{self.language}"

    @property
    def number(self) -> int:
        return self.message + 1

    @property
    def language_words(self) -> str:
        return language_name(self.language) if len(self.run.spec["languages"]) > 1 else ""

    @property
    def differ(self) -> bool:
        """Whether some were changed by themselves."""
        return len({tuple(ad.copy.get(name, "") for name in COPY) for ad in self.ads}) > 1


def of_run(run: Run) -> Iterator[Said]:
    """Every message with its ads, as they are now."""
    newest = Creative.objects.newest().filter(run=run, twin=False).select_related("generation")
    ads = [ad for ad in newest.defer("report").order_by("message", "language", "pk") if _is_offered(ad)]
    for (message, language), mine in groupby(ads, key=lambda ad: (ad.message, ad.language)):
        yield Said(run, message, language, list(mine))


def _is_offered(ad: Creative) -> bool:
    return ad.format in formats.catalogue()


def is_under_way(run: Run) -> bool:
    """Pictures that are still to come would bring the words with which the run was started."""
    return not run.is_final


def has_words(run: Run) -> bool:
    """Whether there is an ad whose words can be changed."""
    made = Creative.objects.filter(run=run, twin=False).exclude(state=AdState.PENDING)
    return run.is_final and made.exists()


def too_long(said: Said, copy: CopySpec) -> dict[str, str]:
    """By field what does not fit some size of these ads, told by the size that asks most."""
    spec = _brief_with(said, copy)
    place = "messages.0."
    found = at_fields(fit for _size, fit in fittings(spec, list(spec.offered)))
    return {field.removeprefix(place): words for field, words in found.items() if field.startswith(place)}


def _brief_with(said: Said, copy: CopySpec) -> BriefSpec:
    """The run's brief as if it had nothing but this message."""
    brief = said.run.brief
    products = {ad.generation.product for ad in said.ads}
    message = MessageSpec(**{name: getattr(copy, name) for name in COPY})
    return brief.model_copy(
        update={
            "messages": (message,),
            "languages": (said.language,),
            "products": tuple(brief.products[n] for n in sorted(products)),
            "formats": tuple(dict.fromkeys(ad.format for ad in said.ads)),
        }
    )
