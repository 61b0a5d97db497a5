"""What the frame of every page says about the studio as a whole, and where it leads."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role, User, Workspace
from runs.models import Run
from runs.states import ServerState
from studio.room import Room
from tests.conftest import make_server

TEST_MODE = "pictures come from the simulator"


def campaigns(client: Client) -> str:
    return client.get(reverse("studio:campaigns")).content.decode()


def test_the_studio_says_that_it_is_in_test_mode(as_alice: Client) -> None:
    make_server("Simulator", simulated=True)
    assert TEST_MODE in campaigns(as_alice)


def test_no_page_claims_test_mode_once_a_real_server_is_known(as_alice: Client, run: Run) -> None:
    make_server("Simulator", simulated=True)
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer.")
    html = as_alice.get(reverse("studio:run", args=[run.uid])).content.decode()
    assert TEST_MODE not in html + campaigns(as_alice)
    assert "No GPU server is responding. gpu-1 does not answer." in html


def test_a_new_run_lists_only_the_servers_that_can_paint_it(run: Run) -> None:
    make_server("Simulator", simulated=True)
    assert [line.name for line in Room(run).servers] == ["Simulator"]
    make_server()
    assert [line.name for line in Room(run).servers] == ["gpu-1"]


# --- Several workspaces, and none ----------------------------------------------------------------------------


@pytest.fixture
def second(alice: User) -> Workspace:
    workspace = Workspace.objects.create(name="Sørlys")
    Membership.objects.create(workspace=workspace, user=alice, role=Role.EDITOR)
    return workspace


def enter(client: Client, workspace: Workspace) -> int:
    return client.post(reverse("studio:workspace_enter", args=[workspace.uid])).status_code


def test_who_works_in_one_workspace_has_nothing_to_choose(as_alice: Client) -> None:
    assert 'id="workspaces"' not in campaigns(as_alice)


def test_who_works_in_two_goes_from_one_to_the_other_and_back(
    as_alice: Client, workspace: Workspace, second: Workspace
) -> None:
    assert f"/workspaces/{second.uid}/enter/" in campaigns(as_alice)
    assert enter(as_alice, second) == 302
    as_alice.post(reverse("studio:campaign_new"), {"name": "Autumn", "goal": ""})
    html = campaigns(as_alice)
    assert "Autumn" in html and f"/workspaces/{workspace.uid}/enter/" in html
    enter(as_alice, workspace)
    assert "Autumn" not in campaigns(as_alice)


def test_a_workspace_of_others_cannot_be_entered(as_charlie: Client, workspace: Workspace) -> None:
    assert enter(as_charlie, workspace) == 404
    assert as_charlie.post(reverse("studio:workspace_enter", args=[uuid4()])).status_code == 404


def test_who_leaves_the_chosen_workspace_is_back_in_the_first(
    as_alice: Client, workspace: Workspace, second: Workspace
) -> None:
    enter(as_alice, second)
    Membership.objects.filter(workspace=second).delete()
    assert workspace.name in campaigns(as_alice)


def test_who_belongs_nowhere_can_sign_out_and_staff_reach_the_admin(admin: Client, db: None) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("new@example.com"))
    for client, staff in ((stranger, False), (admin, True)):
        answer = client.get(reverse("studio:campaigns"))
        assert answer.status_code == 403
        html = answer.content.decode()
        assert f'action="{reverse("account_logout")}"' in html
        assert (reverse("admin:index") in html) == staff
        assert "Back to the studio" not in html  # it would only lead here again


def test_who_may_only_look_is_led_back(as_bob: Client, run: Run) -> None:
    answer = as_bob.post(reverse("studio:run_stop", args=[run.uid]))
    assert answer.status_code == 403 and "Back to the studio" in answer.content.decode()


def test_colours_are_not_offered_where_no_script_can_change_them(as_alice: Client) -> None:
    html = campaigns(as_alice)
    assert 'onlyjs" type="button" data-theme-toggle' in html
    assert 'class="seg onlyjs"' in html.partition("data-theme-set")[0].rpartition("<div")[2]
