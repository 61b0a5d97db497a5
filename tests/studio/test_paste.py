"""A pasted table becomes messages and products of the brief; whoever pastes sees at each row what is wrong with it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run
from studio.models import Brief, Campaign, KeptForm
from tests.studio.posting import form

TEN_SIZES = [
    *("meta_feed_square", "meta_feed_portrait", "meta_feed_landscape", "meta_story", "meta_reels"),
    *("meta_carousel_card", "google_display_inline_rectangle", "google_display_large_rectangle"),
    *("google_display_half_page", "linkedin_landscape"),
]
LANGUAGES = "Product\tLanguage\tHeadline\n"


def paste(client: Client, campaign: Campaign, table: str, **changes: Any) -> Any:
    """Add it to the brief and open the page that follows."""
    url = reverse("studio:brief_table_add", args=[campaign.uid])
    return client.post(url, form(table=table, **changes), follow=True)


def look(client: Client, campaign: Campaign, table: str, **changes: Any) -> Any:
    url = reverse("studio:brief_table", args=[campaign.uid])
    return client.post(url, form(table=table, **changes)).context["checked"]


def rows(answer: Any, table: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name].value() for name in names) for row in answer.context[table].forms]


def twenty() -> str:
    lines = [f"Can {number % 4}\tHeadline {number}\n" for number in range(20)]
    return "Product\tHeadline\n" + "".join(lines)


@pytest.fixture
def empty() -> dict[str, str]:
    """A form in which nothing is written yet."""
    copy = {f"messages_0_{name}": "" for name in ("headline", "line", "button")}
    return copy | {"products_0_name": "", "products_0_description": ""}


def test_twenty_rows_and_ten_sizes_are_two_hundred_ads_that_share_pictures(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    checked = look(as_alice, campaign, twenty(), formats=TEN_SIZES, **empty)
    assert checked.is_right and checked.words == "20 messages and 4 new products"
    shapes = 4
    assert (checked.estimate.ads, checked.estimate.pictures) == (200, 4 * shapes)
    answer = paste(as_alice, campaign, twenty(), formats=TEN_SIZES, **empty)
    html = answer.content.decode()
    assert "1 look × 20 messages × 10 sizes = 200 ads" in html and "Make 200 ads" in html
    assert rows(answer, "products", "name") == [("Can 0",), ("Can 1",), ("Can 2",), ("Can 3",)]
    assert rows(answer, "messages_set", "headline", "product")[5] == ("Headline 5", "Can 1")


def test_what_is_added_is_kept_but_not_saved(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    paste(as_alice, campaign, twenty(), **empty)
    assert (Brief.objects.count(), Run.objects.count(), KeptForm.objects.count()) == (0, 0, 1)


def test_rows_are_added_below_the_messages_that_are_there(as_alice: Client, campaign: Campaign) -> None:
    answer = paste(as_alice, campaign, "Headline\nFast gone.\nAll gone.")
    told = [headline for (headline,) in rows(answer, "messages_set", "headline")]
    assert told == ["Slow brewed. Fast gone.", "Fast gone.", "All gone."]


def test_rows_take_the_place_of_the_messages_where_that_is_asked(
    as_alice: Client, campaign: Campaign
) -> None:
    answer = paste(as_alice, campaign, "Headline\nAll gone.", anew="on")
    assert rows(answer, "messages_set", "headline") == [("All gone.",)]


def test_a_product_that_is_there_gets_the_price_of_the_table(as_alice: Client, campaign: Campaign) -> None:
    answer = paste(as_alice, campaign, "Product\tPrice\tHeadline\ncan\t2,49 €\tFast gone.")
    assert rows(answer, "products", "name", "price") == [("Can", "2,49 €")]
    assert rows(answer, "messages_set", "product")[-1] == ("Can",)


def test_two_prices_of_one_product_are_told_at_the_second(as_alice: Client, campaign: Campaign) -> None:
    checked = look(as_alice, campaign, "Product\tPrice\tHeadline\nTin\t2\tA\nTin\t3\tB")
    faulty, right = checked.lines  # the faulty one first
    assert right.faults == () and "Row 2 says “2” for “Tin”." in faulty.faults[0]


def test_rows_in_another_language_are_the_translations_of_those_above(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    table = f"{LANGUAGES}Can\ten\tSlow\nCan\tGerman\tLangsam\nCan\ten\tFast\nCan\tde\tSchnell"
    answer = paste(as_alice, campaign, table, **empty)
    assert rows(answer, "messages_set", "headline", "de_headline") == [
        ("Slow", "Langsam"),
        ("Fast", "Schnell"),
    ]
    assert answer.context["form"]["languages"].value() == "en de"


def test_a_column_of_a_language_is_a_translation_too(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    answer = paste(as_alice, campaign, "Headline\tHeadline (German)\nSlow\tLangsam", **empty)
    assert rows(answer, "messages_set", "headline", "de_headline") == [("Slow", "Langsam")]


def test_a_table_in_one_other_language_makes_a_brief_in_that_one(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    answer = paste(as_alice, campaign, f"{LANGUAGES}Can\tde\tLangsam", **empty)
    assert answer.context["form"]["languages"].value() == "de"


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        (f"{LANGUAGES}Can\ten\tSlow\nCan\tde\tLangsam\nCan\ten\tFast", 2, "This row has no match in German"),
        (f"{LANGUAGES}Can\ten\tSlow\nTin\tde\tLangsam", 1, "This product has no row in English"),
    ],
)
def test_a_translation_without_its_row_is_told_at_the_row(
    as_alice: Client, campaign: Campaign, table: str, row: int, words: str
) -> None:
    checked = look(as_alice, campaign, table)
    faulty = {line.number: line.faults for line in checked.lines}
    assert faulty[row + 2][0].startswith(words)


def test_what_is_too_long_for_a_size_is_said_at_its_row_and_can_be_added(
    as_alice: Client, campaign: Campaign
) -> None:
    table = "Headline\tLine\nShort\tFine\n" + "Endless words " * 20 + "\tFine"
    checked = look(as_alice, campaign, table, formats=["google_display_skyscraper"])
    assert checked.is_right and [bool(line.warnings) for line in checked.lines] == [False, True]


def test_a_table_with_faults_comes_back_with_all_that_was_written(
    as_alice: Client, campaign: Campaign
) -> None:
    answer = paste(as_alice, campaign, "Headline\tLine\n\tOnly a line", name="Mine")
    html = answer.content.decode()
    assert answer.status_code == 422 and "data-open-now" in html and "Write a headline." in html
    assert "Only a line</textarea>" in html and answer.context["form"]["name"].value() == "Mine"
    assert 'id="faults"' not in html and not KeptForm.objects.exists()


def test_more_messages_than_a_brief_takes_are_refused_as_a_whole(
    as_alice: Client, campaign: Campaign
) -> None:
    checked = look(as_alice, campaign, "Headline\n" + "Again\n" * 50)
    assert checked.fault == "That makes 51 messages; a brief takes up to 50. Paste fewer rows."


def test_scripts_in_a_table_are_words(as_alice: Client, campaign: Campaign) -> None:
    url = reverse("studio:brief_table", args=[campaign.uid])
    html = as_alice.post(url, form(table="Headline\n<script>alert(1)</script>")).content.decode()
    assert "<script>" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize("table", ["", "Headline", "Name;Price\nCan;1", "Headline\tTitle\na\tb"])
def test_a_table_that_is_wrong_as_a_whole_is_told_in_a_new_brief_too(
    as_alice: Client, campaign: Campaign, empty: dict[str, str], table: str
) -> None:
    assert look(as_alice, campaign, table, **empty).fault
    answer = paste(as_alice, campaign, table, anew="on")
    assert answer.status_code == 422
    assert f'action="{reverse("studio:brief_new", args=[campaign.uid])}"' in answer.content.decode()


def test_where_every_headline_names_its_language_one_is_the_first(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    answer = paste(as_alice, campaign, "Headline (English)\tHeadline (German)\nSlow\tLangsam", **empty)
    assert rows(answer, "messages_set", "headline", "de_headline") == [("Slow", "Langsam")]


@pytest.mark.thorough
def test_as_much_as_may_be_pasted_can_be_kept(
    as_alice: Client, campaign: Campaign, empty: dict[str, str]
) -> None:
    codes = ("en", "de", "fr", "es", "it", "nl", "da", "sv", "pl", "cs", "fi", "pt")
    lines = [f"Headline {number} {code}\t{code}" for number in range(50) for code in codes]
    answer = paste(
        as_alice, campaign, "Headline\tLanguage\n" + "\n".join(lines), formats=["meta_story"], **empty
    )
    assert answer.status_code == 200 and len(answer.context["messages_set"].forms) == 50
    sent = dict(KeptForm.objects.get().sent)
    url = reverse("studio:brief_estimate", args=[campaign.uid])
    assert as_alice.post(url, sent | {"touched": "1"}).status_code == 200


def test_every_column_that_is_used_is_shown_and_the_others_are_named(
    as_alice: Client, campaign: Campaign
) -> None:
    checked = look(as_alice, campaign, "Product\tLang\tHeadline\tSub line\tFigure\nCan\tde\tKalt\tFertig\t7")
    assert checked.titles == ("Product", "Lang", "Headline", "Sub line") and checked.unused == ("Figure",)
    assert checked.lines[0].cells == ("Can", "German", "Kalt", "Fertig")


def test_faulty_rows_are_left_out_of_the_box_and_the_others_stay_as_they_were(
    as_alice: Client, campaign: Campaign
) -> None:
    table = 'Headline;Line\nSlow;"""Now"", she said"\n;No headline\n"Fast; gone";Fine'
    left = form(table=table, leave_out="yes")
    answer: Any = as_alice.post(reverse("studio:brief_table", args=[campaign.uid]), left)
    assert answer.context["checked"].is_right and [r.number for r in answer.context["checked"].lines] == [
        2,
        3,
    ]
    assert answer.context["pasted"] == 'Headline\tLine\nSlow\t"""Now"", she said"\nFast; gone\tFine'
    assert 'id="table-text" hx-swap-oob="outerHTML"' in answer.content.decode()
    whole: Any = as_alice.post(reverse("studio:brief_table_add", args=[campaign.uid]), left)
    assert whole.status_code == 200 and "No headline" not in whole.content.decode()
    assert whole.context["pasted"] == answer.context["pasted"]
