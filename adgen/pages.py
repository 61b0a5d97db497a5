"""Pages in one go: middleware and view of a request run in one thread, which is entered once.

Django's own ASGI handler keeps its middleware asynchronous and changes into a thread and back at each of them, for
every view of ours is synchronous: a third of the time of a short answer. Static files are different: they are served
from the event loop, without any thread.
"""

from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware


class StaticFiles(ServeStaticMiddleware):
    """Serves static files in the asynchronous chain, and steps aside in the one of pages."""

    sync_capable = True

    def __init__(self, get_response: Any) -> None:
        self._pages = None if iscoroutinefunction(get_response) else get_response
        if self._pages is None:
            super().__init__(get_response)

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if self._pages is None else self._pages(request)


class Pages(ASGIHandler):
    """Django's handler with all of its middleware synchronous."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await sync_to_async(self.get_response, thread_sensitive=True)(request)
        return response


class Http:
    """Pages, and static files beside them."""

    def __init__(self) -> None:
        self._files = get_asgi_application()
        self._pages = Pages()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        static = scope["path"].startswith(settings.STATIC_URL)
        await (self._files if static else self._pages)(scope, receive, send)
