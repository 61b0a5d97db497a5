"""The admin: everything can be read, nothing can be typed into a run, and every deed goes through lifecycle."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.lists import FAR_ENOUGH, ShortCount
from accounts.models import User, Workspace
from runs import choosing, deleting, export, leases, lifecycle
from runs.models import Creative, Generation, Picture, Removal, Run, Server, Transition, Verdict
from runs.states import RunStatus, Status
from studio.models import Brief, Campaign
from tests.conftest import begin, brief, fail, finish, make_server

from .admin_pages import act, page, trail

RECORDS = ["run", "generation", "transition", "picture", "creative", "asset", "workflow"]
RECORDS += ["decision", "export"]


# --- Looking -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*RECORDS, "server"])
def test_every_record_has_a_list(admin: Client, finished: Run, model: str) -> None:
    assert admin.get(page(model)).status_code == 200


@pytest.mark.parametrize("model", ["run", "generation", "transition", "picture", "creative", "workflow"])
def test_every_record_opens_and_none_can_be_saved(admin: Client, finished: Run, model: str) -> None:
    models: dict[str, Any] = {
        "run": Run,
        "generation": Generation,
        "transition": Transition,
        "picture": Picture,
        "creative": Creative,
        "workflow": type(finished.workflow),
    }
    row = models[model].objects.first()
    shown = admin.get(page(model, row)).content.decode()
    assert 'name="_save"' not in shown
    assert admin.post(page(model, row), {"name": "Other", "_save": "Save"}).status_code == 403


def test_what_was_decided_and_taken_out_is_found_by_its_run_and_opens(
    admin: Client, finished: Run, alice: User
) -> None:
    ad = finished.creatives.all()[0]
    choosing.decide(ad, Verdict.APPROVED, by=alice)
    order = export.record(export.of_run(finished), alice)
    assert _rows(admin.get(page("decision", q=str(finished.uid)))) == 1
    assert _rows(admin.get(page("export", q=str(finished.workspace.uid)))) == 1
    for model, row in (("decision", ad.decisions.get()), ("export", order)):
        shown = admin.get(page(model, row)).content.decode()
        assert "Alice" in shown and 'name="_save"' not in shown


def test_every_record_stands_in_a_group(admin: Client) -> None:
    groups = {
        group["name"]: group["models"] for group in admin.get(reverse("admin:index")).context["app_list"]
    }
    assert list(groups)[:5] == ["Work", "Files", "Orders", "People", "Access"]
    assert all(entry["object_name"].startswith("Procrastinate") for entry in groups.get("More", []))


@pytest.mark.parametrize("model", RECORDS)
def test_records_are_neither_added_nor_deleted_by_hand(admin: Client, finished: Run, model: str) -> None:
    assert admin.get(reverse(f"admin:runs_{model}_add")).status_code == 403
    row = Run.objects.first() if model == "run" else None
    if row is not None:
        assert admin.post(reverse("admin:runs_run_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert Run.objects.count() == 1


def test_a_run_links_to_its_pictures_instead_of_holding_them(admin: Client, finished: Run) -> None:
    shown = admin.get(page("run", finished)).content.decode()
    link = f"{page('generation')}?run__id__exact={finished.pk}"
    assert f'href="{link}"' in shown
    assert shown.count("/admin/runs/generation/") == 2  # that link, and the one in the navigation
    assert admin.get(link).content.decode().count('class="field-__str__"') == 2


def test_a_picture_shows_every_step_of_its_life(admin: Client, finished: Run) -> None:
    generation = finished.generations.first()
    shown = admin.get(page("generation", generation)).content.decode()
    events = re.findall(r'<td class="field-event">\s*<p>(\w+)</p>', shown)
    assert events == ["create", "assign", "rendered", "composed"]


def test_the_list_of_ads_asks_for_no_row_twice(
    admin: Client, finished: Run, workspace: Workspace, alice: User
) -> None:
    with _queries() as few:
        admin.get(page("creative"))
    for _ in range(3):
        finish(lifecycle.start(workspace, alice, brief()))
    with _queries() as many:
        admin.get(page("creative"))
    assert len(many) == len(few)


def test_no_list_counts_its_whole_table(admin: Client, finished: Run) -> None:
    with _queries() as asked:
        for model in ("run", "generation", "transition", "picture", "creative"):
            admin.get(page(model))
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"].upper()]
    assert len(counts) == 5
    assert [sql for sql in counts if f"LIMIT {FAR_ENOUGH}" not in sql] == []


@pytest.mark.parametrize(
    "name",
    [
        "accounts_audit",
        "accounts_apitoken",
        "accounts_invitation",
        "accounts_user",
        "accounts_workspace",
        "studio_brief",
        "studio_campaign",
        "studio_brandkit",
    ],
)
def test_no_list_of_people_or_briefs_counts_or_reads_its_whole_table(
    admin: Client, finished: Run, name: str
) -> None:
    with _queries() as asked:
        assert admin.get(reverse(f"admin:{name}_changelist")).status_code == 200
    sql = [query["sql"].upper() for query in asked]
    assert [one for one in sql if "COUNT(" in one and f"LIMIT {FAR_ENOUGH}" not in one] == []
    assert [one for one in sql if "SELECT DISTINCT" in one] == []


def test_a_short_count_never_goes_further_than_people_page(finished: Run) -> None:
    assert ShortCount(Generation.objects.order_by("-pk"), 1).count == 2


@pytest.mark.parametrize(
    ("model", "filters"),
    [
        ("run", {"status__exact": "done", "simulated__exact": "0"}),
        ("generation", {"status__exact": "done", "run__simulated__exact": "0"}),
        ("picture", {"simulated__exact": "0"}),
        ("creative", {"state__exact": "ready"}),
        ("transition", {"event": "composed"}),
    ],
)
def test_lists_are_filtered(admin: Client, finished: Run, model: str, filters: dict[str, str]) -> None:
    assert _rows(admin.get(page(model, **filters))) > 0
    nothing = {name: "1" if value == "0" else "failed" for name, value in filters.items()}
    nothing = {"event": "fail"} if model == "transition" else nothing
    assert _rows(admin.get(page(model, **nothing))) == 0


def test_pictures_are_filtered_by_server_and_workspace(admin: Client, finished: Run) -> None:
    server = Server.objects.get()
    other = make_server("gpu-2")
    assert _rows(admin.get(page("generation", server__id__exact=server.pk))) == 2
    assert _rows(admin.get(page("generation", server__id__exact=other.pk))) == 0
    assert _rows(admin.get(page("generation", workspace__id__exact=finished.workspace_id))) == 2


@pytest.mark.parametrize("model", ["run", "generation", "transition", "picture", "creative"])
def test_the_uid_of_a_run_finds_what_belongs_to_it(admin: Client, finished: Run, model: str) -> None:
    lifecycle.start(finished.workspace, None, brief(name="Another"))
    found = admin.get(page(model, q=str(finished.uid)))
    assert _rows(found) == {"run": 1, "generation": 2, "transition": 8, "picture": 2, "creative": 2}[model]


def test_a_run_is_found_by_its_name_and_by_the_brief_it_came_from(admin: Client, finished: Run) -> None:
    origin = uuid4()
    for name in ("Other", "Another"):
        lifecycle.start(finished.workspace, None, brief(name=name), origin=origin)
    assert _rows(admin.get(page("run", q="old bre"))) == 1
    assert _rows(admin.get(page("run", q=str(origin)))) == 2
    assert _rows(admin.get(page("run", q="nothing like it"))) == 0


def test_the_admin_keeps_the_security_policy(admin: Client, finished: Run) -> None:
    for url in (page("run"), page("run", finished), page("server"), reverse("admin:index")):
        answer = admin.get(url)
        html = answer.content.decode()
        assert "script-src 'self'; style-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "<style" not in html and " style=" not in html and "<script>" not in html
        assert "/static/css/admin.css" in html


@pytest.mark.parametrize("cast", ["as_alice", "as_charlie"])
def test_owners_of_a_workspace_are_not_let_into_the_admin(cast: str, request: Any) -> None:
    answer = request.getfixturevalue(cast).get(page("run"))
    assert answer.status_code == 302 and "/admin/login/" in answer.headers["Location"]


# --- Runs ----------------------------------------------------------------------------------------------------


def test_a_run_is_stopped_and_the_trail_says_by_whom(admin: Client, run: Run) -> None:
    assert "2 pictures stopped" in act(admin, "run", "cancel", run)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert trail() == [("chief@example.com", "run.cancel", f"run {run.uid}")]
    assert set(Transition.objects.filter(event="cancel").values_list("actor", flat=True)) == {
        "chief@example.com"
    }


def test_stopping_what_is_over_changes_and_notes_nothing(admin: Client, finished: Run) -> None:
    assert "was not running" in act(admin, "run", "cancel", finished)
    assert trail() == []


def test_failed_pictures_of_a_run_are_tried_again(admin: Client, run: Run) -> None:
    fail(run)
    assert "2 pictures tried again" in act(admin, "run", "retry", run)
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING
    assert trail() == [("chief@example.com", "run.retry", f"run {run.uid}")]


def test_deleting_asks_first_and_says_what_goes(admin: Client, finished: Run) -> None:
    shown = act(admin, "run", "delete_selected", finished)
    for part in (
        "brought back for 30 days",
        "Runs: 1",
        "Pictures: 2",
        "Ads: 2",
        "On the disk:",
        "Yes, I’m sure",
    ):
        assert part in shown
    assert Run.objects.count() == 1


def test_deleting_leaves_the_files_to_be_had_back(admin: Client, finished: Run) -> None:
    keys = [*Creative.objects.values_list("key", flat=True), *Picture.objects.values_list("key", flat=True)]
    assert len(keys) == 4
    act(admin, "run", "delete_selected", finished, post="yes")
    assert not Run.objects.exists()
    assert all(default_storage.exists(key) for key in keys)
    assert trail() == [("chief@example.com", "run.delete", f"run {finished.uid}")]


def test_a_running_run_is_not_deleted_and_the_page_says_why(admin: Client, run: Run) -> None:
    shown = act(admin, "run", "delete_selected", run, post="yes")
    assert "“Cold brew” is still running. Stop it first." in shown
    assert Run.objects.count() == 1
    assert trail() == []


def test_one_running_run_does_not_keep_the_others(admin: Client, finished: Run, run: Run) -> None:
    running = lifecycle.start(finished.workspace, None, brief(name="Running"))
    shown = act(admin, "run", "delete_selected", finished, running, post="yes")
    assert "“Running” is still running" in shown
    assert list(Run.objects.all()) == [running]


def test_a_workspace_with_runs_is_not_deleted_past_lifecycle(admin: Client, finished: Run) -> None:
    url = reverse("admin:accounts_workspace_delete", args=[finished.workspace_id])
    admin.post(url, {"post": "yes"})
    assert Workspace.objects.filter(pk=finished.workspace_id).exists()
    deleting.delete(finished, actor="chief")
    admin.post(url, {"post": "yes"})
    assert Run.everything.count() == 1


@pytest.mark.django_db(transaction=True)  # files go after the commit
def test_a_run_whose_files_cannot_go_yet_is_deleted_all_the_same(admin: Client, finished: Run) -> None:
    stuck = Path(settings.MEDIA_ROOT) / finished.creatives.all()[0].key
    stuck.unlink()
    (stuck / "in-the-way").mkdir(parents=True)
    deleting.delete(finished, actor="chief")
    assert "deleted permanently" in act(admin, "deletedrun", "delete_selected", finished, post="yes")
    assert [action for _, action, _ in trail()] == ["run.remove"]
    assert Run.everything.count() == 0 and Removal.objects.count() == 1


@pytest.mark.parametrize("action", ["cancel", "retry", "delete_selected"])
def test_who_may_only_look_has_no_actions(onlooker: Client, run: Run, action: str) -> None:
    assert onlooker.get(page("run", run)).status_code == 200
    act(onlooker, "run", action, run, post="yes")
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING
    assert trail() == []


def test_a_run_is_stopped_on_its_own_page_too(admin: Client, run: Run) -> None:
    data = {"CHANGE_FORM-action": "cancel", "_selected_action": run.pk}
    assert admin.post(page("run", run), data).status_code == 302
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


# --- Pictures ------------------------------------------------------------------------------------------------


def test_one_picture_is_stopped_and_the_run_goes_on(admin: Client, run: Run) -> None:
    first, second = run.generations.all()
    assert "1 picture stopped" in act(admin, "generation", "cancel", first)
    assert [row.status for row in run.generations.all()] == [Status.CANCELLED, Status.WAITING]
    assert trail() == [("chief@example.com", "generation.cancel", f"run {run.uid}")]
    assert second.status == Status.WAITING


def test_a_picture_on_a_gpu_is_left_to_its_worker(admin: Client, run: Run) -> None:
    first = run.generations.all()[0]
    begin(first, make_server())
    act(admin, "generation", "cancel", first)
    assert leases.to_cancel("test-worker") == [first.pk]


def test_failed_pictures_are_tried_again_and_finished_ones_left(
    admin: Client, finished: Run, workspace: Workspace
) -> None:
    failed = fail(lifecycle.start(workspace, None, brief()))
    shown = act(admin, "generation", "retry", *finished.generations.all(), *failed.generations.all())
    assert "2 pictures tried again. Unchanged: 2." in shown
    assert {row.status for row in failed.generations.all()} == {Status.WAITING}
    assert trail() == [("chief@example.com", "generation.retry", f"run {failed.uid}")]


# --- Campaigns and briefs ------------------------------------------------------------------------------------


def test_campaigns_and_briefs_are_listed_and_a_brief_leads_to_its_runs(
    admin: Client, workspace: Workspace
) -> None:
    campaign = Campaign.objects.create(workspace=workspace, name="Summer")
    row = Brief.objects.create(workspace=workspace, campaign=campaign, name="One", spec={})
    for model in ("campaign", "brief"):
        assert admin.get(reverse(f"admin:studio_{model}_changelist")).status_code == 200
    shown = admin.get(reverse("admin:studio_brief_change", args=[row.pk])).content.decode()
    assert f'href="{page("run")}?q={row.uid}"' in shown
    assert 'name="_save"' not in shown


def test_a_campaign_cannot_be_moved_to_another_workspace(admin: Client, workspace: Workspace) -> None:
    campaign = Campaign.objects.create(workspace=workspace, name="Summer")
    other = Workspace.objects.create(name="Elsewhere")
    url = reverse("admin:studio_campaign_change", args=[campaign.pk])
    admin.post(url, {"name": "Autumn", "goal": "", "workspace": other.pk})
    campaign.refresh_from_db()
    assert (campaign.name, campaign.workspace) == ("Autumn", workspace)


def _rows(answer: Any) -> int:
    assert answer.status_code == 200
    return len(answer.context["cl"].result_list)


def _queries() -> Any:
    return CaptureQueriesContext(connection)
