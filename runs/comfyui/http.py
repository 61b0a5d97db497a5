"""HTTP to a ComfyUI server: every wait is bounded, every answer capped, every failure one of our errors."""

import asyncio
import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from runs.comfyui.endpoint import MEBIBYTE, Endpoint, Timeouts
from runs.comfyui.errors import NotComfyUI, OversizedAnswer, ProtocolViolation, ServerTimeout
from runs.comfyui.reading import decode_json
from runs.comfyui.translation import RAISED, refusal_by_status, translated

MAX_JSON = 32 * MEBIBYTE  # /object_info has 1.6 MB, 3,000 prompts in /queue some 3 MB
IDLE = 20.0  # seconds for which a connection is kept, and what its host stood for


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the type, the bytes; and what the server takes for the time."""

    url: str
    status: int
    content_type: str
    body: bytes
    date: str = ""

    def json(self) -> Any:
        """The body as JSON; raises NotComfyUI, for ComfyUI answers these routes with JSON only."""
        try:
            return decode_json(self.body)
        except ProtocolViolation as error:
            raise self.not_comfyui() from error

    def not_comfyui(self) -> NotComfyUI:
        """The error for an answer that ComfyUI would not give."""
        return NotComfyUI(f"{self.url} answers, but not as ComfyUI does. Check the address and the port.")


class _Destinations:
    """Where the endpoint may be asked. A name server that is away for a moment breaks no work under way."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.answering: dict[str, Any] = {}
        self._endpoint = endpoint
        self._found: list[dict[str, Any]] = []
        self._found_at = -math.inf

    async def now(self) -> list[dict[str, Any]]:
        """Those to try in turn, the one that answered last before the others."""
        try:
            self._found, self._found_at = await self._endpoint.destinations(), time.monotonic()
        except OSError:
            if time.monotonic() - self._found_at > IDLE:
                raise
        return sorted(self._found, key=lambda place: place != self.answering)


class _Transport(httpx.AsyncHTTPTransport):
    """Connects to an address that the endpoint chooses; the name stays what is asked for and what TLS must prove."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._destinations = _Destinations(endpoint)
        super().__init__(
            # Without TLS there is nothing to verify, and reading the authorities takes 20 ms a server.
            verify=endpoint.ssl_context() or False,
            limits=httpx.Limits(max_connections=16, keepalive_expiry=IDLE),
            trust_env=False,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *others, last = await self._destinations.now()
        request.extensions = {**request.extensions, "sni_hostname": request.url.raw_host.decode()}
        for place in others:
            # Nothing of the request was sent yet.
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._sent(request, place)
        return await self._sent(request, last)

    async def _sent(self, request: httpx.Request, place: Mapping[str, Any]) -> httpx.Response:
        request.url = request.url.copy_with(**place)
        response = await super().handle_async_request(request)
        self._destinations.answering = dict(place)
        return response


class Http:
    """The connections to one server. Redirects are not followed, and the environment's proxies not used."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts
        self._client = httpx.AsyncClient(
            # Uncompressed, so that the cap on an answer is a cap on memory too.
            headers={"Accept-Encoding": "identity", "User-Agent": "adgen-studio"} | dict(endpoint.headers),
            transport=_Transport(endpoint),
            timeout=httpx.Timeout(timeouts.answer, connect=timeouts.connect),
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        cap: int = MAX_JSON,
        also: tuple[int, ...] = (),
    ) -> Answer:
        """GET; statuses other than 200 and those in `also` raise."""
        return await self._ask("GET", path, cap=cap, also=also, params=dict(params or {}))

    async def post(self, path: str, body: Mapping[str, Any], *, also: tuple[int, ...] = ()) -> Answer:
        """POST of a JSON object."""
        # json.dumps escapes what UTF-8 cannot carry (a lone surrogate out of somebody's clipboard).
        content, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        return await self._ask("POST", path, also=also, content=content, headers=headers)

    async def post_file(self, path: str, name: str, data: bytes, form: Mapping[str, str]) -> Answer:
        """POST of one file as multipart/form-data, in the field `image`."""
        return await self._ask("POST", path, files={"image": (name, data)}, data=dict(form))

    async def _ask(
        self, method: str, path: str, *, cap: int = MAX_JSON, also: tuple[int, ...] = (), **request: Any
    ) -> Answer:
        url = self.endpoint.url
        try:
            async with (
                asyncio.timeout(self.timeouts.whole),
                self._client.stream(method, self.endpoint.at(path), **request) as response,
            ):
                body = await _read(response, cap, url)
        except TimeoutError as error:
            raise ServerTimeout(f"{url} did not answer in time. It may be busy; try again.") from error
        except RAISED as error:
            raise translated(error, url) from error
        headers = response.headers
        answer = Answer(
            url, response.status_code, headers.get("content-type", ""), body, headers.get("date", "")
        )
        return _judged(answer, (200, *also))


async def _read(response: httpx.Response, cap: int, url: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > cap:
            raise OversizedAnswer(f"{url} answered with more than {cap / MEBIBYTE:.0f} MiB.")
    return bytes(body)


def _judged(answer: Answer, wanted: tuple[int, ...]) -> Answer:
    if answer.status in wanted:
        return answer
    raise refusal_by_status(answer.status, answer.url) or answer.not_comfyui()
