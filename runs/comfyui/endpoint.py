"""Where a ComfyUI server is, how one gets in, and how long one waits for it."""

import base64
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

import httpx

from runs.comfyui.errors import BadAddress

MEBIBYTE = 1024 * 1024
# A server refuses requests that look as if another site's page had sent them (fact 53, D35).
NEVER_SENT = frozenset({"origin", "sec-fetch-site", "host", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds. Every wait of the client is one of these."""

    connect: float = 5.0
    """for a TCP and TLS connection to one address, and for the websocket's handshake there"""
    answer: float = 30.0
    """for the next bytes of an answer; ComfyUI can stall while it loads a model"""
    whole: float = 120.0
    """for a whole request, a picture's bytes included"""
    ping_every: float = 10.0
    """between two pings on the websocket: the server sends none (fact 38)"""
    pong_within: float = 30.0
    """for the answer to a ping, before the connection counts as dead"""


type Chooser = Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a server (a path prefix is kept), extra headers, and the CA that signed its certificate.

    `choose` is asked before every request and every websocket for the addresses that may be connected to, given the
    host; they are tried in turn. What it raises ends the request, but for an OSError: then a request goes to what was
    chosen a moment ago. Without it the system decides what a name stands for, at each connection anew.

    `ca` is a file name or the PEM text itself; None trusts the usual authorities. Name and password in the
    URL become a header. Headers never show in repr, errors or logs. Raises BadAddress.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: str | None = field(default=None, repr=False)
    choose: Chooser | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = _split(self.url)
        netloc = parts.netloc.rpartition("@")[2]
        headers = {name: _checked(name, value) for name, value in self.headers.items()}
        if parts.username is not None:
            headers = _basic(unquote(parts.username), unquote(parts.password or "")) | headers
        object.__setattr__(self, "url", f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}")
        object.__setattr__(self, "headers", headers)

    def __repr__(self) -> str:
        shown = ", ".join(sorted(self.headers))
        return f"Endpoint({self.url!r}{f', headers: {shown}' if shown else ''})"

    @classmethod
    def with_bearer(cls, url: str, token: str, ca: str | None = None) -> Self:
        """A server behind a proxy that wants `Authorization: Bearer …`."""
        return cls(url, {"Authorization": f"Bearer {token}"}, ca)

    @classmethod
    def with_basic(cls, url: str, user: str, password: str, ca: str | None = None) -> Self:
        """A server behind a proxy that wants a name and a password."""
        return cls(url, _basic(user, password), ca)

    def at(self, path: str) -> str:
        """The URL of a route."""
        return f"{self.url}{path}"

    def websocket(self, path: str, client_id: str) -> str:
        """The URL of the websocket of a client."""
        return f"ws{self.url.removeprefix('http')}{path}?clientId={quote(client_id, safe='')}"

    async def destinations(self) -> list[dict[str, Any]]:
        """Hosts and ports to connect to, each to be tried where those before it fail.

        Returns one without host and port where the system decides. Raises what `choose` raises, and OSError where it
        finds no address.
        """
        if self.choose is None:
            return [{}]
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await self.choose(parts.hostname or "")
        if not found:
            raise OSError(f"{parts.hostname} stands for no address")
        return [{"host": host, "port": port} for host in found]

    def ssl_context(self) -> ssl.SSLContext | None:
        """How to check the server's certificate; None without TLS."""
        if not self.url.startswith("https:"):
            return None
        if self.ca is None:
            return httpx.create_ssl_context(trust_env=False)
        try:
            if self.ca.lstrip().startswith("-----BEGIN"):
                return ssl.create_default_context(cadata=self.ca)
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ValueError) as error:
            raise BadAddress(f"The CA stored for {self.url} cannot be read. Store it as PEM.") from error


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port  # reading the port checks it
        httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        raise BadAddress(_wrong(url)) from None  # its own words may repeat a password
    plain = url.strip().isprintable() and " " not in url.strip()
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or not plain:
        raise BadAddress(_wrong(url))
    return parts


def _wrong(url: str) -> str:
    shown = url.rpartition("@")[2]  # a password may stand before it
    return f"{shown!r} is not the address of a server. Write it as http://host:port or https://host/path."


def _basic(user: str, password: str) -> dict[str, str]:
    secret = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {secret}"}


def _checked(name: str, value: str) -> str:
    if name.lower() in NEVER_SENT:
        raise BadAddress(f"The header {name} cannot be set for a server. Remove it.")
    plain = all(" " <= character <= "~" for character in value)
    if not plain or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise BadAddress(f"The header {name!r} has characters that HTTP does not carry. Store it again.")
    return value
