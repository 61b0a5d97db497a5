"""Requests that no browser of ours sends: wrong lines, late ones, made-up senders, paths that lead out."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as django_settings
from django.test import Client
from uvicorn.server import ServerState

from accounts.models import User
from adgen.limits import LimitedBody
from adgen.pages import Http
from studio import serving
from studio.daphne_channel import UnhurriedChannel
from tests.adgen.test_headers import ALL
from tests.browser.processes import ROOT, free_port

# --- On the wire ----------------------------------------------------------------------------------------------


async def greeting(scope: Any, receive: Any, send: Any) -> None:
    """Says who it takes the caller for."""
    words = f"{scope['client'][0]} by {scope['scheme']}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": words})


@asynccontextmanager
async def listening(protocol: type[serving.Unhurried] = serving.Unhurried) -> AsyncIterator[int]:
    """The port of the studio's http over a real socket, around an application of one sentence."""
    config = serving.configure(LimitedBody(greeting))
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening() as port:
        yield port


class Hurried(serving.Unhurried):
    """With less patience than a browser needs."""

    patience = 0.1


@asynccontextmanager
async def daphne(patience: float) -> AsyncIterator[int]:
    """The other server, which needs a process of its own."""
    port = free_port()
    words = [sys.executable, "-m", "tests.adgen.daphne_here", str(port), str(patience)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"ready\n"
        yield port
        process.kill()


@pytest.fixture(params=["uvicorn", "daphne"])
async def hurried(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    async with listening(Hurried) if request.param == "uvicorn" else daphne(0.3) as port:
        yield port


async def answer_to(port: int, *pieces: bytes, ends: bool = False) -> bytes:
    """Everything that is answered to these bytes until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if ends:
            writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        await hang_up(writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_good_request_is_answered(port: int) -> None:
    answer = await answer_to(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and b"127.0.0.1 by http" in answer


async def test_an_address_that_a_caller_gives_as_their_own_is_not_believed(port: int) -> None:
    """Whoever made it up would be counted anew at each try of a password."""
    head = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    forged = b"X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=9.9.9.9\r\n\r\n"
    assert b"127.0.0.1 by http" in await answer_to(port, head + forged)


@pytest.mark.parametrize(
    "head",
    [
        b"X-Long: " + b"x" * 200_000 + b"\r\nConnection: close",
        b"Connection: close\r\n" + b"\r\n".join(b"X-Many-%d: %s" % (n, b"x" * 80) for n in range(1000)),
    ],
    ids=["200 kB", "a thousand"],
)
async def test_a_head_that_is_too_large_is_refused(port: int, head: bytes) -> None:
    answer = await answer_to(port, b"GET / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nX-a: "])
async def test_a_request_that_does_not_come_is_not_waited_for(hurried: int, begun: bytes) -> None:
    assert serving.Unhurried.patience == UnhurriedChannel.patience < 30
    assert await answer_to(hurried, begun) == b""


async def test_dribbling_into_a_head_buys_no_more_time(hurried: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hurried)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    for n in range(100):
        with suppress(ConnectionError):
            writer.write(b"X-%d: y\r\n" % n)
            await writer.drain()
        await asyncio.sleep(0.02)
        if reader.at_eof():
            break
    assert n < 50
    writer.close()


async def test_a_connection_that_is_used_again_is_waited_for_again(hurried: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hurried)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"by http" in await reader.readuntil(b"by http")
    writer.write(b"GET / HTTP/1.1\r\nHo")
    assert b"HTTP" not in await asyncio.wait_for(reader.read(), 30)
    await hang_up(writer)


@pytest.mark.parametrize(
    "line",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,  # how TLS begins
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-a: b\x00c\r\n\r\n",
    ],
    ids=["tls", "two numbers", "no host", "nul"],
)
async def test_what_is_no_http_is_refused_and_hung_up_on(port: int, line: bytes) -> None:
    answer = await answer_to(port, line, ends=True)
    assert answer.startswith(b"HTTP/1.1 400") and answer.count(b"HTTP/1.1 ") == 1


# --- Paths ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../etc/passwd",
        "/static/../adgen/settings.py",
        "/static//etc/passwd",
        "/static/..\\..\\etc\\passwd",
        "/static/css/..%2f..%2f..%2fetc/passwd",
        "/static/\x00",
        "/static/css/\x00.css",
    ],
)
@pytest.mark.django_db(transaction=True)
async def test_a_path_that_leads_out_of_the_static_files_is_not_there(path: str) -> None:
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"localhost")]}
    caller = ApplicationCommunicator(Http(), scope)
    await caller.send_input({"type": "http.request", "body": b""})
    assert (await caller.receive_output(10))["status"] == 404


# --- Methods --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PUT", "PATCH", "CONNECT", "MADEUP"])
def test_a_method_that_no_page_knows_is_refused_with_those_there_are(as_alice: Client, method: str) -> None:
    pages = [url for url in ALL if not url.startswith("/api/")]
    answers = {as_alice.generic(method, url).status_code for url in pages}
    assert answers == {405}
    assert as_alice.generic(method, "/").headers["Allow"] == "GET, HEAD, POST, OPTIONS"


# --- Forms of other sites -------------------------------------------------------------------------------------

FORM = {"login": "alice@example.com", "password": "a-long-pass-phrase"}


def token_of(client: Client) -> str:
    page = client.get("/accounts/login/").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("url", ["/accounts/login/", "/campaigns/new/", "/accounts/password/reset/"])
def test_a_form_without_its_token_is_refused(alice: User, url: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(url, FORM | {"name": "Summer", "email": alice.email}).status_code == 403


def test_the_token_of_another_browser_does_not_open_a_form(alice: User) -> None:
    mine, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    token_of(mine)
    assert mine.post("/accounts/login/", FORM | {"csrfmiddlewaretoken": token_of(other)}).status_code == 403


def test_a_form_from_another_origin_is_refused_though_its_token_is_right(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    form = FORM | {"csrfmiddlewaretoken": token_of(strict)}
    refused = strict.post("/accounts/login/", form, headers={"origin": "https://evil.example"})
    assert refused.status_code == 403
    assert django_settings.CSRF_TRUSTED_ORIGINS == [django_settings.PUBLIC_URL]
