"""One's own account: its page, password, second step, and that no page of allauth's is seen in its bare look."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import mail
from django.core.cache import cache
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.urls.resolvers import get_resolver

from accounts.models import Audit, User, Workspace

PASSWORD, OTHER = "a-long-pass-phrase", "another-long-pass-phrase"
OURS = Path(settings.BASE_DIR) / "templates"
CLOSED = {
    "account_email": [],
    "account_email_verification_sent": [],
    "account_confirm_email": ["key"],
    "account_confirm_login_code": [],
}
FILES = {"mfa_download_recovery_codes"}


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def known(alice: User) -> Client:
    """Alice, signed in with her password."""
    alice.set_password(PASSWORD)
    alice.save()
    return signed_in(alice)


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert get_user(client).is_authenticated
    return client


# --- What allauth brings --------------------------------------------------------------------------------------


def patterns(found: list[Any]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        elif one.callback.__module__.startswith("allauth."):
            yield one


def brought() -> list[URLPattern]:
    return list(patterns(get_resolver().url_patterns))


def test_every_page_of_allauth_is_drawn_by_us_or_not_there() -> None:
    names = {pattern.name for pattern in brought()}
    assert len(names) > 15 and set(CLOSED) <= names
    for pattern in brought():
        if pattern.name not in {*CLOSED, *FILES}:
            view: Any = pattern.callback
            drawn = getattr(view.view_class, "template_name_signup_closed", view.view_class.template_name)
            template: Any = get_template(drawn)
            origin = Path(template.origin.name)
            assert OURS in origin.parents, pattern.name


@pytest.mark.parametrize("name", CLOSED)
def test_ways_in_that_there_are_not_have_no_page(as_alice: Client, name: str) -> None:
    url = reverse(name, args=CLOSED[name])
    for client in (as_alice, Client()):
        assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)


# --- The page -------------------------------------------------------------------------------------------------


def test_the_page_tells_who_one_is_and_where(as_alice: Client, alice: User, workspace: Workspace) -> None:
    html = as_alice.get(reverse("accounts:account")).content.decode()
    assert alice.email in html and workspace.name in html
    assert "Not set: you signed in with a link" in html and reverse("account_set_password") in html


@pytest.mark.parametrize("name", ["account", "leave_others"])
def test_strangers_have_no_account(db: None, name: str) -> None:
    answer = Client().post(reverse(f"accounts:{name}"), {"name": "Eve"})
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")


def test_a_name_is_changed_and_cannot_be_emptied(as_alice: Client, alice: User) -> None:
    url = reverse("accounts:account")
    assert as_alice.post(url, {"name": "Alice von Ahn"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.first_name, alice.last_name) == ("Alice", "von Ahn")
    answer = as_alice.post(url, {"name": " "})
    assert answer.status_code == 422 and "Enter your name" in answer.content.decode()


@pytest.mark.parametrize("staff", [True, False])
def test_the_admin_is_in_the_menu_of_staff_alone(as_alice: Client, alice: User, staff: bool) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=staff)
    html = as_alice.get(reverse("accounts:account")).content.decode()
    assert (reverse("admin:index") in html) is staff


def test_signing_out_elsewhere_leaves_this_browser_alone(alice: User, bob: User) -> None:
    here, there, bobs = Client(), Client(), Client()
    for client, user in ((here, alice), (there, alice), (bobs, bob)):
        client.force_login(user)
    assert here.get(reverse("accounts:leave_others")).status_code == 405
    assert here.post(reverse("accounts:leave_others")).status_code == 302
    url = reverse("accounts:account")
    assert [client.get(url).status_code for client in (here, there, bobs)] == [200, 302, 200]
    assert Audit.objects.get().action == "account.end_sessions"


def test_an_upgrade_signs_nobody_out(alice: User) -> None:
    """The proof in a session is Django's own until somebody ends theirs."""
    plain = AbstractBaseUser._get_session_auth_hash(alice)  # type: ignore[attr-defined]
    assert plain == alice.get_session_auth_hash()


# --- Passwords ------------------------------------------------------------------------------------------------


def test_a_password_is_changed_and_other_devices_are_out(known: Client, alice: User) -> None:
    other = signed_in(alice)
    form = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    answer = known.post(reverse("account_change_password"), form)
    assert answer.headers["Location"] == reverse("accounts:account")
    url = reverse("accounts:account")
    assert (known.get(url).status_code, other.get(url).status_code) == (200, 302)


def test_the_whole_way_to_a_new_password(known: Client, alice: User) -> None:
    client = Client()
    answer = client.post(reverse("account_reset_password"), {"email": alice.email}, follow=True)
    assert "Check your email" in answer.content.decode()
    [sent] = mail.outbox
    assert sent.subject == "Reset your AdGen Studio password" and sent.to == [alice.email]
    link = re.search(r"http://[^/]+(/\S+)", str(sent.body))
    assert link is not None
    page: Any = client.get(link[1], follow=True)
    form = {"password1": OTHER, "password2": OTHER}
    done = client.post(page.redirect_chain[-1][0], form, follow=True)
    assert "Password set" in done.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(OTHER)
    assert "This link no longer works" in Client().get(link[1]).content.decode()


def test_nobody_is_told_who_has_an_account(db: None) -> None:
    answer = Client().post(reverse("account_reset_password"), {"email": "eve@example.com"}, follow=True)
    assert "If that email has an account here" in answer.content.decode()
    assert mail.outbox == []


def test_a_made_up_link_for_a_password_is_over(alice: User) -> None:
    for key in ("1-over", f"{user_pk_to_url_str(alice)}-over"):
        html = Client().get(f"/accounts/password/reset/key/{key}/").content.decode()
        assert "This link no longer works" in html and "<form" not in html


def test_two_passwords_that_differ_are_told_at_the_field(alice: User) -> None:
    client = Client()
    key = f"{user_pk_to_url_str(alice)}-{default_token_generator.make_token(alice)}"
    page: Any = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
    form = {"password1": OTHER, "password2": PASSWORD}
    html = client.post(page.redirect_chain[-1][0], form).content.decode()
    assert 'aria-invalid="true"' in html


# --- The second step ------------------------------------------------------------------------------------------


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def set_up(client: Client) -> str:
    """Turn it on; the secret as the page shows it."""
    url = reverse("mfa_activate_totp")
    client.post(f"{reverse('account_reauthenticate')}?next={url}", {"password": PASSWORD})
    html = client.get(url).content.decode()
    assert 'src="data:image/svg+xml' in html
    found = re.search(r'<code id="secret">(\w+)</code>', html)
    assert found is not None
    client.post(url, {"code": code_of(found[1])})
    return found[1]


def test_a_second_step_is_set_up_asked_for_and_turned_off(known: Client, alice: User) -> None:
    set_up(known)
    assert "You enter a code each time you sign in" in known.get(reverse("mfa_index")).content.decode()
    codes = known.get(reverse("mfa_download_recovery_codes")).content.decode().split()
    client = Client()
    answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert not get_user(client).is_authenticated
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert "One more step" in wrong and 'aria-invalid="true"' in wrong
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert get_user(client) == alice
    assert "9 left" in client.get(reverse("mfa_index")).content.decode()
    known.post(reverse("mfa_deactivate_totp"))
    assert "Not set up" in known.get(reverse("mfa_index")).content.decode()


def test_who_came_by_a_link_is_asked_for_nothing_they_do_not_have(as_alice: Client) -> None:
    """Without a password there is none to ask for; the second step can be set up at once."""
    html = as_alice.get(reverse("mfa_activate_totp"), follow=True).content.decode()
    assert "Set up two-step sign-in" in html


def test_what_changes_signing_in_asks_for_the_password_again(alice: User) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    client = Client()
    client.force_login(alice)
    answer = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "Confirm it’s you" in answer.content.decode()
    url = reverse("account_reauthenticate") + "?next=" + reverse("mfa_activate_totp")
    assert client.post(url, {"password": PASSWORD}).headers["Location"] == reverse("mfa_activate_totp")
