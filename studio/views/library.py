"""The library: every finished ad and every picture of the workspace, to search and to use again."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from runs import formats, library
from runs.library import Found, Wanted
from runs.models import Creative, Picture, Run, Verdict
from studio.cards import shots
from studio.here import StudioRequest, member
from studio.models import Campaign
from studio.rows import language_name
from studio.tiles import RATIO_CLASSES

PAGE = 48
OFFERED = 100  # campaigns
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COUNTED = 1000  # further nobody wants to know, and the database need not walk
RECENT = 200  # runs whose brands, sizes and languages are offered as choices
DAYS = [("1", gettext_lazy("Today")), ("7", gettext_lazy("7 days")), ("30", gettext_lazy("30 days"))]
DAYS += [("365", gettext_lazy("A year"))]
VERDICTS = [
    (Verdict.UNDECIDED.value, gettext_lazy("To review")),
    (Verdict.APPROVED.value, gettext_lazy("Approved")),
    (Verdict.REJECTED.value, gettext_lazy("Rejected")),
]


class Search(forms.Form):
    """What is asked for. A choice that is not offered (any more) is not asked about."""

    q = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Search"),
        widget=forms.SearchInput(attrs={"placeholder": gettext_lazy("Headline, product, look, campaign")}),
    )
    campaign = forms.ChoiceField(required=False)
    brand = forms.ChoiceField(required=False)
    size = forms.ChoiceField(required=False)
    language = forms.ChoiceField(required=False)
    decision = forms.ChoiceField(required=False, choices=[("", gettext_lazy("Any decision")), *VERDICTS])
    days = forms.ChoiceField(required=False, choices=[("", gettext_lazy("Any date")), *DAYS])

    def __init__(self, data: Mapping[str, Any], workspace: Any, kind: str) -> None:
        super().__init__(data, auto_id="find_%s")
        brands, sizes, languages = _known(workspace)
        self._offer("campaign", _("Any campaign"), _campaigns(workspace, data.get("campaign", "")))
        self._offer("brand", _("Any brand"), [(name, name) for name in brands])
        self._offer("size", _("Any size"), sizes)
        self._offer("language", _("Any language"), languages)
        if kind == "pictures":  # they have none of these
            for name in ("size", "language", "decision"):
                del self.fields[name]

    def _offer(self, name: str, any_words: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", any_words), *choices]

    def wanted(self, before: str) -> Wanted:
        self.is_valid()
        given = self.cleaned_data
        days, verdict = given.get("days"), given.get("decision")
        return Wanted(
            words=given.get("q") or "",
            group=UUID(given["campaign"]) if given.get("campaign") else None,
            brand=given.get("brand") or "",
            size=given.get("size") or "",
            language=given.get("language") or "",
            verdict=Verdict(verdict) if verdict else None,
            since=_days_ago(int(days) - 1) if days else None,
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
        )

    @property
    def is_asking(self) -> bool:
        return any(self.cleaned_data.values())

    def asked(self) -> list[tuple[str, str]]:
        """Each thing that is asked about, by its field and as it is called."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return [(name, self._called(name, value)) for name, value in given.items()]

    def _called(self, name: str, value: Any) -> str:
        field: Any = self.fields[name]
        return f"“{value}”" if name == "q" else str(dict(field.choices)[value])


def _days_ago(days: int) -> datetime:
    """When that day began where the studio stands; today began 0 days ago."""
    return timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=days), time.min))


def _campaigns(workspace: Any, asked: str) -> list[tuple[str, str]]:
    """The latest ones, and the one that is asked about."""
    known = Campaign.objects.filter(workspace=workspace).order_by("-updated_at").values_list("uid", "name")
    offered = [(str(uid), name) for uid, name in known[:OFFERED]]
    if asked in dict(offered) or not UUIDS.fullmatch(asked):
        return offered
    return offered + [(str(uid), name) for uid, name in known.filter(uid=asked)]


def _known(workspace: Any) -> tuple[list[str], list[tuple[str, str]], list[tuple[str, str]]]:
    """The brands, sizes and languages of the latest runs."""
    facts = ("spec__brand__name", "spec__formats", "spec__languages")
    rows = list(Run.objects.filter(workspace=workspace).order_by("-pk").values_list(*facts)[:RECENT])
    brands = sorted({name for name, _, _ in rows if name})
    sizes = dict.fromkeys(size for _, many, _ in rows for size in many or [])
    codes = sorted({code for _, _, many in rows for code in many or []})
    offered = [(entry.id, entry.label) for entry in formats.still_offered(sizes)]
    return brands, sorted(offered, key=lambda choice: choice[1]), [(c, language_name(c)) for c in codes]


_SHELVES: dict[str, Any] = {"ads": library.ads, "pictures": library.pictures}


@member
@require_safe
def index(request: StudioRequest) -> HttpResponseBase:
    kind = "pictures" if request.GET.get("kind") == "pictures" else "ads"
    search = Search(request.GET, request.workspace, kind)
    before = request.GET.get("before", "")
    wanted = search.wanted(before)
    found: Found[Any] = _SHELVES[kind](request.workspace, wanted)
    rows = _rows(found)
    shown = rows[:PAGE]
    context = {
        "kind": kind,
        "search": search,
        "cards": _pictures(shown) if kind == "pictures" else shots(shown),
        "asking": search.is_asking,
        "asked": [(words, _address(request, **{name: ""}, before="")) for name, words in search.asked()],
        "all_url": _address(request, before="", **dict.fromkeys(search.fields, "")),
        "total": "" if before else _total(kind, len(rows) if len(rows) <= PAGE else found.count(COUNTED + 1)),
        "vague": found.vague,
        "before": before,
        "older_url": _address(request, before=str(shown[-1].pk)) if len(rows) > PAGE else "",
        "newest_url": _address(request, before="") if before else "",
        "others": [(name, words, _address(request, kind=name, before="")) for name, words in _kinds()],
    }
    part = "#found" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"studio/library.html{part}", context)


def _kinds() -> list[tuple[str, str]]:
    return [("ads", _("Ads")), ("pictures", _("Pictures"))]


def _address(request: StudioRequest, **changes: str) -> str:
    """This search, further on or otherwise."""
    query: dict[str, Any] = request.GET.dict() | changes
    asked = {name: value for name, value in query.items() if value}
    return f"{reverse('studio:library')}?{urlencode(asked)}"


def _rows(found: Found[Any]) -> list[Any]:
    """One more than a page holds, where there are more."""
    rows = found.first(PAGE + 1).select_related("generation")
    return list(rows.defer("report", "brand") if rows.model is Creative else rows)


def _total(kind: str, n: int) -> str:
    """How many there are; from a thousand on only that there are more."""
    if n > COUNTED:
        return _("More than 1,000 pictures") if kind == "pictures" else _("More than 1,000 ads")
    if kind == "pictures":
        return ngettext("%(n)d picture", "%(n)d pictures", n) % {"n": n}
    return ngettext("%(n)d ad", "%(n)d ads", n) % {"n": n}


def _pictures(rows: list[Picture]) -> list[dict[str, Any]]:
    runs = {row.generation.run_id for row in rows}
    specs = dict(Run.objects.filter(pk__in=runs).values_list("pk", "spec"))
    return [_picture(row, specs[row.generation.run_id]) for row in rows]


def _picture(row: Picture, spec: dict[str, Any]) -> dict[str, Any]:
    made, media = row.generation, reverse("runs:media", args=["picture", row.uid])
    look, product = spec["looks"][made.look]["name"], spec["products"][made.product]["name"]
    return {
        "url": reverse("studio:picture", args=[row.uid]),
        "thumb_url": f"{media}?size=small",
        "download_url": f"{media}?download=1",
        "ratio_class": RATIO_CLASSES[formats.Shape(made.shape)],
        "width": row.width,
        "height": row.height,
        "name": look,
        "label": product,
        "full": f"{look} · {product}",
        "decision": "sample" if row.simulated else "",
    }
