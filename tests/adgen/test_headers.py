"""Every address there is, asked over https and over plain http: what its answer forbids the browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import get_resolver

from accounts.models import Membership, Role, User, Workspace
from tests.adgen.test_settings import value

NOWHERE = "7f072df8-f7ec-4f15-a31f-31dbcc0ce99b"
SAMPLES = {"uuid": NOWHERE, "int": "1", "slug": "logo", "str": "x", "path": "x", "uuidstr": NOWHERE}
PUBLIC = "https://ads.example.com"
EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}
FORBIDDEN = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")  # in the policy of content


def addresses(found: list[Any], before: str = "/") -> Iterator[str]:
    """An address for every pattern of the project; what it names need not be there."""
    for one in found:
        route = before + _filled(str(one.pattern))
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield route


# Those that are written as expressions.
WRITTEN_OUT = {
    r"^media/(?P<kind>picture|ad|asset)/(?P<uid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$": f"media/ad/{NOWHERE}",
    r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-x/",
    r"^confirm-email/(?P<key>[-:\w]+)/$": "confirm-email/x/",
    r"(?P<url>.*)$": "x",
    r"^(?P<app_label>auth|account|mfa|accounts|runs|studio)/$": "runs/",
}


def _filled(pattern: str) -> str:
    if pattern in WRITTEN_OUT:
        return WRITTEN_OUT[pattern]
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], pattern)


ALL = sorted(set(addresses(get_resolver().url_patterns)))


@pytest.fixture
def chief(workspace: Workspace) -> User:
    """Sees every page there is: runs the studio, and owns a workspace."""
    user = User.objects.create_superuser("chief@example.com", "a-long-pass-phrase")
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def over_https(settings: Any, tmp_path: Path) -> None:
    """The settings of a studio whose PUBLIC_URL is https."""
    names = [
        *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE"),
        *("SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "PUBLIC_URL", "HTTPS"),
    ]
    for name, given in value(tmp_path, f"{{n: getattr(s, n) for n in {names}}}", PUBLIC_URL=PUBLIC).items():
        setattr(settings, name, given)


def faults(client: Client, url: str, **extra: Any) -> list[str]:
    answer: Any = client.get(url, **extra)
    found = [
        f"{url} ({answer.status_code}): {name} is {answer.headers.get(name)}"
        for name, words in EVERYWHERE.items()
        if words not in answer.headers.get(name, "")
    ]
    policy = answer.headers.get("Content-Security-Policy", "")
    if loose := [word for word in FORBIDDEN if word in policy]:
        found.append(f"{url}: the policy of content has {loose}")
    if extra.get("secure") and "max-age=31536000" not in answer.headers.get("Strict-Transport-Security", ""):
        found.append(f"{url}: no Strict-Transport-Security")
    found += [
        f"{url}: cookie {name}" for name, cookie in answer.cookies.items() if not _is_kept_in(cookie, extra)
    ]
    for close in answer._resource_closers:  # its own close would end the database connection of the test
        close()
    return found


def _is_kept_in(cookie: Any, extra: dict[str, Any]) -> bool:
    """Only sent back to this host, over TLS where there is any, and to no script that need not read it."""
    if extra.get("secure") and not (cookie.key.startswith("__Host-") and cookie["secure"]):
        return False
    hidden = cookie["httponly"] or "csrf" in cookie.key or cookie["max-age"] == 0
    return bool(hidden and cookie["samesite"] == "Lax" and not cookie["domain"] and cookie["path"] == "/")


def test_every_part_of_the_project_has_addresses_here() -> None:
    for part in (
        "/campaigns/",
        "/accounts/login/",
        "/admin/runs/run/",
        "/api/v1/runs",
        f"/media/ad/{NOWHERE}",
    ):
        assert part in ALL
    assert len(ALL) > 150


def test_every_address_sends_every_header_over_https(chief: User, over_https: None) -> None:
    """Signed in; a page that is not there, or that only takes a form, sends them too."""
    client = Client(headers={"host": "ads.example.com"})
    client.force_login(chief)
    out = "/accounts/logout/"
    assert [fault for url in ALL if url != out for fault in faults(client, url, secure=True)] == []


def test_signing_in_over_https_sets_cookies_for_this_host_alone(chief: User, over_https: None) -> None:
    client = Client(headers={"host": "ads.example.com", "origin": PUBLIC})
    page = client.get("/accounts/login/", secure=True)
    form = {"login": chief.email, "password": "a-long-pass-phrase"}
    answer = client.post("/accounts/login/", form, secure=True)
    assert answer.status_code == 302
    cookies = [*page.cookies.values(), *answer.cookies.values()]
    assert {cookie.key for cookie in cookies} >= {"__Host-session", "__Host-csrf"}
    assert all(_is_kept_in(cookie, {"secure": True}) for cookie in cookies if cookie.value)


def test_on_plain_http_in_a_lan_signing_in_works_and_a_banner_says_what_that_means(
    chief: User, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["10.0.0.7"]
    client = Client(
        headers={"host": "10.0.0.7:8000", "origin": "http://10.0.0.7:8000"}, enforce_csrf_checks=True
    )
    page = client.get("/accounts/login/").content.decode()
    assert "uses plain HTTP" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    form = {"login": chief.email, "password": "a-long-pass-phrase", "csrfmiddlewaretoken": token[1]}
    assert client.post("/accounts/login/", form).headers["Location"] == "/"
    html = client.get("/").content.decode()
    assert "Not encrypted:" in html
    assert faults(client, "/") == []


def test_a_page_of_the_studio_is_not_called_unencrypted_over_https(chief: User, over_https: None) -> None:
    client = Client(headers={"host": "ads.example.com"})
    client.force_login(chief)
    assert "Not encrypted:" not in client.get("/", secure=True).content.decode()


def test_the_check_of_a_deployment_finds_nothing(db: None, over_https: None) -> None:
    found = run_checks(include_deployment_checks=True)
    assert [str(message) for message in found if not message.is_silenced()] == []
    assert django_settings.SILENCED_SYSTEM_CHECKS == [
        "security.W005",
        "security.W008",
        "security.W021",
        "mail.E001",
    ]
