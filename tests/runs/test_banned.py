"""Words that a brand does not use: found whole, however they are written, and refused before anything is started."""

from typing import Any

import pytest

from accounts.models import User, Workspace
from runs import banned, preflight, recompose, repeats
from runs.brief import from_data, from_stored
from runs.errors import BriefRefused
from runs.models import Run
from tests.conftest import brief, brief_data, finish

TRANSLATED = {"headline": "Slow", "translations": {"de": {"headline": "Langsam", "legal": "Billig!"}}}
POSTED = {"headline": "Slow", "post": {"google_ads": {"headline": ["Fine", "So cheap"]}}}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("cheap", "The CHEAP can."),
        ("cheap", "ｃｈｅａｐ"),  # as wide as a Chinese letter
        ("cheap", "Fast,cheap,good"),
        ("cheap", "che\u00adap"),
        ("CAFÉ", "our cafe\u0301s no, one cafe yes"),
        ("cafe", "Café"),
        ("strasse", "Straße"),
        ("best in the world", "the best in\u00a0the\nworld"),
        ("guilt-free", "Guilt\u2013free"),
        ("don't", "don’t"),
        ("100%", "now 100% oat"),
        ("最安", "業界最安値です"),
        ("ถูก", "ราคาถูกมาก"),
        ("كلمة", "هذه كلمة هنا"),
    ],
)
def test_a_word_is_found_however_it_is_written(word: str, text: str) -> None:
    assert banned.found([word, "other"], text) == [word]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("cheap", "cheapest, cheaply, uncheap, cheap2"),
        ("best in the world", "the best of the world"),
        ("detox", ""),
        ("\u200b", "anything"),
        ("कल", "कुल"),  # a vowel's sign makes another word
    ],
)
def test_what_is_another_word_is_none(word: str, text: str) -> None:
    assert banned.found([word], text) == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"products": [{"name": "Cheap can"}]}, ["products.0.name"]),
        (
            {"messages": [{"headline": "Cheap", "button": "Cheap"}]},
            ["messages.0.headline", "messages.0.button"],
        ),
        (
            {"languages": ["en", "de"], "messages": [TRANSLATED]},
            ["messages.0.translations.de.legal"],
        ),
        ({"messages": [POSTED]}, ["messages.0.post.google_ads.headline.1"]),
        ({"audience": "people who like it cheap", "products": [{"name": "Can", "description": "cheap"}]}, []),
    ],
)
def test_each_is_told_at_its_field(changes: dict[str, Any], fields: list[str]) -> None:
    spec = brief(brand={"banned": ["cheap", "billig"]}, **changes)
    assert [fault.field for fault in banned.faults_of_words(spec)] == fields


def test_the_sentence_names_the_word_as_the_brand_wrote_it() -> None:
    spec = brief(brand={"banned": ["Cheap"]}, products=[{"name": "cheap can"}])
    (fault,) = banned.faults_of_words(spec)
    assert fault.words == "“Cheap” is a banned word for this brand. Use another."


def test_an_order_with_such_a_word_starts_nothing(workspace: Workspace, alice: User) -> None:
    spec = brief(brand={"banned": ["slow"]})
    with pytest.raises(BriefRefused, match="“slow” is a banned word for this brand"):
        preflight.check(spec, workspace)
    with pytest.raises(BriefRefused):
        repeats.order(workspace, alice, spec, "key")
    assert not Run.objects.exists()


def test_a_stored_brief_of_before_there_were_such_words_is_read(workspace: Workspace) -> None:
    raw = brief().model_dump(mode="json")
    del raw["brand"]["banned"]
    assert from_stored(raw).brand.banned == ()


@pytest.mark.parametrize("word", ["", "  ", "two\nlines", "x" * 81])
def test_a_word_is_something_to_be_read(word: str) -> None:
    with pytest.raises(BriefRefused) as refusal:
        from_data(brief_data(brand={"banned": [word]}))
    assert refusal.value.faults[0].field == "brand.banned.0"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"copy": {"headline": "Now cheap"}}, "headline"),
        ({"copy": {"headline": "Fine", "legal": "Cheap."}}, "legal"),
        ({"price": "cheap"}, "price"),
    ],
)
def test_a_finished_ad_takes_no_such_word_either(
    workspace: Workspace, alice: User, change: dict[str, Any], field: str
) -> None:
    order = brief(brand={"banned": ["cheap"]})
    run = finish(repeats.start(workspace, alice, order, uid=None))
    ad = run.creatives.first()
    assert ad is not None
    if "copy" in change:
        change = {"copy": recompose.copy_from(change["copy"])}
    with pytest.raises(BriefRefused) as refusal:
        recompose.order([ad], recompose.Change(**change), actor="alice")
    assert [fault.field for fault in refusal.value.faults] == [field]
    assert recompose.history(ad) == [ad]
