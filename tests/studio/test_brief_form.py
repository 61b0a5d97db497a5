"""The brief page: what is wrong is said at its field and nothing is made; what is right is kept and started once."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Asset, Run
from runs.states import ServerState
from studio.models import Brief, Campaign
from tests.conftest import make_server
from tests.studio.posting import ROW, form

TWO_PRODUCTS = {"products_TOTAL_FORMS": "2", "products_1_name": "Can"}

# What is sent, the field where the fault must stand, and how its sentence begins.
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "name", "Give the brief a name."),
    ({"name": "x" * 121}, "name", "Shorten this to 120 characters."),
    ({"products_0_name": "", "products_0_description": ""}, "products", "Add at least one product"),
    ({"products_0_name": ""}, "products.0.name", "Give the product a name."),
    ({"looks_0_name": ""}, "looks.0.name", "Give the look a name."),
    ({"messages_0_headline": ""}, "messages.0.headline", "Write a headline."),
    (
        {"messages_0_headline": "", "messages_0_line": "", "messages_0_button": ""},
        "messages",
        "Add at least one message",
    ),
    ({"messages_0_headline": "x" * 301}, "messages.0.headline", "Shorten this to 300 characters."),
    (
        {"messages_0_product": "Bottle"},
        "messages.0.product",
        "Message 1 names the product “Bottle”. Name one of: Can.",
    ),
    ({"looks_0_palette": "red"}, "looks.0.palette", "Write a colour as # and six digits"),
    ({"looks_0_palette": "#aaaaaa " * 7}, "looks.0.palette", "Use at most 6 here."),
    ({"formats": []}, "formats", "Choose at least one size."),
    ({"formats": ["poster"]}, "formats", "The size “poster” is no longer available."),
    ({"formats": ["meta_story", "meta_story"]}, "formats", "Two sizes are the same: meta_story."),
    ({"languages": "english"}, "languages", "Write a language as two letters"),
    ({"languages": "en de"}, "messages.0.de_headline", "Message 1 has no copy in “de”."),
    ({"languages": "en de", "messages_0_de_line": "Kalt."}, "messages.0.de_headline", "Write a headline."),
    ({"kit": str(uuid4())}, "kit", "This brand kit no longer exists."),
    ({"seed": "-1"}, "seed", "Choose 0 or more."),
    ({"seed": str(2**53)}, "seed", "Choose 9007199254739992 or less."),
    ({"seed": "lucky"}, "seed", "Enter a whole number."),
    ({"variations": "0"}, "variations", "Choose 1 or more."),
    ({"variations": "500"}, "variations", "Choose 20 or less."),
    ({"steps": "0"}, "steps", "Choose 1 or more."),
    ({"looks_0_palette": "red blue"}, "looks.0.palette", "Write a colour as # and six digits"),
    ({"products_TOTAL_FORMS": None}, "products", "Part of the form didn’t arrive"),
    ({"start_key": "7"}, "start_key", "Part of the form didn’t arrive"),
    (TWO_PRODUCTS, "products", "Two product names are the same: Can."),
]


@pytest.fixture
def page(campaign: Campaign) -> str:
    return reverse("studio:brief_new", args=[campaign.uid])


def words_at(answer: Any, place: str) -> list[str]:
    """What stands at this field of the answer's form."""
    context = answer.context
    tables = {"products": context["products"], "messages": context["messages_set"], "looks": context["looks"]}
    head, *rest = place.split(".")
    if head in tables and rest:
        return list(tables[head].forms[int(rest[0])].errors.get(rest[1], []))
    if head in tables:
        return list(tables[head].non_form_errors())
    return list(context["form"].errors.get(head or "__all__", []))


def check_nothing_was_made() -> None:
    assert (Brief.objects.count(), Run.objects.count(), Asset.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(("changes", "place", "words"), FAULTS)
def test_a_fault_stands_at_its_field_and_in_the_summary_and_nothing_is_made(
    as_alice: Client, page: str, changes: dict[str, Any], place: str, words: str
) -> None:
    answer = as_alice.post(page, form(**changes))
    assert answer.status_code == 422
    (told,) = words_at(answer, place)
    assert told.startswith(words)
    html = answer.content.decode()
    summary = html[html.index('id="faults"') : html.index("</ul>", html.index('id="faults"'))]
    assert summary.count("<li>") == 1
    check_nothing_was_made()


def test_every_fault_is_told_at_once(as_alice: Client, page: str) -> None:
    answer = as_alice.post(page, form(name="", messages_0_headline="", seed="-1"))
    places = ("name", "messages.0.headline", "seed")
    assert [len(words_at(answer, place)) for place in places] == [1, 1, 1]


def test_the_second_row_is_blamed_for_its_own_fault(as_alice: Client, page: str) -> None:
    """An empty row above is not there, and must not shift the sentence to its neighbour."""
    changes = {"messages_TOTAL_FORMS": "3", "messages_0_headline": "", "messages_0_line": ""}
    changes |= {"messages_0_button": "", "messages_1_headline": "Fine", "messages_2_line": "No headline"}
    answer = as_alice.post(page, form(**changes))
    assert words_at(answer, "messages.2.headline") == ["Write a headline."]
    assert words_at(answer, "messages.1.headline") == []


def test_what_was_written_is_still_there_after_a_fault(as_alice: Client, page: str) -> None:
    html = as_alice.post(page, form(messages_0_headline="")).content.decode()
    for kept in ("Cold brew", "people who are up late", "18 hours cold.", "on a stone podium", "#f6c9a8"):
        assert kept in html
    assert html.count('name="formats"') > 2
    assert [f'value="{size}" checked' in html for size in ("meta_story", "meta_reels")] == [True, False]


def test_a_model_that_no_server_has_is_told_with_those_there_are(as_alice: Client, page: str) -> None:
    make_server(checkpoints=["base.safetensors", "xl.safetensors"])
    answer = as_alice.post(page, form(checkpoint="dream.safetensors"))
    assert words_at(answer, "checkpoint") == [
        "The model “dream.safetensors” is not on any GPU server. "
        "Choose one of: base.safetensors, xl.safetensors."
    ]
    check_nothing_was_made()


def test_a_brief_may_be_kept_with_a_model_that_is_not_there_yet(as_alice: Client, page: str) -> None:
    make_server()
    assert as_alice.post(page, form(checkpoint="dream.safetensors", action="save")).status_code == 302
    assert Brief.objects.get().spec["picture"]["checkpoint"] == "dream.safetensors"


def change(client: Client, **changes: Any) -> None:
    """Save the only brief once more, as its own page sends it."""
    known = {f"{table}_INITIAL_FORMS": "1" for table in ROW}
    answer = client.post(Brief.objects.get().get_absolute_url(), form(action="save", **known, **changes))
    assert answer.status_code == 302


def test_making_the_ads_keeps_the_brief_and_leads_to_its_run(
    as_alice: Client, page: str, campaign: Campaign
) -> None:
    answer = as_alice.post(page, form())
    brief, run = campaign.briefs.get(), Run.objects.get()
    assert answer["Location"] == reverse("studio:run", args=[run.uid])
    assert (run.origin, run.name, run.pictures_total, run.ads_total) == (brief.uid, "Cold brew", 2, 2)
    assert run.spec == brief.spec


def test_a_form_that_is_sent_twice_makes_one_brief_and_one_run(as_alice: Client, page: str) -> None:
    data = form(seed="")
    first, second = as_alice.post(page, data), as_alice.post(page, data)
    assert first["Location"] == second["Location"]
    assert (Brief.objects.count(), Run.objects.count()) == (1, 1)


def test_a_form_that_was_changed_after_going_back_makes_another_run_of_the_same_brief(
    as_alice: Client, page: str
) -> None:
    data = form()
    first = as_alice.post(page, data)
    second = as_alice.post(page, data | {"messages-0-headline": "Cold and slow"})
    assert first["Location"] != second["Location"]
    assert Brief.objects.get().spec["messages"][0]["headline"] == "Cold and slow"
    assert [run.spec["messages"][0]["headline"] for run in Run.objects.order_by("pk")] == [
        "Slow brewed. Fast gone.",
        "Cold and slow",
    ]


def test_two_forms_make_two_briefs(as_alice: Client, page: str) -> None:
    as_alice.post(page, form())
    as_alice.post(page, form())
    assert (Brief.objects.count(), Run.objects.count()) == (2, 2)


def test_the_key_of_a_form_reaches_nothing_of_another_workspace(
    as_alice: Client, as_charlie: Client, page: str, charlie: Any
) -> None:
    theirs = Campaign.objects.create(workspace=charlie.workspaces.get(), name="Elsewhere")
    key = str(uuid4())
    as_alice.post(page, form(start_key=key))
    as_charlie.post(reverse("studio:brief_new", args=[theirs.uid]), form(start_key=key))
    assert [run.workspace.name for run in Run.objects.order_by("pk")] == ["Nordlys", "Elsewhere"]


def test_a_kept_brief_opens_as_it_was_written_and_starts_nothing(as_alice: Client, page: str) -> None:
    answer = as_alice.post(page, form(action="save"))
    assert Run.objects.count() == 0
    opened = as_alice.get(answer["Location"])
    shown = opened.context
    assert shown["form"]["name"].value() == "Cold brew"
    assert shown["messages_set"].forms[0]["headline"].value() == "Slow brewed. Fast gone."
    assert shown["looks"].forms[0]["palette"].value() == "#f6c9a8 #e8825b"
    assert shown["form"]["seed"].value() == 7


def test_a_kept_brief_is_changed_in_place(as_alice: Client, page: str) -> None:
    as_alice.post(page, form(action="save"))
    change(as_alice, name="Cold brew, again")
    assert Brief.objects.get().name == "Cold brew, again"


def test_a_row_that_was_removed_is_gone(as_alice: Client, page: str) -> None:
    changes = {"messages_TOTAL_FORMS": "2", "messages_1_headline": "Second", "messages_0_DELETE": "on"}
    as_alice.post(page, form(**changes))
    assert [message["headline"] for message in Brief.objects.get().spec["messages"]] == ["Second"]


GERMAN = {
    "languages": "en, de",
    "messages_0_de_headline": "Langsam gebraut.",
    "messages_0_de_button": "Probieren",
}


def test_each_further_language_has_its_own_copy(as_alice: Client, page: str) -> None:
    as_alice.post(page, form(**GERMAN))
    spec = Run.objects.get().brief
    assert spec.languages == ("en", "de")
    assert spec.messages[0].copy_in("de").headline == "Langsam gebraut."
    assert Run.objects.get().ads_total == 4


def test_a_brief_in_two_languages_is_saved_again_without_a_loss(as_alice: Client, page: str) -> None:
    as_alice.post(page, form(**GERMAN, action="save"))
    brief = Brief.objects.get()
    html = as_alice.get(reverse("studio:brief", args=[brief.uid])).content.decode()
    assert 'value="en de"' in html
    for words in GERMAN.values():
        assert words == "en, de" or f'value="{words}"' in html


def test_a_message_may_belong_to_one_product(as_alice: Client, page: str) -> None:
    changes = {"products_TOTAL_FORMS": "2", "products_1_name": "Bottle", "messages_0_product": "Bottle"}
    changes |= {
        "messages_TOTAL_FORMS": "2",
        "messages_1_headline": "For the can",
        "messages_1_product": "Can",
    }
    as_alice.post(page, form(**changes))
    assert [message["product"] for message in Brief.objects.get().spec["messages"]] == ["Bottle", "Can"]


def test_a_product_that_no_message_goes_with_is_not_dropped_silently(as_alice: Client, page: str) -> None:
    changes = {"products_TOTAL_FORMS": "2", "products_1_name": "Bottle", "messages_0_product": "Bottle"}
    answer = as_alice.post(page, form(**changes))
    (told,) = words_at(answer, "products.0.name")
    assert told.startswith("No message goes with “Can”.")
    check_nothing_was_made()


def test_a_server_that_is_down_does_not_keep_a_run_from_waiting_for_it(as_alice: Client, page: str) -> None:
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer. Start it.")
    assert as_alice.post(page, form()).status_code == 302


# --- the estimate beside the button --------------------------------------------------------------------------


@pytest.fixture
def estimate(as_alice: Client, campaign: Campaign) -> Any:
    address = reverse("studio:brief_estimate", args=[campaign.uid])

    def ask(**changes: Any) -> str:
        answer = as_alice.post(address, form(**changes))
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return ask


def test_the_estimate_says_what_the_form_comes_to_and_shows_every_size(estimate: Any) -> None:
    html = estimate(formats=["meta_feed_square", "meta_story", "meta_reels"], variations="2")
    assert "1 look × 1 message × 3 sizes × 2 variations = 6 ads" in html and "from 4 pictures" in html
    assert "Make 6 ads" in html
    assert html.count("<figure") == html.count('alt="Preview of') == 3
    assert Run.objects.count() == 0


def test_the_estimate_says_how_many_ads_have_no_text(estimate: Any) -> None:
    html = estimate(formats=["google_pmax_square", "meta_feed_square"], variations="2")
    assert "2 sizes × 2 variations = 4 ads" in html and "and 2 without text" in html and "Make 6 ads" in html


def test_the_estimate_of_an_unfinished_form_says_what_is_missing(estimate: Any) -> None:
    html = estimate(messages_0_headline="", formats=[])
    assert "Choose at least one size." in html
    assert "Write a headline." in estimate(messages_0_headline="")
    assert "Choose 0 or more." in estimate(seed="-1")
    assert "errorlist" not in html  # nobody is blamed while they write


def test_the_estimate_marks_a_size_that_the_words_do_not_fit(estimate: Any) -> None:
    html = estimate(formats=["google_display_skyscraper"], messages_0_headline="Endless words " * 20)
    assert "too long for Google skyscraper 120×600" in html


def test_a_start_beyond_the_workspaces_limit_says_so_and_makes_nothing(
    as_alice: Client, campaign: Campaign, settings: Any
) -> None:
    settings.QUOTA_PER_DAY = 1
    page = reverse("studio:brief_new", args=[campaign.uid])
    answer = as_alice.post(page, form(action="start"))
    assert answer.status_code == 422
    assert "This workspace can make 1 pictures in 24 hours" in answer.text
    assert (Run.objects.count(), Brief.objects.count()) == (0, 0)
    settings.QUOTA_PER_DAY = 100
    assert as_alice.post(page, form(action="start")).status_code == 302
    assert (Run.objects.count(), Brief.objects.count()) == (1, 1)


def test_the_bar_names_the_field_that_is_wrong_and_leads_to_it(as_alice: Client, campaign: Campaign) -> None:
    url = reverse("studio:brief_estimate", args=[campaign.uid])
    html = as_alice.post(url, form(messages_0_line="x" * 301)).content.decode()
    assert '<a class="link" href="#id_messages-0-line">Message 1, line</a>: Shorten this to 300' in html
    html = as_alice.post(url, form(name="x" * 121)).content.decode()
    assert '<a class="link" href="#id_name">' in html


def test_a_message_that_has_more_stays_closed_and_says_what_it_has(
    as_alice: Client, campaign: Campaign
) -> None:
    data = form(messages_0_legal="While stocks last.")
    data["table"] = ""
    url = reverse("studio:brief_new", args=[campaign.uid])
    html = as_alice.post(url, data | {"name": ""}).content.decode()
    fold = html.partition('<details class="fold m"')[2]
    assert not fold.startswith(" open") and 'class="cut">While stocks last.</span>' in fold


@pytest.mark.parametrize("table", ["products", "messages", "looks"])
def test_a_button_adds_a_row_where_there_is_no_script(as_alice: Client, page: str, table: str) -> None:
    html = as_alice.get(page).content.decode()
    assert f'name="add_row" value="{table}" formaction="{page}#{table}"' in html
    answer = as_alice.post(page, form(add_row=table, messages_0_headline="Typed."))
    assert (answer.status_code, Brief.objects.count()) == (200, 0)
    rows = {"products": 1, "messages": 1, "looks": 1} | {table: 2}
    shown = {"products": "products", "messages": "messages_set", "looks": "looks"}
    assert {name: answer.context[shown[name]].total_form_count() for name in rows} == rows
    assert 'value="Typed."' in answer.content.decode() and 'id="faults"' not in answer.content.decode()


def test_no_row_is_added_to_what_is_no_table(as_alice: Client, page: str) -> None:
    assert as_alice.post(page, form(add_row="form")).context["messages_set"].total_form_count() == 1
