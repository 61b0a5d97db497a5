"""The rows of the brief's tables: products, messages and looks. An empty row is not there."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from runs import assets
from runs.brief import LANGUAGE_TAG
from runs.formats import Format
from studio import posts

COPY = {
    "headline": _("Headline"),
    "short_headline": _("Short headline"),
    "line": _("Line"),
    "button": _("Button"),
    "legal": _("Legal line"),
}
EAGER = 3  # rows whose post text is drawn with the page; that of others when somebody looks at it
MOST_LANGUAGES = 12  # as many as a brief takes


def split(text: str) -> list[str]:
    """A list that somebody wrote with blanks or commas."""
    return text.replace(",", " ").split()


def further_languages(written: str) -> list[str]:
    """The languages after the first: each has its own copy. What is none is told at its field."""
    known = [code for code in split(written)[1:MOST_LANGUAGES] if re.fullmatch(LANGUAGE_TAG, code)]
    return list(dict.fromkeys(known))


def translated(message: dict[str, Any]) -> dict[str, str]:
    """The copy of a message's further languages and all its post text, under the names of its fields."""
    copies = message["translations"].items()
    words = {f"{language}_{name}": copy[name] for language, copy in copies for name in COPY}
    for language, copy in [("", message), *copies]:
        words |= posts.initial(copy.get("post") or {}, language)
    return words


def language_name(code: str) -> str:
    """German for de; the code itself where nobody knows it."""
    known = LANG_INFO.get(code.lower()) or LANG_INFO.get(code[:2]) or {}
    return str(known.get("name", code))


def picture_url(key: str | None) -> str:
    """Where the page finds a small one of that upload."""
    uid = assets.uid_of(key or "")
    return f"{reverse('runs:media', args=['asset', uid])}?size=small" if uid else ""


def with_row(data: QueryDict, prefix: str, row: Mapping[str, str]) -> QueryDict:
    """What a form sent, with one more row of that table: how a row is added without JavaScript."""
    longer = data.copy()
    total = longer.get(f"{prefix}-TOTAL_FORMS", "")
    number = int(total) if total.isdecimal() and len(total) < 4 else 0
    longer[f"{prefix}-TOTAL_FORMS"] = str(number + 1)
    for name, value in row.items():
        longer[f"{prefix}-{number}-{name}"] = value
    return longer


class Row(forms.Form):
    """One row of a table in the brief."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_long: dict[str, str] = {}  # what is said at its fields of copy that does not fit

    @property
    def fits(self) -> list[tuple[BoundField, str]]:
        """Each field whose words stand on ads, and what is said of its length."""
        return [(self[name], self.too_long.get(name, "")) for name in self.on_ads]

    @property
    def on_ads(self) -> list[str]:
        return []

    @property
    def is_blank(self) -> bool:
        return not any(value for name, value in self.values().items() if name != "product")

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}

    def field_of(self, place: str) -> str | None:
        """The field that shows what is wrong at this place of the row; None for the row as a whole."""
        name = place.partition(".")[0]
        return name if name in self.fields else None


class ProductRow(Row):
    """A product. `cutout` is the key of its picture that is used, `proposed` of one to be looked at first."""

    name = forms.CharField(required=False, label=_("Product"))
    description = forms.CharField(
        required=False, label=_("What the picture shows"), widget=forms.Textarea(attrs={"rows": 2})
    )
    price = forms.CharField(required=False, label=_("Price"))
    cutout = forms.CharField(required=False, widget=forms.HiddenInput)
    proposed = forms.CharField(required=False, widget=forms.HiddenInput)
    picture = forms.FileField(
        required=False,
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )
    clear = forms.BooleanField(required=False)  # without JavaScript: leave the picture out

    @property
    def on_ads(self) -> list[str]:
        return ["price"]

    @property
    def is_blank(self) -> bool:
        given = self.cleaned_data
        return super().is_blank and not (given.get("picture") or given.get("proposed"))

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        cutout = "" if given.get("clear") else given.get("cutout") or ""
        return {name: given.get(name) or "" for name in ("name", "description", "price")} | {"cutout": cutout}

    def field_of(self, place: str) -> str | None:
        return "picture" if place == "cutout" else super().field_of(place)

    @property
    def used_url(self) -> str:
        return picture_url(self["cutout"].value())

    @property
    def proposed_url(self) -> str:
        return picture_url(self["proposed"].value())


class MessageRow(Row):
    headline = forms.CharField(required=False, label=_("Headline"))
    short_headline = forms.CharField(required=False, label=_("Short headline, for banners"))
    line = forms.CharField(required=False, label=_("Line"))
    button = forms.CharField(required=False, label=_("Button"))
    legal = forms.CharField(required=False, label=_("Legal line"))
    product = forms.CharField(required=False, label=_("Product"), widget=forms.Select)

    def __init__(
        self,
        *args: Any,
        languages: Sequence[str] = (),
        sizes: Sequence[Format] = (),
        unfold: str = "",
        **kwargs: Any,
    ) -> None:
        """`unfold` is the prefix of the row whose post text was asked for."""
        super().__init__(*args, **kwargs)
        self.languages = languages
        self.sizes = sizes
        self.is_asked_for = bool(self.prefix) and unfold == self.prefix
        for code in ("", *languages):
            posts.add_fields(self, code, language_name(code) if code else "")
        for language in languages:
            for name, label in COPY.items():
                words = f"{label} ({language_name(language)})"
                self.fields[f"{language}_{name}"] = forms.CharField(required=False, label=words)

    @property
    def on_ads(self) -> list[str]:
        return [*COPY, *(f"{code}_{name}" for code in self.languages for name in COPY)]

    @property
    def further(self) -> list[tuple[str, list[tuple[BoundField, str]]]]:
        """The name and the fields of each further language, with what is said of their length, for the page."""
        start = len(COPY)
        fits = self.fits[start:]
        parts = [fits[number : number + start] for number in range(0, len(fits), start)]
        return [(language_name(code), part) for code, part in zip(self.languages, parts, strict=True)]

    @cached_property
    def posts(self) -> list[tuple[str, BoundField, list[posts.PostPart]]]:
        """Each language's post text: its name (none for the first), the link, the platforms' fields."""
        return [
            (
                language_name(code) if code and self.languages else "",
                self[posts.name_of(code, "link")],
                posts.parts(self, code, self.sizes),
            )
            for code in ("", *self.languages)
        ]

    @property
    def shows_posts(self) -> bool:
        """Whether the fields of its post text are drawn: there are dozens, and a brief may have fifty messages."""
        start = f"{self.prefix}-"
        sent = any(name.startswith(start) and "post_" in name for name in self.data)
        first = not self.is_bound and self.prefix_number < EAGER
        return self.is_asked_for or sent or first or self.has_post

    @property
    def prefix_number(self) -> int:
        """Which row it is; the one that a script adds rows from counts as the first."""
        number = str(self.prefix).rpartition("-")[2]
        return int(number) if number.isdecimal() else 0

    @property
    def has_post(self) -> bool:
        """Whether the part is unfolded: something is written in it, wrong with it, or it was asked for."""
        names = [name for name in self.fields if "post_" in name]
        return self.is_asked_for or any(self[name].value() or name in self.errors for name in names)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        own = {name: given.get(name) or "" for name in COPY} | {"post": posts.values(given, "")}
        copies = {
            code: {name: given.get(f"{code}_{name}") or "" for name in COPY}
            | {"post": posts.values(given, code)}
            for code in self.languages
        }
        written = {code: copy for code, copy in copies.items() if any(copy.values())}
        return own | {"product": given.get("product") or None, "translations": written}

    def field_of(self, place: str) -> str | None:
        head, _dot, rest = place.partition(".")
        code, _dot, name = rest.partition(".")
        if head == "post":
            return posts.field_of(self, "", rest)
        if name.startswith("post."):
            return posts.field_of(self, code, name.removeprefix("post."))
        translation = f"{code}_{name or 'headline'}"
        if head == "translations" and translation in self.fields:
            return translation
        return super().field_of(place)


class LookRow(Row):
    name = forms.CharField(required=False, label=_("Look"))
    words = forms.CharField(
        required=False, label=_("Picture description"), widget=forms.Textarea(attrs={"rows": 2})
    )
    palette = forms.CharField(
        required=False, label=_("Colours"), help_text=_("Up to six, such as #f6c9a8 #e8825b")
    )

    def values(self) -> dict[str, Any]:
        return super().values() | {"palette": split(self.cleaned_data.get("palette") or "")}
