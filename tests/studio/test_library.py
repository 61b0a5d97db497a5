"""The library's page, an ad's story, and the brief for more like it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, Workspace
from runs import lifecycle, shelf
from runs.choosing import decide
from runs.models import Creative, Picture, Run, Verdict, Word
from studio.models import Brief, Campaign
from studio.provenance import more_like, more_like_picture
from studio.views.library import COUNTED, OFFERED, PAGE
from tests.conftest import brief, finish
from tests.runs.test_recompose import ads, alike

HTMX: Any = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def made(campaign: Campaign, alice: User) -> Run:
    """Two ads of a brief of the campaign."""
    spec = brief(looks=[{"name": "Warm", "words": "warm light"}])
    written = Brief.objects.create(
        workspace=campaign.workspace, campaign=campaign, name="One", spec=spec.model_dump(mode="json")
    )
    run = lifecycle.start(campaign.workspace, alice, spec, origin=written.uid)
    shelf.label(run, group=campaign.uid, name=campaign.name)
    return finish(run)


def page(client: Client, how: dict[str, Any] | None = None, **asked: Any) -> str:
    answer: Any = client.get(reverse("studio:library"), asked, **(how or {}))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_library_says_what_comes(as_alice: Client) -> None:
    assert "All your ads in one place" in page(as_alice)
    assert "No results" in page(as_alice, q="tea")


def test_filters_and_words_narrow_it(as_alice: Client, made: Run, campaign: Campaign) -> None:
    story, square = (ads(made, format=name)[0] for name in ("meta_story", "meta_feed_square"))
    html = page(as_alice, campaign=str(campaign.uid), size="meta_story", q="summer slow", days="7")
    assert str(story.uid) in html and str(square.uid) not in html
    assert "No results" in page(as_alice, decision="approved")
    other = Campaign.objects.create(workspace=campaign.workspace, name="Winter")
    assert "No results" in page(as_alice, campaign=str(other.uid))


def test_a_campaign_can_be_asked_about_though_it_is_not_offered(
    as_alice: Client, made: Run, campaign: Campaign
) -> None:
    later = (Campaign(workspace=campaign.workspace, name=f"Later {n}") for n in range(OFFERED))
    Campaign.objects.bulk_create(later)
    assert f">{campaign.name}</option>" not in page(as_alice)
    assert f">{campaign.name}<svg" in page(as_alice, campaign=str(campaign.uid))


@pytest.mark.parametrize(
    "asked", [{"size": "nonsense"}, {"campaign": "x"}, {"days": "-1"}, {"before": "x"}, {"decision": "maybe"}]
)
def test_what_is_not_offered_is_not_asked_about(as_alice: Client, made: Run, asked: dict[str, Any]) -> None:
    assert str(ads(made)[0].uid) in page(as_alice, **asked)


def test_today_is_the_day_and_not_the_last_hours(as_alice: Client, made: Run) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    story, square = (ads(made, format=name)[0] for name in ("meta_story", "meta_feed_square"))
    Creative.objects.filter(pk=square.pk).update(created_at=midnight - timedelta(seconds=1))
    Creative.objects.filter(pk=story.pk).update(created_at=midnight)
    html = page(as_alice, days="1")
    assert str(story.uid) in html and str(square.uid) not in html
    assert str(square.uid) in page(as_alice, days="7")


def test_a_part_that_stands_for_too_many_words_is_told(as_alice: Client, made: Run) -> None:
    known = (f"slow{n:03}" for n in range(120))
    Word.objects.bulk_create(Word(workspace=made.workspace, word=word) for word in known)
    assert "Too many words contain “slow”" in page(as_alice, q="slow summer")
    assert "Too many words" not in page(as_alice, q="slow1 summer")


def test_a_script_gets_what_was_found_alone(as_alice: Client, made: Run) -> None:
    html = page(as_alice, HTMX, q="slow")
    assert html.strip().startswith('<div id="found"') and "<form" not in html


def test_each_thing_that_is_asked_about_can_be_taken_away(
    as_alice: Client, made: Run, campaign: Campaign
) -> None:
    html = page(as_alice, q="slow", size="meta_story", campaign=str(campaign.uid), days="7")
    chips = re.findall(r'<a class="chip" href="([^"]*)"><span class="vh">Without </span>([^<]*)', html)
    assert [words for _, words in chips] == ["“slow”", campaign.name, "Meta story 9:16", "7 days"]
    for (url, _words), name in zip(chips, ("q", "campaign", "size", "days"), strict=True):
        assert f"{name}=" not in url and url.count("=") == 3
    assert "1 ad<" in html
    assert 'class="chip"' not in page(as_alice, size="nonsense")


def test_a_total_is_honest_and_ends_at_a_thousand(as_alice: Client, made: Run) -> None:
    assert "2 ads<" in page(as_alice) and "2 pictures<" in page(as_alice, kind="pictures")
    shelf.put(alike(ads(made)[0], message=n) for n in range(1, COUNTED))
    assert "More than 1,000 ads<" in page(as_alice, q="slow")


def test_pictures_have_a_shelf_of_their_own(as_alice: Client, made: Run) -> None:
    html = page(as_alice, kind="pictures", q="can")
    assert (
        html.count("/media/picture/") == 4
        and html.count('href="/pictures/') == 2
        and "/media/ad/" not in html
    )
    assert 'name="decision"' not in html


def test_older_ads_are_a_page_further(as_alice: Client, made: Run) -> None:
    shelf.put(alike(ads(made)[0], message=n) for n in range(1, PAGE + 1))
    *older, last = ads(made)[:3]
    first = page(as_alice, q="slow")
    assert str(last.uid) in first and f"q=slow&amp;before={last.pk}" in first
    second = page(as_alice, q="slow", before=str(last.pk))
    assert [str(ad.uid) in second for ad in (*older, last)] == [True, True, False] and "Newest" in second


def test_the_page_asks_as_much_for_many_ads_as_for_one(
    as_alice: Client, made: Run, alice: User, campaign: Campaign, django_assert_num_queries: Any
) -> None:
    page(as_alice)
    with django_assert_num_queries(16):
        page(as_alice, q="slow summer")
    for _ in range(3):
        run = lifecycle.start(campaign.workspace, alice, brief(looks=made.spec["looks"]))
        shelf.label(run, group=campaign.uid, name=campaign.name)
        finish(run)
    with django_assert_num_queries(16):
        assert page(as_alice, q="slow summer").count('class="shot') == 8


def test_a_decision_shows_on_the_card(as_alice: Client, made: Run, alice: User) -> None:
    decide(ads(made)[0], Verdict.APPROVED, by=alice)
    assert ", approved" in page(as_alice, decision="approved")


# --- One picture ----------------------------------------------------------------------------------------------


def picture_page(client: Client, made: Run) -> str:
    picture = Picture.objects.filter(generation__run=made)[0]
    return client.get(reverse("studio:picture", args=[picture.uid])).content.decode()


def test_a_picture_tells_how_it_was_painted_and_what_was_made_from_it(
    as_alice: Client, made: Run, campaign: Campaign
) -> None:
    html = picture_page(as_alice, made)
    picture = Picture.objects.filter(generation__run=made)[0]
    facts = [
        campaign.name,
        "One",
        made.name,
        "Can, AI-generated",
        "Warm",
        "gpu-1",
        str(picture.generation.seed),
    ]
    for fact in [*facts, made.workflow.name, picture.sha256[:16], "a slim can", "1 ad made from it"]:
        assert fact in html, fact
    assert f"/ads/{picture.creatives.get().uid}/" in html and "?download=1" in html


def test_a_brief_for_more_like_a_picture_has_its_product_and_look(
    as_alice: Client, made: Run, campaign: Campaign
) -> None:
    picture = Picture.objects.filter(generation__run=made)[0]
    url = f"{reverse('studio:brief_new', args=[campaign.uid])}?like={picture.uid}"
    assert url in picture_page(as_alice, made)
    assert 'value="More like Cold brew"' in as_alice.get(url).content.decode()
    spec = more_like_picture(picture)
    assert [message.headline for message in spec.messages] == ["Slow brewed. Fast gone."]
    assert ([look.name for look in spec.looks], spec.seed) == (["Warm"], None)


def test_a_viewer_looks_at_a_picture_and_orders_nothing(as_bob: Client, made: Run) -> None:
    html = picture_page(as_bob, made)
    assert "How it was made" in html and "like=" not in html


def test_a_picture_asks_as_much_for_many_ads_as_for_one(
    as_alice: Client, made: Run, django_assert_num_queries: Any
) -> None:
    ad = ads(made)[0]
    url = reverse("studio:picture", args=[ad.picture.uid])
    as_alice.get(url)
    with CaptureQueriesContext(connection) as few:
        as_alice.get(url)
    for n in range(1, 12):
        ad.pk, ad.uid, ad.message = None, uuid4(), n
        ad.save()
    with django_assert_num_queries(len(few)):
        assert as_alice.get(url).content.decode().count('class="shot') == 12


# --- One ad ---------------------------------------------------------------------------------------------------


def test_an_ad_tells_how_it_was_made(as_alice: Client, made: Run, campaign: Campaign) -> None:
    ad = ads(made)[0]
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    facts = [campaign.name, "One", made.name, "Can, AI-generated", "Warm", "gpu-1", str(ad.generation.seed)]
    for fact in [*facts, made.workflow.name, ad.sha256[:16], "a slim can"]:
        assert fact in html, fact


def test_more_like_this_is_a_brief_of_the_same_product_message_and_look(made: Run) -> None:
    ad = ads(made)[0]
    ad.copy = {**ad.copy, "headline": "Cold since Monday."}
    spec = more_like(ad)
    assert (spec.name, spec.seed) == ("More like Cold brew", None)
    assert [product.name for product in spec.products] == ["Can"]
    assert [message.headline for message in spec.messages] == ["Cold since Monday."]
    assert [look.name for look in spec.looks] == ["Warm"] and spec.formats == made.brief.formats


def test_more_like_an_ad_in_another_language_has_its_words_price_and_post_text(made: Run) -> None:
    german = {"de": {"headline": "Langsam."}}
    spec = made.brief.model_dump(mode="json") | {"languages": ["en", "de"]}
    spec["messages"] = [each | {"translations": german} for each in spec["messages"]]
    ad = ads(made)[0]
    ad.run.spec, ad.language = spec, "de"
    ad.copy = {"headline": "Neu.", "price": "9 €"}
    ad.post = {"meta": {"primary_text": "Kalt."}}
    like = more_like(ad)
    [message] = like.messages
    assert (message.translations["de"].headline, like.products[0].price) == ("Neu.", "9 €")
    assert message.translations["de"].post.meta.primary_text == "Kalt."
    assert message.headline == made.brief.messages[0].headline


def test_more_like_an_ad_in_a_language_of_its_own_is_in_that_language(made: Run) -> None:
    ad = ads(made)[0]
    ad.language, ad.copy = "fr", {"headline": "Lent."}
    like = more_like(ad)
    assert (like.languages, like.messages[0].headline) == (("fr",), "Lent.")


def test_the_form_of_a_new_brief_is_filled_with_it(as_alice: Client, made: Run, campaign: Campaign) -> None:
    ad = ads(made)[0]
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    url = f"{reverse('studio:brief_new', args=[campaign.uid])}?like={ad.uid}"
    assert url in html
    assert 'value="More like Cold brew"' in as_alice.get(url).content.decode()
    assert Brief.objects.count() == 1


def test_a_viewer_is_not_offered_it(as_bob: Client, made: Run) -> None:
    html = as_bob.get(reverse("studio:ad", args=[ads(made)[0].uid])).content.decode()
    assert "like=" not in html and "How it was made" in html


def test_an_ad_of_another_workspace_fills_nothing(
    as_charlie: Client, charlie: User, made: Run, workspace: Workspace
) -> None:
    theirs = Campaign.objects.create(workspace=charlie.memberships.get().workspace, name="Theirs")
    url = reverse("studio:brief_new", args=[theirs.uid])
    for uid in (Creative.objects.all()[0].uid, "nonsense"):
        assert "More like" not in as_charlie.get(f"{url}?like={uid}").content.decode()


def test_a_card_says_its_headline_first_and_the_look_only_where_no_words_stand(
    as_alice: Client, made: Run, campaign: Campaign
) -> None:
    story, square = (ads(made, format=name)[0] for name in ("meta_story", "meta_feed_square"))
    Creative.objects.filter(pk=square.pk).update(copy=square.copy | {"headline": ""})
    said = story.copy["headline"]
    for html in (page(as_alice), as_alice.get(campaign.get_absolute_url()).content.decode()):
        assert f'<b title="{said} · Warm · {story.size.label}">{said}</b>' in html
        assert f'<b title="Warm · {square.size.label}">Warm</b>' in html
