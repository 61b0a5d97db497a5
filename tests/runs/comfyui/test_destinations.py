"""A name that stands for several addresses, and a name server that is away for a moment."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection, serve

from runs.comfyui import Comfy, Endpoint, ServerUnreachable
from runs.comfyui.events import QueueChanged
from runs.comfyui.protocol import encode

from .far_end import FarEnd, Reply

EMPTY = {"GET /queue": Reply(json={"queue_running": [], "queue_pending": []})}
NOBODY, SOMEBODY = "127.0.0.9", "127.0.0.1"  # at the first nothing listens


def named(url: str, *found: str) -> Endpoint:
    """The server there under a name that stands for these addresses."""

    async def choose(host: str) -> list[str]:
        assert host == "gpu.invalid"
        return list(found)

    return Endpoint(url.replace(SOMEBODY, "gpu.invalid"), choose=choose)


async def test_where_one_address_does_not_answer_the_next_is_asked() -> None:
    async with FarEnd(EMPTY) as far_end, Comfy(named(far_end.url, NOBODY, SOMEBODY)) as comfy:
        assert (await comfy.queue()).pending == ()
        assert far_end.last("GET /queue").headers["host"].startswith("gpu.invalid:")


async def test_where_none_answers_the_server_does_not() -> None:
    async with FarEnd(EMPTY) as far_end, Comfy(named(far_end.url, NOBODY, "127.0.0.8")) as comfy:
        with pytest.raises(ServerUnreachable):
            await comfy.queue()
        with pytest.raises(ServerUnreachable):
            async with comfy.events("c"):
                pytest.fail("connected to nobody")


async def test_the_address_that_answered_is_asked_first_from_then_on() -> None:
    came: list[asyncio.StreamWriter] = []
    async with FarEnd(EMPTY) as far_end, Comfy(named(far_end.url, NOBODY, SOMEBODY)) as comfy:
        await comfy.queue()
        port = int(far_end.url.rpartition(":")[2])
        async with await asyncio.start_server(lambda _, writer: came.append(writer), NOBODY, port):
            await comfy.queue()
    assert came == []


async def test_the_websocket_goes_on_to_the_next_address_too() -> None:
    async def play(there: ServerConnection) -> None:
        await there.recv()
        await there.send(encode(QueueChanged(0)))

    async with serve(play, SOMEBODY, 0) as server:
        url = f"http://{SOMEBODY}:{next(iter(server.sockets)).getsockname()[1]}"
        async with Comfy(named(url, NOBODY, SOMEBODY)) as comfy, comfy.events("c") as events:
            assert await anext(events) == QueueChanged(0)


async def test_a_name_server_that_is_away_for_a_moment_breaks_nothing() -> None:
    async with FarEnd(EMPTY) as far_end, Comfy(_found_once(far_end.url)) as comfy:
        for _ in range(3):
            assert (await comfy.queue()).pending == ()


async def test_a_name_that_is_not_found_for_long_stands_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.comfyui.http.IDLE", 0.0)
    async with FarEnd(EMPTY) as far_end, Comfy(_found_once(far_end.url)) as comfy:
        await comfy.queue()
        with pytest.raises(ServerUnreachable):
            await comfy.queue()


def _found_once(url: str) -> Endpoint:
    return replace(named(url), choose=_once(SOMEBODY))


def _once(found: str) -> Callable[[str], Awaitable[list[str]]]:
    left = [found]

    async def choose(_: str) -> list[str]:
        if not left:
            raise socket.gaierror("the name server does not answer")
        return [left.pop()]

    return choose
