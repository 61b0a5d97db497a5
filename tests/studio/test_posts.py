"""Post text on the brief page: kept, counted while somebody types, refused at its field only when ads are made."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run
from studio.models import Brief, Campaign
from tests.studio.posting import form

LONG = "x" * 35  # Snapchat takes 34
SNAP = {"formats": ["snapchat_full"], "messages_0_post_snapchat_headline": LONG}
SAID = "Headline has 35 characters; Snapchat allows at most 34 (Snapchat full 9:16). Shorten it by 1."


@pytest.fixture
def page(campaign: Campaign) -> str:
    return reverse("studio:brief_new", args=[campaign.uid])


@pytest.fixture
def typing(campaign: Campaign) -> str:
    return reverse("studio:brief_estimate", args=[campaign.uid])


def text_of(html: str, ident: str) -> str:
    found = re.search(rf'id="{ident}"[^>]*>(.*?)</(?:span|div)>', html, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def test_what_was_written_is_kept(as_alice: Client, page: str) -> None:
    post = {
        "messages_0_post_link": "https://example.com",
        "messages_0_post_meta_primary_text": "18 hours cold.",
        "messages_0_post_google_ads_headline": "Cold brew\n\n Fast gone \n",
        "messages_0_de_headline": "Kalt.",
        "messages_0_de_post_meta_headline": "Kalt gebraut",
    }
    as_alice.post(page, form(action="save", languages="en de", **post))
    (message,) = Brief.objects.get().spec["messages"]
    assert message["post"]["link"] == "https://example.com"
    assert message["post"]["meta"]["primary_text"] == "18 hours cold."
    assert message["post"]["google_ads"]["headline"] == ["Cold brew", "Fast gone"]
    assert message["translations"]["de"]["post"]["meta"]["headline"] == "Kalt gebraut"
    html = as_alice.get(Brief.objects.get().get_absolute_url()).content.decode()
    for kept in ("18 hours cold.", "Cold brew\nFast gone", "Kalt gebraut", "https://example.com"):
        assert kept in html


def test_counters_come_while_somebody_types(as_alice: Client, typing: str) -> None:
    html = as_alice.post(typing, form(messages_0_post_meta_primary_text="x" * 130)).content.decode()
    ident = "id_messages-0-post_meta_primary_text"
    assert text_of(html, f"{ident}_count") == "130 / 125"
    assert text_of(html, f"{ident}_words").startswith("Primary text has 130 characters; Meta shows about 125")
    assert f'id="{ident}_count" hx-swap-oob="outerMorph"' in html


def test_only_the_chosen_platforms_are_counted(as_alice: Client, typing: str) -> None:
    html = as_alice.post(typing, form(formats=["meta_story"], messages_0_post_link="")).content.decode()
    assert "post_meta_headline_count" in html
    assert "post_x_post_count" not in html


def test_counters_come_while_the_rest_is_not_right_yet(as_alice: Client, typing: str) -> None:
    html = as_alice.post(typing, form(name="", **SNAP)).content.decode()
    assert text_of(html, "id_messages-0-post_snapchat_headline_words") == SAID


def test_over_a_hard_limit_no_run_starts_and_the_field_says_why(as_alice: Client, page: str) -> None:
    answer = as_alice.post(page, form(**SNAP))
    (row,) = answer.context["messages_set"].forms
    assert (answer.status_code, row.errors) == (422, {"post_snapchat_headline": [SAID]})
    assert Run.objects.count() == 0


def test_each_language_has_its_own_fault(as_alice: Client, page: str) -> None:
    german = {"messages_0_de_headline": "Kalt.", "messages_0_de_post_snapchat_headline": LONG}
    changes = SNAP | german | {"messages_0_post_snapchat_headline": "", "languages": "en de"}
    (row,) = as_alice.post(page, form(**changes)).context["messages_set"].forms
    assert row.errors == {"de_post_snapchat_headline": [SAID]}


def test_a_brief_over_a_hard_limit_can_still_be_kept(as_alice: Client, page: str) -> None:
    assert as_alice.post(page, form(action="save", **SNAP)).status_code == 302
    assert Brief.objects.count() == 1


def test_over_a_soft_limit_the_run_starts(as_alice: Client, page: str) -> None:
    as_alice.post(page, form(messages_0_post_meta_primary_text="x" * 300))
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"messages_0_post_link": "example"}, "post_link", "Write the whole address"),
        ({"messages_0_post_google_ads_headline": "x\n" * 21}, "post_google_ads_headline", "Use at most 20"),
        ({"messages_0_post_x_post": "x" * 5001}, "post_x_post", "Shorten this to 5000"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    as_alice: Client, page: str, changes: dict[str, Any], field: str, words: str
) -> None:
    (row,) = as_alice.post(page, form(**changes)).context["messages_set"].forms
    assert [said.startswith(words) for said in row.errors[field]] == [True]


def test_platforms_without_a_size_are_hidden_until_one_is_chosen(as_alice: Client, page: str) -> None:
    html = as_alice.post(page, form(name="", formats=["meta_story"])).content.decode()
    assert '<fieldset class="post" data-post="meta">' in html
    assert '<fieldset class="post" data-post="x" hidden>' in html


def test_the_fields_of_many_messages_are_drawn_when_somebody_looks_at_them(
    as_alice: Client, campaign: Campaign, page: str
) -> None:
    rows = {f"messages_{number}_headline": f"Headline {number}" for number in range(5)}
    sent = form(messages_TOTAL_FORMS="5", **rows, formats=["meta_story"])
    url = reverse("studio:brief_posts", args=[campaign.uid])
    html = as_alice.post(url, sent | {"unfold": "messages-4"}).content.decode()
    assert 'name="messages-4-post_meta_headline"' in html and "<details" in html and " open" in html
    without_script = as_alice.post(page, sent | {"unfold": "messages-4"})
    assert without_script.status_code == 200 and not Brief.objects.exists()
    shown = [row.shows_posts for row in without_script.context["messages_set"].forms]
    assert shown == [False, False, False, False, True]
    assert as_alice.post(url, sent | {"unfold": "messages-9"}).status_code == 404
