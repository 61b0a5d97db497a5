"""The little HTTP that the simulator speaks: a request read whole, an answer, and ComfyUI's way with errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class BodyTooLarge(Exception):
    """The body is over the server's limit (fact 24)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its body; header names in lower case, the first value of each."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    client: tuple[str, int] | None = None

    def json(self) -> Any:
        """The body as JSON, whatever its content type; raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Without a length it goes out in chunks, as ComfyUI's own 404 does."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False

    async def send(self, send: Send) -> None:
        """Give it to the web server: the head, then the whole body."""
        headers = dict(self.headers)
        if not self.chunked and self.status != 304:
            headers.setdefault("Content-Length", str(len(self.body)))
        pairs = [(name.lower().encode("latin-1"), _latin(value)) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        await send({"type": "http.response.body", "body": self.body})


def _latin(value: str) -> bytes:
    # aiohttp sends header values as UTF-8; a file name may hold anything.
    return value.encode("utf-8")


def json_answer(value: Any, status: int = 200) -> Response:
    """A JSON body."""
    return Response(status, json.dumps(value).encode(), {"Content-Type": JSON})


def empty(status: int = 200) -> Response:
    """No body: what the writing routes answer."""
    return Response(status)


def not_found() -> Response:
    """What the file handler behind all routes answers to an unknown path: empty, in chunks (protocol, section 10)."""
    return Response(404, b"", {"Content-Type": "application/octet-stream"}, chunked=True)


def not_allowed(methods: set[str]) -> Response:
    """405; GET and HEAD are always in the list, because the file handler takes them."""
    allow = ",".join(sorted(methods | {"GET", "HEAD"}))
    return Response(405, b"405: Method Not Allowed", {"Content-Type": TEXT, "Allow": allow})


def crashed() -> Response:
    """What an exception inside a handler looks like from outside (fact 23)."""
    body = b"500 Internal Server Error\n\nServer got itself in trouble"
    return Response(500, body, {"Content-Type": TEXT, "Connection": "close"})


def too_large(limit: int) -> Response:
    """413 (fact 24)."""
    words = f"Maximum request body size {limit} exceeded."
    return Response(413, words.encode(), {"Content-Type": TEXT})


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body; raises BodyTooLarge, but only after the sender is done, so that it can read the answer."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client is gone")
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        more = message.get("more_body", False)
    if size > limit:
        raise BodyTooLarge
    return b"".join(parts)
