"""One ad's page: change it, see its revisions, and what viewers and strangers may."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from runs import lifecycle, recompose
from runs.brief import CopySpec
from runs.composition.marks import Source
from runs.errors import Overtaken
from runs.models import Creative, Run
from runs.recompose import Change
from runs.shown import in_order
from runs.states import AdState
from studio.provenance import MARKS
from tests.conftest import brief, finish
from tests.runs.test_recompose import ads, settled
from tests.runs.test_rules import report

HTMX: Any = {"HTTP_HX_REQUEST": "true"}
COPY = {"headline": "Cold since Monday.", "line": "18 hours cold.", "language": "en"}


@pytest.fixture
def ad(finished: Run) -> Creative:
    return ads(finished, format="meta_feed_square")[0]


def page(client: Client, ad: Creative) -> str:
    answer = client.get(reverse("studio:ad", args=[ad.uid]))
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, ad: Creative, what: str, data: dict[str, Any], **how: Any) -> Any:
    return client.post(reverse("studio:ad_change", args=[ad.uid, what]), data, **how)


def test_the_text_beside_the_ad_is_shown_as_its_platform_gets_it(
    as_bob: Client, workspace: Workspace, alice: User
) -> None:
    post = {
        "link": "https://example.com/can",
        "meta": {"primary_text": "18 hours <cold>."},
        "x": {"post": "No"},
    }
    said = [{"headline": "Slow brewed.", "post": post}]
    run = finish(lifecycle.start(workspace, alice, brief(messages=said)))
    html = page(as_bob, ads(run, format="meta_feed_square")[0])
    shown = html.split("<h2>Post text</h2>")[1].split("</section>")[0]
    assert "<dd>18 hours &lt;cold&gt;.</dd>" in shown and "https://example.com/can" in shown
    assert "<dd>No</dd>" not in shown


def test_an_ad_without_text_beside_it_says_nothing_of_it(as_bob: Client, ad: Creative) -> None:
    assert "Post text" not in page(as_bob, ad)


def test_other_words_lead_to_the_page_of_the_new_revision(as_alice: Client, ad: Creative) -> None:
    answer = send(as_alice, ad, "copy", COPY, follow=True)
    new = Creative.objects.get(supersedes=ad)
    assert answer.redirect_chain == [(reverse("studio:ad", args=[new.uid]), 302)]
    html = answer.content.decode()
    assert "Updating" in html and 'http-equiv="refresh"' in html and "Revision 1" in html
    assert (new.copy["headline"], new.made_by) == ("Cold since Monday.", "Alice")


def test_the_page_itself_gets_the_part_that_changed(as_alice: Client, ad: Creative) -> None:
    answer = send(as_alice, ad, "copy", COPY, **HTMX)
    new = Creative.objects.get(supersedes=ad)
    assert answer["HX-Push-Url"] == reverse("studio:ad", args=[new.uid])
    html = answer.content.decode()
    assert html.strip().startswith('<div id="ad" hx-get=') and "<html" not in html
    settled(new)
    assert (
        'hx-trigger="load' not in as_alice.get(reverse("studio:ad", args=[new.uid]), **HTMX).content.decode()
    )


@pytest.mark.parametrize(
    ("what", "mine", "theirs"),
    [
        ("copy", COPY, Change(copy=CopySpec(headline="Warm since Sunday."))),
        ("focus", {"x": "10", "y": "10"}, Change(focus=(0.9, 0.9))),
    ],
)
def test_what_somebody_changed_meanwhile_is_not_overwritten_unasked(
    as_alice: Client, ad: Creative, what: str, mine: Any, theirs: Change
) -> None:
    [other] = recompose.order([ad], theirs, actor="bob@nordlys.example")
    answer = send(as_alice, ad, what, mine)
    html = answer.content.decode()
    assert answer.status_code == 422 and recompose.history(ad)[0] == other
    assert "bob@nordlys.example changed this after you opened it" in html and "Keep theirs" in html
    assert all(f'value="{word}"' in html for word in mine.values())
    assert f'action="{reverse("studio:ad_change", args=[other.uid, what])}"' in html
    send(as_alice, other, what, mine)  # asked for: it takes the place of theirs
    assert recompose.history(ad)[0].supersedes == other


def test_what_somebody_else_changed_elsewhere_on_the_ad_stays(as_alice: Client, ad: Creative) -> None:
    recompose.order([ad], Change(focus=(0.9, 0.9)), actor="bob@nordlys.example")
    assert send(as_alice, ad, "copy", COPY).status_code == 302
    newest = recompose.history(ad)[0]
    assert newest.copy["headline"] == COPY["headline"] and newest.focus == [0.9, 0.9]


def test_of_two_who_change_an_ad_at_once_the_second_is_told(ad: Creative) -> None:
    change = Change(copy=CopySpec(headline="Warm since Sunday."))
    recompose.order([ad], change, actor="one", seen=ad)
    with pytest.raises(Overtaken):
        recompose.order([ad], Change(copy=CopySpec(headline="No.")), actor="two", seen=ad)


def test_words_for_all_sizes_change_every_ad_of_the_message(
    as_alice: Client, ad: Creative, finished: Run
) -> None:
    send(as_alice, ad, "copy", COPY | {"everywhere": "on"})
    assert {row.copy["headline"] for row in ads(finished)} == {"Cold since Monday."}
    assert {row.revision for row in ads(finished)} == {2}


def test_a_new_price_is_painted_and_a_long_one_is_told_at_its_field(as_alice: Client, ad: Creative) -> None:
    send(as_alice, ad, "copy", COPY | {"price": "€2.90"})
    assert recompose.history(ad)[0].copy["price"] == "€2.90"
    newest = recompose.history(ad)[0]
    answer = send(as_alice, newest, "copy", COPY | {"price": "9" * 400})
    assert answer.status_code == 422
    assert (
        'name="price"' in answer.content.decode()
        and "Shorten this to 300 characters" in answer.content.decode()
    )


def test_a_fault_stands_at_its_field_and_nothing_is_ordered(as_alice: Client, ad: Creative) -> None:
    answer = send(as_alice, ad, "copy", COPY | {"headline": " "})
    assert answer.status_code == 422 and "Write a headline" in answer.content.decode()
    assert send(as_alice, ad, "copy", COPY | {"language": "Klingon"}, **HTMX).status_code == 200
    assert send(as_alice, ad, "focus", {"x": "101", "y": "5"}).status_code == 422
    assert send(as_alice, ad, "size", {"format": "meta_story"}).status_code == 422
    assert (
        send(as_alice, ad, "brand", {"name": "N", "primary": "red", "accent": "#ffd84d"}).status_code == 422
    )
    assert send(as_alice, ad, "nonsense", {}).status_code == 404
    assert Creative.objects.count() == 2


def test_the_focus_moves_for_every_ad_of_the_picture(
    as_alice: Client, workspace: Workspace, alice: User
) -> None:
    spec = brief(formats=["meta_feed_square", "google_pmax_square", "meta_story"])
    run = finish(lifecycle.start(workspace, alice, spec))
    send(as_alice, ads(run, format="meta_feed_square")[0], "focus", {"x": "20", "y": "70"})
    moved = {row.format: (row.focus, row.twin) for row in Creative.objects.filter(run=run, revision=2)}
    assert moved.keys() == {"meta_feed_square", "google_pmax_square"}
    assert all(focus == [0.2, 0.7] for focus, _twin in moved.values())
    assert Creative.objects.filter(run=run, revision=2, twin=True).exists()


def test_another_size_of_the_same_picture_is_an_ad_beside_it(
    as_alice: Client, ad: Creative, finished: Run
) -> None:
    html = page(as_alice, ad)
    assert 'value="x_square"' in html and 'value="meta_story"' not in html
    send(as_alice, ad, "size", {"format": "x_square"})
    assert [row.format for row in ads(finished)].count("x_square") == 1 and len(ads(finished)) == 3


def test_colours_change_and_an_earlier_revision_comes_back(
    as_alice: Client, ad: Creative, finished: Run
) -> None:
    colours = {"name": "Nordlys", "primary": "#112233", "accent": "#ffd84d", "everywhere": "on"}
    send(as_alice, ad, "brand", colours)
    assert {row.brand["primary"] for row in ads(finished)} == {"#112233"}
    assert "Restore" in page(as_alice, ads(finished, format=ad.format)[0])
    assert "earlier revision" in page(as_alice, ad)
    send(as_alice, ad, "back", {})
    [back] = ads(finished, format=ad.format)
    assert (back.revision, back.brand) == (3, ad.brand)


def test_a_viewer_sees_all_and_is_offered_nothing(as_bob: Client, ad: Creative) -> None:
    recompose.order([ad], Change(copy=CopySpec(headline="New")), actor="alice")
    html = page(as_bob, Creative.objects.get(supersedes=ad))
    assert "Revisions" in html and "<form" not in html.partition("<main")[2].partition("</main>")[0]
    assert send(as_bob, ad, "copy", COPY).status_code == 403
    assert Creative.objects.count() == 3


def test_for_a_stranger_there_is_no_such_ad(as_charlie: Client, ad: Creative) -> None:
    assert as_charlie.get(reverse("studio:ad", args=[ad.uid])).status_code == 404
    assert send(as_charlie, ad, "copy", COPY).status_code == 404
    assert Creative.objects.count() == 2


def test_the_checks_are_a_table_with_whose_rule_each_is(as_alice: Client, ad: Creative) -> None:
    Creative.objects.filter(pk=ad.pk).update(report=report(ad.format))
    html = page(as_alice, ad)
    for words in (
        "Pixels",
        "Ratio",
        "File size",
        "Text size",
        "Contrast",
        "Safe zone",
        "Brand colours",
        "AI label",
    ):
        assert words in html
    assert "This studio" in html and ">Source" in html and "w3.org/TR/WCAG22" in html and "2026-11-22" in html


def test_where_two_sources_differ_the_page_says_so(
    as_alice: Client, workspace: Workspace, alice: User
) -> None:
    run = finish(lifecycle.start(workspace, alice, brief(formats=["x_square"])))
    Creative.objects.filter(run=run).update(report=report("x_square"))
    assert "two sources differ" in page(as_alice, ads(run)[0])


def test_a_twin_stands_beside_its_sibling(as_alice: Client, workspace: Workspace, alice: User) -> None:
    run = finish(lifecycle.start(workspace, alice, brief(formats=["google_pmax_square"])))
    [twin], [ad] = ads(run, twin=True), ads(run, twin=False)
    assert f'href="/ads/{twin.uid}/"' in page(as_alice, ad) and "Without text" in page(as_alice, ad)
    html = page(as_alice, twin)
    assert f'href="/ads/{ad.uid}/"' in html and 'name="headline"' not in html
    shown = as_alice.get(reverse("studio:run", args=[run.uid])).content.decode()
    assert shown.index(f"/ads/{ad.uid}/") < shown.index(f"/ads/{twin.uid}/")


def test_while_it_is_made_the_one_before_is_seen(as_alice: Client, ad: Creative) -> None:
    [new] = recompose.order([ad], Change(copy=CopySpec(headline="New")), actor="")
    assert f'src="/media/ad/{ad.uid}"' in page(as_alice, new)
    settled(new, state=AdState.DOES_NOT_FIT, words="“New” is 4 characters too long.")
    html = page(as_alice, new)
    assert "4 characters too long" in html and f'src="/media/ad/{ad.uid}"' not in html


def test_the_page_of_a_finished_run_asks_again_while_ads_are_changed(
    as_alice: Client, ad: Creative, finished: Run
) -> None:
    address = reverse("studio:run", args=[finished.uid])
    assert " data-again" not in as_alice.get(address).content.decode()
    [new] = recompose.order([ad], Change(copy=CopySpec(headline="New")), actor="")
    html = as_alice.get(address).content.decode()
    assert f'data-refresh="{address}"' in html and " data-again" in html and "Updating" in html
    settled(new)
    assert " data-again" not in as_alice.get(address).content.decode()


def test_checks_are_folded_while_all_are_met_and_say_in_words_how_far_colours_are_apart(
    as_alice: Client, ad: Creative
) -> None:
    met = {"name": "palette", "ok": True, "words": "button ΔE 0.3 from #ffd84d."}
    far = {"name": "product", "ok": False, "words": "its colours are off by ΔE 7.1"}
    Creative.objects.filter(pk=ad.pk).update(report={"checks": [met]})
    html = page(as_alice, ad)
    assert "button no difference from #ffd84d." in html and "ΔE" not in html
    assert '<details class="fold">\n<summary><h2>Checks</h2>' in html
    Creative.objects.filter(pk=ad.pk).update(report={"checks": [met, far]})
    html = page(as_alice, ad)
    assert '<details class="fold" open>\n<summary><h2>Checks</h2>' in html
    assert "off by a visible difference" in html


def test_an_ad_leads_to_the_one_before_and_after_it_in_its_run(as_alice: Client, finished: Run) -> None:
    first, last = in_order(finished, finished.creatives.all())
    html = page(as_alice, first)
    assert f'data-turn="ArrowRight" href="/ads/{last.uid}/"' in html and "1 of 2" in html
    assert "ArrowLeft" not in html
    assert f'data-turn="ArrowLeft" href="/ads/{first.uid}/"' in page(as_alice, last)


def test_ads_of_the_same_picture_and_size_are_told_apart_by_what_they_say(
    as_alice: Client, workspace: Workspace, alice: User
) -> None:
    said = [{"headline": f"Headline {number}"} for number in range(15)]
    run = finish(lifecycle.start(workspace, alice, brief(messages=said)))
    for ad in ads(run):  # the painter of tests writes the same on all
        Creative.objects.filter(pk=ad.pk).update(copy=ad.copy | said[ad.message])
    one = ads(run, format="meta_feed_square")[0]
    beside = page(as_alice, one).split("Same picture, same size")[1].split("</section>")[0]
    others = set(range(15)) - {one.message}
    assert all(f">Headline {number}</a>" in beside for number in others) and "English" in beside


def test_the_language_of_an_ad_is_chosen_from_those_there_are(as_alice: Client, ad: Creative) -> None:
    Creative.objects.filter(pk=ad.pk).update(language="gsw-CH")
    html = page(as_alice, ad)
    assert '<option value="gsw-CH" selected>' in html and '<option value="pt-BR">' in html


def test_the_mark_of_a_file_is_said_in_words(as_alice: Client, ad: Creative) -> None:
    for source in Source:
        Creative.objects.filter(pk=ad.pk).update(report={"source_type": source.uri})
        html = page(as_alice, ad)
        assert f'href="{source.uri}">{MARKS[source.value]}</a>' in html
