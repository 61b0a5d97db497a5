"""Whether the copy of a brief fits its sizes, solved as the ads will be, before there is a picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from runs import brand, layouts
from runs.brief import BriefSpec
from runs.composition import DoesNotFit, Layout
from runs.copies import Place, every_place, field_of
from runs.formats import Format

MOST = 500  # layouts for one answer: each takes a few milliseconds, and the page asks while somebody types
FIRST = 40  # for the page itself, which then asks for the others


@dataclass(frozen=True, slots=True)
class FieldFault:
    field: str
    over: int  # letters
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What is to be said of one size; `faults` are the fields of the brief that are too long for it."""

    words: str
    ok: bool
    first: Place | None  # the first copy that has a layout
    faults: tuple[FieldFault, ...] = ()


def fittings(spec: BriefSpec, sizes: list[Format], most: int = MOST) -> list[tuple[Format, Fit]]:
    """Each of these sizes with what is to be said of it, from so many layouts at most."""
    style = brand.style_as_far_as_there(spec.brand)
    copies = [(copy, place.language) for place, copy in islice(every_place(spec), most // max(1, len(sizes)))]
    layouts.solve_all((size.id, copy, style, language) for copy, language in copies for size in sizes)
    return [(size, fitting(spec, size, most)) for size in sizes]


def fitting(spec: BriefSpec, size: Format, most: int = MOST) -> Fit:
    """What is to be said of the size: whether all its copy fits, and every field that does not."""
    most, style = max(1, most // len(spec.formats)), brand.style_as_far_as_there(spec.brand)
    places = list(islice(every_place(spec), most + 1))
    solved = [(place, layouts.solved(size.id, copy, style, place.language)) for place, copy in places[:most]]
    first = next((place for place, found in solved if isinstance(found, Layout)), None)
    wrong = [(place, found) for place, found in solved if not isinstance(found, Layout)]
    if wrong:
        faults = tuple(
            _at_field(spec, place, fault) for place, fault in wrong if isinstance(fault, DoesNotFit)
        )
        return Fit(words=str(wrong[0][1]), ok=False, first=first, faults=faults)
    words = _("fits") if len(places) <= most else _("first %(n)d copies fit") % {"n": most}
    return Fit(words=words, ok=True, first=first)


def _at_field(spec: BriefSpec, place: Place, fault: DoesNotFit) -> FieldFault:
    return FieldFault(field_of(spec, place, fault.field), fault.over, str(fault))


def at_fields(fits: Iterable[Fit]) -> dict[str, str]:
    """For each field that is too long somewhere the sentence of the size that asks most: it serves the others."""
    worst = sorted((fault for fit in fits for fault in fit.faults), key=lambda fault: fault.over)
    return {fault.field: fault.words for fault in worst}
