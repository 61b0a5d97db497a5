"""The words of a message, changed on all its ads from the run's page; no picture is painted anew."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Audit, User, Workspace
from runs import lifecycle
from runs.models import Creative, Generation, Run
from runs.states import AdState
from studio import rewording
from studio.room import Room
from tests.conftest import brief, finish

HTMX = {"HX-Request": "true"}
TWO = [{"headline": "Slow brewed. Fast gone.", "button": "Try it"}, {"headline": "Cold for hours."}]


@pytest.fixture
def two(workspace: Workspace, alice: User) -> Run:
    """Two messages on two sizes: four ads."""
    return finish(lifecycle.start(workspace, alice, brief(messages=TWO)))


def send(client: Client, run: Run, which: str = "0-en", **words: str) -> Any:
    data = {"which": which, "headline": "Cold since Monday.", **words}
    return client.post(f"/runs/{run.uid}/words/", data, headers=HTMX)


def newest(run: Run) -> list[tuple[int, str, str]]:
    ads = Creative.objects.newest().filter(run=run).order_by("message", "pk")
    return [(ad.message, ad.copy["headline"], ad.state) for ad in ads]


def test_new_words_are_ordered_for_every_ad_of_the_message_and_for_no_other(
    as_alice: Client, two: Run
) -> None:
    before = list(Generation.objects.order_by("pk").values())
    answer = send(as_alice, two)
    assert "2 ads are being set again. No picture is painted anew." in answer.content.decode()
    first, second = newest(two)[:2], newest(two)[2:]
    assert {row[1:] for row in first} == {("Cold since Monday.", AdState.PENDING)}
    assert {state for *_, state in second} == {AdState.READY}
    assert list(Generation.objects.order_by("pk").values()) == before
    assert Audit.objects.get().action == "run.words"


def test_the_page_says_so_looks_again_and_still_shows_the_ads_before(as_alice: Client, two: Run) -> None:
    old = {str(uid) for uid in two.creatives.values_list("uid", flat=True)}
    send(as_alice, two)
    room = Room(two)
    assert (room.status_words, room.outcome) == ("2 ads are being set again", "running")
    html = as_alice.get(f"/runs/{two.uid}/").content.decode()
    assert "data-again" in html
    assert {uid for uid in old if f"/media/ad/{uid}?size=small" in html} == old


def test_the_form_holds_the_words_as_they_are_now(as_alice: Client, two: Run) -> None:
    send(as_alice, two)
    html = as_alice.get(f"/runs/{two.uid}/words/", headers=HTMX).content.decode()
    assert 'value="Cold since Monday."' in html and 'value="Slow brewed. Fast gone."' in html
    assert "<html" not in html and "Message 2" in html


def test_words_that_are_too_long_are_told_at_their_field_and_can_be_insisted_on(
    as_alice: Client, two: Run
) -> None:
    html = send(as_alice, two, headline="x" * 150).content.decode()
    assert 'aria-describedby="0-en_headline_error"' in html and "too long" in html
    assert 'value="Slow brewed. Fast gone."' in html, "the other message is as it was"
    assert {state for *_, state in newest(two)} == {AdState.READY}
    send(as_alice, two, headline="x" * 150, anyway="1")
    assert {state for *_, state in newest(two)[:2]} == {AdState.PENDING}


def test_a_missing_headline_and_a_banned_word_are_told_at_their_field(as_alice: Client, two: Run) -> None:
    assert "Write a headline." in send(as_alice, two, headline=" ").content.decode()
    two.spec["brand"]["banned"] = ["cheap"]
    two.save()
    assert (
        "“cheap” is a word this brand does not use." in send(as_alice, two, line="So cheap").content.decode()
    )
    assert {state for *_, state in newest(two)} == {AdState.READY}


def test_the_same_words_change_nothing_and_say_so(as_alice: Client, two: Run) -> None:
    send(as_alice, two)
    assert "The ads say that already." in send(as_alice, two).content.decode()
    assert two.creatives.count() == 6


def test_without_the_script_the_page_is_a_page(as_alice: Client, two: Run) -> None:
    url = f"/runs/{two.uid}/words/"
    assert "<html" in as_alice.get(url).content.decode()
    assert as_alice.post(url, {"which": "0-en", "headline": ""}).status_code == 422
    answer = as_alice.post(url, {"which": "0-en", "headline": "Cold since Monday."}, follow=True)
    assert "2 ads are being set again" in answer.content.decode()


def test_while_pictures_are_to_come_words_are_not_changed(as_alice: Client, run: Run) -> None:
    assert "The run is still under way." in send(as_alice, run).content.decode()
    assert "Change the words" not in as_alice.get(f"/runs/{run.uid}/").content.decode().split("<dialog")[0]


def test_a_message_that_there_is_not_is_not_found(as_alice: Client, two: Run) -> None:
    assert send(as_alice, two, which="7-en").status_code == 404


def test_bob_is_offered_no_change(as_bob: Client, two: Run) -> None:
    html = as_bob.get(f"/runs/{two.uid}/").content.decode()
    assert "Change the words" not in html and "Run again" not in html and "Pause" not in html
    assert as_bob.get(f"/runs/{two.uid}/words/").status_code == 403


def test_every_product_keeps_its_price(as_alice: Client, workspace: Workspace, alice: User) -> None:
    products = [{"name": "Can", "price": "€2"}, {"name": "Barrel", "price": "€90"}]
    run = finish(lifecycle.start(workspace, alice, brief(products=products)))
    send(as_alice, run)
    assert {ad.copy["price"] for ad in Creative.objects.newest().filter(run=run)} == {"€2", "€90"}


def test_ads_that_were_changed_by_themselves_are_named(two: Run) -> None:
    ad = two.creatives.filter(message=0).first()
    assert ad is not None
    Creative.objects.filter(pk=ad.pk).update(copy={"headline": "Another"})
    assert [one.differ for one in rewording.of_run(two)] == [True, False]
