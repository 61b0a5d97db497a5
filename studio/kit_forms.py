"""A brand kit as a form. The rules are BrandSpec's and LookSpec's; here they only find the field they belong to."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pydantic import TypeAdapter, ValidationError

from runs import recompose
from runs.brief import BrandSpec, LookSpec
from runs.errors import BriefFault, BriefRefused
from runs.models import Asset
from studio.forms import CUT, Looks
from studio.models import BrandKit
from studio.rows import Row, picture_url

LICENCE = _("Confirm that the font’s licence allows its use in ads.")
GONE = _("This file is no longer in this workspace. Choose another one.")
TWINS = _("Two looks are called “%s”. Rename one.")
TASTES = ("ink", "scrim", "corners", "button")
_LOOKS: TypeAdapter[tuple[LookSpec, ...]] = TypeAdapter(tuple[LookSpec, ...])


def _colour(label: Any, initial: str) -> forms.CharField:
    return forms.CharField(
        required=False, label=label, initial=initial, widget=forms.TextInput(attrs={"type": "color"})
    )


class KitName(forms.Form):
    name = forms.CharField(label=_("Brand kit name"), max_length=120)


class KitForm(KitName):
    brand_name = forms.CharField(
        required=False, label=_("Brand name"), help_text=_("Shown as text where there is no logo.")
    )
    primary = _colour(_("Main colour"), "#14110f")
    accent = _colour(_("Button colour"), "#ffd84d")
    own_panel = forms.BooleanField(required=False, label=_("Use a different colour for panels"))
    panel = _colour(_("Panel colour"), "#14110f")
    logo = forms.CharField(required=False, widget=forms.HiddenInput)
    logo_file = forms.FileField(
        required=False,
        label=_("Logo"),
        widget=forms.FileInput(attrs={"accept": ".png,.svg,.jpg,.jpeg,.webp"}),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )
    font = forms.CharField(required=False, widget=forms.HiddenInput)
    font_file = forms.FileField(
        required=False,
        label=_("Font"),
        widget=forms.FileInput(attrs={"accept": ".ttf,.otf,.woff,.woff2"}),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )
    font_licensed = forms.BooleanField(required=False, label=_("Our licence for this font allows ads"))
    # Without JavaScript: leave the file out.
    logo_clear = forms.BooleanField(required=False)
    font_clear = forms.BooleanField(required=False)
    ink = forms.ChoiceField(
        required=False,
        label=_("Text colour on pictures"),
        choices=[("auto", _("Automatic")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    scrim = forms.ChoiceField(
        required=False,
        label=_("Shading behind text"),
        choices=[("auto", _("Where needed")), ("none", _("Prefer a panel")), ("strong", _("Always"))],
    )
    corners = forms.ChoiceField(
        required=False,
        label=_("Corners"),
        choices=[("soft", _("Soft")), ("round", _("Round")), ("square", _("Square"))],
    )
    button = forms.ChoiceField(
        required=False,
        label=_("Button"),
        choices=[("pill", _("Pill")), ("rounded", _("Rounded")), ("square", _("Square"))],
    )
    tone = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Tone"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown to anyone writing a brief with this brand kit."),
    )
    more_banned = forms.CharField(
        required=False,
        label=_("More words"),
        help_text=_("Separate with commas. A brief that uses one of them can’t start."),
    )
    start_key = forms.UUIDField(
        required=False, widget=forms.HiddenInput, initial=uuid4, error_messages={"invalid": CUT}
    )

    @property
    def logo_url(self) -> str:
        return picture_url(self["logo"].value())


class KitDraft:
    """The kit page's form with its banned words and looks, as one thing that is valid or not."""

    def __init__(self, kit: BrandKit, data: QueryDict | None = None, files: Any = None) -> None:
        self.workspace = kit.workspace
        self.kept = kit.spec
        self.brand = self.kept  # as the form stands, once it could be read
        self.banned = list(self.kept.banned) if data is None else data.getlist("banned")
        self.form = KitForm(data, files, initial=_initial(kit, self.kept))
        looks = [look | {"palette": " ".join(look.get("palette", ()))} for look in kit.looks]
        self.looks = Looks(data, prefix="looks", initial=looks)
        self.plain_looks: list[dict[str, Any]] = kit.looks

    def is_valid(self) -> bool:
        """Whether `brand` and `plain_looks` are there; otherwise every fault stands at its field."""
        if not all([self.form.is_valid(), self.looks.is_valid()]):
            return False
        self.banned = self._words()
        try:
            self.brand = recompose.brand_from(self._plain_brand())
        except BriefRefused as refusal:
            self.refuse(refusal)
        self._check_files()
        self._read_looks()
        return not self.faulty

    def _check_files(self) -> None:
        """A key is a path in the storage: only one that was uploaded into this workspace is followed."""
        for kind in ("logo", "font"):
            key = getattr(self.brand, kind)
            if key and not Asset.objects.filter(workspace=self.workspace, key=key, kind=kind).exists():
                self.form.add_error(f"{kind}_file", GONE)
        font = self.brand.font or self.form.cleaned_data.get("font_file")
        if font and not self.form.cleaned_data["font_licensed"]:
            self.form.add_error("font_licensed", LICENCE)

    def use(self, kind: str, key: str) -> None:
        """Put an uploaded logo or font into the kit."""
        self.brand = self.brand.model_copy(update={kind: key})

    def refuse(self, refusal: BriefRefused) -> None:
        for fault in refusal.faults:
            head = fault.field.partition(".")[0]
            name = {"name": "brand_name", "banned": "more_banned"}.get(head, head)
            self.form.add_error(name if name in self.form.fields else None, fault.words)

    @property
    def faulty(self) -> bool:
        return bool(self.form.errors or self.looks.total_error_count())

    @property
    def first_fault(self) -> str:
        parts = [self.form, *self.looks.forms] if self.form.is_bound else []
        told = [words for part in parts for field in part.errors.values() for words in field]
        return str((told + list(self.looks.non_form_errors()))[0]) if self.faulty and told else ""

    def _words(self) -> list[str]:
        """Each once; a comma parts two."""
        written = [*self.banned, *self.form.cleaned_data["more_banned"].split(",")]
        words: dict[str, str] = {}
        for word in (" ".join(word.split()) for word in written):
            words.setdefault(word.casefold(), word)
        return [word for word in words.values() if word]

    def _plain_brand(self) -> dict[str, Any]:
        given = self.form.cleaned_data
        same = ("primary", "accent", "font_licensed", *TASTES)
        brand = {name: given[name] for name in same if given[name] not in ("", None)}
        brand |= {kind: "" if given[f"{kind}_clear"] else given[kind] for kind in ("logo", "font")}
        panel = given["panel"] if given["own_panel"] else ""
        return brand | {"name": given["brand_name"], "panel": panel, "banned": self.banned}

    def _read_looks(self) -> None:
        rows = [row for row in self.looks.forms if not row.cleaned_data.get("DELETE") and not row.is_blank]
        try:
            looks = _LOOKS.validate_python(tuple(row.values() for row in rows))
        except ValidationError as refusal:
            for fault in BriefRefused.from_pydantic(refusal).faults:
                _place(rows, fault)
            return
        names = [look.name for look in looks]
        for number, name in enumerate(names):
            if name in names[:number]:
                rows[number].add_error("name", TWINS % name)
        self.plain_looks = [look.model_dump(mode="json") for look in looks]


def _place(rows: list[Row], fault: BriefFault) -> None:
    number, _dot, name = fault.field.partition(".")
    row = rows[int(number)]
    at = row.field_of(name)
    if at and fault.words not in row.errors.get(at, []):  # two colours, one field
        row.add_error(at, fault.words)


def _initial(kit: BrandKit, brand: BrandSpec) -> dict[str, Any]:
    raw = brand.model_dump(mode="json")
    same = ("primary", "accent", "logo", "font", "font_licensed", *TASTES)
    initial = {name: raw[name] for name in same} | {"name": kit.name, "tone": kit.tone}
    panel = {"own_panel": bool(brand.panel), "panel": brand.panel or brand.primary}
    return initial | panel | {"brand_name": brand.name}
