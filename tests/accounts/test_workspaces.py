"""Workspaces themselves: made, renamed, their log; people who have none, and people who want many."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts import members
from accounts.models import Membership, Role, User, Workspace
from tests.accounts.inviting import invite, page, role_of


def test_a_new_workspace_is_owned_and_entered(as_alice: Client, alice: User) -> None:
    as_alice.post("/workspaces/new/", {"name": "Oat & Co"})
    made = Workspace.objects.get(name="Oat & Co")
    assert role_of(alice.email, made) == Role.OWNER
    assert "Oat &amp; Co" in as_alice.get("/campaigns/").content.decode()


def test_a_workspace_is_renamed(as_alice: Client, workspace: Workspace) -> None:
    as_alice.post(page(workspace, "rename/"), {"name": "Nordlys Roasters"})
    workspace.refresh_from_db()
    assert workspace.name == "Nordlys Roasters"
    assert as_alice.post(page(workspace, "rename/"), {"name": " "}).status_code == 422


def test_the_log_tells_what_was_done_and_pages(as_alice: Client, alice: User, workspace: Workspace) -> None:
    for number in range(60):
        members.rename(workspace, f"Name {number}", alice)
    told = as_alice.get(page(workspace, "log/")).content.decode()
    assert told.count("renamed this workspace") == 50
    assert "Name 59" in told and "Name 9<" not in told
    older = re.search(r'href="\?before=(\d+)"', told)
    assert older is not None
    rest = as_alice.get(page(workspace, "log/"), {"before": older[1]}).content.decode()
    assert rest.count("renamed this workspace") == 10 and "Name 9<" in rest


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_the_log_opens_whatever_stands_in_its_address(
    as_alice: Client, workspace: Workspace, before: str
) -> None:
    assert as_alice.get(page(workspace, "log/"), {"before": before}).status_code == 200


def test_a_name_fits_the_records_of_who_did_what() -> None:
    """PostgreSQL refuses a longer one: its owner could neither approve an ad nor take one out."""
    assert len(str(User(first_name="a" * 150, last_name="b" * 150))) == 254


# --- Without a workspace, and with many ----------------------------------------------------------------------


def test_who_left_the_last_workspace_is_told_of_open_invitations(
    as_alice: Client, as_bob: Client, bob: User, workspace: Workspace
) -> None:
    row = Membership.objects.get(user=bob)
    answer = as_bob.post(page(workspace, f"members/{row.pk}/"), {"remove": "1"}, follow=True)
    assert answer.status_code == 403
    html = answer.content.decode()
    assert "You’re not in a workspace" in html and "No pending invitations for bob@example.com" in html
    link = invite(as_alice, workspace, "bob@example.com", "viewer")
    html = as_bob.get("/").content.decode()
    assert "Alice invited you as Viewer" in html
    assert link not in html  # only the mail has it
    assert as_bob.post(link).status_code == 302


def test_the_wrong_person_is_told_whom_an_invitation_is_for(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    answer = as_alice.get(link)
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "This invitation is for dora@example.com, but you’re signed in as alice@example.com" in html
    assert "Join as" not in html and f"/accounts/logout/?next={link}" in html


def test_one_person_makes_only_so_many_workspaces(as_alice: Client, alice: User, settings: Any) -> None:
    settings.WORKSPACES_PER_PERSON = 2
    made = [members.found(f"No {n}", alice) for n in range(2)]
    answer = as_alice.post("/workspaces/new/", {"name": "No 3"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"][0].startswith("You’ve reached the limit of 2 workspaces")
    assert not Workspace.objects.filter(name="No 3").exists()
    Membership.objects.filter(workspace=made[0], user=alice).delete()
    with pytest.raises(members.Refused):  # leaving one does not make room for another
        members.found("No 3", alice)
    made[0].delete()
    members.found("No 3", alice)


def test_who_may_make_no_workspace_and_has_none_is_told_so(
    as_charlie: Client, charlie: User, settings: Any
) -> None:
    settings.WORKSPACES_PER_PERSON = 1
    members.found("Mine", charlie)
    Membership.objects.filter(user=charlie).delete()
    html = as_charlie.get("/").content.decode()
    assert "the limit of workspaces you can create" in html and "Create workspace" not in html


def test_without_a_limit_anybody_makes_any_number(alice: User, settings: Any) -> None:
    settings.WORKSPACES_PER_PERSON = 0
    for n in range(7):
        members.found(f"No {n}", alice)
