"""The websocket of one client: connect, announce what we can, hand out typed events."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from runs.comfyui.endpoint import MEBIBYTE, Endpoint, Timeouts
from runs.comfyui.errors import ProtocolViolation, ServerUnreachable
from runs.comfyui.events import Event, FeatureFlags, UnknownEvent
from runs.comfyui.protocol import Route, decode_binary, decode_text, encode
from runs.comfyui.translation import RAISED, translated

OUR_FLAGS = FeatureFlags({"supports_preview_metadata": True})
MAX_FRAME = 64 * MEBIBYTE  # frames over 1 MiB, the library's default, do occur (fact 38)
# A client that stops reading stalls the server's messages to everybody (fact 37): read ahead of the consumer.
READ_AHEAD = 1024

log = logging.getLogger(__name__)
# At DEBUG the library writes the handshake down, Authorization header included.
_quiet = logging.getLogger(f"{__name__}.handshake")
_quiet.setLevel(logging.INFO)


class _Connect(connect):
    """Credentials do not follow a redirect, and neither do we."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@asynccontextmanager
async def open_stream(
    endpoint: Endpoint, timeouts: Timeouts, client_id: str
) -> AsyncIterator[AsyncIterator[Event]]:
    """Connect as `client_id` and yield its events; on leaving the socket is closed and waited for (fact 35).

    Raises ServerUnreachable, ServerTimeout, AccessRefused, NotComfyUI; the iterator, ServerUnreachable.
    """
    try:
        socket = await _connect(endpoint, timeouts, client_id)
    except RAISED as error:
        raise translated(error, endpoint.url) from error
    try:
        await _announce(socket, endpoint.url)
        yield _Events(socket, endpoint.url)
    finally:
        await socket.close()


async def _announce(socket: ClientConnection, url: str) -> None:
    try:
        await socket.send(encode(OUR_FLAGS))  # counts only as the first message (fact 12)
    except RAISED as error:
        raise translated(error, url) from error


async def _connect(endpoint: Endpoint, timeouts: Timeouts, client_id: str) -> ClientConnection:
    *others, last = await endpoint.destinations()
    options = _options(endpoint, timeouts)
    url = endpoint.websocket(Route.WEBSOCKET, client_id)
    for place in others:
        with suppress(OSError):
            return await _Connect(url, **options, **place)
    return await _Connect(url, **options, **last)


def _options(endpoint: Endpoint, timeouts: Timeouts) -> dict[str, Any]:
    return {
        "additional_headers": dict(endpoint.headers),
        "user_agent_header": "adgen-studio",
        "ssl": endpoint.ssl_context(),
        "compression": None,
        "proxy": None,
        "open_timeout": timeouts.connect,
        "ping_interval": timeouts.ping_every,
        "ping_timeout": timeouts.pong_within,
        "close_timeout": timeouts.connect,
        "max_size": MAX_FRAME,
        "max_queue": READ_AHEAD,
        "logger": _quiet,
    }


class _Events:
    """An iterator without a generator's need to be closed: who stops listening may simply go."""

    def __init__(self, socket: ClientConnection, url: str) -> None:
        self._socket = socket
        self._url = url

    def __aiter__(self) -> "_Events":
        return self

    async def __anext__(self) -> Event:
        try:
            raw = await self._socket.recv()
        except RAISED as error:
            words = f"The connection to {self._url} has ended. Connect again, and ask where your prompts are."
            raise ServerUnreachable(words) from error
        return _decoded(raw, self._url)


def _decoded(raw: str | bytes, url: str) -> Event:
    """One bad frame, say from a custom node, must not cost us the socket: what it said, polling will tell."""
    try:
        return decode_text(raw) if isinstance(raw, str) else decode_binary(raw)
    except ProtocolViolation as error:
        log.warning("A frame from %s was left out: %s", url, error)
        return UnknownEvent("ill-formed")
