"""People in the admin: nobody gives themselves rights, no secret is shown, and every deed is in the trail."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts import members
from accounts.models import ApiToken, Audit, Invitation, Membership, Role, User, Workspace
from tests.conftest import make_token

PASSWORD = "a long walk to the sea"


def page(model: str, row: Any = None, what: str = "change") -> str:
    app = {"user": "accounts", "workspace": "accounts", "apitoken": "accounts", "group": "auth"}.get(
        model, "mfa"
    )
    return reverse(f"admin:{app}_{model}_{what}", args=[row.pk] if row else None)


def deeds() -> list[str]:
    return list(Audit.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def helper(db: None) -> Client:
    """Staff who may look after accounts and groups, and is no superuser."""
    user = User.objects.create_user("helper@example.com", is_staff=True)
    models = ("user", "group", "authenticator", "workspace", "membership")
    rights = [f"{right}_{model}" for right in ("view", "add", "change", "delete") for model in models]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


# --- Rights --------------------------------------------------------------------------------------------------


def test_nobody_makes_themselves_a_superuser(helper: Client) -> None:
    me = User.objects.get(email="helper@example.com")
    form = {"email": me.email, "is_active": "on", "is_staff": "on", "is_superuser": "on", "first_name": "Hal"}
    helper.post(page("user", me), form | {"groups": [Group.objects.get(name="ops").pk]})
    me.refresh_from_db()
    assert (me.first_name, me.is_superuser, me.groups.count()) == ("Hal", False, 0)


def test_nobody_takes_over_an_account_with_more_rights(helper: Client) -> None:
    chief = User.objects.create_superuser("chief@example.com", PASSWORD)
    other = {
        "usable_password": "true",
        "password1": "another pass phrase",
        "password2": "another pass phrase",
    }
    url = reverse("admin:auth_user_password_change", args=[chief.pk])
    assert helper.post(url, other).status_code == 403
    assert helper.post(page("user", chief), {"email": "mine@example.com"}).status_code == 403
    assert helper.post(page("user", chief, "delete"), {"post": "yes"}).status_code == 403
    chief.refresh_from_db()
    assert chief.check_password(PASSWORD) and chief.email == "chief@example.com"


def test_an_account_without_rights_is_looked_after(helper: Client, bob: User) -> None:
    assert helper.post(page("user", bob), {"email": bob.email}).status_code == 302
    bob.refresh_from_db()
    assert not bob.is_active and "user.change" in deeds()


def test_groups_are_changed_by_superusers_alone(helper: Client, admin: Client) -> None:
    ops = Group.objects.get(name="ops")
    assert helper.post(page("group", ops), {"name": "all"}).status_code == 403
    assert helper.get(page("group", None, "add")).status_code == 403
    assert admin.get(page("group", ops)).status_code == 200


def test_a_new_password_is_set_where_wrong_ones_are_counted(admin: Client) -> None:
    answer = admin.get(reverse("admin:password_change"))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_change_password"))


# --- Secrets -------------------------------------------------------------------------------------------------


def test_no_second_step_is_shown_or_found_by_what_it_is_made_of(
    admin: Client, onlooker: Client, alice: User
) -> None:
    step = Authenticator.objects.create(user=alice, type="totp", data={"secret": "hush-seed"})
    for client in (admin, onlooker):
        shown = client.get(page("authenticator", step)).content.decode()
        assert alice.email in shown or "Alice" in shown
        assert "hush" not in shown and 'name="data"' not in shown
        found = client.get(reverse("admin:mfa_authenticator_changelist"), {"data__secret__startswith": "h"})
        assert found.status_code == 400


def test_a_second_step_that_somebody_lost_is_taken_away_by_a_superuser(
    admin: Client, helper: Client, alice: User
) -> None:
    step = Authenticator.objects.create(user=alice, type="totp", data={"secret": "hush-seed"})
    assert helper.post(page("authenticator", step, "delete"), {"post": "yes"}).status_code == 403
    admin.post(page("authenticator", step, "delete"), {"post": "yes"})
    assert not Authenticator.objects.exists() and deeds() == ["authenticator.delete"]


def test_no_account_gets_another_address_to_get_in_by(admin: Client) -> None:
    assert admin.get("/admin/account/emailaddress/").status_code == 404


# --- The trail -----------------------------------------------------------------------------------------------


def saved(client: Client, workspace: Workspace, *rows: dict[str, Any]) -> str:
    """The form of a workspace with these members."""
    there = sum("id" in row for row in rows)
    data: dict[str, Any] = {"name": workspace.name, "created_at_0": "2026-01-01", "created_at_1": "00:00:00"}
    data |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": there}
    for n, row in enumerate(rows):
        data |= {f"memberships-{n}-{name}": value for name, value in row.items()}
    return client.post(page("workspace", workspace), data, follow=True).content.decode()


def row_of(member: Membership, **changes: Any) -> dict[str, Any]:
    return {"id": member.pk, "user": member.user_id, "role": member.role, **changes}


def test_members_change_by_the_verbs_of_their_own_page(
    admin: Client, workspace: Workspace, alice: User, bob: User, charlie: User
) -> None:
    members.invite(workspace, alice, Role.EDITOR)
    owner, viewer = Membership.objects.get(user=alice), Membership.objects.get(user=bob)
    new = {"user": charlie.pk, "role": "editor"}
    saved(admin, workspace, row_of(owner, DELETE="on"), row_of(viewer, role="owner"), new)
    roles = dict(Membership.objects.filter(workspace=workspace).values_list("user__first_name", "role"))
    assert roles == {"Bob": "owner", "Charlie": "editor"}
    assert deeds() == ["member.invite", "member.add", "member.role", "member.remove", "workspace.change"]
    assert not Invitation.alive().exists()
    assert set(Audit.objects.exclude(action="member.invite").values_list("actor", flat=True)) == {
        "chief@example.com"
    }


def test_the_last_owner_stays_in_the_admin_too(admin: Client, workspace: Workspace, alice: User) -> None:
    owner = Membership.objects.get(user=alice)
    for change in ({"DELETE": "on"}, {"role": "viewer"}):
        assert "A workspace needs an owner." in saved(admin, workspace, row_of(owner, **change))
        owner.refresh_from_db()
        assert owner.role == Role.OWNER


def test_a_membership_does_not_become_another_persons(
    admin: Client, workspace: Workspace, alice: User, charlie: User
) -> None:
    saved(admin, workspace, row_of(Membership.objects.get(user=alice), user=charlie.pk))
    assert Membership.objects.get(workspace=workspace).user == alice


def test_what_is_done_to_accounts_and_tokens_is_in_the_trail(
    admin: Client, workspace: Workspace, alice: User
) -> None:
    admin.post(page("user", alice), {"email": alice.email, "is_active": "on", "is_staff": "on"})
    make_token(workspace, alice)
    token = ApiToken.objects.get()
    admin.post(page("apitoken", token), {"name": token.name, "scope": "read"})
    admin.post(page("apitoken", token, "delete"), {"post": "yes"})
    told = Audit.objects.order_by("pk").values_list("actor", "action", "target", "workspace")
    assert list(told) == [
        ("chief@example.com", "user.change", alice.email, None),
        ("chief@example.com", "apitoken.change", str(token), workspace.pk),
        ("chief@example.com", "apitoken.delete", str(token), workspace.pk),
    ]
    assert "staff status" in Audit.objects.get(action="user.change").words.lower()


def test_a_workspace_in_which_nothing_was_made_goes_with_its_invitations(
    admin: Client, workspace: Workspace, alice: User
) -> None:
    members.invite(workspace, alice, Role.EDITOR)
    admin.post(page("workspace", workspace, "delete"), {"post": "yes"})
    assert not Workspace.objects.exists() and deeds() == ["member.invite", "workspace.delete"]
