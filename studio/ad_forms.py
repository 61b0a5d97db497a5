"""The forms of one ad's page: its words, another size, the brand's colours, the focus of its picture."""

from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from runs import formats, recompose
from runs.errors import BriefRefused
from runs.models import Creative
from runs.recompose import Change
from studio.rows import COPY, language_name
from studio.table import language_code

LANGUAGES = sorted(
    ((language_code(code), info["name"]) for code, info in LANG_INFO.items() if "name" in info),
    key=lambda known: known[1],
)


class ChangeForm(forms.Form):
    """Knows the change it asks for; what that refuses is told at the field it belongs to."""

    replaces = True  # what it says takes the place of what the ad says

    def __init__(self, ad: Creative, *args: Any, **kwargs: Any) -> None:
        self.ad = ad
        self.change: Change | None = None
        self.overtaken = False  # somebody else changed the same since it was drawn
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                self.change = self.wanted(given)
            except BriefRefused as refusal:
                self.refuse(refusal)
        return given

    def refuse(self, refusal: BriefRefused) -> None:
        for fault in refusal.faults:
            self.add_error(fault.field if fault.field in self.fields else None, fault.words)

    def tell_overtaken(self) -> None:
        """What was typed stays; sent once more, it is meant."""
        self.overtaken = True
        who = self.ad.made_by or _("Someone")
        words = _("%(who)s changed this after you opened it. The preview shows the ad as it is now.")
        more = _("Your text is still here. Save again to replace theirs.")
        self.add_error(None, f"{words % {'who': who}} {more}")

    def wanted(self, given: dict[str, Any]) -> Change:
        raise NotImplementedError

    def ads(self) -> list[Creative]:
        """Those the change is for."""
        return [self.ad]


class CopyForm(ChangeForm):
    headline = forms.CharField(label=COPY["headline"], error_messages={"required": _("Write a headline.")})
    short_headline = forms.CharField(label=COPY["short_headline"], required=False)
    line = forms.CharField(label=COPY["line"], required=False)
    button = forms.CharField(label=COPY["button"], required=False)
    legal = forms.CharField(label=COPY["legal"], required=False)
    price = forms.CharField(label=_("Price"), required=False)
    language = forms.CharField(
        label=_("Language"),
        widget=forms.Select(choices=LANGUAGES),
        help_text=_("A different language makes a new ad next to this one."),
        error_messages={"required": _("Write it as “en” or “pt-BR”.")},
    )
    everywhere = forms.BooleanField(label=_("Change all sizes and looks of this message"), required=False)

    def __init__(self, ad: Creative, *args: Any, **kwargs: Any) -> None:
        initial = {name: ad.copy.get(name, "") for name in COPY} | {"language": ad.language}
        initial["price"] = recompose.price_of(ad)
        super().__init__(ad, *args, initial=initial, **kwargs)
        if ad.language not in dict(LANGUAGES):
            own = [(ad.language, language_name(ad.language)), *LANGUAGES]
            self.fields["language"].widget = forms.Select(choices=own)

    def wanted(self, given: dict[str, Any]) -> Change:
        return Change(copy=recompose.copy_from(given), price=given["price"], language=given["language"])

    def ads(self) -> list[Creative]:
        return recompose.of_message(self.ad) if self.cleaned_data["everywhere"] else [self.ad]


class SizeForm(ChangeForm):
    replaces = False

    format = forms.ChoiceField(label=_("Size"))

    def __init__(self, ad: Creative, *args: Any, **kwargs: Any) -> None:
        super().__init__(ad, *args, **kwargs)
        alike = [size for size in formats.images() if size.shape.value == ad.generation.shape]
        choices = [(size.id, size.label) for size in alike if size.id != ad.format]
        self.fields["format"] = forms.ChoiceField(label=_("Size"), choices=choices)

    def wanted(self, given: dict[str, Any]) -> Change:
        return Change(format=given["format"])


class BrandForm(ChangeForm):
    name = forms.CharField(label=_("Brand"), required=False)
    primary = forms.CharField(label=_("Main colour"), widget=forms.TextInput(attrs={"type": "color"}))
    accent = forms.CharField(label=_("Button colour"), widget=forms.TextInput(attrs={"type": "color"}))
    everywhere = forms.BooleanField(label=_("Change all ads in this run"), required=False)

    def __init__(self, ad: Creative, *args: Any, **kwargs: Any) -> None:
        initial = {name: ad.brand.get(name, "") for name in ("name", "primary", "accent")}
        super().__init__(ad, *args, initial=initial, **kwargs)

    def wanted(self, given: dict[str, Any]) -> Change:
        own = {name: given[name] for name in ("name", "primary", "accent")}
        return Change(brand=recompose.brand_from(self.ad.brand | own))

    def ads(self) -> list[Creative]:
        return recompose.of_run(self.ad) if self.cleaned_data["everywhere"] else [self.ad]


class FocusForm(ChangeForm):
    """In parts of a hundred, as the number fields have it."""

    x = forms.IntegerField(label=_("From the left, %"), min_value=0, max_value=100)
    y = forms.IntegerField(label=_("From the top, %"), min_value=0, max_value=100)

    def __init__(self, ad: Creative, *args: Any, **kwargs: Any) -> None:
        x, y = (round(part * 100) for part in ad.focus)
        super().__init__(ad, *args, initial={"x": x, "y": y}, **kwargs)

    def wanted(self, given: dict[str, Any]) -> Change:
        return Change(focus=(given["x"] / 100, given["y"] / 100))

    def ads(self) -> list[Creative]:
        return recompose.of_picture(self.ad)


class BackForm(ChangeForm):
    """An earlier revision as it was."""

    replaces = False

    def wanted(self, given: dict[str, Any]) -> Change:
        return Change()


FORMS: dict[str, type[ChangeForm]] = {
    "copy": CopyForm,
    "size": SizeForm,
    "brand": BrandForm,
    "focus": FocusForm,
    "back": BackForm,
}
