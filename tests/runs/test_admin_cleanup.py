"""The admin's page Clean-up: rules of a workspace, what would go by them, and Apply."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import Audit, User, Workspace
from runs.models import CleanUp, RetentionPolicy, Run
from tests.runs.test_cleaning import somebody_cleans
from tests.runs.test_retention import aged, keys_of

# Files go after the commit: without real transactions they would stay.
pytestmark = pytest.mark.django_db(transaction=True)
OVERVIEW = "/admin/runs/cleanup/"


def plan_of(workspace: Workspace) -> str:
    return reverse("admin:runs_cleanup_plan", args=[workspace.pk])


def rules(**said: str) -> dict[str, str]:
    names = ("run_days", "picture_days", "ad_days", "failed_days", "keep_approved", "keep_pinned")
    return {**dict.fromkeys((*names, "keep_last", "megabytes"), ""), **said}


def shown(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_says_what_each_workspace_keeps_and_when_the_next_time_is(
    admin: Client, finished: Run, settings: Any
) -> None:
    settings.RETENTION_DAYS = 30
    html = shown(admin.get(OVERVIEW))
    assert "Nordlys" in html and "runs for 30 days" in html and "the settings" in html
    assert "within ten minutes" in html and "None yet." in html
    assert 'style="' not in html and "<script>" not in html


def test_rules_are_saved_with_what_they_would_remove_beside_them(
    admin: Client, workspace: Workspace, finished: Run
) -> None:
    aged(finished, 40)
    assert "Nothing to remove" in shown(admin.get(plan_of(workspace)))
    data = rules(run_days="30", keep_approved="false", megabytes="2")
    html = shown(admin.post(plan_of(workspace), data, follow=True))
    assert "The rules of Nordlys are saved." in html
    assert "To be removed: 1 entry" in html and "Ended 40 days ago, kept for 30." in html
    own = RetentionPolicy.objects.get()
    assert (own.run_days, own.picture_days, own.keep_approved, own.ceiling) == (30, None, False, 2 * 1024**2)
    assert Audit.objects.get().words == "runs for 30 days, approved ones are removed too, at most 2.0\xa0MB"
    assert Run.objects.count() == 1


@pytest.mark.parametrize(("name", "value"), [("run_days", "-1"), ("ad_days", "99999"), ("megabytes", "much")])
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(
    admin: Client, workspace: Workspace, name: str, value: str
) -> None:
    answer = admin.post(plan_of(workspace), rules(**{name: value}))
    assert list(answer.context["form"].errors) == [name]
    assert not RetentionPolicy.objects.exists()


def test_apply_removes_what_the_list_shows(admin: Client, workspace: Workspace, finished: Run) -> None:
    aged(finished, 40)
    keys = keys_of(finished)
    RetentionPolicy.objects.create(workspace=workspace, run_days=30)
    assert "Confirm that you’ve checked" in shown(admin.post(plan_of(workspace), {"apply": "x"}, follow=True))
    html = shown(admin.post(plan_of(workspace), {"apply": "x", "sure": "on"}, follow=True))
    assert "1 thing removed" in html and "Nothing to remove" in html
    assert not Run.objects.exists() and not any(default_storage.exists(key) for key in keys)
    assert CleanUp.objects.get().actor == "chief@example.com"
    assert "chief@example.com" in shown(admin.get(OVERVIEW))


def test_apply_says_so_while_another_clean_up_works(
    admin: Client, workspace: Workspace, finished: Run
) -> None:
    aged(finished, 40)
    RetentionPolicy.objects.create(workspace=workspace, run_days=30)
    with somebody_cleans():
        html = shown(admin.post(plan_of(workspace), {"apply": "x", "sure": "on"}, follow=True))
    assert "Another clean-up is in progress" in html and Run.objects.count() == 1


def test_who_may_only_look_changes_nothing(onlooker: Client, workspace: Workspace, finished: Run) -> None:
    aged(finished, 40)
    RetentionPolicy.objects.create(workspace=workspace, run_days=30)
    html = shown(onlooker.get(plan_of(workspace)))
    assert "To be removed: 1 entry" in html and "Apply: remove" not in html and "Save the rules" not in html
    assert onlooker.post(plan_of(workspace), rules(run_days="1")).status_code == 403
    assert onlooker.post(plan_of(workspace), {"apply": "x", "sure": "on"}).status_code == 403
    assert Run.objects.count() == 1


def test_who_may_not_see_clean_ups_does_not_see_the_page(workspace: Workspace) -> None:
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_run"))
    client = Client()
    client.force_login(staff)
    for url in (OVERVIEW, plan_of(workspace), reverse("admin:runs_cleanup_all")):
        assert client.get(url).status_code == 403


def test_a_long_plan_is_shown_a_page_at_a_time(
    admin: Client, workspace: Workspace, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.admin.cleanup.PAGE", 1)  # fifty runs would be slow to make
    RetentionPolicy.objects.create(workspace=workspace, picture_days=30, ad_days=30, run_days=90)
    aged(finished, 40)
    first, second = (shown(admin.get(plan_of(workspace) + f"?p={n}")) for n in (1, 2))
    assert "Pictures of a run" in first and "Page 1 of 2" in first and "Ads of a run" not in first
    assert "Ads of a run" in second and "Page 2 of 2" in second
