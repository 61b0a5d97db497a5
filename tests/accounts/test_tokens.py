"""Tokens for programs: minted on the command line, shown once, bound to one workspace and one person."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone

from accounts.access import Deed, may, role_of
from accounts.models import ApiToken, Membership, Role, Scope, User, Workspace
from accounts.tokens import bearer_of
from tests.conftest import make_token


def mint(*args: str) -> str:
    out = StringIO()
    call_command("token", *args, stdout=out)
    return out.getvalue().strip()


def test_a_minted_token_is_found_by_its_secret(alice: User, workspace: Workspace) -> None:
    secret = mint("--workspace", "Nordlys", "--name", "nightly")
    token = ApiToken.find(secret)
    assert token is not None
    assert (token.workspace, token.user, token.scope, token.name) == (workspace, alice, "write", "nightly")


def test_only_its_digest_and_first_letters_are_kept(alice: User) -> None:
    secret = mint("--workspace", "Nordlys")
    row = ApiToken.objects.values().get()
    assert secret.startswith("adgen_") and len(secret) > 40
    assert secret not in str(row)
    assert row["hint"] == secret[:12]


def test_a_token_lives_a_year_if_nothing_else_is_said(alice: User) -> None:
    mint("--workspace", "Nordlys")
    expires = ApiToken.objects.get().expires_at
    assert expires is not None
    assert timedelta(days=364) < expires - timezone.now() <= timedelta(days=365)


def test_days_and_scope_are_chosen(alice: User) -> None:
    mint("--workspace", "Nordlys", "--days", "1", "--scope", "read")
    token = ApiToken.objects.get()
    assert token.scope == Scope.READ
    assert token.expires_at is not None
    assert token.expires_at - timezone.now() <= timedelta(days=1)


def test_a_workspace_is_named_by_its_uid_too(alice: User, workspace: Workspace) -> None:
    assert ApiToken.find(mint("--workspace", str(workspace.uid))) is not None


def test_an_unknown_workspace_is_refused_with_those_there_are(alice: User) -> None:
    with pytest.raises(CommandError, match=r"There is no workspace “Nordlicht”\. Use one of: “Nordlys”\."):
        mint("--workspace", "Nordlicht")


def test_two_workspaces_of_one_name_need_the_uid(alice: User) -> None:
    Workspace.objects.create(name="Nordlys")
    with pytest.raises(CommandError, match="Give the uid instead"):
        mint("--workspace", "Nordlys")


def test_a_workspace_without_an_owner_mints_none(workspace: Workspace, bob: User) -> None:
    with pytest.raises(CommandError, match="no owner for the token to act for"):
        mint("--workspace", "Nordlys")
    assert ApiToken.objects.count() == 0


def test_an_owner_who_was_locked_out_answers_for_none(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(CommandError, match="no owner for the token to act for"):
        mint("--workspace", "Nordlys")


@pytest.mark.parametrize("days", ["0", "-3", "3651", "soon", "1e3", "²"])
def test_a_number_of_days_that_makes_no_sense_is_refused(alice: User, days: str) -> None:
    with pytest.raises(CommandError, match="whole number from 1 to 3650"):
        mint("--workspace", "Nordlys", f"--days={days}")
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer adgen_", "Token {}"]
)
def test_a_header_that_holds_no_living_token_is_nobodys(
    alice: User, workspace: Workspace, header: str
) -> None:
    secret = make_token(workspace, alice)
    request = RequestFactory().get("/", headers={"Authorization": header.format(secret)})
    assert bearer_of(request) is None


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_the_word_before_the_secret_is_written_as_one_likes(
    alice: User, workspace: Workspace, word: str
) -> None:
    secret = make_token(workspace, alice)
    request = RequestFactory().get("/", headers={"Authorization": f"{word} {secret}"})
    assert bearer_of(request) is not None


@pytest.mark.parametrize(
    ("role", "deeds"),
    [
        (Role.OWNER, {Deed.SEE, Deed.EDIT, Deed.MANAGE}),
        (Role.EDITOR, {Deed.SEE, Deed.EDIT}),
        (Role.VIEWER, {Deed.SEE}),
        (None, set()),
    ],
)
def test_what_each_role_may_do(workspace: Workspace, role: Role | None, deeds: set[Deed]) -> None:
    user = User.objects.create_user("dora@example.com")
    if role:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    assert role_of(user, workspace) == role
    assert {deed for deed in Deed if may(user, deed, workspace)} == deeds


def test_a_role_holds_in_its_own_workspace_only(alice: User, charlie: User, workspace: Workspace) -> None:
    theirs = charlie.memberships.get().workspace
    assert may(alice, Deed.MANAGE, workspace) and not may(alice, Deed.SEE, theirs)
    assert may(charlie, Deed.MANAGE, theirs) and not may(charlie, Deed.SEE, workspace)
