"""The simulator as an ASGI application: who may come in, plain requests to routes.py, websockets to the hub."""

from __future__ import annotations

import ipaddress
import json
import uuid
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from runs.comfyui.events import FeatureFlags, NodeStarted, QueueChanged

from .fault_routes import FAULTS_PATH, FaultDesk
from .http import BodyTooLarge, Receive, Request, Response, Scope, Send, empty, read_body, too_large
from .hub import Socket
from .machine import Machine
from .routes import answer
from .submission import AnswerLost

type Cut = Callable[[tuple[str, int] | None], None]


class Application:
    """The ASGI callable. `cut` breaks the connection of a client address off without a word."""

    def __init__(self, machine: Machine, desk: FaultDesk, cut: Cut) -> None:
        self._machine, self._desk, self._cut = machine, desk, cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await self._websocket(scope, receive, send)
            case kind:
                raise ValueError(f"the simulator does not speak {kind}")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope, scope["method"])
        try:
            body = await read_body(receive, self._machine.settings.max_upload_size)
            response = await self._answer(_with_body(request, body))
        except BodyTooLarge:
            response = too_large(self._machine.settings.max_upload_size)
        except AnswerLost:
            self._cut(request.client)
            await receive()  # until the connection is gone: an answer must not be begun
            return
        except ConnectionResetError:
            return
        await response.send(send)
        await self._desk.after_the_answer()

    async def _answer(self, request: Request) -> Response:
        if request.path == FAULTS_PATH:
            return await self._desk.answer(request)
        if refusal := self._refusal(request):
            return empty(refusal)
        said = answer(self._machine, request)
        spoilt = self._machine.faults.spoil(request.path)
        return said if spoilt is None else empty(spoilt)

    def _refusal(self, request: Request) -> int | None:
        """The status with which a request is turned away at the door, if it is (fact 53; D35)."""
        if self._machine.faults.refusal is not None:
            return self._machine.faults.refusal
        if self._machine.newer and request.headers.get("sec-fetch-site") == "cross-site":
            return 403
        return 403 if is_foreign(request.headers.get("host"), request.headers.get("origin")) else None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        request = _request(scope, "GET")
        status = self._refusal(request) or (404 if request.path not in ("/ws", "/api/ws") else None)
        if status is not None:
            await send({"type": "websocket.http.response.start", "status": status, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        await send({"type": "websocket.accept"})
        socket = Socket(request.query.get("clientId") or uuid.uuid4().hex, send)
        self._greet(socket)
        try:
            await self._listen(socket, receive)
        finally:
            self._machine.hub.leave(socket)

    def _greet(self, socket: Socket) -> None:
        """The first message names the id; a client that comes back mid-run hears which node runs (facts 1, 34)."""
        machine = self._machine
        machine.hub.register(socket)
        machine.hub.send(QueueChanged(machine.queue.remaining, socket.sid), socket.sid)
        if machine.client_id == socket.sid and machine.current_node is not None:
            machine.hub.send(NodeStarted(None, machine.current_node), socket.sid)

    async def _listen(self, socket: Socket, receive: Receive) -> None:
        first = True
        while (message := await receive())["type"] == "websocket.receive":
            if first and (flags := _flags(message.get("text"))) is not None:
                first = False
                if flags:
                    socket.flags = flags
                    self._machine.hub.send(FeatureFlags(self._machine.features()), socket.sid)


def _flags(text: str | None) -> dict[str, object] | None:
    """The flags of a feature_flags message; empty for another object, None for what does not count (fact 12)."""
    try:
        message = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(message, dict):
        return None
    data = message.get("data")
    return data if message.get("type") == "feature_flags" and isinstance(data, dict) else {}


def _request(scope: Scope, method: str) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    return Request(method, path, query, headers, client=scope.get("client"))


def _with_body(request: Request, body: bytes) -> Request:
    return Request(request.method, request.path, request.query, request.headers, body, request.client)


def is_foreign(host: str | None, origin: str | None) -> bool:
    """Whether a page of another origin asks a server that is called by a loopback name (fact 53).

    A host that is no loopback name is not checked, nor is a request without an origin. If one of the two has no port,
    ports do not count.
    """
    if not host or not origin:
        return False
    called, page = urlsplit(f"//{host.lower()}"), urlsplit(origin.lower())
    ours: str | None = host.lower() if page.port is not None else called.hostname
    theirs: str | None = page.netloc if called.port is not None else page.hostname
    return bool(ours and theirs and ours != theirs and _is_loopback(called.hostname))


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False
