"""Limits of a workspace, set in the admin and kept by the scheduler and at the order."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Audit, User, Workspace
from runs import lifecycle, quotas
from runs.errors import QuotaReached
from runs.models import WorkspacePolicy
from tests.conftest import brief

from .admin_pages import page, trail


def set_limits(admin: Client, workspace: Workspace, **limits: str) -> Any:
    data = {"workspace": str(workspace.pk), "most_running": "", "most_a_day": "", **limits}
    return admin.post(reverse("admin:runs_workspacepolicy_add"), data)


def test_a_limit_holds_as_soon_as_it_is_set(admin: Client, workspace: Workspace, alice: User) -> None:
    set_limits(admin, workspace, most_running="3", most_a_day="1")
    assert quotas.most_running([workspace.pk]) == {workspace.pk: 3}
    with pytest.raises(QuotaReached, match="can make 1 pictures in 24 hours"):
        lifecycle.start(workspace, alice, brief())
    assert trail() == [("chief@example.com", "policy.set", "workspace Nordlys")]
    assert Audit.objects.get().words == "at once: 3; a day: 1"


def test_an_empty_limit_is_that_of_the_settings(admin: Client, workspace: Workspace, settings: Any) -> None:
    settings.QUOTA_RUNNING = 7
    set_limits(admin, workspace)
    assert quotas.most_running([workspace.pk]) == {workspace.pk: 7}
    shown = admin.get(page("workspacepolicy")).content.decode()
    assert "7 (the setting)" in shown and "no limit" in shown


@pytest.mark.parametrize("wrong", ["0", "-1", "many"])
def test_a_limit_that_makes_no_sense_is_refused(admin: Client, workspace: Workspace, wrong: str) -> None:
    answer = set_limits(admin, workspace, most_running=wrong)
    assert list(answer.context["adminform"].form.errors) == ["most_running"]
    assert not WorkspacePolicy.objects.exists()


def test_a_policy_stays_with_its_workspace(admin: Client, workspace: Workspace) -> None:
    policy = WorkspacePolicy.objects.create(workspace=workspace, most_running=3)
    other = Workspace.objects.create(name="Elsewhere")
    data = {"workspace": str(other.pk), "most_running": "4", "most_a_day": ""}
    admin.post(page("workspacepolicy", policy), data)
    policy.refresh_from_db()
    assert (policy.workspace, policy.most_running) == (workspace, 4)


def test_a_removed_policy_leaves_its_trace(admin: Client, workspace: Workspace) -> None:
    policy = WorkspacePolicy.objects.create(workspace=workspace, most_running=3)
    admin.post(reverse("admin:runs_workspacepolicy_delete", args=[policy.pk]), {"post": "yes"})
    assert trail() == [("chief@example.com", "policy.delete", "workspace Nordlys")]
