"""The rows of a pasted table put into the brief's form: messages, their translations, and the products they name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from studio.rows import COPY, MOST_LANGUAGES, language_name, split
from studio.table import DESCRIPTION, LANGUAGE, MOST_ROWS, PRICE, PRODUCT, PastedTable, TableRow

type FormRow = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The form as it would be sent with the table in it; `places` has each row's message, by the row's number."""

    table: PastedTable
    data: QueryDict
    places: dict[int, int]
    translations: dict[int, str]  # where below its message the copy of a row in a further language stands
    products: int  # how many are new


def fill(table: PastedTable, sent: QueryDict, *, anew: bool = False) -> Filled:
    """Put the table into what a form sent; `anew` drops the messages that are there."""
    data = sent.copy()
    written = split(data.get("languages", ""))
    table = _with_base(table, written)
    messages = [] if anew else [row for row in _rows(data, "messages") if _is_written(row, "product")]
    products = [row for row in _rows(data, "products") if _is_written(row)]
    languages = _languages(table, written, bool(messages))
    sets = _paired(table, languages)
    known = len(products)
    table = _with_products(sets.table, products)
    places: dict[int, int] = {}
    translations: dict[int, str] = {}
    for first, further in sets.messages:
        places |= {row.number: len(messages) for row in (first, *further)}
        translations |= {row.number: f"translations.{row.language}." for row in further}
        messages.append(_message(first, further, languages, products))
    table = _bounded(table, messages, products, languages)
    _put(data, "messages", messages)
    _put(data, "products", products)
    data["languages"] = " ".join(languages)
    new = len(products) - known
    return Filled(table=table, data=data, places=places, translations=translations, products=new)


def _with_base(table: PastedTable, written: list[str]) -> PastedTable:
    """Where every headline's column names its language, the brief's own one, else the first, holds the messages."""
    headlines = [column.language for column in table.columns if column.key == "headline"]
    if not headlines or "" in headlines:
        return table
    base = written[0] if written and written[0] in headlines else headlines[0]
    rows = [
        replace(
            row, cells={(key, "" if code == base else code): cell for (key, code), cell in row.cells.items()}
        )
        for row in table.rows
    ]
    named = [replace(row, cells={(LANGUAGE, ""): base, **row.cells}) for row in rows]
    return replace(table, rows=tuple(named))


def _languages(table: PastedTable, written: list[str], keep: bool) -> list[str]:
    """The brief's, with those of the table; a form without messages takes the table's alone."""
    written = written or ["en"]
    named = table.languages
    in_rows = {row.language for row in table.rows}
    if not keep and in_rows and "" not in in_rows and written[0] not in named:
        written = []
    return list(dict.fromkeys([*written, *named]))


@dataclass(frozen=True, slots=True)
class _Paired:
    table: PastedTable
    messages: list[tuple[TableRow, tuple[TableRow, ...]]]  # each with its rows in further languages


def _paired(table: PastedTable, languages: Sequence[str]) -> _Paired:
    """Rows of one product in several languages belong together in their order: the second with the second."""
    groups: dict[str, dict[str, list[TableRow]]] = {}
    for row in table.rows:
        group = groups.setdefault(row.cell(PRODUCT).casefold(), {})
        group.setdefault(row.language or languages[0], []).append(row)
    wanted = {row.language for row in table.rows} - {"", languages[0]}
    blamed: dict[int, TableRow] = {}
    pairs = []
    for group in groups.values():
        firsts = group.get(languages[0], [])
        for number, row in enumerate(firsts):
            if row.faults:
                continue
            further = tuple(
                rows[number] for code, rows in group.items() if code in wanted and number < len(rows)
            )
            lacking = wanted - {other.language for other in further}
            for code in sorted(lacking):
                words = _("This row has no match in %s. Add one for this product below the others.")
                row = row.blame(words % language_name(code))
            blamed[row.number] = row
            pairs.append((row, further))
        for row in _left_over(group, languages[0], len(firsts)):
            words = _("This product has no row in %s that this one could translate. Add it above.")
            blamed[row.number] = row.blame(words % language_name(languages[0]))
    rows = tuple(blamed.get(row.number, row) for row in table.rows)
    return _Paired(replace(table, rows=rows), sorted(pairs, key=lambda pair: pair[0].number))


def _left_over(group: dict[str, list[TableRow]], first: str, count: int) -> Iterable[TableRow]:
    return [row for code, rows in group.items() if code != first for row in rows[count:] if not row.faults]


def _with_products(table: PastedTable, products: list[FormRow]) -> PastedTable:
    """Add the products that are not there, and the prices of those that are; one product has one price."""
    by_name = {_name(row).casefold(): row for row in products}
    said: dict[tuple[str, str], TableRow] = {}
    rows = []
    for row in table.rows:
        name = row.cell(PRODUCT)
        if name and name.casefold() not in by_name:
            products.append(by_name.setdefault(name.casefold(), {"name": [name]}))
        for key in (PRICE, DESCRIPTION) if name else ():
            row = _say_once(row, key, said)
            if row.cell(key) and not row.faults:
                by_name[name.casefold()][key] = [row.cell(key)]
        rows.append(row)
    return replace(table, rows=tuple(rows))


def _say_once(row: TableRow, key: str, said: dict[tuple[str, str], TableRow]) -> TableRow:
    written = row.cell(key)
    if not written:
        return row
    first = said.setdefault((row.cell(PRODUCT).casefold(), key), row)
    if first.cell(key) == written:
        return row
    words = _("Row %(n)d says “%(other)s” for “%(name)s”. A product has only one; write the same in both.")
    told = words % {"name": row.cell(PRODUCT), "other": first.cell(key)[:60], "n": first.number}
    return row.blame(told, _("Price") if key == PRICE else _("Description"))


def _message(
    first: TableRow, further: Iterable[TableRow], languages: Sequence[str], products: Sequence[FormRow]
) -> FormRow:
    copies = {language: first.copy(language) for language in languages[1:]}
    copies |= {row.language: row.copy() for row in further}
    spelled = {_name(row).casefold(): _name(row) for row in products}
    fields = first.copy() | {"product": spelled.get(first.cell(PRODUCT).casefold(), "")}
    fields |= {f"{language}_{key}": copy[key] for language, copy in copies.items() for key in COPY}
    return {name: [value] for name, value in fields.items()}


def _bounded(
    table: PastedTable, messages: Sequence[FormRow], products: Sequence[FormRow], languages: Sequence[str]
) -> PastedTable:
    counts = {"messages": (len(messages), MOST_ROWS), "products": (len(products), MOST_ROWS)}
    counts["languages"] = (len(languages), MOST_LANGUAGES)
    told = {
        "messages": _("That makes %(n)d messages; a brief takes up to %(most)d. Paste fewer rows."),
        "products": _("That makes %(n)d products; a brief takes up to %(most)d. Paste fewer rows."),
        "languages": _("That makes %(n)d languages; a brief takes up to %(most)d. Paste fewer."),
    }
    for what, (count, most) in counts.items():
        if count > most and not table.fault:
            table = replace(table, fault=told[what] % {"n": count, "most": most})
    return table


def _rows(data: QueryDict, prefix: str) -> list[FormRow]:
    """What a form sent of one table, row by row, without those that are going."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), 60) if total.isdecimal() and len(total) < 4 else 0
    rows: list[FormRow] = [{} for _number in range(count)]
    for name in data:
        head, _dash, rest = name.partition("-")
        number, _dash, field = rest.partition("-")
        if head == prefix and number.isdecimal() and len(number) < 4 and int(number) < count and field:
            rows[int(number)][field] = data.getlist(name)
    return [row for row in rows if not any(row.get("DELETE", []))]


def _is_written(row: FormRow, *beside: str) -> bool:
    return any(value.strip() for name, values in row.items() if name not in beside for value in values)


def _name(row: FormRow) -> str:
    return (row.get("name") or [""])[0].strip()


def _put(data: QueryDict, prefix: str, rows: Sequence[FormRow]) -> None:
    for name in [name for name in data if name.startswith(f"{prefix}-") and name.split("-")[1].isdecimal()]:
        del data[name]
    data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
    for number, row in enumerate(rows):
        for name, values in row.items():
            data.setlist(f"{prefix}-{number}-{name}", values)
