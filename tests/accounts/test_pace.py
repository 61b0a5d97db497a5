"""How often what may be tried: passwords, new ones, invitations, calls of the API, uploads, looks at previews."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.contrib.auth import get_user, hashers
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import pace
from accounts.members import MOST_A_DAY
from accounts.models import ApiToken, Invitation, Role, User, Workspace
from accounts.pace import Pace
from runs.models import Asset, Run
from studio import kits
from tests.conftest import make_png, make_token, use_up

PASSWORD, WRONG = "a-long-pass-phrase", "a-wrong-pass-phrase"
NOBODY = "nobody@example.com"


@pytest.fixture(autouse=True)
def no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def known(alice: User) -> str:
    alice.set_password(PASSWORD)
    alice.save()
    return alice.email


class Counting(hashers.MD5PasswordHasher):
    """Keeps what it worked through: a clock would lie on a busy machine."""

    worked: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.worked.append(password)
        return super().encode(password, salt)


def words(email: str, caller: str = "10.0.0.1") -> tuple[int, str]:
    """What signing in is answered with, but for what differs at every request."""
    answer = Client(REMOTE_ADDR=caller).post("/accounts/login/", {"login": email, "password": WRONG})
    form = answer.context["form"] if answer.context and "form" in answer.context else None
    return answer.status_code, str(form.errors) if form is not None else answer.content.decode()


def test_an_unknown_person_is_refused_in_the_same_words(known: str) -> None:
    people = [(known, "10.0.0.1"), (NOBODY, "10.0.0.2")]
    told = [[words(email, caller) for _ in range(7)] for email, caller in people]
    assert told[0] == told[1]
    assert "Too many failed login attempts" in told[0][-1][1] and told[0][0] != told[0][-1]


@pytest.mark.parametrize("kind", ["known", "unknown", "locked out", "without a password"])
def test_an_unknown_person_is_refused_in_the_same_time(
    known: str, alice: User, kind: str, settings: Any
) -> None:
    """What takes time is to work a password through; that is done as often, whoever is asked for."""
    if kind == "locked out":
        User.objects.filter(email=known).update(is_active=False)
    if kind == "without a password":
        alice.set_unusable_password()
        alice.save()
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    Counting.worked.clear()
    words(NOBODY if kind == "unknown" else known)
    assert len(Counting.worked) == 2


def test_twenty_wrong_passwords_lock_one_account_and_no_other(known: str, bob: User) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    for n in range(20):  # from twenty addresses
        client = Client(REMOTE_ADDR=f"10.0.0.{n}")
        client.post("/accounts/login/", {"login": known, "password": WRONG})
    late, bobs = Client(REMOTE_ADDR="10.0.1.1"), Client(REMOTE_ADDR="10.0.1.1")
    late.post("/accounts/login/", {"login": known, "password": PASSWORD})
    bobs.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    assert [get_user(client).is_authenticated for client in (late, bobs)] == [False, True]


def test_another_port_in_the_host_gives_no_more_tries(known: str) -> None:
    for n in range(6):
        client = Client(REMOTE_ADDR=f"10.0.0.{n}", headers={"host": f"localhost:{8000 + n}"})
        client.post("/accounts/login/", {"login": known, "password": WRONG})
    late = Client(REMOTE_ADDR="10.0.1.1", headers={"host": "127.0.0.1:9000"})
    late.post("/accounts/login/", {"login": known, "password": PASSWORD})
    assert not get_user(late).is_authenticated


def test_addresses_of_ipv4_stay_apart_where_the_server_listens_on_ipv6(known: str) -> None:
    for n in range(20):
        client = Client(REMOTE_ADDR="::ffff:203.0.113.7")
        client.post("/accounts/login/", {"login": f"{n}@example.com", "password": WRONG})
    stopped, elsewhere = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="::ffff:198.51.100.1")
    for client in (stopped, elsewhere):
        client.post("/accounts/login/", {"login": known, "password": PASSWORD})
    assert [get_user(client).is_authenticated for client in (stopped, elsewhere)] == [False, True]


def test_a_network_of_ipv6_is_counted_as_one_address(known: str) -> None:
    for n in range(20):
        client = Client(REMOTE_ADDR=f"2001:db8::{n + 1:x}")
        client.post("/accounts/login/", {"login": f"{n}@example.com", "password": WRONG})
    late = Client(REMOTE_ADDR="2001:db8::ffff")
    late.post("/accounts/login/", {"login": known, "password": PASSWORD})
    assert not get_user(late).is_authenticated


def test_twenty_wrong_passwords_from_one_address_stop_it_whoever_is_tried(known: str) -> None:
    for n in range(20):
        Client(REMOTE_ADDR="10.0.0.7").post(
            "/accounts/login/", {"login": f"{n}@example.com", "password": WRONG}
        )
    stopped, elsewhere = Client(REMOTE_ADDR="10.0.0.7"), Client(REMOTE_ADDR="10.0.0.8")
    for client in (stopped, elsewhere):
        client.post("/accounts/login/", {"login": known, "password": PASSWORD})
    assert [get_user(client).is_authenticated for client in (stopped, elsewhere)] == [False, True]


def test_signing_in_very_often_from_one_address_is_answered_with_429(known: str) -> None:
    assert [words(f"{n}@example.com")[0] for n in range(32)][-1] == 429


def test_an_address_in_a_header_is_counted_only_behind_a_proxy(known: str, settings: Any) -> None:
    def tries(first: int) -> bool:
        for n in range(12):
            headers = {"x-forwarded-for": f"9.9.{first}.{n}"}
            Client(headers=headers).post(
                "/accounts/login/", {"login": f"{first}-{n}@example.com", "password": WRONG}
            )
        client = Client(headers={"x-forwarded-for": f"9.9.{first}.99"})
        client.post("/accounts/login/", {"login": known, "password": PASSWORD})
        return bool(get_user(client).is_authenticated)

    assert not tries(1)  # all came from one address, whatever they wrote
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert tries(2)


def test_nobody_is_sent_mail_after_mail_for_a_new_password(known: str) -> None:
    for _ in range(8):
        answer = Client().post("/accounts/password/reset/", {"email": known})
    assert answer.status_code == 429
    assert len(mail.outbox) == 5


def test_one_address_asks_for_new_passwords_only_so_often(db: None) -> None:
    told = [
        Client().post("/accounts/password/reset/", {"email": f"{n}@example.com"}).status_code
        for n in range(21)
    ]
    assert (told[0], told[-1]) == (302, 429)


def test_one_person_invites_only_so_often_whichever_workspace_it_is_to(
    as_alice: Client, alice: User, workspace: Workspace
) -> None:
    facts = {
        "workspace": Workspace.objects.create(name="Elsewhere"),
        "invited_by": alice,
        "role": Role.VIEWER,
    }
    facts["expires_at"] = timezone.now() + timedelta(days=1)
    Invitation.objects.bulk_create(Invitation(digest=uuid4().hex, **facts) for _ in range(MOST_A_DAY))
    answer = as_alice.post(
        f"/workspaces/{workspace.uid}/members/invite/", {"email": NOBODY, "role": "viewer"}
    )
    assert (
        answer.status_code == 422 and "in the last 24 hours. Try again tomorrow." in answer.content.decode()
    )


# --- Programs -------------------------------------------------------------------------------------------------


def test_a_thousand_calls_in_a_second_are_told_to_wait(workspace: Workspace, alice: User, run: Run) -> None:
    url, secrets = f"/api/v1/runs/{run.uid}", [make_token(workspace, alice) for _ in range(2)]
    client, other = (Client(headers={"Authorization": f"Bearer {secret}"}) for secret in secrets)
    assert client.get(url).status_code == 200
    use_up(pace.CALLS, ApiToken.objects.order_by("pk")[0].pk)
    answer = client.get(url)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(pace.CALLS.window)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Try again in 10 seconds" in answer.json()["detail"]
    assert other.get(url).status_code == 200


def test_a_pace_begins_anew_with_its_next_window() -> None:
    twice = Pace("here", most=2, window=10)
    assert [twice.is_over("alice", second) for second in (1000, 1004, 1009)] == [False, False, True]
    assert not twice.is_over("bob", 1009)
    assert not twice.is_over("alice", 1010)


def test_uploads_are_counted_for_pages_and_programs_together(
    as_alice: Client, workspace: Workspace, alice: User
) -> None:
    use_up(pace.UPLOADS, workspace.pk)
    secret = make_token(workspace, alice)
    file = SimpleUploadedFile("x.png", make_png(), "image/png")
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).post(
        "/api/v1/assets", {"kind": "logo", "file": file}
    )
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "60"
    kit = kits.make(workspace, "Nordlys")
    form = {"logo_file": SimpleUploadedFile("x.png", make_png(), "image/png")}
    html = as_alice.post(f"/brand-kits/{kit.uid}/file/logo/", form).content.decode()
    assert "Wait a minute, then choose it again." in html
    assert not Asset.objects.exists()
