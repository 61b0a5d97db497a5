"""The first page: what needs somebody, what runs, and where to begin."""

from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role, User, Workspace
from runs import lifecycle
from runs.choosing import decide
from runs.export import of_run, record
from runs.models import Run, Verdict
from runs.summary import summarise
from studio import kits
from studio.models import BrandKit, Brief, Campaign, StepsClosed
from tests.conftest import brief, fail, finish, make_server
from tests.runs.test_recompose import ads


def page(client: Client) -> str:
    return client.get(reverse("studio:home")).content.decode()


def test_a_new_workspace_is_shown_its_first_steps(as_alice: Client) -> None:
    html = page(as_alice)
    assert "Hello, Alice" in html and "You’re all caught up." in html and "0 of 6" in html
    assert reverse("studio:campaign_new") in html


def test_steps_that_are_done_are_counted(as_alice: Client, campaign: Campaign, run: Run) -> None:
    spec = brief().model_dump(mode="json")
    BrandKit.objects.create(workspace=campaign.workspace, name="Nordlys")
    Brief.objects.create(workspace=campaign.workspace, campaign=campaign, name="One", spec=spec)
    assert "4 of 6" in page(as_alice)


def test_it_says_what_needs_somebody(as_alice: Client, alice: User, finished: Run) -> None:
    fail(lifecycle.start(finished.workspace, alice, brief(name="Broken")))
    html = page(as_alice)
    assert "2 ads to review" in html and "2 pictures failed" in html and "Broken" in html
    for ad in ads(finished):
        decide(ad, Verdict.REJECTED, by=alice)
    assert "to review" not in page(as_alice)


def test_samples_do_not_wait_to_be_chosen(as_alice: Client, run: Run) -> None:
    finish(run, make_server("sim", simulated=True))
    assert "to review" not in page(as_alice)


def test_what_runs_is_shown_with_its_progress(as_alice: Client, run: Run) -> None:
    html = page(as_alice)
    assert "Running now" in html and "0 of 2 ads" in html


def test_a_viewer_is_asked_for_nothing(as_bob: Client, finished: Run) -> None:
    html = page(as_bob)
    assert "to review" not in html and "First steps" not in html and "New brief" not in html


def test_it_shows_ones_own_alone(as_charlie: Client, campaign: Campaign, finished: Run) -> None:
    html = page(as_charlie)
    assert "Summer" not in html and "Cold brew" not in html


def test_it_asks_as_much_with_many_runs_as_with_one(
    as_alice: Client, alice: User, workspace: Workspace, finished: Run, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        finish(lifecycle.start(workspace, alice, brief()))
    with django_assert_max_num_queries(24):
        page(as_alice)


def test_what_runs_costs_a_few_questions_more_for_each_of_four(
    as_alice: Client, alice: User, workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        lifecycle.start(workspace, alice, brief())
    with django_assert_max_num_queries(48):
        page(as_alice)


# --- First steps ---------------------------------------------------------------------------------------------


def test_steps_are_gone_when_all_are_done(
    as_alice: Client, alice: User, campaign: Campaign, finished: Run
) -> None:
    kits.make(campaign.workspace, "Nordlys")
    spec = brief().model_dump(mode="json")
    Brief.objects.create(workspace=campaign.workspace, campaign=campaign, name="One", spec=spec)
    assert "2 to review" in page(as_alice)
    decide(ads(finished)[0], Verdict.APPROVED, by=alice)
    assert "5 of 6" in page(as_alice)
    record(of_run(finished), alice)
    assert "First steps" not in page(as_alice)


def test_where_there_are_only_samples_the_step_to_approve_says_so_and_leads_nowhere(
    as_alice: Client, alice: User, run: Run
) -> None:
    record(of_run(finish(run, make_server("sim", simulated=True))), alice)
    html = page(as_alice)
    assert "2 of 6" in html and "Your ads so far are samples." in html
    assert ": Approve your best ads</span></a>" not in html


def test_who_closes_the_steps_sees_them_no_more(
    as_alice: Client, as_bob: Client, bob: User, workspace: Workspace
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.EDITOR)
    close = reverse("studio:steps_close")
    for _ in range(2):
        assert as_alice.post(close).status_code == 302
    assert "First steps" not in page(as_alice)
    assert "First steps" in page(as_bob)


def test_only_editors_close_them_and_nobody_by_opening_an_address(as_alice: Client, as_bob: Client) -> None:
    close = reverse("studio:steps_close")
    assert [as_alice.get(close).status_code, as_bob.post(close).status_code] == [302, 403]
    assert Client().post(close).status_code == 302
    assert not StepsClosed.objects.exists()


# --- While something runs ------------------------------------------------------------------------------------


def running(client: Client, key: str) -> Any:
    return client.get(reverse("studio:home"), {"running": key}, headers={"HX-Request": "true"})


def test_what_runs_is_asked_for_again_by_itself(as_alice: Client, run: Run) -> None:
    key = run.uid.hex[:8]
    assert f"?running={key}" in page(as_alice)
    answer = running(as_alice, key)
    assert answer.content.decode().strip().startswith('<section class="card clip" id="running"')
    assert "0 of 2 ads" in answer.content.decode()


def test_a_run_that_ended_brings_the_whole_page_anew(as_alice: Client, finished: Run) -> None:
    answer = running(as_alice, finished.uid.hex[:8])
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_it_says_why_nothing_moves(as_alice: Client, run: Run) -> None:
    assert summarise(run).waits_for in unescape(page(as_alice))


def test_a_stranger_hears_nothing_of_what_runs(as_charlie: Client, run: Run) -> None:
    assert running(as_charlie, run.uid.hex[:8]).status_code == 204
