"""The pages of runs: live state, stop and retry with and without scripts, one ad, the list."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Audit, User, Workspace
from runs import formats, lifecycle
from runs.models import Generation, Run
from runs.states import AdState, ServerState, Status
from studio.models import Brief, Campaign
from studio.rulelines import SOURCE_KINDS
from studio.views.runs import PAGE
from tests.conftest import begin, brief, fail, make_server

HTMX: Any = {"HTTP_HX_REQUEST": "true"}


def address(name: str, thing: Run | Generation) -> str:
    return reverse(f"studio:{name}", args=[thing.uid])


def show(client: Client, run: Run) -> str:
    answer = client.get(address("run", run))
    assert answer.status_code == 200
    return answer.content.decode()


def statuses(run: Run) -> list[str]:
    return list(run.generations.order_by("pk").values_list("status", flat=True))


def test_a_running_run_opens_a_socket_and_a_finished_one_does_not(as_alice: Client, run: Run) -> None:
    assert f'hx-ws:connect="/ws/runs/{run.uid}/"' in show(as_alice, run)
    lifecycle.cancel_run(run, actor="alice")
    html = show(as_alice, run)
    assert "hx-ws:connect" not in html and 'data-final="true"' in html


def test_a_server_that_is_down_at_the_start_is_named_with_what_to_do(as_alice: Client, run: Run) -> None:
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer. Start it.")
    assert "gpu-1 does not answer. Start it." in show(as_alice, run)


def test_a_stop_without_scripts_leads_back_with_a_sentence(as_alice: Client, run: Run) -> None:
    answer = as_alice.post(address("run_stop", run), follow=True)
    assert answer.redirect_chain == [(address("run", run), 302)]
    assert "Stopping the run." in answer.content.decode()
    assert statuses(run) == [Status.CANCELLED, Status.CANCELLED]


def test_a_stop_by_the_page_needs_no_answer(as_alice: Client, run: Run) -> None:
    assert as_alice.post(address("run_stop", run), **HTMX).status_code == 204
    assert statuses(run) == [Status.CANCELLED, Status.CANCELLED]


def test_stopping_twice_does_no_harm(as_alice: Client, run: Run) -> None:
    for _ in range(2):
        assert as_alice.post(address("run_stop", run), **HTMX).status_code == 204


def test_a_picture_that_a_worker_holds_is_marked_to_be_stopped(as_alice: Client, run: Run) -> None:
    held = begin(run.generations.order_by("pk")[0], make_server())
    as_alice.post(address("generation_stop", held), **HTMX)
    held.refresh_from_db()
    assert (held.status, held.cancel_requested) == (Status.CLAIMED, True)


def test_one_picture_is_stopped_and_brought_back_and_the_other_left_alone(as_alice: Client, run: Run) -> None:
    one = run.generations.order_by("pk")[0]
    as_alice.post(address("generation_stop", one), **HTMX)
    assert statuses(run) == [Status.CANCELLED, Status.WAITING]
    as_alice.post(address("generation_retry", one), **HTMX)
    assert statuses(run) == [Status.WAITING, Status.WAITING]


def test_a_retry_says_how_many_are_tried_again(as_alice: Client, run: Run) -> None:
    fail(run)
    answer = as_alice.post(address("run_retry", run), follow=True)
    assert "Trying 2 pictures again." in answer.content.decode()
    assert statuses(run) == [Status.WAITING, Status.WAITING]


def test_a_retry_of_a_finished_picture_changes_nothing(as_alice: Client, finished: Run) -> None:
    as_alice.post(address("generation_retry", finished.generations.all()[0]), **HTMX)
    assert statuses(finished) == [Status.DONE, Status.DONE]


NEW_SEED = "Try with a new seed"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("KSampler failed on GPU 1: not a number.", True),
        ("GPU 1 finished without a picture. Try again with another seed.", True),
        ("Nobody answers at GPU 1.", False),
    ],
)
def test_a_new_seed_is_offered_where_a_retry_would_fail_the_same_way(
    as_alice: Client, run: Run, words: str, offered: bool
) -> None:
    fail(run)
    run.generations.update(error=words)
    html = show(as_alice, run)
    assert (NEW_SEED in html) is offered and "Retry makes it again" in html


def test_a_picture_is_tried_with_a_new_seed_when_somebody_wants_it(as_alice: Client, run: Run) -> None:
    fail(run)
    one, other = run.generations.order_by("pk")
    as_alice.post(address("generation_retry", one), {"seed": "new"}, **HTMX)
    after = run.generations.get(pk=one.pk)
    assert statuses(run) == [Status.WAITING, Status.FAILED] and after.seed != one.seed
    assert run.generations.get(pk=other.pk).seed == other.seed
    noted = Audit.objects.get(action="run.retry")
    assert str(after.seed) in noted.words


def test_who_may_only_look_is_offered_nothing_to_press(as_bob: Client, as_alice: Client, run: Run) -> None:
    fail(run)
    lifecycle.retry([run.generations.order_by("pk")[0]], actor="alice")
    for_alice, for_bob = show(as_alice, run), show(as_bob, run)
    for what in ("/stop/", "/retry/", "Retry makes it again"):
        assert (what in for_alice, what in for_bob) == (True, False)


def test_who_may_only_look_finds_no_way_to_forms(as_bob: Client, as_alice: Client, run: Run) -> None:
    campaign = Campaign.objects.create(workspace=run.workspace, name="Summer")
    row = Brief.objects.create(workspace=run.workspace, campaign=campaign, name="One", spec=run.spec)
    Run.objects.filter(pk=run.pk).update(origin=row.uid)
    lifecycle.cancel_run(run, actor="alice")
    pages = (reverse("studio:campaigns"), campaign.get_absolute_url(), address("run", run))
    links = (reverse("studio:campaign_new"), f"{campaign.get_absolute_url()}briefs/new/")
    for client, offered in ((as_alice, True), (as_bob, False)):
        html = "".join(client.get(page).content.decode() for page in pages)
        assert [f'href="{link}"' in html for link in links] == [offered] * 2
        assert f'href="{row.get_absolute_url()}"' in html  # for Bob to read


def test_an_ad_shows_its_size_its_words_its_checks_and_whose_rules_they_are(
    as_alice: Client, finished: Run
) -> None:
    ad = finished.creatives.order_by("pk")[0]
    ad.report = {"checks": [{"name": "pixels", "ok": True, "words": "1080×1080 pixels."}]}
    ad.save()
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    for words in ("1080 × 1080", "Slow brewed. Fast gone.", "1080×1080 pixels.", "Where the rules come from"):
        assert words in html
    assert f"/media/ad/{ad.uid}?download=1" in html and ad.file_name in html


def test_a_rule_s_source_is_named_by_where_it_stands(as_alice: Client, finished: Run) -> None:
    for ad in finished.creatives.all():
        html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
        pages = [formats.sources()[name]["url"] for name in formats.get(ad.format).sources]
        assert pages and all(
            f">{page.partition('//www.')[2] or page.partition('//')[2]}"[:30] in html for page in pages
        )
        assert not [name for name in formats.sources() if f">{name}<" in html]


def test_every_kind_of_source_has_its_words() -> None:
    assert {source["kind"] for source in formats.sources().values()} <= set(SOURCE_KINDS)


def test_an_ad_says_whether_its_product_is_real(as_alice: Client, finished: Run) -> None:
    address = reverse("studio:ad", args=[finished.creatives.all()[0].uid])
    assert "Product: AI-generated" in as_alice.get(address).text
    finished.spec["products"][0]["cutout"] = "w/1/assets/2.png"
    finished.save()
    assert "Product: as uploaded" in as_alice.get(address).text


def test_an_ad_that_does_not_fit_offers_no_download(as_alice: Client, finished: Run) -> None:
    ad = finished.creatives.order_by("pk")[0]
    ad.state, ad.words, ad.key = AdState.DOES_NOT_FIT, "4 characters too long", ""
    ad.save()
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    assert "4 characters too long" in html and "download=1" not in html


def test_the_list_pages_to_older_runs(as_alice: Client, workspace: Workspace, alice: User) -> None:
    for number in range(PAGE + 1):
        lifecycle.start(workspace, alice, brief(name=f"Run {number:02}", formats=["meta_story"]))
    newest = as_alice.get(reverse("studio:runs"))
    assert [line["name"] for line in newest.context["runs"]][:: PAGE - 1] == [f"Run {PAGE:02}", "Run 01"]
    older = as_alice.get(reverse("studio:runs") + newest.context["older_url"])
    assert [line["name"] for line in older.context["runs"]] == ["Run 00"]
    assert older.context["older_url"] == ""


@pytest.mark.parametrize("before", ["x", "-1", "1e9", "٣", "9" * 40])
def test_a_made_up_page_of_the_list_is_no_fault_of_ours(as_alice: Client, run: Run, before: str) -> None:
    assert as_alice.get(reverse("studio:runs"), {"before": before}).status_code == 200
