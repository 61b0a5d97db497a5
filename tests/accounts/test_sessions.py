"""What a session keeps to where the settings ask for it: an end when nobody does anything, and a second step."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import sessions
from accounts.models import User
from accounts.standing import Ticket, still_good
from runs.models import Creative, Run
from tests.accounts.test_account import PASSWORD, code_of, set_up, signed_in
from tests.conftest import make_token
from tests.runs.test_api import bearer


def let_pass(client: Client, minutes: float) -> None:
    session = client.session
    session[sessions.SEEN] = session[sessions.SEEN] - minutes * 60
    session.save()


def test_who_does_nothing_for_so_long_is_signed_out(as_alice: Client, run: Run, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    assert as_alice.get("/").status_code == 200
    let_pass(as_alice, 29)
    assert as_alice.get("/").status_code == 200
    let_pass(as_alice, 29)  # what was done since counts anew
    assert as_alice.get("/").status_code == 200
    let_pass(as_alice, 31)
    answer = as_alice.get("/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/accounts/login/")
    assert "after a period of inactivity" in answer.content.decode()
    assert not get_user(as_alice).is_authenticated


def test_pictures_that_a_page_fetches_keep_nobody_signed_in(
    as_alice: Client, finished: Run, settings: Any
) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    as_alice.get("/")
    let_pass(as_alice, 20)
    ad = Creative.objects.all()[0]
    assert as_alice.get(reverse("runs:media", args=["ad", ad.uid])).status_code == 200
    let_pass(as_alice, 20)
    assert as_alice.get("/").status_code == 302


def test_without_the_setting_a_session_lasts(as_alice: Client, run: Run) -> None:
    as_alice.get("/")
    assert sessions.SEEN not in as_alice.session


@pytest.mark.parametrize(("asked", "is_staff"), [("everybody", False), ("staff", True)])
def test_who_needs_a_second_step_sees_nothing_without_one(
    as_alice: Client, alice: User, run: Run, settings: Any, asked: str, is_staff: bool
) -> None:
    settings.SECOND_STEP = asked
    User.objects.filter(pk=alice.pk).update(is_staff=is_staff)
    for path in ("/", f"/runs/{run.uid}/", "/admin/", "/accounts/"):
        assert as_alice.get(path).headers["Location"] == reverse("mfa_activate_totp"), path
    html = as_alice.get("/", follow=True).content.decode()
    assert "Set up two-step sign-in" in html and "It is required here" in html
    secret = html.split('<code id="secret">')[1].split("<")[0]
    as_alice.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert as_alice.get("/").status_code == 200


def test_of_others_it_is_not_asked(as_alice: Client, run: Run, settings: Any) -> None:
    settings.SECOND_STEP = "staff"
    assert as_alice.get("/").status_code == 200


def test_who_needs_one_can_leave_and_programs_go_on(
    as_alice: Client, alice: User, run: Run, settings: Any
) -> None:
    settings.SECOND_STEP = "everybody"
    program = bearer(make_token(run.workspace, alice))
    assert program.get(f"/api/v1/runs/{run.uid}").status_code == 200
    assert as_alice.get("/health/live").status_code == 200
    as_alice.post(reverse("account_logout"))
    assert not get_user(as_alice).is_authenticated


def test_nobody_turns_off_what_is_asked_of_them(alice: User, settings: Any) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    known = signed_in(alice)
    set_up(known)
    settings.SECOND_STEP = "everybody"
    known.post(reverse("mfa_deactivate_totp"))
    assert known.get("/").headers.get("Location") == reverse("mfa_activate_totp")


def test_passwords_of_the_operators_own_list_are_refused(tmp_path: Path) -> None:
    listed = tmp_path / "passwords.gz"
    listed.write_bytes(gzip.compress(b"nordlys-2026\ncoldbrew-berlin\n"))
    with pytest.raises(ValidationError, match="too common"):
        CommonPasswordValidator(str(listed)).validate("Nordlys-2026")


# --- Pages that stay open ---


def ticket(user: User, client: Client) -> Ticket:
    return Ticket.of({"user": user, "session": client.session})


def test_an_open_page_of_nobody_is_let_go(as_alice: Client, alice: User, run: Run, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES = 30
    as_alice.get("/")
    open_page = ticket(alice, as_alice)
    assert still_good([open_page]) == {open_page}
    let_pass(as_alice, 31)
    assert still_good([open_page]) == set()


def test_an_open_page_without_the_second_step_is_let_go(
    as_alice: Client, alice: User, run: Run, settings: Any
) -> None:
    open_page = ticket(alice, as_alice)
    settings.SECOND_STEP = "staff"
    assert still_good([open_page]) == {open_page}
    settings.SECOND_STEP = "everybody"
    assert still_good([open_page]) == set()
