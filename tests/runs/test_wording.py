"""The brief of a run as its ads read now."""

from typing import Any

import pytest

from accounts.models import User, Workspace
from runs import lifecycle, posting, recompose, repeats
from runs.models import Creative, Run
from runs.post_text import MetaPost, PostCopy
from runs.recompose import Change
from runs.wording import as_it_reads_now
from tests.conftest import brief, finish

GERMAN = {"de": {"headline": "Langsam gebraut.", "line": "Schnell leer.", "button": "Probieren"}}


@pytest.fixture
def run(workspace: Workspace, alice: User) -> Run:
    """One message in two languages, on two sizes."""
    message = {"headline": "Slow brewed.", "line": "Fast gone.", "translations": GERMAN}
    return finish(lifecycle.start(workspace, alice, brief(languages=["en", "de"], messages=[message])))


def change(ads: list[Creative], **words: Any) -> None:
    copy = recompose.copy_from(dict(ads[0].copy) | words)
    recompose.order(ads, Change(copy=copy, fields=frozenset(words)), actor="alice")


def of(run: Run, language: str) -> list[Creative]:
    return list(Creative.objects.newest().filter(run=run, language=language).select_related("generation"))


def test_what_nobody_changed_is_the_frozen_brief(run: Run) -> None:
    assert as_it_reads_now(run) == run.brief


def test_words_changed_on_all_ads_are_the_briefs(run: Run) -> None:
    change(of(run, "en"), headline="Cold since Monday.")
    read = as_it_reads_now(run).messages[0]
    assert (read.headline, read.line) == ("Cold since Monday.", "Fast gone.")
    assert read.translations["de"].headline == "Langsam gebraut."


def test_a_translation_is_changed_by_itself(run: Run) -> None:
    change(of(run, "de"), headline="Seit Montag kalt.")
    read = as_it_reads_now(run).messages[0]
    assert (read.headline, read.translations["de"].headline) == ("Slow brewed.", "Seit Montag kalt.")
    assert read.translations["de"].button == "Probieren"


def test_one_ad_that_differs_is_an_exception(workspace: Workspace, alice: User) -> None:
    sizes = ["meta_story", "meta_feed_square", "meta_feed_portrait"]
    run = finish(lifecycle.start(workspace, alice, brief(formats=sizes)))
    before = as_it_reads_now(run)
    change(of(run, "en")[:1], headline="Only here.")
    assert as_it_reads_now(run) == before


def test_a_price_changed_on_all_ads_is_the_products(run: Run) -> None:
    recompose.order([*of(run, "en"), *of(run, "de")], Change(price="3 €"), actor="alice")
    assert as_it_reads_now(run).products[0].price == "3 €"


def test_post_text_changed_beside_all_ads_is_the_messages(run: Run, alice: User) -> None:
    post = PostCopy(meta=MetaPost(primary_text="Cold since Monday."))
    posting.write(of(run, "de"), post, by=alice)
    read = as_it_reads_now(run).messages[0]
    assert read.translations["de"].post == post
    assert read.post == PostCopy() and read.translations["de"].headline == "Langsam gebraut."


def test_an_ad_in_a_language_of_its_own_adds_nothing_to_the_brief(run: Run) -> None:
    [ad] = recompose.order(of(run, "en")[:1], Change(language="fr"), actor="alice")
    change([Creative.objects.select_related("generation").get(pk=ad.pk)], headline="Lent.")
    assert as_it_reads_now(run) == run.brief


def test_it_can_be_started_again(run: Run, alice: User) -> None:
    change(of(run, "en"), headline="Cold since Monday.")
    assert repeats.again(run, alice, "k").brief.messages[0].headline == "Cold since Monday."
