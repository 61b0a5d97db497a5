"""What is answered while the database or the storage for files does not: 503, in words.

They say when to come again, and ask nothing of either. Whatever a request was doing, its fault ends in `server_error`,
Django's last resort; a socket's in `CalmSockets`.
"""

import json
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.csrf import requires_csrf_token

from runs.storage import StorageAway

type Application = Callable[[Any, Any, Any], Awaitable[None]]

log = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds
AGAIN = 1013  # closes a socket whose page comes again by itself
REST = "Nothing is lost: runs resume as soon as it is back. Try again in a few seconds."
WORDS = f"The database is not responding. {REST}"
STORAGE_WORDS = f"File storage is not responding. {REST}"


def is_outage(fault: BaseException | None) -> bool:
    """Whether the database or the storage is away, or too busy; also where somebody wrapped that."""
    while fault is not None:
        if isinstance(fault, StorageAway):
            return True
        if isinstance(fault, InterfaceError | OperationalError):
            # SQLite says it this way, too, when a table is missing: that is a fault, and waiting does not help.
            return "no such" not in str(fault)
        fault = fault.__cause__
    return False


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    fault = sys.exc_info()[1]
    return unavailable(request, fault) if is_outage(fault) else defaults.server_error(request)


def unavailable(request: HttpRequest, fault: BaseException | None = None) -> HttpResponse:
    """A page for people, problem+json for programs. Asks neither for the user nor for the session."""
    of_storage = isinstance(fault, StorageAway)
    if "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/"):
        answer = HttpResponse(render_to_string("503.html", {"of_storage": of_storage}), status=503)
    else:
        words = STORAGE_WORDS if of_storage else WORDS
        problem = {"type": "about:blank", "title": "Not now", "status": 503, "detail": words, "errors": []}
        answer = HttpResponse(json.dumps(problem), status=503, content_type="application/problem+json")
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class CalmSockets:
    """Closes a socket whose opening needs a database that is away; its page asks again."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await self.application(scope, receive, send)
        except Exception as fault:
            if not is_outage(fault):
                raise
            log.warning("A page is to come again: %s", fault)
            await send({"type": "websocket.close", "code": AGAIN})


class OneLine(logging.Filter):
    """One line for each request that an outage ends: the place in the code does not matter."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if is_outage(fault):
            record.msg, record.args = "%s (%s)", (record.getMessage(), str(fault).strip().splitlines()[0])
            record.exc_info = record.exc_text = None
        return True
