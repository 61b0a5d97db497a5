"""Whose page may open a websocket: the handshake's Origin against the host it came to."""

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from adgen.origin import SameOrigin

# Turning a browser away looks after the thread's connection, if another test left one there.
pytestmark = pytest.mark.django_db


async def everybody_welcome(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})


async def opens(host: str, origin: str | None) -> bool:
    headers = [(b"host", host.encode("latin1"))]
    if origin is not None:
        headers.append((b"origin", origin.encode("latin1")))
    browser = WebsocketCommunicator(SameOrigin(everybody_welcome), "/ws/", headers=headers)
    connected, _ = await browser.connect()
    await browser.disconnect()
    return connected


@pytest.fixture(autouse=True)
def public(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://ads.example.com"
    settings.ALLOWED_HOSTS = ["ads.example.com", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("ads.example.com", "https://ads.example.com"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("10.0.0.7:8000", "https://ads.example.com"),  # a proxy may pass on another Host
    ],
)
async def test_our_own_pages_open_the_socket(host: str, origin: str) -> None:
    assert await opens(host, origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("ads.example.com", None),
        ("ads.example.com", ""),
        ("ads.example.com", "null"),
        ("ads.example.com", "https://evil.example"),
        ("ads.example.com", "https://ads.example.com.evil.example"),
        ("ads.example.com", "https://ads.example.com:8443"),
        ("ads.example.com", "file://ads.example.com"),
        ("127.0.0.1:8000", "http://127.0.0.1:9000"),
        ("evil.example", "http://evil.example"),  # a name that was made to point here
        ("", ""),
        ("", "http://"),
    ],
)
async def test_any_other_page_is_turned_away(host: str, origin: str | None) -> None:
    assert not await opens(host, origin)


async def test_an_origin_that_is_not_text_is_turned_away() -> None:
    assert not await opens("ads.example.com", "https://ads.example.com\xff")
