"""People of a workspace: invited, joined, given a role, gone. Nobody gets in uninvited, and somebody always owns it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from accounts import members
from accounts.models import Audit, Invitation, Membership, Role, User, Workspace

PASSWORD = "a long walk to the sea"


def page(workspace: Workspace, rest: str = "members/") -> str:
    return f"/workspaces/{workspace.uid}/{rest}"


def invite(client: Client, workspace: Workspace, email: str = "", role: str = "editor") -> str:
    """The path of the link that the page shows."""
    answer = client.post(page(workspace, "members/invite/"), {"email": email, "role": role})
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'id="link">http://[^/]+(/accounts/invited/[^<]+)<', answer.content.decode())
    assert found is not None
    return found[1]


def newcomer(**changes: str) -> dict[str, str]:
    return {"name": "Dora Vik", "email": "dora@example.com", "password": PASSWORD, **changes}


def role_of(email: str, workspace: Workspace) -> str | None:
    found = Membership.objects.filter(user__email=email, workspace=workspace).first()
    return found.role if found else None


def deeds(workspace: Workspace) -> list[str]:
    return list(Audit.objects.filter(workspace=workspace).order_by("pk").values_list("action", flat=True))


# --- Inviting ------------------------------------------------------------------------------------------------


def test_an_invited_colleague_makes_an_account_and_is_in(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    dora = Client()
    assert "Alice invites you as Editor" in dora.get(link).content.decode()
    answer = dora.post(link, newcomer())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert get_user(dora).get_full_name() == "Dora Vik"  # type: ignore[union-attr]
    assert role_of("dora@example.com", workspace) == Role.EDITOR
    assert deeds(workspace) == ["member.invite", "member.join"]


def test_an_invitation_works_once(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace)
    assert Client().post(link, newcomer()).status_code == 302
    late = Client().post(link, newcomer(email="erik@example.com"))
    assert late.status_code == 410
    assert not User.objects.filter(email="erik@example.com").exists()


def test_an_invitation_by_mail_makes_no_account_for_another_address(
    as_alice: Client, workspace: Workspace
) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    Client().post(link, newcomer(email="mallory@example.com"))
    assert role_of("mallory@example.com", workspace) is None
    assert role_of("dora@example.com", workspace) == Role.EDITOR


def test_who_is_signed_in_as_somebody_else_does_not_get_in(
    as_alice: Client, as_charlie: Client, workspace: Workspace
) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    answer = as_charlie.post(link, follow=True)
    assert "This invitation is for dora@example.com" in answer.content.decode()
    assert role_of("charlie@example.com", workspace) is None
    assert Invitation.alive().count() == 1


def test_who_has_an_account_joins_with_one_press(
    as_alice: Client, as_charlie: Client, workspace: Workspace
) -> None:
    link = invite(as_alice, workspace, "charlie@example.com", "viewer")
    assert "Join as charlie@example.com" in as_charlie.get(link).content.decode()
    as_charlie.post(link)
    assert role_of("charlie@example.com", workspace) == Role.VIEWER
    assert workspace.name in as_charlie.get("/campaigns/").content.decode()


def test_who_has_an_account_is_asked_to_sign_in_first(
    as_alice: Client, charlie: User, workspace: Workspace
) -> None:
    link = invite(as_alice, workspace, charlie.email)
    told = Client().get(link).content.decode()
    assert f"/accounts/login/?next={link}" in told and 'name="password"' not in told


def test_an_address_with_an_account_is_not_taken_over(
    as_alice: Client, charlie: User, workspace: Workspace
) -> None:
    link = invite(as_alice, workspace)
    answer = Client().post(link, newcomer(email="CHARLIE@example.com"))
    assert answer.status_code == 422
    assert "This address has an account" in answer.content.decode()
    assert Invitation.alive().count() == 1


def test_an_account_of_other_case_is_the_same_person(
    as_alice: Client, charlie: User, workspace: Workspace
) -> None:
    User.objects.filter(pk=charlie.pk).update(email="Charlie@Example.com")  # as an import may leave it
    by_mail = invite(as_alice, workspace, "charlie@example.com")
    assert "Sign in, and you are asked to join" in Client().get(by_mail).content.decode()
    answer = Client().post(invite(as_alice, workspace), newcomer(email="charlie@example.com"))
    assert answer.status_code == 422


@pytest.mark.django_db
def test_the_admin_writes_addresses_small() -> None:
    dora = User(email="Dora@Example.com", password="!")
    dora.full_clean()
    assert dora.email == "dora@example.com"


def test_two_presses_at_once_make_one_account(as_alice: Client, workspace: Workspace) -> None:
    link, rivals = invite(as_alice, workspace), [User(email="dora@example.com")]

    def be_faster(**_: Any) -> None:
        if rivals:
            User.objects.bulk_create([rivals.pop()])

    pre_save.connect(be_faster, sender=User)
    try:
        answer = Client().post(link, newcomer())
    finally:
        pre_save.disconnect(be_faster, sender=User)
    assert (answer.status_code, answer.headers["Location"]) == (302, link)


@pytest.mark.django_db(transaction=True)
def test_two_invitations_used_at_once_make_one_membership(
    alice: User, charlie: User, workspace: Workspace
) -> None:
    ready = Barrier(2)

    def accept(invitation: Invitation) -> int:
        connection.ensure_connection()
        ready.wait(10)
        try:
            return members.accept(invitation, charlie).pk
        finally:
            connection.close()

    for _ in range(5):
        both = [members.invite(workspace, alice, Role.EDITOR)[0] for _ in range(2)]
        with ThreadPoolExecutor(2) as threads:
            joined = list(threads.map(accept, both))
        assert joined[0] == joined[1] and Invitation.alive().count() == 1
        members.remove(charlie.memberships.get(workspace=workspace), alice)
        members.withdraw(Invitation.alive().get(), alice)


@pytest.mark.parametrize("password", ["short", "password12", "1234567890"])
def test_a_weak_password_is_refused_at_its_field(
    as_alice: Client, workspace: Workspace, password: str
) -> None:
    answer = Client().post(invite(as_alice, workspace), newcomer(password=password))
    assert answer.status_code == 422
    assert 'id="id_password_error"' in answer.content.decode()
    assert not User.objects.filter(email="dora@example.com").exists()


def test_an_invitation_that_is_too_old_is_over(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(link).status_code == 410


def test_a_withdrawn_invitation_is_over(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    uid = Invitation.objects.get().uid
    assert "dora@example.com" in as_alice.get(page(workspace)).content.decode()
    as_alice.post(page(workspace, f"invitations/{uid}/"))
    assert Client().get(link).status_code == 410
    assert "Open invitations" not in as_alice.get(page(workspace)).content.decode()
    assert deeds(workspace) == ["member.invite", "member.withdraw"]


def test_an_invitation_of_a_deleted_account_names_nobody(as_alice: Client, workspace: Workspace) -> None:
    invite(as_alice, workspace, "dora@example.com")
    Invitation.objects.update(invited_by=None)
    told = as_alice.get(page(workspace)).content.decode()
    assert "Editor, ends in" in told and "by ," not in told


def test_a_second_invitation_takes_the_place_of_the_first(as_alice: Client, workspace: Workspace) -> None:
    first = invite(as_alice, workspace, "dora@example.com")
    second = invite(as_alice, workspace, "Dora@Example.com", "viewer")
    assert Client().get(first).status_code == 410
    Client().post(second, newcomer())
    assert role_of("dora@example.com", workspace) == Role.VIEWER


def test_who_is_here_already_is_not_invited(as_alice: Client, bob: User, workspace: Workspace) -> None:
    answer = as_alice.post(page(workspace, "members/invite/"), {"email": bob.email, "role": "owner"})
    assert answer.status_code == 422
    assert "bob@example.com is already here" in answer.content.decode()


def test_an_invitation_does_not_change_the_role_of_who_is_here(
    as_alice: Client, as_bob: Client, workspace: Workspace
) -> None:
    as_bob.post(invite(as_alice, workspace, role="owner"))
    assert role_of("bob@example.com", workspace) == Role.VIEWER
    assert Invitation.alive().count() == 1


def test_a_workspace_has_a_limit_of_open_invitations(workspace: Workspace, alice: User) -> None:
    for _ in range(members.MOST_OPEN):
        members.invite(workspace, alice, Role.VIEWER)
    with pytest.raises(members.Refused, match="Withdraw some first"):
        members.invite(workspace, alice, Role.VIEWER)


def test_one_person_invites_only_so_many_a_day(alice: User) -> None:
    for number in range(members.MOST_A_DAY // members.MOST_OPEN):
        place = members.found(f"Workspace {number}", alice)
        for _ in range(members.MOST_OPEN):
            members.invite(place, alice, Role.VIEWER)
    place = members.found("One more", alice)
    with pytest.raises(members.Refused, match="Go on tomorrow"):
        members.invite(place, alice, Role.VIEWER)
    Invitation.objects.update(created_at=timezone.now() - members.DAY)
    members.invite(place, alice, Role.VIEWER)


def test_nobody_takes_the_address_of_an_invitation(as_charlie: Client, charlie: User) -> None:
    for action in ("add", "primary"):
        answer = as_charlie.post("/accounts/email/", {f"action_{action}": "", "email": "dora@example.com"})
        assert answer.status_code == 404
    charlie.refresh_from_db()
    assert charlie.email == "charlie@example.com"


def test_an_invitation_goes_out_by_mail(as_alice: Client, workspace: Workspace, settings: Any) -> None:
    settings.SENDS_MAIL = True
    link = invite(as_alice, workspace, "dora@example.com")
    assert mail.outbox[0].to == ["dora@example.com"]
    assert link in str(mail.outbox[0].body)
    assert mail.outbox[0].subject == f"Alice invites you to {workspace.name}"


def test_a_mail_server_that_is_away_leaves_the_link(
    as_alice: Client, workspace: Workspace, settings: Any
) -> None:
    settings.SENDS_MAIL = True
    options = {"host": "127.0.0.1", "port": 9, "timeout": 1}
    settings.MAILERS = {
        "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
    }
    answer = as_alice.post(
        page(workspace, "members/invite/"), {"email": "dora@example.com", "role": "editor"}
    )
    assert "Pass this link on to dora@example.com" in answer.content.decode()


def test_no_secret_of_an_invitation_is_kept(as_alice: Client, workspace: Workspace) -> None:
    secret = invite(as_alice, workspace).split("/")[3]
    kept = Invitation.objects.values().get()
    assert secret not in str(kept) and len(kept["digest"]) == 64


# --- Roles ---------------------------------------------------------------------------------------------------


def change(client: Client, member: Membership, **what: str) -> Any:
    return client.post(page(member.workspace, f"members/{member.pk}/"), what, follow=True)


def test_an_owner_changes_a_role(as_alice: Client, bob: User, workspace: Workspace) -> None:
    answer = change(as_alice, bob.memberships.get(), role="editor")
    assert "Bob is Editor now." in answer.content.decode()
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
    assert "Make somebody else owner first." in answer.content.decode()
    assert role_of(alice.email, workspace) == Role.OWNER


def test_who_only_looks_manages_nobody(as_bob: Client, alice: User, bob: User, workspace: Workspace) -> None:
    told = as_bob.get(page(workspace)).content.decode()
    assert "Alice" in told and "Invite a colleague" not in told and "What was done" not in told
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
    with pytest.raises(members.Refused, match="withdrawn meanwhile"):
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
    with pytest.raises(members.Refused, match="Make somebody else owner first"):
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


# --- The workspace itself ------------------------------------------------------------------------------------


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
    assert "You are in no workspace" in html and "None is open for bob@example.com" in html
    link = invite(as_alice, workspace, "bob@example.com", "viewer")
    html = as_bob.get("/").content.decode()
    assert "Alice invites you as Viewer" in html
    assert link not in html  # only the mail has it
    assert as_bob.post(link).status_code == 302


def test_the_wrong_person_is_told_whom_an_invitation_is_for(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    answer = as_alice.get(link)
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "This invitation is for dora@example.com, and you are signed in as alice@example.com" in html
    assert "Join as" not in html and f"/accounts/logout/?next={link}" in html


def test_one_person_makes_only_so_many_workspaces(as_alice: Client, alice: User, settings: Any) -> None:
    settings.WORKSPACES_PER_PERSON = 2
    made = [members.found(f"No {n}", alice) for n in range(2)]
    answer = as_alice.post("/workspaces/new/", {"name": "No 3"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"][0].startswith("You have made 2 workspaces")
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
    assert "as many workspaces as one person may" in html and "Make a new workspace" not in html


def test_without_a_limit_anybody_makes_any_number(alice: User, settings: Any) -> None:
    settings.WORKSPACES_PER_PERSON = 0
    for n in range(7):
        members.found(f"No {n}", alice)
