"""The websocket addresses."""

from typing import Any

from django.urls import path, re_path

from studio.consumers import NotFound, RunSocket

# Django's types know views only; channels puts applications in their place.
run_socket: Any = RunSocket.as_asgi()
not_found: Any = NotFound.as_asgi()

websocket_urlpatterns: list[Any] = [
    path("ws/runs/<uuid:uid>/", run_socket),
    re_path(r"", not_found),  # URLRouter raises where nothing fits
]
