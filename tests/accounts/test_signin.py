"""Getting in: a link that works once, for a quarter of an hour, and nobody signs up by themselves."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import SigninLink, User

LATE = timezone.now() - timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_guesses_yet() -> None:
    cache.clear()  # it counts wrong passwords


@pytest.fixture
def link(alice: User) -> str:
    return f"/accounts/link/{SigninLink.issue(alice)}/"


def signed_in(client: Client) -> Any:
    user = get_user(client)
    return user if user.is_authenticated else None


def test_opening_the_link_does_not_spend_it(link: str, alice: User) -> None:
    client = Client()
    for _ in range(3):
        answer = client.get(link)
        assert answer.status_code == 200
        assert alice.email in answer.content.decode()
    assert signed_in(client) is None
    assert SigninLink.objects.get().used_at is None


def test_the_button_signs_in_and_leads_home(link: str, alice: User) -> None:
    client = Client()
    answer = client.post(link)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert signed_in(client) == alice


def test_a_link_works_once(link: str) -> None:
    Client().post(link)
    other = Client()
    for answer in (other.get(link), other.post(link)):
        assert answer.status_code == 410
        assert "manage.py signin_link" in answer.content.decode()
    assert signed_in(other) is None


def test_a_link_that_is_too_old_is_gone(link: str) -> None:
    SigninLink.objects.update(expires_at=LATE)
    client = Client()
    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 410
    assert signed_in(client) is None


def test_a_link_lives_for_a_quarter_of_an_hour(link: str) -> None:
    left = SigninLink.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_a_made_up_link_is_gone_and_names_nobody(link: str, alice: User) -> None:
    answer = Client().post("/accounts/link/made-up/")
    assert answer.status_code == 410
    assert alice.email not in answer.content.decode()


def test_a_link_of_somebody_who_was_locked_out_is_gone(link: str, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client = Client()
    assert client.post(link).status_code == 410
    assert signed_in(client) is None


def test_the_button_needs_our_own_form(link: str) -> None:
    """Or another site could sign its visitors in as somebody else."""
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link).status_code == 403
    token = strict.get(link).cookies["adgen_csrf"].value
    assert strict.post(link, {"csrfmiddlewaretoken": token}).status_code == 302


def test_only_the_digest_of_a_link_is_kept(alice: User) -> None:
    secret = SigninLink.issue(alice)
    assert secret not in str(SigninLink.objects.values().get())


def test_the_page_is_kept_by_nobody(link: str) -> None:
    answer = Client().get(link)
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_command_prints_a_link_that_works(alice: User) -> None:
    out = StringIO()
    call_command("signin_link", " Alice@Example.com ", stdout=out)
    path = out.getvalue().strip().removeprefix("http://127.0.0.1:8000")
    client = Client()
    assert client.post(path).status_code == 302
    assert signed_in(client) == alice


@pytest.mark.parametrize("change", [{"email": "other@example.com"}, {"is_active": False}])
def test_the_command_refuses_whom_it_does_not_know(alice: User, change: dict[str, Any]) -> None:
    User.objects.filter(pk=alice.pk).update(**change)
    with pytest.raises(CommandError, match="No one here has the email"):
        call_command("signin_link", "alice@example.com")


def test_nobody_signs_up_by_themselves(db: None) -> None:
    client = Client()
    form = {"email": "eve@example.com", "password1": "a-long-pass-phrase", "password2": "a-long-pass-phrase"}
    assert client.get("/accounts/signup/").status_code == 200
    client.post("/accounts/signup/", form)
    assert not User.objects.filter(email="eve@example.com").exists()
    assert signed_in(client) is None


def test_a_password_signs_in_too(alice: User) -> None:
    alice.set_password("a-long-pass-phrase")
    alice.save()
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    assert signed_in(client) is None
    client.post("/accounts/login/", {"login": alice.email, "password": "a-long-pass-phrase"})
    assert signed_in(client) == alice


def test_guessing_passwords_is_slowed_down(alice: User) -> None:
    alice.set_password("a-long-pass-phrase")
    alice.save()
    client = Client()
    for _ in range(6):
        client.post("/accounts/login/", {"login": alice.email, "password": "a-wrong-pass-phrase"})
    client.post("/accounts/login/", {"login": alice.email, "password": "a-long-pass-phrase"})
    assert signed_in(client) is None


def test_the_admin_has_no_way_in_of_its_own(alice: User) -> None:
    """It would know neither the limit on guesses nor a second factor."""
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    answer: Any = client.get("/admin/", follow=True)
    assert [url.partition("?")[0] for url, _ in answer.redirect_chain] == [
        "/admin/login/",
        "/accounts/login/",
    ]
    client.force_login(User.objects.get(pk=alice.pk))
    assert client.get("/admin/").status_code == 200


def test_who_is_no_staff_is_turned_away_from_the_admin(as_alice: Client) -> None:
    assert as_alice.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(alice: User, path: str) -> None:
    alice.set_password("a-long-pass-phrase")
    alice.save()
    form = {"login": alice.email, "password": "a-long-pass-phrase", "next": path}
    answer = Client().post("/accounts/login/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
