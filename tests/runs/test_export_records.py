"""What was exported is written down, and can be had again as it was."""

import pytest

from accounts.models import User
from runs import deleting, lifecycle, recompose
from runs.brief import CopySpec
from runs.choosing import decide
from runs.export import Order, again, gone, of_run, record
from runs.models import Export, Run, Verdict
from runs.recompose import Change
from runs.states import AdState
from tests.conftest import brief, finish
from tests.runs.test_recompose import ads, settled


def recorded(order: Order, by: User) -> Export:
    made = record(order, by)
    assert made is not None
    return made


def test_an_export_notes_who_what_and_how_heavy(finished: Run, alice: User) -> None:
    made = recorded(of_run(finished, campaign="Summer"), alice)
    assert (made.who, made.title, made.campaign, made.selection) == ("Alice", "Cold brew", "Summer", "all")
    assert made.count == 2 and made.bytes == sum(ad.bytes for ad in ads(finished))
    assert made.platforms == "Meta"


def test_only_what_is_ready_is_counted(finished: Run, alice: User) -> None:
    finished.creatives.filter(format="meta_story").update(state=AdState.DOES_NOT_FIT)
    assert recorded(of_run(finished), alice).count == 1
    finished.creatives.update(state=AdState.FAILED)
    assert record(of_run(finished), alice) is None


@pytest.mark.parametrize("kind", ["approved", "chosen"])
def test_it_notes_which_ads_were_asked_for(finished: Run, alice: User, kind: str) -> None:
    ad = ads(finished)[0]
    decide(ad, Verdict.APPROVED, by=alice)
    order = of_run(finished, None if kind == "approved" else frozenset({ad.uid}), approved=kind == "approved")
    made = recorded(order, alice)
    assert (made.selection, made.ads) == (kind, [ad.pk])


def test_once_more_are_the_same_files_also_of_ads_changed_since(finished: Run, alice: User) -> None:
    made = recorded(of_run(finished), alice)
    before = [ad.sha256 for ad in ads(finished)]
    [new] = recompose.order([ads(finished)[0]], Change(copy=CopySpec(headline="New")), actor="alice")
    settled(new, key="w/x/new.png", sha256="0" * 64, bytes=1)
    assert [ad.sha256 for ad in again(made).ads()] == before
    assert recorded(again(made), alice).count == 2


def test_what_is_gone_is_told_and_the_rest_comes(finished: Run, alice: User) -> None:
    other = finish(lifecycle.start(finished.workspace, alice, brief(name="Second")))
    both = Order(title="Both", runs=(finished, other), campaign="Summer")
    made = recorded(both, alice)
    assert gone([made]) == {made.pk: 0}
    deleting.remove(finished)
    assert gone([made]) == {made.pk: 2}
    assert {ad.run_id for ad in again(made).ads()} == {other.pk}
    assert recorded(again(made), alice).count == 2
