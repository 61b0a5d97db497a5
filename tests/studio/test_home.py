"""The first page: what needs somebody, what runs, and where to begin."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from runs import lifecycle
from runs.choosing import decide
from runs.models import Run, Verdict
from studio.models import BrandKit, Brief, Campaign
from tests.conftest import brief, fail, finish, make_server
from tests.runs.test_recompose import ads


def page(client: Client) -> str:
    return client.get(reverse("studio:home")).content.decode()


def test_a_new_workspace_is_shown_its_first_steps(as_alice: Client) -> None:
    html = page(as_alice)
    assert "Hello, Alice" in html and "Nothing waits for you." in html and "0 of 5" in html
    assert reverse("studio:campaign_new") in html


def test_steps_that_are_done_are_counted(as_alice: Client, campaign: Campaign, run: Run) -> None:
    spec = brief().model_dump(mode="json")
    BrandKit.objects.create(workspace=campaign.workspace, name="Nordlys")
    Brief.objects.create(workspace=campaign.workspace, campaign=campaign, name="One", spec=spec)
    assert "4 of 5" in page(as_alice)


def test_it_says_what_needs_somebody(as_alice: Client, alice: User, finished: Run) -> None:
    fail(lifecycle.start(finished.workspace, alice, brief(name="Broken")))
    html = page(as_alice)
    assert "2 ads to choose" in html and "2 pictures failed" in html and "Broken" in html
    for ad in ads(finished):
        decide(ad, Verdict.REJECTED, by=alice)
    assert "to choose" not in page(as_alice)


def test_samples_do_not_wait_to_be_chosen(as_alice: Client, run: Run) -> None:
    finish(run, make_server("sim", simulated=True))
    assert "to choose" not in page(as_alice)


def test_what_runs_is_shown_with_its_progress(as_alice: Client, run: Run) -> None:
    html = page(as_alice)
    assert "Running now" in html and "0 of 2 ads" in html


def test_a_viewer_is_asked_for_nothing(as_bob: Client, finished: Run) -> None:
    html = page(as_bob)
    assert "to choose" not in html and "First steps" not in html and "New brief" not in html


def test_it_shows_ones_own_alone(as_charlie: Client, campaign: Campaign, finished: Run) -> None:
    html = page(as_charlie)
    assert "Summer" not in html and "Cold brew" not in html


def test_it_asks_as_much_with_many_runs_as_with_one(
    as_alice: Client, alice: User, workspace: Workspace, finished: Run, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        finish(lifecycle.start(workspace, alice, brief()))
    with django_assert_max_num_queries(22):
        page(as_alice)
