"""Whether the copy of a brief fits its sizes, solved as the ads will be, before there is a picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from runs import brand, layouts
from runs.brief import BriefSpec
from runs.composition import CompositionError, DoesNotFit, Layout
from runs.copies import Place, every_place, field_of
from runs.formats import Format

MOST = 500  # layouts for one answer: each takes a few milliseconds, and the page asks while somebody types


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What is to be said of one size; `field` of the brief is too long by `over` letters where that is the fault."""

    words: str
    ok: bool
    first: Place | None  # the first copy, while it has a layout
    field: str = ""
    over: int = 0


def fittings(spec: BriefSpec, sizes: list[Format]) -> list[tuple[Format, Fit]]:
    """Each of these sizes with what is to be said of it."""
    style = brand.style_as_far_as_there(spec.brand)
    copies = [(copy, place.language) for place, copy in islice(every_place(spec), MOST // max(1, len(sizes)))]
    layouts.solve_all((size.id, copy, style, language) for copy, language in copies for size in sizes)
    return [(size, fitting(spec, size)) for size in sizes]


def fitting(spec: BriefSpec, size: Format) -> Fit:
    """What is to be said of the size: whether all its copy fits."""
    most, style = max(1, MOST // len(spec.formats)), brand.style_as_far_as_there(spec.brand)
    first: Place | None = None
    places = list(islice(every_place(spec), most + 1))
    for place, copy in places[:most]:
        solved = layouts.solved(size.id, copy, style, place.language)
        if not isinstance(solved, Layout):
            return _fault(spec, solved, place, first)
        first = first or place
    words = _("fits") if len(places) <= most else _("the first %(n)d copies fit") % {"n": most}
    return Fit(words=words, ok=True, first=first)


def _fault(spec: BriefSpec, fault: CompositionError, place: Place, first: Place | None) -> Fit:
    if not isinstance(fault, DoesNotFit):
        return Fit(words=str(fault), ok=False, first=first)
    field = field_of(spec, place, fault.field)
    return Fit(words=str(fault), ok=False, first=first, field=field, over=fault.over)


def at_fields(fits: Iterable[Fit]) -> dict[str, str]:
    """For each field that is too long somewhere the sentence of the size that asks most: it serves the others."""
    worst = sorted((fit for fit in fits if fit.field), key=lambda fit: fit.over)
    return {fit.field: fit.words for fit in worst}
