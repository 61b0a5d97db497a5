"""A table that somebody copied from a spreadsheet, read: which columns it has, and what is wrong in which row.

Rows have the numbers that the spreadsheet shows: 1 are the names of the columns.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _
from pydantic import ValidationError

from runs.brief import LANGUAGE_TAG, CopySpec, ProductSpec
from runs.errors import BriefRefused

MOST_ROWS = 50  # messages, as many as a brief takes
MOST_LINES = 600  # 50 messages in twelve languages
MOST_LETTERS = 200_000
MOST_COLUMNS = 80

PRODUCT, PRICE, DESCRIPTION, LANGUAGE = "product", "price", "description", "language"
COPY = ("headline", "short_headline", "line", "button", "legal")
# How spreadsheets call them, in lower case and without punctuation.
NAMES = {
    PRODUCT: "product, product name, product title, name, item, item name, article, "
    "produkt, produktname, artikel, produit, producto",
    PRICE: "price, offer, preis, prix, precio, prezzo",
    DESCRIPTION: "description, product description, picture, beschreibung, descripción, descrizione",
    LANGUAGE: "language, lang, locale, sprache, langue, idioma, lingua",
    "headline": "headline, head line, main headline, title, heading, "
    "überschrift, titel, schlagzeile, titre, titular, titolo",
    "short_headline": "short headline, short title, headline short, kurze überschrift, kurztitel, titre court",
    "line": "line, subline, sub line, subheadline, sub headline, subheading, sub heading, subhead, subtitle, "
    "sub title, tagline, tag line, strapline, copy, body copy, body text, text, body, "
    "zeile, unterzeile, texte, texto, testo",
    "button": "button, button text, button label, cta, cta text, cta button, call to action, knopf, bouton, botón",
    "legal": "legal, legal line, legal text, disclaimer, small print, fine print, footnote, "
    "rechtlicher hinweis, mention légale",
}
COLUMNS = {name: key for key, names in NAMES.items() for name in names.split(", ")}


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is a field of a product or a message; `language` where the column's own name says one."""

    key: str
    title: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class TableFault:
    column: str  # as the spreadsheet calls it; empty for the row as a whole
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: what is written in it, by the column's key and language."""

    number: int
    cells: Mapping[tuple[str, str], str]
    faults: tuple[TableFault, ...] = ()

    def cell(self, key: str, language: str = "") -> str:
        return self.cells.get((key, language), "")

    @property
    def language(self) -> str:
        return language_code(self.cell(LANGUAGE))

    def copy(self, language: str = "") -> dict[str, str]:
        return {key: self.cell(key, language) for key in COPY}

    def blame(self, words: str, column: str = "") -> "TableRow":
        return replace(self, faults=(*self.faults, TableFault(column, words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedTable:
    """What was pasted. Nothing of it is used while there is a fault."""

    columns: tuple[Column, ...] = ()
    rows: tuple[TableRow, ...] = ()
    unused: tuple[str, ...] = ()  # names of columns that nothing is made of
    fault: str = ""  # what is wrong with the table as a whole

    @property
    def has_faults(self) -> bool:
        return bool(self.fault) or any(row.faults for row in self.rows)

    @property
    def languages(self) -> list[str]:
        """Those that are named, in the order of the table."""
        named = [row.language for row in self.rows] + [column.language for column in self.columns]
        return list(dict.fromkeys(code for code in named if code))


def read(text: str) -> PastedTable:
    """The table of this text: columns parted by tabs, semicolons or commas, or one headline a line."""
    if len(text) > MOST_LETTERS:
        return PastedTable(fault=_("That’s too much for one brief. Paste up to %d rows.") % MOST_ROWS)
    lines = _lines(text)
    if not lines:
        return PastedTable(fault=_("Nothing pasted yet. Copy the rows with their column names."))
    titles = lines[0][1]
    if len(titles) > MOST_COLUMNS:
        words = _("The table has %(n)d columns. Copy only those for the ads, up to %(most)d.")
        return PastedTable(fault=words % {"n": len(titles), "most": MOST_COLUMNS})
    head = [_column(title) for title in titles]
    if len(titles) == 1 and head[0] is None:
        return _checked([Column("headline", _("Headline"))], lines)
    if fault := _fault_of_head(titles, head):
        return PastedTable(fault=fault)
    unused = [title for title, column in zip(titles, head, strict=True) if title and column is None]
    return _checked(head, lines[1:], unused)


def without(text: str, numbers: Collection[int]) -> str:
    """The same table without these rows, its columns parted by tabs."""
    kept = (cells for number, cells in _lines(text) if number not in numbers)
    return "\n".join("\t".join(_quoted(cell) for cell in cells) for cells in kept)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if cell.startswith('"') else cell


def _known_languages() -> dict[str, str]:
    """Codes, and names in English and in the language itself, in lower case."""
    known: dict[str, str] = {}
    for code, info in LANG_INFO.items():
        names = (code, info.get("name", "").casefold(), info.get("name_local", "").casefold())
        known |= {name: _tag(code) for name in names if name and name not in known}
    return known


def language_code(written: str) -> str:
    """The code of a language that is named by code or by name; empty for none and for what is none."""
    words = written.strip().replace("_", "-").casefold()
    if words in LANGUAGES:
        return LANGUAGES[words]
    tag = _tag(words)
    return tag if words.partition("-")[0] in LANGUAGES and re.fullmatch(LANGUAGE_TAG, tag) else ""


def _tag(code: str) -> str:
    """pt-BR, zh-Hant and en, as a brief writes them."""
    first, _dash, rest = code.partition("-")
    return f"{first}-{rest.upper() if len(rest) == 2 else rest.title()}" if rest else first


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The rows that hold something, each with its number in the spreadsheet."""
    text = text.removeprefix("\ufeff").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    rows = enumerate(_cells(text, _delimiter(text)), 1)
    return [(number, row) for number, row in rows if any(row)]


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    """Row by row. Quotes enclose a cell only where they end right before the next one: they may just be said."""
    enclosed = re.compile(rf'"([^"]*(?:""[^"]*)*)"(?={delimiter}|\n|$)')
    plain = re.compile(rf"[^{delimiter}\n]*")
    at, row = 0, []
    while at <= len(text):
        found = enclosed.match(text, at)
        if found:
            row.append(_cell(found[1].replace('""', '"')))
        else:
            found = plain.match(text, at)
            row.append(_cell(found[0] if found else ""))
        at = found.end() + 1 if found else len(text) + 1
        if at > len(text) or text[at - 1] == "\n":
            yield row
            row = []


def _cell(text: str) -> str:
    """On one line: a spreadsheet's cell may hold breaks, a headline's are set by the ad."""
    return " ".join(text.split())


def _delimiter(text: str) -> str:
    """What parts the columns of the first line; copied from a spreadsheet it is a tab."""
    first = text.partition("\n")[0]
    if "\t" in first:
        return "\t"
    known = [mark for mark in ";," if any(_column(part) for part in first.split(mark, MOST_COLUMNS))]
    counts = {mark: first.count(mark) for mark in known}
    return max(counts, key=lambda mark: counts[mark]) if counts and max(counts.values()) else "\t"


def _column(title: str) -> Column | None:
    """Which column has this name: “Headline”, “CTA”, “headline_de” or “Headline (German)”."""
    parts = [part for part in re.split(r"[\s_./:*()\[\]]+", title.casefold()[:200]) if part]
    if key := COLUMNS.get(_plain(parts)):
        return Column(key, title)
    for name, last in _with_a_last(parts):
        key, language = COLUMNS.get(name, ""), language_code(last)
        if key in COPY and language:
            return Column(key, title, language)
    return None


def _with_a_last(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The name and what may be its language: “headline de”, “short-headline-de”, “headline-zh-hant”."""
    if parts:
        yield _plain(parts[:-1]), parts[-1]
        pieces = parts[-1].split("-")
        for cut in range(1, len(pieces)):
            yield _plain([*parts[:-1], *pieces[:cut]]), "-".join(pieces[cut:])


def _plain(parts: Sequence[str]) -> str:
    return " ".join(" ".join(parts).replace("-", " ").split())


def _fault_of_head(titles: Sequence[str], head: Sequence[Column | None]) -> str:
    columns = [column for column in head if column]
    if not any(column.key == "headline" for column in columns):
        named = ", ".join(f"“{title}”" for title in titles if title)[:200]
        words = _("No column is called Headline. Put the column names in the first row; it now reads %s.")
        return words % named
    (place, often) = Counter((column.key, column.language) for column in columns).most_common(1)[0]
    twins = [f"“{column.title}”" for column in columns if (column.key, column.language) == place]
    if often > 1:
        return _("%s mean the same thing. Keep one of these columns.") % _(" and ").join(twins)
    return ""


def _checked(
    head: Sequence[Column | None], lines: Sequence[tuple[int, list[str]]], unused: Sequence[str] = ()
) -> PastedTable:
    if not lines:
        return PastedTable(fault=_("There are column names but no rows below them. Copy the rows too."))
    if len(lines) > MOST_LINES:
        words = _("The table has %(n)d rows. Paste up to %(most)d, and put the rest in another brief.")
        return PastedTable(fault=words % {"n": len(lines), "most": MOST_ROWS})
    columns = tuple(column for column in head if column)
    rows = tuple(_row(number, cells, head, columns) for number, cells in lines)
    return PastedTable(columns=columns, rows=rows, unused=tuple(unused))


def _row(
    number: int, cells: Sequence[str], head: Sequence[Column | None], columns: Sequence[Column]
) -> TableRow:
    places = zip(head, cells, strict=False)
    written = {(column.key, column.language): cell for column, cell in places if column and cell}
    row = TableRow(number=number, cells=written)
    if len(cells) > len(head) and any(cells[len(head) :]):
        row = row.blame(_("This row has more cells than the table has columns."))
    if row.cell(LANGUAGE) and not row.language:
        words = _("“%s” isn’t a language. Write its name or two-letter code, such as German or de.")
        row = row.blame(words % row.cell(LANGUAGE)[:40], _title(columns, LANGUAGE))
    # Without a column called just Headline the first of those that name a language takes its place.
    first = [""] if any((column.key, column.language) == ("headline", "") for column in columns) else []
    for language in dict.fromkeys([*first, *(column.language for column in columns if column.language)]):
        row = _check_copy(row, columns, language)
    return _check_product(row, columns)


def _check_copy(row: TableRow, columns: Sequence[Column], language: str) -> TableRow:
    written = row.copy(language)
    if language and not any(written.values()):
        words = _("This row has no copy in “%s”. Fill it in, or remove that language’s columns.")
        return row.blame(words % language, _title(columns, "headline", language))
    try:
        CopySpec.model_validate(written)
    except ValidationError as refusal:
        for fault in BriefRefused.from_pydantic(refusal).faults:
            row = row.blame(fault.words, _title(columns, fault.field, language))
    return row


def _check_product(row: TableRow, columns: Sequence[Column]) -> TableRow:
    name = row.cell(PRODUCT)
    told = {"name": name, "price": row.cell(PRICE), "description": row.cell(DESCRIPTION)}
    if not name:
        wanted = [key for key in (PRICE, DESCRIPTION) if row.cell(key)]
        words = _("Name the product for this row in a column called Product.")
        return row.blame(words, _title(columns, wanted[0])) if wanted else row
    try:
        ProductSpec.model_validate(told)
    except ValidationError as refusal:
        for fault in BriefRefused.from_pydantic(refusal).faults:
            key = PRODUCT if fault.field == "name" else fault.field
            row = row.blame(fault.words, _title(columns, key))
    return row


def _title(columns: Sequence[Column], key: str, language: str = "") -> str:
    """How the spreadsheet calls that column."""
    found = (column.title for column in columns if (column.key, column.language) == (key, language))
    return next(found, "")


LANGUAGES = _known_languages()
