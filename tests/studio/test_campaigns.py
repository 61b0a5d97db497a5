"""Campaigns: found among many, said where they stand, written, put away and copied."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Audit, User, Workspace
from runs import lifecycle
from runs.choosing import decide
from runs.models import Run, Verdict
from runs.states import AdState, Event
from studio.models import Brief, Campaign
from studio.standing import NEWEST, Stage, dates, next_date, stage, standings
from studio.views.campaigns import PAGE
from tests.conftest import brief, finish, finish_one, make_server

LIST = "/campaigns/"


def write(campaign: Campaign, name: str = "One", **changes: Any) -> Brief:
    spec = brief().model_dump(mode="json")
    return Brief.objects.create(
        workspace=campaign.workspace, campaign=campaign, name=name, spec=spec, **changes
    )


def order(written: Brief, by: User, *, simulated: bool = False) -> Run:
    run = lifecycle.start(written.workspace, by, brief(name=written.name), origin=written.uid)
    return finish(run, make_server(f"gpu-{run.pk}", simulated=simulated))


def page(client: Client, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return answer.content.decode()


def form(**changes: str) -> dict[str, str]:
    return {"name": "Summer", "goal": "", "starts_on": "", "ends_on": "", "budget_note": "", **changes}


def days(n: int) -> Any:
    return timezone.localdate() + timedelta(days=n)


def stage_of(campaign: Campaign) -> Stage:
    campaign.refresh_from_db()
    return stage(campaign, standings([campaign])[campaign.pk])


# --- Where they stand ----------------------------------------------------------------------------------------


def test_a_campaign_stands_where_its_ads_do(campaign: Campaign, alice: User) -> None:
    assert stage_of(campaign) == Stage.NEW
    written = write(campaign)
    started = lifecycle.start(campaign.workspace, alice, brief(), origin=written.uid)
    assert stage_of(campaign) == Stage.RUNNING
    ads = list(finish(started).creatives.filter(state=AdState.READY))
    assert stage_of(campaign) == Stage.TO_CHOOSE
    decide(ads[0], Verdict.APPROVED, by=alice)
    decide(ads[1], Verdict.REJECTED, by=alice)
    assert stage_of(campaign) == Stage.APPROVED
    now = standings([campaign])[campaign.pk]
    assert (now.ads, now.ready, now.approved, now.rejected, now.to_choose) == (2, 2, 1, 1, 0)
    Campaign.objects.filter(pk=campaign.pk).update(ends_on=days(-1))
    assert stage_of(campaign) == Stage.OVER
    Campaign.objects.filter(pk=campaign.pk).update(archived_at=timezone.now())
    assert stage_of(campaign) == Stage.ARCHIVED


def test_samples_wait_for_nobodys_choice(campaign: Campaign, alice: User) -> None:
    order(write(campaign), alice, simulated=True)
    assert stage_of(campaign) == Stage.MADE


def test_a_failed_picture_is_not_still_being_made(campaign: Campaign, alice: User) -> None:
    written = write(campaign)
    first = lifecycle.start(campaign.workspace, alice, brief(), origin=written.uid)
    good, bad = first.generations.all()
    finish_one(good, make_server())
    lifecycle.advance(bad, Event.FAIL, words="No such model.", error="No such model.")
    assert standings([campaign])[campaign.pk].being_made == 0
    lifecycle.start(campaign.workspace, alice, brief(), origin=written.uid)
    assert standings([campaign])[campaign.pk].being_made == 2


def test_what_is_being_made_is_that_of_every_run_though_few_are_looked_at(
    campaign: Campaign, alice: User
) -> None:
    written = write(campaign)
    lifecycle.start(campaign.workspace, alice, brief(), origin=written.uid)
    for _n in range(2):
        order(written, alice)
    now = standings([campaign], newest=1)[campaign.pk]
    assert (now.being_made, now.ready, now.all_seen) == (2, 2, False)


def test_a_count_of_the_latest_runs_says_that_there_may_be_more(
    as_alice: Client, campaign: Campaign, alice: User
) -> None:
    written = write(campaign)
    order(written, alice)
    assert "2 to review" in page(as_alice, LIST)
    for _n in range(NEWEST):
        order(written, alice)
    assert f"{2 * NEWEST} or more to review" in page(as_alice, LIST)


def test_a_brief_that_is_started_while_campaigns_are_counted_waits_for_the_next_look(
    campaign: Campaign, alice: User
) -> None:
    late: list[Brief] = []

    def start_late(execute: Any, sql: str, *rest: Any) -> Any:
        if 'FROM "runs_run"' in sql and not late:
            late.append(written := write(campaign))
            lifecycle.start(campaign.workspace, alice, brief(), origin=written.uid)
        return execute(sql, *rest)

    with connection.execute_wrapper(start_late):
        assert standings([campaign])[campaign.pk].runs == 0
    assert late and standings([campaign])[campaign.pk].runs == 1


@pytest.mark.parametrize(
    ("first", "last", "whole", "short"),
    [
        (None, None, "", ""),
        (3, None, "from {0}", "from {0}"),
        (-3, None, "from {0}", ""),
        (-3, 3, "{0} – {1}", "until {1}"),
        (None, -3, "until {1}", "ended {1}"),
    ],
)
def test_dates_are_said_in_words(first: int | None, last: int | None, whole: str, short: str) -> None:
    campaign = Campaign(starts_on=days(first) if first else None, ends_on=days(last) if last else None)
    told = [
        f"{day.day} {day:%b}" + (f" {day.year}" if day.year != days(0).year else "") if day else ""
        for day in (campaign.starts_on, campaign.ends_on)
    ]
    assert (dates(campaign), next_date(campaign)) == (whole.format(*told), short.format(*told))


# --- The list ------------------------------------------------------------------------------------------------


def test_a_campaign_is_found_by_its_name_or_goal(as_alice: Client, workspace: Workspace) -> None:
    Campaign.objects.create(workspace=workspace, name="Summer cold brew", goal="Übernachten am See")
    Campaign.objects.create(workspace=workspace, name="Winter tea")
    found = {
        words: [card["name"] for card in as_alice.get(LIST, {"q": words}).context["campaigns"]]
        for words in ("brew summer", "übernachten", "brew tea", "x" * 201)
    }
    assert list(found.values()) == [
        ["Summer cold brew"],
        ["Summer cold brew"],
        [],
        ["Winter tea", "Summer cold brew"],  # too long to be asked
    ]
    assert "No campaigns found" in page(as_alice, LIST, q="brew tea")


def test_a_search_with_a_script_answers_the_found_alone(as_alice: Client, campaign: Campaign) -> None:
    html = as_alice.get(LIST, {"q": "Summer"}, headers={"HX-Request": "true"}).content.decode()
    assert html.strip().startswith('<div id="found">') and "Summer" in html


def test_archived_campaigns_have_a_list_of_their_own(as_alice: Client, campaign: Campaign) -> None:
    as_alice.post(reverse("studio:campaign_do", args=[campaign.uid, "archive"]), follow=True)
    assert "Summer" not in page(as_alice, "/")
    html = page(as_alice, LIST)
    assert "0 active, 1 archived" in html and "No active campaigns" in html
    assert "Summer" in page(as_alice, LIST, show="archived")


def test_the_list_pages_by_the_last_change(as_alice: Client, workspace: Workspace) -> None:
    now = timezone.now()
    rows = [Campaign(workspace=workspace, name=f"No {n}.", updated_at=now) for n in range(PAGE + 1)]
    Campaign.objects.bulk_create(rows)
    first = as_alice.get(LIST)
    assert "No 0." not in first.content.decode() and "No 1." in first.content.decode()
    second = as_alice.get(first.context["older_url"])
    assert [card["name"] for card in second.context["campaigns"]] == ["No 0."]
    assert second.context["older_url"] == ""


@pytest.mark.parametrize("before", ["x", "-", "1-", "9" * 17 + "-" + "9" * 18, "٣-٣", "\0"])
def test_the_list_opens_whatever_stands_in_its_address(
    as_alice: Client, campaign: Campaign, before: str
) -> None:
    page(as_alice, LIST, before=before)
    page(as_alice, campaign.get_absolute_url(), before=before)


def test_the_list_asks_as_much_for_many_as_for_one(
    as_alice: Client, alice: User, workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    for n in range(3):
        place = Campaign.objects.create(workspace=workspace, name=f"No {n}")
        for k in range(2):
            order(write(place, f"{n} {k}"), alice)
    with django_assert_max_num_queries(24):
        page(as_alice, LIST)


# --- One campaign --------------------------------------------------------------------------------------------


def test_its_page_shows_what_it_is_about(as_alice: Client, campaign: Campaign, alice: User) -> None:
    run = order(write(campaign, "Warm nights"), alice)
    write(campaign, "2-pack")
    Campaign.objects.filter(pk=campaign.pk).update(budget_note="€18,000 Meta", ends_on=days(3))
    html = page(as_alice, campaign.get_absolute_url())
    for shown in (
        "Warm nights",
        "2 to review",
        "Draft",
        "€18,000 Meta",
        "until ",
        "Newest ads",
        "Download all",
    ):
        assert shown in html
    ad = run.creatives.filter(state=AdState.READY).first()
    assert ad is not None
    decide(ad, Verdict.APPROVED, by=alice)
    html = page(as_alice, campaign.get_absolute_url())
    assert "Approved ads" in html and "Export 1 approved" in html and str(ad.uid) in html


def test_runs_of_one_brief_are_told_apart(as_alice: Client, campaign: Campaign, alice: User) -> None:
    written = write(campaign, "Warm nights")
    order(written, alice)
    order(written, alice)
    order(write(campaign, "Alone"), alice)
    for html in (page(as_alice, campaign.get_absolute_url()), page(as_alice, reverse("studio:runs"))):
        assert "Run 1 of this brief · “" in html and "Run 2 of this brief · “" in html
        assert html.count(" of this brief") == 2 * 2  # each is a title too


def test_its_page_asks_as_much_for_many_briefs_as_for_one(
    as_alice: Client, alice: User, campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    for n in range(4):
        order(write(campaign, f"No {n}"), alice)
    with django_assert_max_num_queries(32):
        page(as_alice, campaign.get_absolute_url())


def test_a_viewer_is_offered_nothing_to_change(as_bob: Client, campaign: Campaign, alice: User) -> None:
    order(write(campaign), alice)
    html = page(as_bob, campaign.get_absolute_url())
    for hidden in ("Edit campaign", "Duplicate", "New brief", "/delete/", ">Choose"):
        assert hidden not in html
    assert "Download all ads" in html


# --- Writing it ----------------------------------------------------------------------------------------------


def test_a_campaign_is_made_and_changed(as_alice: Client, workspace: Workspace) -> None:
    told = form(goal="Try it", starts_on="2026-06-01", ends_on="2026-08-31", budget_note="€18,000 Meta")
    assert as_alice.post(reverse("studio:campaign_new"), told).status_code == 302
    made = Campaign.objects.get()
    assert (str(made.starts_on), str(made.ends_on), made.budget_note) == (
        "2026-06-01",
        "2026-08-31",
        "€18,000 Meta",
    )
    url = reverse("studio:campaign_edit", args=[made.uid])
    assert 'value="2026-06-01"' in page(as_alice, url)
    assert as_alice.post(url, form(name="Summer 2")).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.goal, made.starts_on) == ("Summer 2", "", None)
    assert list(Audit.objects.order_by("pk").values_list("action", flat=True)) == [
        "campaign.create",
        "campaign.change",
    ]


def test_an_end_before_the_start_is_refused_at_its_field(as_alice: Client, campaign: Campaign) -> None:
    url = reverse("studio:campaign_edit", args=[campaign.uid])
    answer = as_alice.post(url, form(name="Other", starts_on="2026-08-31", ends_on="2026-06-01"))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "ends_on": ["The end date is before the start date. Choose a later one."]
    }
    campaign.refresh_from_db()
    assert campaign.name == "Summer"


def test_what_is_deleted_while_somebody_edits_stays_deleted(as_alice: Client, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(deleted_at=timezone.now())
    url = reverse("studio:campaign_edit", args=[campaign.uid])
    assert as_alice.post(url, form(name="Other")).status_code == 404


# --- Putting away and copying --------------------------------------------------------------------------------


def test_an_archived_campaign_is_had_back(as_alice: Client, campaign: Campaign) -> None:
    do = [reverse("studio:campaign_do", args=[campaign.uid, what]) for what in ("archive", "restore")]
    as_alice.post(do[0])
    as_alice.post(do[0])
    html = page(as_alice, campaign.get_absolute_url())
    assert "This campaign is archived" in html and "New brief" not in html
    assert f'action="{do[1]}"' in html
    as_alice.post(do[1])
    campaign.refresh_from_db()
    assert campaign.archived_at is None
    assert list(Audit.objects.order_by("pk").values_list("action", flat=True)) == [
        "campaign.archive",
        "campaign.restore",
    ]


def test_a_copy_has_the_briefs_and_none_of_the_runs(
    as_alice: Client, campaign: Campaign, alice: User
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(goal="Try it", budget_note="€1", starts_on=days(0))
    written = [
        write(campaign, "One"),
        write(campaign, "Two"),
        write(campaign, "Gone", deleted_at=timezone.now()),
    ]
    order(written[0], alice)
    answer = as_alice.post(reverse("studio:campaign_do", args=[campaign.uid, "duplicate"]))
    copy = Campaign.objects.get(name="Summer (copy)")
    assert answer.headers["Location"] == copy.get_absolute_url()
    assert (copy.goal, copy.budget_note, copy.starts_on) == ("Try it", "€1", days(0))
    copied = copy.briefs.order_by("updated_at")
    assert [(row.name, row.spec) for row in copied] == [(row.name, row.spec) for row in written[:2]]
    assert {row.uid for row in copied}.isdisjoint(row.uid for row in written)
    assert standings([copy])[copy.pk].runs == 0


def test_a_double_press_makes_one_campaign(as_alice: Client, workspace: Workspace) -> None:
    url = reverse("studio:campaign_new")
    [key] = re.findall(r'name="key" value="([^"]+)"', page(as_alice, url))
    assert 'name="key"' in page(as_alice, LIST)
    first, second = (as_alice.post(url, form(key=key)) for _press in range(2))
    assert Campaign.objects.count() == 1 and first.headers["Location"] == second.headers["Location"]
    as_alice.post(url, form(key=key, name="Autumn"))  # back, and another name
    assert Campaign.objects.count() == 2 and Audit.objects.count() == 2


def test_a_refused_form_keeps_its_key(as_alice: Client) -> None:
    answer = as_alice.post(reverse("studio:campaign_new"), form(key="k", name=""))
    assert answer.status_code == 422 and 'name="key" value="k"' in answer.content.decode()


def test_a_double_press_makes_one_copy(as_alice: Client, campaign: Campaign) -> None:
    write(campaign, "One")
    html = page(as_alice, campaign.get_absolute_url())
    key = re.findall(r'name="key" value="([^"]+)"', html)[0]
    url = reverse("studio:campaign_do", args=[campaign.uid, "duplicate"])
    first, second = (as_alice.post(url, {"key": key}) for _press in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Campaign.objects.count() == 2 and Brief.objects.count() == 2
    as_alice.post(url, {"key": "another"})
    assert Campaign.objects.count() == 3


def test_nothing_else_can_be_done_with_it(as_alice: Client, campaign: Campaign) -> None:
    assert as_alice.post(reverse("studio:campaign_do", args=[campaign.uid, "paint"])).status_code == 404
