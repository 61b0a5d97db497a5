"""The previews of a brief that is not right yet: a fault takes away what it touches, and nothing else."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.brief import from_data
from studio.drawable import drawable
from studio.models import Campaign
from tests.conftest import brief
from tests.studio.posting import form

TWO = {"messages_TOTAL_FORMS": "2", "messages_1_headline": "Cold since Monday."}


def previews(html: str) -> int:
    return html.count('alt="Preview of')


@pytest.fixture
def ask(as_alice: Client, campaign: Campaign) -> Any:
    address = reverse("studio:brief_estimate", args=[campaign.uid])
    return lambda **changes: as_alice.post(address, form(**changes)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "name"),
        ({"variations": "0"}, "1 or more"),
        ({"variations": "many"}, "whole number"),
        ({"seed": "-1"}, "0 or more"),
        ({"steps": "900"}, "150"),
        ({"products_0_name": ""}, "name"),
        ({"looks_0_palette": "red"}, "colour"),
        ({"languages": "en klingon"}, "language"),
        ({"messages_0_post_meta_link": "nowhere"}, ""),
    ],
)
def test_a_fault_that_is_not_drawn_takes_no_preview_away(ask: Any, wrong: Any, words: str) -> None:
    html = ask(**wrong)
    assert previews(html) == 2
    assert words in html.lower() or words in html


def test_a_brief_that_is_sent_without_its_name_still_shows_every_size(
    as_alice: Client, campaign: Campaign
) -> None:
    answer = as_alice.post(reverse("studio:brief_new", args=[campaign.uid]), form(name=""))
    html = answer.content.decode()
    assert answer.status_code == 422 and "Give the brief a name." in html and previews(html) == 2


def test_a_message_without_a_headline_leaves_the_others(ask: Any) -> None:
    html = ask(**TWO, messages_0_headline="")
    assert previews(html) == 2 and "Write a headline." in html


def test_what_is_too_long_is_told_at_its_own_message_although_another_has_a_fault(ask: Any) -> None:
    wrong = TWO | {"messages_0_headline": "", "messages_1_headline": "Endless words " * 20}
    html = ask(**wrong, formats=["google_display_skyscraper", "meta_story"])
    told = dict(re.findall(r'id="id_messages-(\d)-headline_fit"(.*?)</div>', html, re.DOTALL))
    assert "too long for Google skyscraper" in told["1"] and "too long" not in told["0"]


def test_a_size_that_nobody_knows_leaves_the_others(ask: Any) -> None:
    assert previews(ask(formats=["meta_story", "unheard_of"])) == 1


@pytest.mark.parametrize("wrong", [{"formats": []}, {"messages_0_headline": ""}])
def test_nothing_is_shown_where_nothing_can_be_drawn(ask: Any, wrong: Any) -> None:
    assert previews(ask(**wrong)) == 0


def raw(**changes: Any) -> dict[str, Any]:
    return brief().model_dump(mode="json") | changes


def test_a_right_brief_is_drawn_as_it_is() -> None:
    left = drawable(raw())
    assert (
        left is not None
        and left.spec == from_data(raw())
        and left.place("messages.0.line") == "messages.0.line"
    )


def test_a_missing_translation_leaves_its_language_out() -> None:
    left = drawable(raw(languages=["en", "de"]))
    assert left is not None and left.spec.languages == ("en",)


def test_more_ads_than_a_run_makes_are_drawn_all_the_same() -> None:
    looks = [{"name": f"Look {n}"} for n in range(20)]
    message = raw()["messages"][0]
    products = [{"name": f"Can {n}"} for n in range(50)]
    left = drawable(raw(looks=looks, products=products, messages=[message] * 50, variations=20))
    assert left is not None and left.spec.formats == brief().formats


def test_a_font_without_its_licence_is_left_out() -> None:
    left = drawable(raw(brand={"font": "w/1/a/font.ttf", "font_licensed": False}))
    assert left is not None and left.spec.brand.font == ""
