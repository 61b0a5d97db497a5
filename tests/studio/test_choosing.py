"""Choosing on the pages: on an ad's own, on its card among others, as a form and with htmx."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from runs.choosing import decide
from runs.models import Creative, Run, Verdict
from studio.frames import Stage
from tests.conftest import finish, make_server
from tests.runs.test_recompose import ads
from tests.studio.test_delivery import names, zip_of

HTMX: Any = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ad(finished: Run) -> Creative:
    return ads(finished, format="meta_feed_square")[0]


def send(client: Client, ad: Creative, verdict: str, at: str, **how: Any) -> Any:
    data = {"decision": verdict, "sha256": ad.sha256, "at": at}
    return client.post(reverse("studio:ad_decide", args=[ad.uid]), data, **how)


def page(client: Client, name: str, row: Any) -> str:
    return client.get(reverse(f"studio:{name}", args=[row.uid])).content.decode()


def test_a_plain_form_goes_back_to_where_it_was(as_alice: Client, ad: Creative) -> None:
    assert send(as_alice, ad, "approved", "ad")["Location"] == reverse("studio:ad", args=[ad.uid])
    back = send(as_alice, ad, "rejected", "run")["Location"]
    assert back == f"{reverse('studio:run', args=[ad.run.uid])}#a-{ad.uid}"
    ad.refresh_from_db()
    assert ad.decision == Verdict.REJECTED


def test_the_ad_s_page_says_who_approved_it_and_offers_to_undo(as_alice: Client, ad: Creative) -> None:
    assert 'value="approved"' in page(as_alice, "ad", ad)
    html = send(as_alice, ad, "approved", "ad", **HTMX).content.decode()
    assert html.strip().startswith('<div id="ad"') and "Approved by Alice" in html
    assert 'value="undecided"' in html and 'value="approved"' not in html


def test_the_card_comes_back_alone_with_the_head_whose_counts_moved(as_alice: Client, ad: Creative) -> None:
    html = send(as_alice, ad, "approved", "run", **HTMX).content.decode()
    assert f'id="a-{ad.uid}"' in html and "<html" not in html
    assert 'id="run-head" hx-swap-oob="outerMorph"' in html and "Export 1 approved" in html
    assert html.count('class="shot') == 1


def test_what_cannot_be_is_told_on_the_card(as_alice: Client, ad: Creative) -> None:
    ad.sha256 = "f" * 64
    html = send(as_alice, ad, "approved", "run", **HTMX).content.decode()
    assert "changed since you looked" in html
    assert "changed since you looked" in send(as_alice, ad, "approved", "run", follow=True).content.decode()
    assert send(as_alice, ad, "maybe", "run").status_code == 404


def test_bob_sees_what_was_decided_and_no_button(as_bob: Client, ad: Creative, alice: User) -> None:
    decide(ad, Verdict.APPROVED, by=alice)
    html = page(as_bob, "run", ad.run)
    assert "Export 1 approved" in html and "/decide/" not in html
    assert "Approved by Alice" in page(as_bob, "ad", ad) and "/decide/" not in page(as_bob, "ad", ad)


def test_samples_are_not_offered_and_the_page_says_why(as_alice: Client, run: Run) -> None:
    finish(run, make_server("sim", simulated=True))
    sample = ads(run)[0]
    html = page(as_alice, "run", run)
    assert "/decide/" not in html and "but not approve them" in html
    assert "/decide/" not in page(as_alice, "ad", sample)
    assert "cannot be approved" in page(as_alice, "ad", sample)


def test_others_who_look_on_are_shown_the_decision(ad: Creative, alice: User) -> None:
    stage = Stage(ad.run.uid)
    stage.look({True}, {True}, told=True)
    decide(ad, Verdict.APPROVED, by=alice)
    frames = stage.look({True}, set(), told=True)
    assert frames is not None
    assert f'id="a-{ad.uid}"' in frames.news[True] and "Export 1 approved" in frames.news[True]


def test_the_approved_ads_come_as_one_file(alice: User, ad: Creative, finished: Run) -> None:
    decide(ad, Verdict.APPROVED, by=alice)
    assert names(alice, f"{zip_of(finished)}?approved=1") == [f"Meta/{ad.file_name}"]
