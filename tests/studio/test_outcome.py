"""Pictures that are done are no success yet: what counts is whether their ads are ready."""

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Creative, Run
from runs.states import AdState
from studio.activity import notes
from studio.models import Brief, Campaign
from studio.room import Room
from studio.wording import Outcome


@pytest.fixture
def unfit(finished: Run) -> Run:
    Creative.objects.filter(run=finished).update(state=AdState.DOES_NOT_FIT, words="4 characters too long")
    return finished


@pytest.fixture
def half(finished: Run) -> Run:
    Creative.objects.filter(run=finished, format="meta_story").update(state=AdState.DOES_NOT_FIT)
    return finished


def test_a_run_with_every_ad_ready_is_all_done(finished: Run) -> None:
    room = Room(finished)
    assert (room.outcome, room.status_words) == (Outcome.DONE, "All done")


def test_a_run_whose_ads_all_do_not_fit_is_no_success(unfit: Run) -> None:
    room = Room(unfit)
    assert (room.outcome, room.status_words) == (Outcome.NO_ADS, "No ads ready")
    assert {note.kind for note in notes(unfit)} == {"w"}
    assert all(note.words.endswith(": no ads ready") for note in notes(unfit))


def test_a_run_of_which_some_ads_fit_is_partly_done(half: Run) -> None:
    room = Room(half)
    assert (room.outcome, room.status_words) == (Outcome.PARTIAL, "Partly done")
    assert sorted(note.kind for note in notes(half)) == ["g", "w"]


def test_a_picture_with_some_ads_tells_how_many(half: Run) -> None:
    Creative.objects.filter(run=half).update(generation=half.generations.order_by("pk")[0])
    assert "1 of 2 ads ready" in notes(half)[-1].words


def test_no_list_calls_it_done(as_alice: Client, campaign: Campaign, unfit: Run) -> None:
    brief = Brief.objects.create(workspace=unfit.workspace, campaign=campaign, name="One", spec=unfit.spec)
    Run.objects.filter(pk=unfit.pk).update(origin=brief.uid)
    pages = (reverse("studio:runs"), reverse("studio:campaigns"), campaign.get_absolute_url())
    for page in (*pages, reverse("studio:run", args=[unfit.uid])):
        html = as_alice.get(page).content.decode()
        assert "No ads ready" in html and "pill ok" not in html
