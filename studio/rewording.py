"""The words of a run's messages, to be changed on all its ads at once: the form, and what would be too long where."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from runs import formats, recompose
from runs.brief import BriefSpec, CopySpec, MessageSpec
from runs.errors import BriefRefused
from runs.models import Creative, Run
from runs.recompose import Change
from studio.fitting import at_fields, fittings
from studio.rows import COPY, language_name

SEEN = "seen_"  # before a field's name: what it said when the form was drawn
ANYWAY = "anyway"  # sent by the button that takes ads which do not fit into the bargain


class WordsForm(forms.Form):
    """As a message of the brief has them; what is too long for one of its sizes is told at its field.

    It sends what was seen beside what is wanted: only what differs is changed, and nobody's words are put back that
    somebody else changed meanwhile.
    """

    headline = forms.CharField(label=COPY["headline"], error_messages={"required": _("Write a headline.")})
    short_headline = forms.CharField(label=COPY["short_headline"], required=False)
    line = forms.CharField(label=COPY["line"], required=False)
    button = forms.CharField(label=COPY["button"], required=False)
    legal = forms.CharField(label=COPY["legal"], required=False)

    def __init__(self, said: "Said", data: Mapping[str, Any] | None = None) -> None:
        self.said = said
        self.is_too_long = False
        self.now = said.words
        self.changed: frozenset[str] = frozenset()
        self._overtaken: list[str] = []
        if data is not None:
            data = self._merged(data)
        super().__init__(data, initial=self.now, prefix=said.key)

    def _merged(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What is wanted where that was changed here, and else what the ads say now."""
        own = {name: f"{self.said.key}-{name}" for name in COPY}
        sent = {name: str(data[own[name]]).strip() for name in COPY if own[name] in data}
        seen = {name: str(data.get(SEEN + own[name], self.now[name])).strip() for name in COPY}
        wanted = {name: words for name, words in sent.items() if words != seen[name]}
        self.changed = frozenset(wanted)
        self._overtaken = [
            name for name, words in wanted.items() if self.now[name] not in (seen[name], words)
        ]
        given = {own[name]: words for name, words in (self.now | wanted).items()}
        return given | ({ANYWAY: "1"} if ANYWAY in data else {})

    @property
    def seen(self) -> list[tuple[str, str]]:
        """Sent along as it is now."""
        return [(f"{SEEN}{self.said.key}-{name}", words) for name, words in self.now.items()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in self._overtaken:
            words = _(
                "Someone changed this to “%(words)s” in the meantime. Save again to replace it with yours."
            )
            self.add_error(name, words % {"words": self.now[name]})
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
        change = Change(copy=self.copy, fields=self.changed)
        try:
            return recompose.order(self.said.whole_ads(), change, actor=actor)
        except BriefRefused as refusal:
            self.refuse(refusal)
            return None


@dataclass(slots=True)
class Said:
    """One message in one language, and all ads of the run that say it."""

    run: Run
    message: int
    language: str
    ads: list[Creative]  # no more of each than says what it says
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
    def words(self) -> dict[str, str]:
        """By field, as most of them have it."""
        said = {name: Counter(str(ad.copy.get(name, "")) for ad in self.ads) for name in COPY}
        return {name: counts.most_common(1)[0][0] for name, counts in said.items()}

    @property
    def differ(self) -> bool:
        """Whether some were changed by themselves."""
        return len({tuple(ad.copy.get(name, "") for name in COPY) for ad in self.ads}) > 1

    def whole_ads(self) -> list[Creative]:
        rows = Creative.objects.filter(pk__in=[ad.pk for ad in self.ads]).select_related("generation")
        return list(rows.order_by("pk"))


def of_run(run: Run) -> Iterator[Said]:
    """Every message with its ads, as they are now."""
    newest = Creative.objects.newest().filter(run=run, twin=False).select_related("generation")
    rows = newest.only("run", "message", "language", "format", "copy", "generation__product")
    ads = [ad for ad in rows.order_by("message", "language", "pk") if _is_offered(ad)]
    for (message, language), mine in groupby(ads, key=lambda ad: (ad.message, ad.language)):
        yield Said(run, message, language, list(mine))


def _is_offered(ad: Creative) -> bool:
    return ad.format in formats.catalogue()


def order_all(wanted: list[Said], actor: str) -> list[tuple[Said, list[Creative]]] | None:
    """What becomes of each message; None, and nothing ordered, where one of the forms is at fault."""
    filled = [one.form for one in wanted if one.form is not None]
    faulty = [
        form for form in filled if not form.is_valid()
    ]  # every form tells its faults, not only the first
    if faulty:
        return None
    with transaction.atomic():
        made = [(form.said, form.order(actor)) for form in filled]
        if any(ads is None for _said, ads in made):
            transaction.set_rollback(True)
            return None
    return [(said, ads or []) for said, ads in made]


def is_under_way(run: Run) -> bool:
    """Pictures that are still to come would bring the words with which the run was started."""
    return not run.is_final


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
