"""Logs for people, the default, and for programs: one JSON object a line. And the id by which all lines of one request
are found.
"""

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from runs import marks

type Application = Callable[[Any, Any, Any], Awaitable[None]]

log = logging.getLogger(__name__)

# The id that a proxy gave: anything else could be made to look like a line of the log.
SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Opening does not spend these.
SECRET = re.compile(r"(/accounts/(?:link|invited|password/reset/key)/)[^/?#]+")
CONTROL = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
NOT_TOLD = ("/static/", "/health", "/metrics")  # asked for all the time
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}  # what every record has


class Text(logging.Formatter):
    """A line for people. What comes from outside, such as a path, begins none of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).translate(CONTROL)


class Json(logging.Formatter):
    """Time, level, logger and words; what the code is at work on; what the caller gave as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **marks.now(),
        }
        extra = {name: value for name, value in vars(record).items() if name not in _OWN}
        line |= {name: value for name, value in extra.items() if isinstance(value, str | int | float | bool)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Requests:
    """Gives each request an id, sends it back, and tells of the answer: path and status, never what was asked for."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        name, begun = _id_of(scope), time.monotonic()
        token = marks.request.set(name)

        async def answer(message: dict[str, Any]) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                headers = [*message.get("headers", ()), (b"x-request-id", name.encode())]
                message = {**message, "headers": headers}
                _tell(scope, message.get("status", 101), time.monotonic() - begun)
            await send(message)

        try:
            await self.application(scope, receive, answer)
        finally:
            marks.request.reset(token)


def without_secret(address: str) -> str:
    """As it may be written down: without what would let somebody in."""
    return SECRET.sub(r"\1…", address)


def _id_of(scope: dict[str, Any]) -> str:
    given: bytes = dict(scope["headers"]).get(b"x-request-id", b"")
    return given.decode() if SANE.fullmatch(given) else uuid4().hex


def _tell(scope: dict[str, Any], status: int, seconds: float) -> None:
    path = without_secret(scope["path"])
    if not path.startswith(NOT_TOLD):
        method, milliseconds = scope.get("method", "SOCKET"), round(seconds * 1000, 1)
        facts = {"method": method, "path": path, "status": status, "milliseconds": milliseconds}
        log.info("%s %s: %s", method, path, status, extra=facts)
