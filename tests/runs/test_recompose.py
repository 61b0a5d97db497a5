"""A new revision is a row that says what is wanted; the old one keeps its words and its file."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User, Workspace
from runs import deleting, lifecycle, recompose, storage
from runs.brief import BrandSpec, CopySpec
from runs.errors import BriefRefused
from runs.manifest import manifest
from runs.models import Creative, Run
from runs.recompose import Change
from runs.states import AdState, RunStatus
from runs.summary import summarise
from tests.conftest import brief, finish

FRESH = Change(copy=CopySpec(headline="Cold since Monday."))


def ads(run: Run, **which: Any) -> list[Creative]:
    return list(Creative.objects.newest().filter(run=run, **which).order_by("pk"))


def alike(ad: Creative, **facts: Any) -> Creative:
    """Another such ad but for these facts, not written yet."""
    links = {"run": ad.run, "generation": ad.generation, "picture": ad.picture, "workspace": ad.workspace}
    names = ("copy", "brand", "focus", "format", "language", "message", "simulated", "state")
    return Creative(**links | {name: getattr(ad, name) for name in names} | facts)


def settled(row: Creative, **columns: Any) -> Creative:
    """As a worker leaves it."""
    for name, value in ({"state": AdState.READY} | columns).items():
        setattr(row, name, value)
    assert recompose.settle(row)
    return row


def test_a_change_of_copy_is_a_new_row_and_the_old_one_keeps_its_file(finished: Run) -> None:
    old = ads(finished)[0]
    [new] = recompose.order([old], FRESH, actor="alice")
    assert (new.revision, new.supersedes_id, new.state) == (2, old.pk, AdState.PENDING)
    assert (new.copy["headline"], new.made_by) == ("Cold since Monday.", "alice")
    kept = Creative.objects.get(pk=old.pk)
    assert (kept.state, kept.copy, kept.key) == (AdState.READY, old.copy, old.key)
    assert storage.get(kept.key)
    assert [row.revision for row in recompose.history(old)] == [2, 1]


def test_a_run_shows_and_delivers_the_newest_of_each(finished: Run) -> None:
    old, other = ads(finished)
    settled(recompose.order([old], FRESH, actor="")[0], key="w/x/new.jpg", bytes=3)
    entries = manifest(finished)["ads"]
    assert [(entry["revision"], entry["format"]) for entry in entries] == [(2, old.format), (1, other.format)]
    assert (summarise(finished).ads_total, summarise(finished).ads_ready) == (2, 2)


def test_neither_the_run_nor_its_pictures_are_touched(finished: Run) -> None:
    before = list(finished.generations.values())
    recompose.order(ads(finished), FRESH, actor="")
    finished.refresh_from_db()
    assert finished.status == RunStatus.DONE and list(finished.generations.values()) == before


def test_what_changes_nothing_makes_no_revision(finished: Run) -> None:
    [new] = recompose.order(ads(finished)[:1], FRESH, actor="")
    assert recompose.order([new], FRESH, actor="") == []
    assert recompose.order([new], Change(), actor="") == []
    settled(new, state=AdState.FAILED)
    assert len(recompose.order([new], FRESH, actor="")) == 1, "what failed may be tried again"


def test_an_earlier_revision_can_be_had_back(finished: Run) -> None:
    old = ads(finished)[0]
    recompose.order([old], FRESH, actor="")
    [again] = recompose.order([old], Change(), actor="")
    assert (again.revision, again.copy["headline"]) == (3, old.copy["headline"])


def test_another_language_or_size_is_an_ad_beside_the_first(finished: Run) -> None:
    square = ads(finished, format="meta_feed_square")[0]
    german = CopySpec(headline="Kalt seit Montag.")
    [new] = recompose.order([square], Change(copy=german, language="de"), actor="")
    [larger] = recompose.order([square], Change(format="x_square"), actor="")
    assert (new.language, new.revision, new.supersedes) == ("de", 1, None)
    assert (larger.format, larger.revision, larger.copy["headline"]) == (
        "x_square",
        1,
        "Slow brewed. Fast gone.",
    )
    finished.refresh_from_db()
    assert finished.ads_total == 4 == len(ads(finished))


def test_a_size_that_discourages_text_comes_with_its_twin(finished: Run) -> None:
    square = ads(finished, format="meta_feed_square")[0]
    rows = recompose.order([square], Change(format="google_pmax_square"), actor="")
    assert [row.twin for row in rows] == [False, True]
    assert recompose.order([square], Change(format="google_pmax_square"), actor="") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "meta_story"}, "format"),
        ({"format": "amazon_brand_logo"}, "format"),
        ({"format": "no_such_size"}, "format"),
        ({"language": "Klingon"}, "language"),
        ({"focus": (0.5, 1.2)}, "focus"),
        ({"focus": (float("nan"), 0.2)}, "focus"),
    ],
)
def test_what_cannot_be_made_is_refused_at_its_field(
    finished: Run, change: dict[str, Any], field: str
) -> None:
    square = ads(finished, format="meta_feed_square")
    with pytest.raises(BriefRefused) as refusal:
        recompose.order(square, Change(**change), actor="")
    assert [fault.field for fault in refusal.value.faults] == [field]
    assert Creative.objects.count() == 2


def test_bad_copy_is_refused_at_its_field() -> None:
    with pytest.raises(BriefRefused) as refusal:
        recompose.copy_from({"headline": "", "line": "x" * 301})
    assert {fault.field for fault in refusal.value.faults} == {"headline", "line"}


def test_focus_and_brand_change_and_the_words_stay(finished: Run) -> None:
    old = ads(finished)[0]
    change = Change(focus=(0.2, 0.7), brand=BrandSpec(name="Nordlys", primary="#112233"))
    rows = recompose.order(recompose.of_picture(old), change, actor="")
    assert [(row.focus, row.brand["primary"], row.copy["headline"]) for row in rows] == [
        ([0.2, 0.7], "#112233", "Slow brewed. Fast gone.")
    ]


def test_a_price_changes_by_itself(finished: Run) -> None:
    ad = ads(finished, format="meta_feed_square")[0]
    [new] = recompose.order([ad], Change(price="€2.90"), actor="alice")
    assert (new.copy["price"], new.copy["headline"]) == ("€2.90", ad.copy["headline"])
    [again] = recompose.order([new], Change(copy=CopySpec(headline="Now for less")), actor="alice")
    assert again.copy["price"] == "€2.90"


def test_the_ads_of_one_message_are_those_that_say_the_same(workspace: Workspace, alice: User) -> None:
    spec = brief(
        looks=[{"name": "Sand"}, {"name": "Fresh"}],
        formats=["meta_feed_square", "meta_story", "google_pmax_square"],
        messages=[{"headline": "A"}, {"headline": "B"}],
    )
    run = finish(lifecycle.start(workspace, alice, spec))
    first = ads(run, message=1)[0]
    same = recompose.of_message(first)
    assert len(same) == 2 * 3 and {ad.message for ad in same} == {1} and not any(ad.twin for ad in same)
    assert len(recompose.of_picture(first)) == 2 * 2 + 1


def test_the_words_of_a_twin_are_not_asked_for(workspace: Workspace, alice: User) -> None:
    run = finish(lifecycle.start(workspace, alice, brief(formats=["google_pmax_square"])))
    [twin] = ads(run, twin=True)
    assert recompose.order([twin], FRESH, actor="") == []
    assert len(recompose.order([twin], Change(focus=(0.1, 0.1)), actor="")) == 1


def test_no_two_rows_are_the_same_revision(finished: Run) -> None:
    [new] = recompose.order(ads(finished)[:1], FRESH, actor="")
    columns = {field.attname: getattr(new, field.attname) for field in Creative._meta.concrete_fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        Creative.objects.create(**columns | {"id": None, "uid": uuid4()})


@pytest.mark.django_db(transaction=True)
def test_two_who_change_it_at_once_make_two_revisions(
    transactional_db: None, workspace: Workspace, alice: User
) -> None:
    run = finish(lifecycle.start(workspace, alice, brief(formats=["meta_feed_square"])))
    [old] = ads(run)

    def change(number: int) -> list[int]:
        try:
            words = Change(copy=CopySpec(headline=f"Words {number}"))
            return [row.revision for row in recompose.order([old], words, actor="")]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        revisions = [n for made in threads.map(change, range(8)) for n in made]
    assert sorted(revisions) == list(range(2, 10))
    assert [row.revision for row in recompose.history(old)] == list(range(9, 0, -1))
    assert len(ads(run)) == 1


def test_a_row_is_taken_once_and_again_when_its_lease_is_over(finished: Run) -> None:
    recompose.order(ads(finished), FRESH, actor="")
    assert len(recompose.take(1)) == 1 and len(recompose.take(5)) == 1
    assert recompose.take(5) == [] and not recompose.is_due()
    Creative.objects.filter(state=AdState.PENDING).update(due_at="2026-01-01T00:00Z")
    assert recompose.is_due() and len(recompose.take(5)) == 2


def test_a_row_at_which_every_worker_dies_fails_at_last(finished: Run) -> None:
    [new] = recompose.order(ads(finished)[:1], FRESH, actor="")
    for _ in range(recompose.MAX_TRIES + 1):
        Creative.objects.filter(pk=new.pk).update(due_at="2026-01-01T00:00Z")
        taken = recompose.take(5)
    new.refresh_from_db()
    assert (taken, new.state) == ([], AdState.FAILED) and "5 tries" in new.words


def test_what_is_settled_stays_as_it_is(finished: Run) -> None:
    [new] = recompose.order(ads(finished)[:1], FRESH, actor="")
    settled(new, words="first")
    new.words = "second"
    assert not recompose.settle(new)
    new.refresh_from_db()
    assert new.words == "first"


def test_the_file_of_a_run_that_was_deleted_meanwhile_is_removed(finished: Run) -> None:
    recompose.order(ads(finished)[:1], FRESH, actor="")
    [taken] = recompose.take(1)
    deleting.remove(finished)
    taken.key, taken.state = "w/x/late.jpg", AdState.READY
    storage.put(taken.key, b"late")
    assert not recompose.settle(taken)
    assert storage.get_if_there("w/x/late.jpg") is None
