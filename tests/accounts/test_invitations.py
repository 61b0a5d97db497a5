"""Who is invited joins, once; nobody gets in uninvited, and no secret of an invitation is kept."""

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
from accounts.models import Invitation, Role, User, Workspace
from tests.accounts.inviting import deeds, invite, newcomer, page, role_of


def test_an_invited_colleague_makes_an_account_and_is_in(as_alice: Client, workspace: Workspace) -> None:
    link = invite(as_alice, workspace, "dora@example.com")
    dora = Client()
    assert "Alice invited you as Editor" in dora.get(link).content.decode()
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
    assert "This email already has an account" in answer.content.decode()
    assert Invitation.alive().count() == 1


def test_an_account_of_other_case_is_the_same_person(
    as_alice: Client, charlie: User, workspace: Workspace
) -> None:
    User.objects.filter(pk=charlie.pk).update(email="Charlie@Example.com")  # as an import may leave it
    by_mail = invite(as_alice, workspace, "charlie@example.com")
    assert "already has an account here. Sign in to join" in Client().get(by_mail).content.decode()
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
    assert "Pending invitations" not in as_alice.get(page(workspace)).content.decode()
    assert deeds(workspace) == ["member.invite", "member.withdraw"]


def test_an_invitation_of_a_deleted_account_names_nobody(as_alice: Client, workspace: Workspace) -> None:
    invite(as_alice, workspace, "dora@example.com")
    Invitation.objects.update(invited_by=None)
    told = as_alice.get(page(workspace)).content.decode()
    assert "Editor, expires in" in told and "by ," not in told


def test_a_second_invitation_takes_the_place_of_the_first(as_alice: Client, workspace: Workspace) -> None:
    first = invite(as_alice, workspace, "dora@example.com")
    second = invite(as_alice, workspace, "Dora@Example.com", "viewer")
    assert Client().get(first).status_code == 410
    Client().post(second, newcomer())
    assert role_of("dora@example.com", workspace) == Role.VIEWER


def test_who_is_here_already_is_not_invited(as_alice: Client, bob: User, workspace: Workspace) -> None:
    answer = as_alice.post(page(workspace, "members/invite/"), {"email": bob.email, "role": "owner"})
    assert answer.status_code == 422
    assert "bob@example.com is already a member" in answer.content.decode()


def test_an_invitation_does_not_change_the_role_of_who_is_here(
    as_alice: Client, as_bob: Client, workspace: Workspace
) -> None:
    as_bob.post(invite(as_alice, workspace, role="owner"))
    assert role_of("bob@example.com", workspace) == Role.VIEWER
    assert Invitation.alive().count() == 1


def test_a_workspace_has_a_limit_of_open_invitations(workspace: Workspace, alice: User) -> None:
    for _ in range(members.MOST_OPEN):
        members.invite(workspace, alice, Role.VIEWER)
    with pytest.raises(members.Refused, match="Revoke some first"):
        members.invite(workspace, alice, Role.VIEWER)


def test_one_person_invites_only_so_many_a_day(alice: User) -> None:
    for number in range(members.MOST_A_DAY // members.MOST_OPEN):
        place = members.found(f"Workspace {number}", alice)
        for _ in range(members.MOST_OPEN):
            members.invite(place, alice, Role.VIEWER)
    place = members.found("One more", alice)
    with pytest.raises(members.Refused, match="Try again tomorrow"):
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
    assert mail.outbox[0].subject == f"Alice invited you to {workspace.name}"


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
    assert "Send this link to dora@example.com" in answer.content.decode()


def test_no_secret_of_an_invitation_is_kept(as_alice: Client, workspace: Workspace) -> None:
    secret = invite(as_alice, workspace).split("/")[3]
    kept = Invitation.objects.values().get()
    assert secret not in str(kept) and len(kept["digest"]) == 64
