"""The outermost middleware: which methods pages know at all, and the headers that Django does not set by itself."""

from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseNotAllowed
from django.utils.decorators import sync_and_async_middleware

PAGES_KNOW = ("GET", "HEAD", "POST", "OPTIONS")
# The studio asks the browser for nothing but its window; what is copied goes through the clipboard.
POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
HEADERS = {"Permissions-Policy": POLICY, "Cross-Origin-Resource-Policy": "same-origin"}


@sync_and_async_middleware
def guard(get_response: Any) -> Any:
    """TRACE and whatever else no page knows: 405. Every answer says what it may not be used for."""
    if iscoroutinefunction(get_response):

        async def beside(request: HttpRequest) -> Any:
            return _marked(_refusal(request) or await get_response(request))

        return beside

    def within(request: HttpRequest) -> Any:
        return _marked(_refusal(request) or get_response(request))

    return within


def _refusal(request: HttpRequest) -> HttpResponseNotAllowed | None:
    """The API answers for its own methods."""
    known = request.method in PAGES_KNOW or request.path.startswith("/api/")
    return None if known else HttpResponseNotAllowed(PAGES_KNOW)


def _marked(response: Any) -> Any:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
