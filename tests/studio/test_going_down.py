"""The web server when it is told to stop: what is under way is answered, sockets are told to come again."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import websockets

from runs import leaving
from studio import serving
from studio.serving import GRACE

pytestmark = pytest.mark.filterwarnings("ignore:remove second argument of ws_handler")


class Slow:
    """Answers a request when it is let go on, and holds a socket open."""

    def __init__(self) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def start(self) -> None:
        """There is no engine here."""

    stop = start

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                continue
            return
        self.asked.set()
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})


@pytest.fixture(autouse=True)
def not_leaving(settings: Any) -> Iterator[None]:
    settings.DRAIN_SECONDS = 0
    yield
    leaving.told.clear()


async def served(slow: Slow, grace: int = GRACE) -> tuple[asyncio.Task[None], int]:
    sock, ready = serving.listen("127.0.0.1", 0), asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(
        serving.serve_uvicorn(slow, sock, lambda: loop.call_soon_threadsafe(ready.set), grace=grace)
    )
    await asyncio.wait_for(ready.wait(), 10)
    return task, sock.getsockname()[1]


async def test_a_request_under_way_is_answered_before_the_process_ends() -> None:
    slow = Slow()
    task, port = await served(slow)
    async with (
        httpx.AsyncClient(timeout=10) as client,
        websockets.connect(f"ws://127.0.0.1:{port}/") as socket,
    ):
        asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/"))
        await asyncio.wait_for(slow.asked.wait(), 10)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
        assert not asking.done() and not task.done()
        slow.go_on.set()
        assert (await asking).text == "done"
    await asyncio.wait_for(task, 10)


async def test_a_request_without_an_end_does_not_keep_the_process() -> None:
    assert GRACE < 10
    slow, began = Slow(), time.monotonic()
    task, port = await served(slow, grace=1)
    async with httpx.AsyncClient(timeout=10) as client:
        asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/"))
        await asyncio.wait_for(slow.asked.wait(), 10)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 10)
        await asyncio.gather(asking, return_exceptions=True)
    assert 1 <= time.monotonic() - began < 10
