"""The words of a message, changed on all its ads from the run's page; no picture is painted anew."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Audit, User, Workspace
from runs import lifecycle
from runs.banned import COPY
from runs.models import Creative, Generation, Run
from runs.states import AdState, RunStatus
from studio import rewording
from studio.room import Room
from tests.conftest import brief, finish

HTMX = {"HX-Request": "true"}
TWO = [{"headline": "Slow brewed. Fast gone.", "button": "Try it"}, {"headline": "Cold for hours."}]


@pytest.fixture
def two(workspace: Workspace, alice: User) -> Run:
    """Two messages on two sizes: four ads."""
    run = finish(lifecycle.start(workspace, alice, brief(messages=TWO)))
    for n, words in enumerate(TWO):
        run.creatives.filter(message=n).update(copy=dict.fromkeys(COPY, "") | words)
    return run


def send(client: Client, run: Run, which: str = "0-en", **words: str) -> Any:
    data = {"which": which} | of(which, headline="Cold since Monday.") | of(which, **words)
    return client.post(f"/runs/{run.uid}/words/", data, headers=HTMX)


def of(which: str, **words: str) -> dict[str, str]:
    """As the fields of that message are called; the press that insists belongs to none."""
    own = {}
    for name, text in words.items():
        seen, field = ("seen_", name.removeprefix("seen_")) if name.startswith("seen_") else ("", name)
        own["anyway" if name == "anyway" else f"{seen}{which}-{field}"] = text
    return own


def newest(run: Run) -> list[tuple[int, str, str]]:
    ads = Creative.objects.newest().filter(run=run).order_by("message", "pk")
    return [(ad.message, ad.copy["headline"], ad.state) for ad in ads]


def test_new_words_are_ordered_for_every_ad_of_the_message_and_for_no_other(
    as_alice: Client, two: Run
) -> None:
    before = list(Generation.objects.order_by("pk").values())
    answer = send(as_alice, two)
    assert "Updating 2 ads. The pictures stay the same." in answer.content.decode()
    first, second = newest(two)[:2], newest(two)[2:]
    assert {row[1:] for row in first} == {("Cold since Monday.", AdState.PENDING)}
    assert {state for *_, state in second} == {AdState.READY}
    assert list(Generation.objects.order_by("pk").values()) == before
    assert Audit.objects.get().action == "run.words"


def test_the_page_says_so_looks_again_and_still_shows_the_ads_before(as_alice: Client, two: Run) -> None:
    old = {str(uid) for uid in two.creatives.values_list("uid", flat=True)}
    send(as_alice, two)
    room = Room(two)
    assert (room.status_words, room.outcome) == ("Updating 2 ads", "running")
    html = as_alice.get(f"/runs/{two.uid}/").content.decode()
    assert "data-again" in html
    assert {uid for uid in old if f"/media/ad/{uid}?size=small" in html} == old


def test_the_form_holds_the_words_as_they_are_now(as_alice: Client, two: Run) -> None:
    send(as_alice, two)
    html = as_alice.get(f"/runs/{two.uid}/words/", headers=HTMX).content.decode()
    assert 'value="Cold since Monday."' in html and "<html" not in html


def test_words_that_are_too_long_are_told_at_their_field_and_can_be_insisted_on(
    as_alice: Client, two: Run
) -> None:
    html = send(as_alice, two, headline="x" * 150).content.decode()
    assert 'aria-describedby="id_0-en-headline_error"' in html and "too long" in html
    assert {state for *_, state in newest(two)} == {AdState.READY}
    send(as_alice, two, headline="x" * 150, anyway="1")
    assert {state for *_, state in newest(two)[:2]} == {AdState.PENDING}


def test_a_missing_headline_and_a_banned_word_are_told_at_their_field(as_alice: Client, two: Run) -> None:
    assert "Write a headline." in send(as_alice, two, headline=" ").content.decode()
    two.spec["brand"]["banned"] = ["cheap"]
    two.save()
    assert (
        "“cheap” is a banned word for this brand. Use another."
        in send(as_alice, two, line="So cheap").content.decode()
    )
    assert {state for *_, state in newest(two)} == {AdState.READY}


def test_the_same_words_change_nothing_and_say_so(as_alice: Client, two: Run) -> None:
    send(as_alice, two)
    assert "Nothing to update: the ads already say that." in send(as_alice, two).content.decode()
    assert two.creatives.count() == 6


def test_without_the_script_the_page_is_a_page(as_alice: Client, two: Run) -> None:
    url = f"/runs/{two.uid}/words/"
    assert "<html" in as_alice.get(url).content.decode()
    assert as_alice.post(url, {"which": "0-en", "0-en-headline": ""}).status_code == 422
    answer = as_alice.post(url, {"which": "0-en", "0-en-headline": "Cold since Monday."}, follow=True)
    assert "Updating 2 ads" in answer.content.decode()


def test_while_pictures_are_to_come_words_are_not_changed(as_alice: Client, run: Run) -> None:
    assert "This run is still in progress." in send(as_alice, run).content.decode()
    assert "Edit text" not in as_alice.get(f"/runs/{run.uid}/").content.decode().split("<dialog")[0]


def test_two_messages_are_changed_by_one_press(as_alice: Client, two: Run) -> None:
    data = {"which": ["0-en", "1-en"], "0-en-headline": "First.", "1-en-headline": "Second."}
    as_alice.post(f"/runs/{two.uid}/words/", data, headers=HTMX)
    assert {(number, words) for number, words, _ in newest(two)} == {(0, "First."), (1, "Second.")}
    assert Audit.objects.count() == 2


def test_a_fault_in_one_message_changes_none(as_alice: Client, two: Run) -> None:
    data = {"which": ["0-en", "1-en"], "0-en-headline": "First.", "1-en-headline": ""}
    html = as_alice.post(f"/runs/{two.uid}/words/", data, headers=HTMX).content.decode()
    assert "Write a headline." in html and 'value="First."' in html
    assert {state for *_, state in newest(two)} == {AdState.READY}


def test_a_message_that_there_is_not_is_not_found(as_alice: Client, two: Run) -> None:
    assert send(as_alice, two, which="7-en").status_code == 404


def test_bob_is_offered_no_change(as_bob: Client, two: Run) -> None:
    html = as_bob.get(f"/runs/{two.uid}/").content.decode()
    assert "Edit text" not in html and "Run again" not in html and "Pause" not in html
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


def test_one_form_is_drawn_and_the_others_when_they_are_unfolded(as_alice: Client, two: Run) -> None:
    url = f"/runs/{two.uid}/words/"
    html = as_alice.get(url, headers=HTMX).content.decode()
    assert html.count("<form") == 1 and "Message 2" in html and "Cold for hours." in html
    assert f'hx-get="{url}?which=1-en"' in html and f'href="{url}?which=1-en"' in html
    alone = as_alice.get(url, {"which": "1-en"}, headers=HTMX).content.decode()
    assert alone.strip().startswith('<details class="fold" open') and 'value="Cold for hours."' in alone
    page = as_alice.get(url, {"which": "1-en"}).content.decode()
    assert "<html" in page and "0-en-headline" not in page and 'value="Cold for hours."' in page


def test_a_message_that_went_meanwhile_unfolds_to_nothing(as_alice: Client, two: Run) -> None:
    answer = as_alice.get(f"/runs/{two.uid}/words/", {"which": "7-en"}, headers=HTMX)
    assert answer.status_code == 404


def test_a_run_that_is_made_again_says_what_its_ads_say_now(as_alice: Client, two: Run) -> None:
    send(as_alice, two, line="New line.")
    as_alice.post(f"/runs/{two.uid}/again/", {"key": "k"})
    new = Run.objects.exclude(pk=two.pk).get()
    assert [(message.headline, message.line) for message in new.brief.messages] == [
        ("Cold since Monday.", "New line."),
        (TWO[1]["headline"], TWO[1].get("line", "")),
    ]


def test_a_double_press_of_run_again_without_the_script_makes_one_run(as_alice: Client, two: Run) -> None:
    html = as_alice.get(f"/runs/{two.uid}/").content.decode()
    form = html.split('<form id="do-again"')[1].split("</form>")[0]
    [key] = re.findall(r'name="key" value="([^"]+)"', form)
    answers = [as_alice.post(f"/runs/{two.uid}/again/", {"key": key}) for _press in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"] and Run.objects.count() == 2


# --- Two at once -----------------------------------------------------------------------------------------------


def seen(**words: str) -> dict[str, str]:
    """What a form of the first message sends along."""
    return {f"seen_{name}": text for name, text in (TWO[0] | words).items()}


def test_an_older_form_changes_only_what_was_changed_in_it(as_alice: Client, two: Run) -> None:
    send(as_alice, two, button="Try it", **seen())  # Eve's: another headline
    send(as_alice, two, headline=TWO[0]["headline"], button="Buy", **seen())  # Alice's, drawn before that
    said = {(ad.copy["headline"], ad.copy["button"]) for ad in Creative.objects.newest().filter(message=0)}
    assert said == {("Cold since Monday.", "Buy")}


def test_the_same_field_changed_by_two_is_told_once_and_can_be_insisted_on(
    as_alice: Client, two: Run
) -> None:
    send(as_alice, two, **seen())
    html = send(as_alice, two, headline="Mine.", **seen()).content.decode()
    assert "Someone changed this to “Cold since Monday.” in the meantime." in html and 'value="Mine."' in html
    assert 'name="seen_0-en-headline" value="Cold since Monday."' in html
    assert {words for number, words, _ in newest(two) if number == 0} == {"Cold since Monday."}
    send(as_alice, two, headline="Mine.", **seen(headline="Cold since Monday."))
    assert {words for number, words, _ in newest(two) if number == 0} == {"Mine."}


def test_an_ad_that_was_changed_by_itself_keeps_what_is_not_changed(as_alice: Client, two: Run) -> None:
    one = two.creatives.filter(message=0).last()
    assert one is not None
    Creative.objects.filter(pk=one.pk).update(copy=one.copy | {"headline": "Another"})
    send(as_alice, two, headline=TWO[0]["headline"], button="Buy", **seen())
    said = {(ad.copy["headline"], ad.copy["button"]) for ad in Creative.objects.newest().filter(message=0)}
    assert said == {(TWO[0]["headline"], "Buy"), ("Another", "Buy")}


@pytest.mark.parametrize(("how", "status"), [(HTMX, 200), ({}, 422)], ids=["dialog", "page"])
def test_what_was_typed_stays_when_pictures_are_tried_again_meanwhile(
    as_alice: Client, two: Run, how: dict[str, str], status: int
) -> None:
    Run.objects.filter(pk=two.pk).update(status=RunStatus.RUNNING)
    data = {"which": "0-en", "0-en-headline": "Cold since Monday."}
    answer = as_alice.post(f"/runs/{two.uid}/words/", data, headers=how)
    html = answer.content.decode()
    assert answer.status_code == status and "What you typed stays here" in html
    assert 'value="Cold since Monday."' in html and two.creatives.count() == 4


def test_the_head_says_at_once_that_ads_are_set_again(as_alice: Client, two: Run) -> None:
    html = send(as_alice, two).content.decode()
    assert 'id="run-head" hx-swap-oob="outerMorph"' in html and "Updating 2 ads…" in html
