"""How much anybody may send, and how slowly: checked before Django, which keeps a whole body on the disk first."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any

type Application = Callable[[Any, Any, Any], Awaitable[None]]

MOST = 12 * 1024 * 1024  # bytes: the largest upload, 10 MB, with the rest of its form
HEADERS, HEAD = 100, 32 * 1024  # how many, and bytes; uvicorn alone stops a head only as it comes in pieces
PATIENCE = 60.0  # seconds between two pieces of a body

TOO_MUCH_HEAD = (431, b"The head of the request is too large.\n")
TOO_LARGE = (413, b"The request is larger than 12 MB.\n")
TOO_SLOW = (408, b"The rest of the request did not come.\n")


class LimitedBody:
    """Answers 413 to a body over the limit, announced or not, 408 to one that stops coming, 431 to a swollen head."""

    def __init__(self, application: Application, *, patience: float = PATIENCE) -> None:
        self.application = application
        self.patience = patience

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
        elif len(scope["headers"]) > HEADERS or sum(map(len, chain(*scope["headers"]))) > HEAD:
            await _refuse(send, *TOO_MUCH_HEAD)
        elif _announced(scope) > MOST:
            await _refuse(send, *TOO_LARGE)
        else:
            body = _Body(receive, self.patience)
            await self.application(scope, body.receive, send)
            if body.refusal is not None:
                await _refuse(send, *body.refusal)


class _Body:
    """The messages of one request; to the application one that goes too far looks like a caller who left."""

    def __init__(self, receive: Callable[[], Awaitable[Any]], patience: float) -> None:
        self.refusal: tuple[int, bytes] | None = None
        self._receive, self._patience = receive, patience
        self._size = 0
        self._complete = False

    async def receive(self) -> Any:
        if self._complete:  # from here on it only waits for the caller to leave
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._patience)
        except TimeoutError:
            return self._stop(TOO_SLOW)
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        return self._stop(TOO_LARGE) if self._size > MOST else message

    def _stop(self, refusal: tuple[int, bytes]) -> dict[str, str]:
        self.refusal = refusal
        return {"type": "http.disconnect"}


def _announced(scope: dict[str, Any]) -> int:
    digits = dict(scope["headers"]).get(b"content-length", b"").lstrip(b"0")
    return int(digits[:20]) if digits.isdigit() else 0  # with more than that it is too large, too


async def _refuse(send: Any, status: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    headers.append((b"content-length", str(len(words)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
