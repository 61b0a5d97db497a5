"""Whether the copy of a brief fits its sizes, solved as the ads will be, before there is a picture."""

from functools import lru_cache
from itertools import islice

from django.utils.translation import gettext as _

from runs import brand, formats
from runs.brief import BriefSpec
from runs.composition import CompositionError, Copy, Layout, Style, plan_layout
from runs.copies import every_copy
from runs.formats import Format

MOST = 500  # layouts for one answer: each takes a few milliseconds, and the page asks while somebody types


def fitting(spec: BriefSpec, size: Format) -> tuple[Layout | None, str, bool]:
    """The first copy's layout, what is to be said of the size, and whether all its copy fits."""
    most = max(1, MOST // len(spec.formats))
    first: Layout | None = None
    copies = list(islice(every_copy(spec), most + 1))
    for copy, language in copies[:most]:
        layout, fault = _solved(size.id, copy, style_of(spec), language)
        if fault:
            return first, fault, False
        first = first or layout
    words = _("fits") if len(copies) <= most else _("the first %(n)d copies fit") % {"n": most}
    return first, words, True


def style_of(spec: BriefSpec) -> Style:
    return brand.style_of(spec.brand, with_logo=False)


@lru_cache(maxsize=4096)  # between two keystrokes nearly all copy stays the same
def _solved(format_id: str, copy: Copy, style: Style, language: str) -> tuple[Layout | None, str]:
    try:
        return plan_layout(formats.get(format_id), copy, style, language), ""
    except CompositionError as fault:
        return None, str(fault)
