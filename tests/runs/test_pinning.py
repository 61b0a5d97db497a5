"""Pinning a run, by API and in the admin; who may, and what it leaves in the trail."""

import pytest
from django.test import Client

from accounts.models import Audit, User, Workspace
from runs.choosing import decide
from runs.models import Run, Verdict
from tests.conftest import make_token

from .admin_pages import act, trail


def test_the_api_pins_and_unpins(workspace: Workspace, alice: User, finished: Run) -> None:
    client = Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})
    url = f"/api/v1/runs/{finished.uid}"
    assert client.post(f"{url}/pin").json()["pinned"] is True
    assert client.post(f"{url}/pin").status_code == 200
    assert client.post(f"{url}/unpin").json()["pinned"] is False
    assert list(Audit.objects.order_by("pk").values_list("action", flat=True)) == ["run.pin", "run.unpin"]


@pytest.mark.parametrize("verb", ["pin", "unpin"])
def test_a_stranger_pins_nothing(charlie: User, finished: Run, verb: str) -> None:
    token = make_token(charlie.memberships.get().workspace, charlie)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.post(f"/api/v1/runs/{finished.uid}/{verb}").status_code == 404
    assert Client().post(f"/api/v1/runs/{finished.uid}/{verb}").status_code == 401


def test_the_admin_pins_and_unpins(admin: Client, finished: Run) -> None:
    assert "“Cold brew” is pinned." in act(admin, "run", "pin", finished)
    assert "“Cold brew” is already pinned." in act(admin, "run", "pin", finished)
    assert "“Cold brew” is pinned. Unpin it first." in act(
        admin, "run", "delete_selected", finished, post="yes"
    )
    assert "“Cold brew” is unpinned." in act(admin, "run", "unpin", finished)
    assert [action for _, action, _ in trail()] == ["run.pin", "run.unpin"]


def test_the_admin_deletes_no_approved_ad(admin: Client, finished: Run, alice: User) -> None:
    decide(finished.creatives.all()[0], Verdict.APPROVED, by=alice)
    shown = act(admin, "run", "delete_selected", finished, post="yes")
    assert "An ad of “Cold brew” is approved. Undo that first, or keep the run." in shown
    assert Run.objects.count() == 1
