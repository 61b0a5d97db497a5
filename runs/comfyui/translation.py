"""From the errors of httpx and websockets to ours: the one place that knows both."""

import ssl

import httpx
from websockets import exceptions as ws

from runs.comfyui.errors import (
    AccessRefused,
    BadAddress,
    ComfyError,
    NotComfyUI,
    ProtocolViolation,
    ServerFault,
    ServerTimeout,
    ServerUnreachable,
    TooLarge,
)

# What either library and the system below it can raise while we talk to a server.
RAISED = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    ws.WebSocketException,
    OSError,
    EOFError,
)

# The nearest base class decides.
_KINDS: dict[type[BaseException], type[ComfyError]] = {
    httpx.HTTPError: ServerUnreachable,
    httpx.TimeoutException: ServerTimeout,
    httpx.ConnectTimeout: ServerUnreachable,
    httpx.DecodingError: ProtocolViolation,
    httpx.TooManyRedirects: NotComfyUI,
    httpx.UnsupportedProtocol: BadAddress,
    httpx.LocalProtocolError: BadAddress,
    httpx.InvalidURL: BadAddress,
    httpx.StreamError: ServerUnreachable,
    httpx.CookieConflict: NotComfyUI,
    ws.WebSocketException: ServerUnreachable,
    ws.InvalidURI: BadAddress,
    ws.InvalidHandshake: NotComfyUI,
    ws.SecurityError: NotComfyUI,
    ws.ProxyError: ServerUnreachable,
    ws.InvalidProxy: ServerUnreachable,
    ws.ProtocolError: ProtocolViolation,
    ws.PayloadTooBig: ProtocolViolation,
    TimeoutError: ServerTimeout,
    OSError: ServerUnreachable,
    EOFError: ServerUnreachable,
}

_SENTENCES: dict[type[ComfyError], str] = {
    ServerUnreachable: "{url} does not answer. Start the server, or correct its address.",
    ServerTimeout: "{url} did not answer in time. It may be busy; try again.",
    NotComfyUI: "{url} answers, but not as ComfyUI does. Check the address and the port.",
    ProtocolViolation: "{url} sent what ComfyUI does not send. Check which program and version runs there.",
    BadAddress: "{url} cannot be used as an address. Write it as http://host:port or https://host/path.",
}


def translated(error: BaseException, url: str) -> ComfyError:
    """Our error for one of `RAISED`, met while talking to the server at `url`."""
    if isinstance(error, ws.InvalidStatus):
        return refusal_by_status(error.response.status_code, url) or _of(NotComfyUI, url)
    if _is_untrusted(error):
        return ServerUnreachable(f"The certificate of {url} is not trusted. Store its CA with the server.")
    if isinstance(error, httpx.RemoteProtocolError) and "illegal" in str(error):
        return _of(NotComfyUI, url)  # something answers that does not speak HTTP
    return _of(next(_KINDS[base] for base in type(error).__mro__ if base in _KINDS), url)


def refusal_by_status(status: int, url: str) -> ComfyError | None:
    """The error that a status means on every route; None for one that has to be judged by the route."""
    match status:
        case 401 | 403 | 407:
            return AccessRefused(
                f"{url} refuses access ({status}). Check the token or password stored for it."
            )
        case 413:
            return TooLarge(f"{url} does not take so much data. Send less, or raise its --max-upload-size.")
        case 408:
            return _of(ServerTimeout, url)
        case 429:
            return ServerFault(f"{url} received too many requests (429). Try again later.")
        case _ if 300 <= status < 400:
            return NotComfyUI(f"{url} redirects to another address. Use the address of ComfyUI itself.")
        case _ if status >= 500:
            return ServerFault(f"{url} answered with an error of its own ({status}). Look at its log.")
        case _:
            return None


def _of(kind: type[ComfyError], url: str) -> ComfyError:
    return kind(_SENTENCES[kind].format(url=url))


def _is_untrusted(error: BaseException) -> bool:
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return True
        link = link.__cause__ or link.__context__
    return False
