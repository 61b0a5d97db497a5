"""What is said of a pasted table before it goes into the brief: row by row, and what it comes to."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs.banned import faults_of_words
from runs.brief import BriefSpec, Estimate, estimate
from studio.fitting import at_fields
from studio.forms import Draft
from studio.rail import fitted
from studio.rows import language_name
from studio.table import LANGUAGE, Column, TableRow
from studio.table_form import Filled

SHOWN = 60  # rows; faulty ones come first


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    number: int
    cells: tuple[str, ...]  # in the order of the columns
    faults: tuple[str, ...]
    warnings: tuple[str, ...]  # too long for a size: it can be put right in the form


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    fault: str
    titles: tuple[str, ...]  # of the columns that are used, as the spreadsheet calls them
    lines: tuple[RowLine, ...]
    more: int  # rows that are not shown
    messages: int
    products: int
    unused: tuple[str, ...]
    estimate: Estimate | None

    @property
    def is_right(self) -> bool:
        return not self.fault and not any(line.faults for line in self.lines)

    @property
    def wrong(self) -> int:
        return sum(bool(line.faults) for line in self.lines)

    @property
    def words(self) -> str:
        """“20 messages and 2 new products”."""
        said = ngettext("%d message", "%d messages", self.messages) % self.messages
        if not self.products:
            return said
        new = ngettext("%d new product", "%d new products", self.products) % self.products
        return _("%(messages)s and %(products)s") % {"messages": said, "products": new}


def look_at(filled: Filled, draft: Draft) -> Checked:
    """`draft` is the brief's form with the table in it."""
    table = filled.table
    spec = None if table.has_faults or not draft.is_valid() else draft.spec
    said = _said(spec) if spec else {}
    lines = [_line(row, filled, said) for row in table.rows]
    lines.sort(key=lambda line: (not line.faults, line.number))
    return Checked(
        fault=table.fault,
        titles=tuple(column.title for column in table.columns),
        lines=tuple(lines[:SHOWN]),
        more=max(0, len(lines) - SHOWN),
        messages=len(set(filled.places.values())),
        products=filled.products,
        unused=table.unused,
        estimate=estimate(spec) if spec else None,
    )


def _said(spec: BriefSpec) -> dict[str, str]:
    """At which field of the brief what is to be said: too long for a size, or a word that the brand never says."""
    said = at_fields(fit for _size, fit in fitted(spec))
    return said | {fault.field: fault.words for fault in faults_of_words(spec)}


def _line(row: TableRow, filled: Filled, said: dict[str, str]) -> RowLine:
    start = f"messages.{filled.places.get(row.number, -1)}.{filled.translations.get(row.number, '')}"
    of_row = {place.removeprefix(start): told for place, told in said.items() if place.startswith(start)}
    own = [told for place, told in of_row.items() if not place.startswith("translations.")]
    return RowLine(
        number=row.number,
        cells=tuple(_cell(row, column) for column in filled.table.columns),
        faults=tuple(
            f"{fault.column}: {fault.words}" if fault.column else fault.words for fault in row.faults
        ),
        warnings=tuple(dict.fromkeys(own)),
    )


def _cell(row: TableRow, column: Column) -> str:
    if column.key == LANGUAGE:
        return language_name(row.language) if row.language else row.cell(LANGUAGE)
    # The copy in the brief's own language stands under no language any more.
    return row.cell(column.key, column.language if column.language != row.language else "")
