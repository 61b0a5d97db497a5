"""A table from a spreadsheet is read as people mean it, and each fault stands at its row."""

import pytest

from studio.table import MOST_LETTERS, PastedTable, language_code, read


def faults(table: PastedTable) -> list[tuple[int, str, str]]:
    return [(row.number, fault.column, fault.words) for row in table.rows for fault in row.faults]


def test_tabs_semicolons_and_commas_part_the_same_columns() -> None:
    told = ["Product{0}Headline{0}CTA", "Can{0}Slow brewed{0}Try it"]
    tables = [read("\n".join(line.format(mark) for line in told)) for mark in "\t;,"]
    assert [table.rows for table in tables] == [tables[0].rows] * 3
    (row,) = tables[0].rows
    assert (row.number, row.cell("product"), row.copy()["headline"], row.copy()["button"]) == (
        2,
        "Can",
        "Slow brewed",
        "Try it",
    )


@pytest.mark.parametrize(
    ("title", "key", "language"),
    [
        ("HEADLINE", "headline", ""),
        ("Short-Headline", "short_headline", ""),
        ("call to action", "button", ""),
        *[(name, "line", "") for name in ("Sub line", "Subline", "Sub-headline", "Tagline")],
        ("Fine print", "legal", ""),
        ("Überschrift", "headline", ""),
        ("headline_de", "headline", "de"),
        ("Headline (German)", "headline", "de"),
        ("Line pt-BR", "line", ""),
    ],
)
def test_columns_are_known_by_the_names_that_people_give_them(title: str, key: str, language: str) -> None:
    table = read(f"{title}\tHeadline en\nA\tB")
    known = [(column.key, column.language) for column in table.columns if column.title == title]
    assert known == [(key, language)] or title == "Line pt-BR"


def test_a_list_without_names_of_columns_is_headlines() -> None:
    table = read("Slow brewed.\r\n\r\nFast gone.\n")
    assert [(row.number, row.cell("headline")) for row in table.rows] == [
        (1, "Slow brewed."),
        (3, "Fast gone."),
    ]


def test_a_cell_with_a_break_and_quotes_is_one_cell_on_one_line() -> None:
    table = read('Headline\tLine\n"Slow\nbrewed"\t"She said ""now"""\n')
    (row,) = table.rows
    assert (row.cell("headline"), row.cell("line")) == ("Slow brewed", 'She said "now"')


def test_a_comma_in_a_headline_does_not_part_a_list_of_headlines() -> None:
    assert [row.cell("headline") for row in read("Slow, but sure\nFast; gone").rows] == [
        "Slow, but sure",
        "Fast; gone",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing pasted yet."),
        (" \n\t\n", "Nothing pasted yet."),
        ("Product\tPrice\nCan\t2", "No column is called Headline."),
        ("Headline\tTitle\na\tb", "“Headline” and “Title” mean the same thing."),
        ("Headline\tLine", "There are column names but no rows below them."),
        ("x" * (MOST_LETTERS + 1), "That’s too much for one brief."),
        ("Headline\tLine\n" + "a\tb\n" * 601, "The table has 601 rows."),
    ],
)
def test_a_table_that_cannot_be_used_says_why(text: str, words: str) -> None:
    assert read(text).fault.startswith(words)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("Can\t2\t\t\t", "Headline", "Write a headline."),
        ("Can\t2\t" + "x" * 301 + "\t\t", "Headline", "Shorten this to 300 characters."),
        ("\t2\tSlow\t\t", "Price", "Name the product for this row"),
        ("c" * 121 + "\t2\tSlow\t\t", "Product", "Shorten this to 120 characters."),
        ("Can\t2\tSlow\tKlingon\t", "Language", "“Klingon” isn’t a language."),
        ("Can\t2\tSlow\ten\t\tmore", "", "This row has more cells than the table has columns."),
    ],
)
def test_a_fault_stands_at_its_row_and_column(row: str, column: str, words: str) -> None:
    table = read(f"Product\tPrice\tHeadline\tLanguage\tLine\nCan\t2\tFine\ten\t\n{row}\n")
    ((number, place, told),) = faults(table)
    assert (number, place) == (3, column) and told.startswith(words)


def test_columns_that_nothing_is_made_of_are_named() -> None:
    assert read("Headline\tNotes\tSKU\na\tb\tc").unused == ("Notes", "SKU")


@pytest.mark.parametrize(
    ("written", "code"),
    [("German", "de"), ("deutsch", "de"), ("DE", "de"), ("pt_br", "pt-BR"), ("zh-hant", "zh-Hant"), ("", "")],
)
def test_a_language_is_known_by_its_name_or_code(written: str, code: str) -> None:
    assert language_code(written) == code


@pytest.mark.parametrize(
    ("text", "headlines"),
    [
        ('Headline\tButton\n"Wow\tShop\nNext one\tBuy', ['"Wow', "Next one"]),
        ('Headline\tButton\n"Best brew" says Ann\tBuy', ['"Best brew" says Ann']),
        ('Headline,Button\n"Slow, sure",Buy', ["Slow, sure"]),
        ("\ufeffHeadline\tButton\nSlow\tBuy", ["Slow"]),
    ],
)
def test_quotes_enclose_a_cell_only_where_they_end_with_it(text: str, headlines: list[str]) -> None:
    assert [row.cell("headline") for row in read(text).rows] == headlines


@pytest.mark.parametrize("title", ["CTA URL", "Headline alt", "Headline 2", "Button GER"])
def test_what_is_no_language_makes_no_column(title: str) -> None:
    assert read(f"Headline\t{title}\nSlow\tx").unused == (title,)


def test_a_tag_with_a_country_is_a_language_of_a_column() -> None:
    table = read("Headline\tHeadline (pt-BR)\tHeadline-zh-Hant\nSlow\tx\ty")
    assert [column.language for column in table.columns] == ["", "pt-BR", "zh-Hant"]


def test_a_table_of_nothing_but_columns_is_refused_by_their_number() -> None:
    assert read("Headline\t" + "x\t" * 90_000).fault.startswith("The table has 90")
