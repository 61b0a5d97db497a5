"""A body is stopped while it comes: it must not fill the disk before anybody asks whose it is."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from adgen.limits import MOST, PATIENCE, LimitedBody

MEGABYTE = b"x" * 1024 * 1024


class Page:
    """An application that reads a whole body, as Django does, and leaves when its caller has left."""

    def __init__(self) -> None:
        self.taken = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.taken += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        assert (await receive())["type"] == "http.disconnect"


async def status_of(
    page: Page,
    pieces: Iterable[bytes],
    length: int | str | None = None,
    *,
    ends: bool = True,
    patience: float = PATIENCE,
) -> int:
    """What the caller is answered who sends these pieces, and says that it will be so many bytes."""
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if ends:
        messages.append({"type": "http.request", "body": b"", "more_body": False})
        messages.append({"type": "http.disconnect"})
    sent: list[Any] = []

    async def receive() -> Any:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await LimitedBody(page, patience=patience)({"type": "http", "headers": headers}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return int(sent[0]["status"])


async def test_a_body_within_the_limit_passes_whole() -> None:
    page = Page()
    assert await status_of(page, [MEGABYTE] * 12) == 200
    assert page.taken == MOST


@pytest.mark.parametrize("length", [MOST + 1, "9" * 5000])
async def test_a_body_that_says_it_is_too_large_is_not_even_taken(length: int | str) -> None:
    page = Page()
    assert await status_of(page, [MEGABYTE] * 13, length=length) == 413
    assert page.taken == 0


@pytest.mark.parametrize("length", [None, 5])
async def test_a_body_that_grows_too_large_is_stopped_on_the_way(length: int | None) -> None:
    page = Page()
    assert await status_of(page, [MEGABYTE] * 1000, length=length) == 413
    assert page.taken <= MOST


async def test_a_body_that_stops_coming_is_not_waited_for() -> None:
    assert await status_of(Page(), [b"half"], length=8, ends=False, patience=0.01) == 408


async def test_an_answer_may_take_as_long_as_it_takes() -> None:
    """A download goes on long after the body of its request has ended."""

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        waiting.cancel()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await LimitedBody(slow, patience=0.01)({"type": "http", "headers": []}, receive, send)
    assert sent[0]["status"] == 200


async def test_a_websocket_is_left_alone() -> None:
    seen: list[Any] = []

    async def socket(scope: Any, receive: Any, send: Any) -> None:
        seen.append(receive)

    async def receive() -> Any: ...

    await LimitedBody(socket)({"type": "websocket"}, receive, None)
    assert seen == [receive]
