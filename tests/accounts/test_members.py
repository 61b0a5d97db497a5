"""People of a workspace: given a role, gone. Somebody always owns it, and who was removed stays out."""

from typing import Any

import pytest
from django.test import Client

from accounts import members
from accounts.models import Invitation, Membership, Role, User, Workspace
from tests.accounts.inviting import deeds, invite, page, role_of


def change(client: Client, member: Membership, **what: str) -> Any:
    return client.post(page(member.workspace, f"members/{member.pk}/"), what, follow=True)


def test_an_owner_changes_a_role(as_alice: Client, bob: User, workspace: Workspace) -> None:
    answer = change(as_alice, bob.memberships.get(), role="editor")
    assert "Bob’s role is now Editor." in answer.content.decode()
    assert role_of(bob.email, workspace) == Role.EDITOR
    assert deeds(workspace) == ["member.role"]


def test_a_role_that_is_none_changes_nothing(as_alice: Client, bob: User, workspace: Workspace) -> None:
    answer = change(as_alice, bob.memberships.get(), role="emperor")
    assert "Choose one of the three roles." in answer.content.decode()
    assert role_of(bob.email, workspace) == Role.VIEWER


def test_who_is_removed_is_out_at_once(
    as_alice: Client, as_bob: Client, bob: User, workspace: Workspace
) -> None:
    change(as_alice, bob.memberships.get(), remove="1")
    assert as_bob.get(page(workspace)).status_code == 404 or as_bob.get("/campaigns/").status_code == 403
    assert deeds(workspace) == ["member.remove"]


def test_everybody_may_leave(as_bob: Client, bob: User, workspace: Workspace) -> None:
    as_bob.post(page(workspace, f"members/{bob.memberships.get().pk}/"), {"remove": "1"})
    assert role_of(bob.email, workspace) is None
    assert deeds(workspace) == ["member.leave"]


@pytest.mark.parametrize("what", [{"remove": "1"}, {"role": "viewer"}])
def test_the_last_owner_stays(as_alice: Client, alice: User, workspace: Workspace, what: Any) -> None:
    answer = change(as_alice, alice.memberships.get(), **what)
    assert "Make someone else an owner first." in answer.content.decode()
    assert role_of(alice.email, workspace) == Role.OWNER


def test_the_only_owner_is_not_offered_to_leave(
    as_alice: Client, alice: User, bob: User, workspace: Workspace
) -> None:
    assert 'id="leave"' not in as_alice.get(page(workspace)).content.decode()
    members.change_role(bob.memberships.get(), Role.OWNER, alice)
    assert 'id="leave"' in as_alice.get(page(workspace)).content.decode()


def test_a_refused_leave_stays_on_the_page(as_alice: Client, alice: User, workspace: Workspace) -> None:
    answer = as_alice.post(page(workspace, f"members/{alice.memberships.get().pk}/"), {"remove": "1"})
    assert answer.headers["Location"] == page(workspace)


def test_who_only_looks_manages_nobody(as_bob: Client, alice: User, bob: User, workspace: Workspace) -> None:
    told = as_bob.get(page(workspace)).content.decode()
    assert "Alice" in told and "Invite a colleague" not in told and "Activity log" not in told
    for row in (alice.memberships.get(), bob.memberships.get()):
        assert change(as_bob, row, role="owner").status_code == 403
    assert change(as_bob, alice.memberships.get(), remove="1").status_code == 403
    assert (role_of(alice.email, workspace), role_of(bob.email, workspace)) == (Role.OWNER, Role.VIEWER)


def test_a_member_of_another_workspace_is_not_changed_from_here(
    as_alice: Client, charlie: User, workspace: Workspace
) -> None:
    theirs = charlie.memberships.get()
    answer = as_alice.post(page(workspace, f"members/{theirs.pk}/"), {"remove": "1"})
    assert answer.status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()


def test_who_was_removed_does_not_come_back_by_an_invitation_of_their_own(
    alice: User, bob: User, workspace: Workspace
) -> None:
    row = bob.memberships.get()
    members.change_role(row, Role.OWNER, alice)
    own, _secret = members.invite(workspace, bob, Role.OWNER)
    theirs, _secret = members.invite(workspace, alice, Role.VIEWER)
    members.remove(row, alice)
    with pytest.raises(members.Refused, match="used or revoked"):
        members.accept(own, bob)
    assert list(Invitation.alive()) == [theirs]


def test_who_was_removed_does_not_come_back_by_an_invitation_to_them(
    as_alice: Client, alice: User, charlie: User, workspace: Workspace
) -> None:
    invite(as_alice, workspace, charlie.email, role="owner")
    by_link, _secret = members.invite(workspace, alice, Role.VIEWER)
    member = members.accept(by_link, charlie)
    members.remove(member, alice)
    assert not Invitation.alive().exists()


def test_an_owner_no_more_has_no_open_invitations(alice: User, bob: User, workspace: Workspace) -> None:
    row = bob.memberships.get()
    members.change_role(row, Role.OWNER, alice)
    members.invite(workspace, bob, Role.OWNER)
    members.change_role(row, Role.VIEWER, alice)
    assert not Invitation.alive().exists()


def test_somebody_who_cannot_sign_in_is_no_owner_to_leave_it_to(
    alice: User, bob: User, workspace: Workspace
) -> None:
    members.change_role(bob.memberships.get(), Role.OWNER, alice)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(members.Refused, match="Make someone else an owner first"):
        members.remove(alice.memberships.get(), alice)
    members.remove(bob.memberships.get(), alice)


def test_two_who_change_a_member_at_once_are_told(alice: User, bob: User, workspace: Workspace) -> None:
    row, same = bob.memberships.get(), bob.memberships.get()
    members.remove(row, alice)
    with pytest.raises(members.Refused, match="no longer in this workspace"):
        members.change_role(same, Role.EDITOR, alice)
    with pytest.raises(members.Refused, match="no longer in this workspace"):
        members.remove(bob.memberships.model(pk=same.pk, user=bob, workspace=workspace), alice)
    assert deeds(workspace) == ["member.remove"]
