"""The brief as a form. The rules are BriefSpec's alone; here they only find the field they belong to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext_lazy as _

from runs.brief import BrandSpec, BriefSpec, from_data
from runs.errors import BriefFault, BriefRefused
from runs.formats import still_offered
from studio.drawable import Drawable, drawable
from studio.models import BrandKit
from studio.rows import LookRow, MessageRow, ProductRow, Row, further_languages, split, translated

CUT = _("Part of the form didn’t arrive, so nothing was saved. Reload the page and try again.")

GONE_KIT = _("This brand kit no longer exists. Choose another one.")


class BriefForm(forms.Form):
    name = forms.CharField(required=False, label=_("Brief name"))
    audience = forms.CharField(
        required=False, label=_("Who is it for?"), widget=forms.Textarea(attrs={"rows": 2})
    )
    languages = forms.CharField(
        required=False,
        label=_("Languages"),
        help_text=_(
            "Two-letter codes, such as en de. Each extra language gets its own copy under every message."
        ),
        initial="en",
    )
    kit = forms.ChoiceField(required=False, label=_("Brand kit"), error_messages={"invalid_choice": GONE_KIT})
    # The boxes are drawn by the page; the field is here for what is wrong with them.
    formats = forms.Field(required=False, label=_("Sizes"), widget=forms.MultipleHiddenInput)
    variations = forms.IntegerField(required=False, label=_("Variations per picture"), initial=1)
    seed = forms.IntegerField(required=False, label=_("Seed"), help_text=_("Empty: a new one each run"))
    checkpoint = forms.CharField(required=False, label=_("Model"), help_text=_("Empty: the server’s first"))
    steps = forms.IntegerField(required=False, label=_("Steps"), help_text=_("Empty: 20"))
    # What a new brief begins with: an ad or a brief from before; and when an old one was last saved.
    like = forms.CharField(required=False, widget=forms.HiddenInput)
    past = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    touched = forms.CharField(required=False, widget=forms.HiddenInput)  # by a hand, says the page's script
    start_key = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        initial=uuid4,
        label=_("This form"),
        error_messages={"invalid": CUT},
    )


class Table(BaseFormSet):
    """The rows of one table of the brief."""

    default_error_messages: ClassVar = {
        **BaseFormSet.default_error_messages,
        "missing_management_form": CUT,
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """A row that says just what the brief said before is written all the same."""
        return {"empty_permitted": False} | super().get_form_kwargs(index)

    @cached_property
    def empty_form(self) -> Any:
        """One and the same each time it is asked for: what it is told to offer has to be there when it is drawn."""
        return super().empty_form


def _formset(row: type[Row]) -> type[BaseFormSet]:
    return forms.formset_factory(row, formset=Table, extra=0, can_delete=True, max_num=50, absolute_max=60)


Products, Messages, Looks = _formset(ProductRow), _formset(MessageRow), _formset(LookRow)
# Where a fault of the spec shows in the form; whatever is wrong with the brand, at the choice of its kit.
FIELDS = {"brand": "kit", "picture.checkpoint": "checkpoint", "picture.steps": "steps"}


@dataclass(frozen=True, slots=True)
class FaultAt:
    words: str
    field: str = ""  # as the page calls it
    anchor: str = ""  # where it stands on the page


def _faults_of(form: Any, row: str = "") -> Iterator[FaultAt]:
    for name, told in form.errors.items():
        if name not in form.fields:
            yield FaultAt(str(told[0]), row)
            continue
        field = form[name]
        label = f"{row}, {str(field.label).lower()}" if row else str(field.label)
        yield FaultAt(str(told[0]), label, "sizes" if name == "formats" else field.id_for_label)


class Draft:
    """The brief page's form with its tables and sizes, as one thing that is valid or not."""

    def __init__(
        self,
        *,
        data: Any = None,
        files: Any = None,
        spec: BriefSpec | None = None,
        kits: Sequence[BrandKit] = (),
        kit: BrandKit | None = None,
        hidden: Mapping[str, str] | None = None,
    ) -> None:
        """`kits` can be chosen; `kit` is the one that the brief has, or that a new one begins with.

        `hidden` are first values of fields that nobody sees.
        """
        start = _initial(spec, kit)
        start["form"] |= hidden or {}
        self.form = BriefForm(data, files, initial=start["form"])
        self._offer_kits(kits, is_new=spec is None)
        self.products = Products(data, files, prefix="products", initial=start["products"])
        written = (
            data.get("languages", "") if data is not None else (start["form"] or {}).get("languages", "")
        )
        self.formats = data.getlist("formats") if data is not None else start["formats"]
        of_messages = {"languages": further_languages(written), "sizes": still_offered(self.formats)}
        of_messages["unfold"] = data.get("unfold", "") if data is not None else ""
        self.messages = Messages(data, prefix="messages", initial=start["messages"], form_kwargs=of_messages)
        self.looks = Looks(data, prefix="looks", initial=start["looks"])
        # Their boxes are not drawn any more, so that they go with the next save.
        self.gone_formats = spec.gone_formats if spec and data is None else []
        self.spec: BriefSpec | None = None
        self.shown: BriefSpec | None = None  # what was refused: it can be looked at, not started
        self.has_unseen = False  # a cut-out nobody has looked at yet
        self.overtaken = False  # somebody saved the brief after this form was opened
        self.brand = self._brand(spec)
        self.kept = spec.model_copy(update={"brand": self.brand}) if spec else None
        self._base = spec.model_dump(mode="json") if spec else {"picture": {}}
        self._offer_products()

    def _offer_kits(self, kits: Sequence[BrandKit], *, is_new: bool) -> None:
        none = _("None: plain text, no logo") if is_new else _("As saved with this brief")
        choices = [("", none), *((str(kit.uid), kit.name) for kit in kits)]
        cast(forms.ChoiceField, self.form.fields["kit"]).choices = choices
        chosen = str(self.form["kit"].value() or "")
        self.kit = next((kit for kit in kits if str(kit.uid) == chosen), None)

    def _brand(self, spec: BriefSpec | None) -> BrandSpec:
        """The chosen kit's values as they are now; without one, what the brief has of its own."""
        if self.kit is not None:
            return self.kit.spec
        return spec.brand if spec else BrandSpec()

    def _offer_products(self) -> None:
        """Each message may name one of the products above it."""
        alive = [row for row in self.products.forms if not row["DELETE"].value()]
        names = [str(row["name"].value() or "").strip() for row in alive]
        choices = [("", _("Every product")), *((name, name) for name in dict.fromkeys(names) if name)]
        for row in (*self.messages.forms, self.messages.empty_form):
            row.fields["product"].widget.choices = choices

    def is_valid(self) -> bool:
        """Whether `spec` is there; otherwise every fault stands at its field."""
        parts = [part.is_valid() for part in (self.form, self.products, self.messages, self.looks)]
        if not all(parts):
            return False
        try:
            self.spec = from_data(self._data())
        except BriefRefused as refusal:
            self.refuse(refusal)
        return self.spec is not None

    def drawable(self) -> Drawable | None:
        """What can be shown of a form that is not right. Only after is_valid; None where nothing can be."""
        tables = (self.products, self.messages, self.looks)
        whole = all(table.management_form.is_valid() for table in tables)
        if not whole or "start_key" not in self.form.cleaned_data:
            return None
        return drawable(self._data())

    def refuse(self, refusal: BriefRefused) -> None:
        """Show each fault at the field that caused it."""
        self.spec, self.shown = None, self.spec
        for fault in refusal.faults:
            self._place(fault)

    def forget_faults(self) -> None:
        """For a form that nobody sent yet: what is missing in it is not wrong."""
        tables: tuple[Any, ...] = (self.products, self.messages, self.looks)
        for table in tables:
            table._errors, table._non_form_errors = [], ErrorList()
        for part in (self.form, *self.products.forms, *self.messages.forms, *self.looks.forms):
            if part.is_bound:
                part._errors = ErrorDict()

    def use_cutout(self, number: int, key: str, *, unseen: bool) -> None:
        """Put an upload into the brief; `unseen` when a person has to look at it before ads are made."""
        assert self.spec is not None
        products = list(self.spec.products)
        products[number] = products[number].model_copy(update={"cutout": key})
        self.spec = self.spec.model_copy(update={"products": tuple(products)})
        self.has_unseen |= unseen

    def say_what_fits(self, words: Mapping[str, str]) -> None:
        """Let each field of the brief that is too long say so; only after is_valid or for a brief as it was kept."""
        for table in (self.products, self.messages):
            kept = self._rows(table) if self.form.is_bound else table.forms
            for number, row in enumerate(kept):
                told = _of_row(words, f"{table.prefix}.{number}.", row)
                faulty = row.errors if row.is_bound else {}  # what is wrong stands there already
                row.too_long = {name: said for name, said in told.items() if name not in faulty}

    @property
    def product_rows(self) -> list[ProductRow]:
        """Those that are products of the brief, in its order. Only after is_valid."""
        return cast(list[ProductRow], self._rows(self.products))

    @property
    def has_faults(self) -> bool:
        """Whether something was found wrong already, in the form or in a row."""
        return bool(self.first_fault)

    @property
    def first_fault(self) -> FaultAt | None:
        """What to put right first, with its place; None while nothing is wrong."""
        tables = (self.products, self.messages, self.looks)
        whole = [FaultAt(str(words)) for table in tables for words in table.non_form_errors()]
        # All of them, as only asking cleans a row.
        return next(iter([*self._at_fields(), *whole]), None)

    def _at_fields(self) -> Iterator[FaultAt]:
        yield from _faults_of(self.form)
        tables = (
            (_("Product %d"), self.products),
            (_("Message %d"), self.messages),
            (_("Look %d"), self.looks),
        )
        for called, table in tables:
            for number, row in enumerate(table.forms, 1):
                yield from _faults_of(row, str(called % number))

    def _place(self, fault: BriefFault) -> None:
        head, _dot, rest = fault.field.partition(".")
        if head == "formats" and (words := self._size_words(rest)):
            fault = BriefFault(field="formats", words=words)
        tables = {"products": self.products, "messages": self.messages, "looks": self.looks}
        if head in tables and rest:
            number, _dot, name = rest.partition(".")
            row = self._rows(tables[head])[int(number)]
            at = row.field_of(name)
            if fault.words not in row.errors.get(at or NON_FIELD_ERRORS, []):  # two colours, one field
                row.add_error(at, fault.words)
        elif head in tables:
            tables[head].non_form_errors().append(fault.words)
        else:
            name = FIELDS.get(fault.field) or FIELDS.get(head, head)
            self.form.add_error(name if name in self.form.fields else None, fault.words)

    def _size_words(self, number: str) -> str:
        """What is wrong with the sizes, for people; the brief's own words name ids and commands, for files."""
        if not self.formats:
            return str(_("Choose at least one size."))
        if not number:
            return ""
        return str(_("The size “%s” is no longer available. Choose another one.") % self.formats[int(number)])

    @staticmethod
    def _rows(table: BaseFormSet) -> list[Row]:
        return [row for row in table.forms if not row.cleaned_data.get("DELETE") and not row.is_blank]

    def _data(self) -> dict[str, Any]:
        # A field that is wrong has no value any more.
        given = self.form.cleaned_data
        data: dict[str, Any] = {
            "name": given.get("name") or "",
            "audience": given.get("audience") or "",
            "languages": split(given.get("languages") or "en"),
            "products": [row.values() for row in self._rows(self.products)],
            "messages": [row.values() for row in self._rows(self.messages)],
            "formats": self.formats,
            "brand": self.brand.model_dump(mode="json"),
            "picture": self._base["picture"] | {name: given.get(name) for name in ("checkpoint", "steps")},
            "variations": 1 if given.get("variations") is None else given["variations"],
            "seed": given.get("seed"),
        }
        looks = [row.values() for row in self._rows(self.looks)]
        return data | ({"looks": looks} if looks else {})


def _of_row(words: Mapping[str, str], start: str, row: Row) -> dict[str, str]:
    """What is to be said at the row's own fields, of all that is said."""
    mine = {place.removeprefix(start): told for place, told in words.items() if place.startswith(start)}
    return {name: told for place, told in mine.items() if (name := row.field_of(place))}


def _initial(spec: BriefSpec | None, kit: BrandKit | None) -> dict[str, Any]:
    chosen = {"kit": str(kit.uid) if kit else ""}
    if spec is None:
        return {"form": chosen, "products": [{}], "messages": [{}], "looks": [], "formats": []}
    raw = spec.model_dump(mode="json")
    form = {name: raw[name] for name in ("name", "audience", "variations", "seed")}
    form |= chosen | {"languages": " ".join(raw["languages"])}
    form |= {name: raw["picture"][name] for name in ("checkpoint", "steps")}
    looks = [look | {"palette": " ".join(look["palette"])} for look in raw["looks"]]
    messages = [
        message | {"product": message["product"] or ""} | translated(message) for message in raw["messages"]
    ]
    return {
        "form": form,
        "products": raw["products"],
        "messages": messages,
        "looks": looks,
        "formats": raw["formats"],
    }
