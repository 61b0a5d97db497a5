"""A scripted far end over a real socket: gives the answers a test wrote down, keeps what it was asked."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `hang` never sends it, `drip` sends it byte by byte, `cut` ends in the middle of the body."""

    status: int = 200
    json: Any = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False
    drip: bool = False

    def to_bytes(self) -> bytes:
        body = self.body if self.json is None else json.dumps(self.json).encode()
        lines = [f"HTTP/1.1 {self.status} Scripted", f"Content-Length: {len(body)}"]
        lines += [f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        return whole[: -len(body) // 2] if self.cut else whole


type Script = Reply | list[Reply] | Callable[[Asked], Reply]

OLD_STATS = {"system": {"comfyui_version": "0.3.64"}, "devices": []}
NEW_STATS = {"system": {"comfyui_version": "0.33.0"}, "devices": []}
GONE = Reply(404, body=b"", content_type="application/octet-stream")
OLD: dict[str, Script] = {"GET /system_stats": Reply(json=OLD_STATS), "GET /api/jobs": GONE}
NEW = {
    "GET /system_stats": Reply(json=NEW_STATS),
    "GET /api/jobs": Reply(json={"jobs": [], "pagination": {}}),
}


class FarEnd:
    """Answers "METHOD /path" by the script; a list is used up one by one. Everything else is an empty 404."""

    def __init__(self, script: Mapping[str, Script]) -> None:
        self.script = dict(script)
        self.asked: list[Asked] = []
        self.url = ""
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()
        await self._server.wait_closed()

    def routes(self) -> list[str]:
        """What was asked, in order, the probe left out."""
        probe = {("GET", "/system_stats"), ("GET", "/api/jobs")}
        return [f"{ask.method} {ask.path}" for ask in self.asked if (ask.method, ask.path) not in probe]

    def last(self, route: str) -> Asked:
        return next(ask for ask in reversed(self.asked) if f"{ask.method} {ask.path}" == route)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                reply = self._reply(asked)
                if reply.hang:
                    await reader.read()  # until the client gives up
                    return
                await _send(writer, reply)
                if reply.cut:
                    return
        except ConnectionError:
            return  # the client has gone, which is its right
        finally:
            self._open.discard(writer)
            writer.close()

    def _reply(self, asked: Asked) -> Reply:
        script = self.script.get(f"{asked.method} {asked.path}", GONE)
        if isinstance(script, list):
            return script.pop(0) if len(script) > 1 else script[0]
        return script if isinstance(script, Reply) else script(asked)


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    whole = reply.to_bytes()
    pieces = [whole[place : place + 1] for place in range(len(whole))] if reply.drip else [whole]
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.01 if reply.drip else 0)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *rest = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return Asked(method, unquote(parts.path), query, headers, body)
