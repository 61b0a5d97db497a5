"""The websocket of the client, against a scripted server that speaks frames."""

import asyncio
import json
import logging
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from runs.comfyui import AccessRefused, Comfy, Endpoint, NotComfyUI, ServerFault, ServerUnreachable, Timeouts
from runs.comfyui.events import Event, Preview, PromptEnded, QueueChanged, UnknownEvent
from runs.comfyui.protocol import encode

from .far_end import FarEnd, Reply

type Play = Callable[[ServerConnection], Awaitable[Any]]
PATIENT = Timeouts(connect=10, answer=10, whole=10)
STATUS = QueueChanged(0, "c")


@asynccontextmanager
async def playing(
    play: Play, *, timeouts: Timeouts = PATIENT, headers: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[Comfy]:
    async with serve(play, "127.0.0.1", 0, ping_interval=None, **options) as server:
        url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        async with Comfy(Endpoint(url, headers or {}), timeouts) as comfy:
            yield comfy


async def heard(comfy: Comfy) -> list[Event]:
    """All events until the connection ends."""
    found: list[Event] = []
    async with comfy.events("c") as events:
        with pytest.raises(ServerUnreachable):
            async for event in events:
                found.append(event)
    return found


def saying(*frames: str | bytes) -> Play:
    async def play(socket: ServerConnection) -> None:
        await socket.recv()  # the client's feature flags
        for frame in frames:
            await socket.send(frame)

    return play


async def test_frames_arrive_as_events_in_their_order() -> None:
    sent: list[Event] = [STATUS, Preview("p", "5", "image/jpeg", b"pixels"), PromptEnded("p")]
    async with playing(saying(*map(encode, sent))) as comfy:
        assert await heard(comfy) == sent


async def test_fact_12_the_feature_flags_are_the_first_message() -> None:
    first: list[Any] = []

    async def play(socket: ServerConnection) -> None:
        first.append(json.loads(await socket.recv()))

    async with playing(play) as comfy:
        await heard(comfy)
    assert first == [{"type": "feature_flags", "data": {"supports_preview_metadata": True}}]


async def test_an_ill_formed_frame_costs_us_one_event_and_not_the_socket(
    caplog: pytest.LogCaptureFixture,
) -> None:
    frames = ("not json", struct.pack(">I", 1), '{"type": "progress", "data": {}}', encode(STATUS))
    async with playing(saying(*frames)) as comfy:
        assert await heard(comfy) == [UnknownEvent("ill-formed")] * 3 + [STATUS]
    assert caplog.text.count("was left out") == 3


async def test_fact_38_a_frame_over_a_mebibyte_is_taken() -> None:
    large = Preview("p", "5", "image/png", bytes(3 * 1024 * 1024))
    async with playing(saying(encode(large)), max_size=None) as comfy:
        assert await heard(comfy) == [large]


async def test_the_handshake_has_our_headers_and_none_of_a_browsers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Request] = []

    async def look(socket: ServerConnection, request: Request) -> None:
        seen.append(request)

    async with playing(saying(), process_request=look, headers={"Authorization": "Bearer s3cret"}) as comfy:
        await heard(comfy)
    (request,) = seen
    assert request.path == "/ws?clientId=c"
    assert request.headers["Authorization"] == "Bearer s3cret"
    names = {name.lower() for name in request.headers}
    assert "sec-websocket-key" in names
    assert {"origin", "sec-fetch-site", "sec-websocket-extensions"}.isdisjoint(names)
    ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert not any("s3cret" in record.getMessage() for record in ours)


async def test_a_socket_cut_without_a_word_ends_the_events() -> None:
    async def play(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(encode(STATUS))
        socket.transport.abort()

    async with playing(play) as comfy:
        assert await heard(comfy) == [STATUS]


async def test_a_server_that_does_not_answer_pings_is_given_up() -> None:
    gone = asyncio.Event()

    async def play(socket: ServerConnection) -> None:
        await gone.wait()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The handshake goes through, and after that nothing comes back."""
        there, back = await asyncio.open_connection("127.0.0.1", port)
        back.write(await reader.readuntil(b"\r\n\r\n"))
        writer.write(await there.readuntil(b"\r\n\r\n"))
        await reader.read()
        back.close()
        writer.close()

    async with serve(play, "127.0.0.1", 0, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        proxy = await asyncio.start_server(forward, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        quick = Timeouts(connect=0.2, ping_every=0.02, pong_within=0.02)
        async with proxy, Comfy(Endpoint(url), quick) as comfy, asyncio.timeout(20):
            assert await heard(comfy) == []
        gone.set()


async def test_fact_38_pings_of_the_server_are_answered() -> None:
    answered: list[float] = []

    async def play(socket: ServerConnection) -> None:
        answered.append(await (await socket.ping()))

    async with playing(play) as comfy:
        await heard(comfy)
    assert len(answered) == 1


async def test_fact_35_leaving_waits_until_the_server_has_let_go() -> None:
    ended: list[int | None] = []

    async def play(socket: ServerConnection) -> None:
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            ended.append(socket.close_code)

    async with playing(play) as comfy:
        async with comfy.events("c"):
            assert ended == []
        await asyncio.sleep(0)
        assert ended == [1000]


@pytest.mark.parametrize(
    ("status", "error"), [(401, AccessRefused), (403, AccessRefused), (404, NotComfyUI), (502, ServerFault)]
)
async def test_a_refused_handshake_is_one_of_our_errors(status: int, error: type[Exception]) -> None:
    def refuse(socket: ServerConnection, request: Request) -> Response:
        return socket.respond(status, "no")

    async with playing(saying(), process_request=refuse) as comfy:
        with pytest.raises(error):
            await heard(comfy)


async def test_a_redirected_handshake_is_not_followed() -> None:
    async with FarEnd({}) as elsewhere:
        far = Reply(302, headers={"Location": f"{elsewhere.url}/ws"})
        async with FarEnd({"GET /ws": far}) as server, Comfy(Endpoint(server.url), PATIENT) as comfy:
            with pytest.raises(NotComfyUI):
                await heard(comfy)
        assert elsewhere.asked == []


async def test_a_server_that_is_down_is_unreachable() -> None:
    async with FarEnd({}) as far:
        url = far.url
    async with Comfy(Endpoint(url), PATIENT) as comfy:
        with pytest.raises(ServerUnreachable, match=url):
            async with comfy.events("c"):
                pytest.fail("connected to nobody")


async def test_a_server_that_does_not_finish_the_handshake_is_given_up() -> None:
    brief = Timeouts(connect=0.05)
    async with FarEnd({"GET /ws": Reply(hang=True)}) as far, Comfy(Endpoint(far.url), brief) as comfy:
        with pytest.raises(Exception, match="did not answer in time"):
            async with comfy.events("c"):
                pytest.fail("connected to nobody")


@pytest.mark.parametrize("client_id", ["", None, 5, ["c"]])
async def test_d19_a_client_id_is_a_string(client_id: Any) -> None:
    async with Comfy(Endpoint("http://127.0.0.1:9")) as comfy:
        with pytest.raises(TypeError, match="client_id"):
            comfy.events(client_id)


async def test_an_error_of_the_listener_is_its_own_and_still_closes_the_socket() -> None:
    async with playing(saying(encode(STATUS))) as comfy:
        with pytest.raises(KeyError):
            async with comfy.events("c") as events:
                async for _ in events:
                    raise KeyError("ours")


async def test_fact_37_the_socket_is_read_even_while_nobody_listens() -> None:
    sent = asyncio.Event()
    picture = encode(Preview("p", "5", "image/jpeg", bytes(100_000)))

    async def play(socket: ServerConnection) -> None:
        for _ in range(300):  # 30 MB, far more than the buffers of a connection hold
            await socket.send(picture)
        sent.set()
        await socket.wait_closed()

    async with playing(play) as comfy, comfy.events("c") as events:
        async with asyncio.timeout(20):
            await sent.wait()
        assert isinstance(await anext(events), Preview)


async def test_the_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    # The environment is process-wide; there is no other way to set it for one test.
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with playing(saying(encode(STATUS))) as comfy:
        assert await heard(comfy) == [STATUS]
