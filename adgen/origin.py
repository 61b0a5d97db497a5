"""A websocket is only opened by our own pages: browsers send cookies along with anybody's handshake."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

type Application = Callable[[Any, Any, Any], Awaitable[None]]


class SameOrigin:
    """Denies a handshake (403) whose Origin is missing or is neither the Host it came to nor PUBLIC_URL."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name: value.decode("latin1") for name, value in scope["headers"]}
        inner: Any = self.application if _is_ours(headers) else WebsocketDenier()
        await inner(scope, receive, send)


def _is_ours(headers: dict[bytes, str]) -> bool:
    origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
    if origin == settings.PUBLIC_URL:
        return True
    domain, _ = split_domain_port(host.lower())
    known = validate_host(domain, settings.ALLOWED_HOSTS)
    return known and urlsplit(origin).scheme in ("http", "https") and urlsplit(origin).netloc == host
