"""The websocket addresses."""

from typing import Any

from django.urls import path, re_path

from studio.consumers import NotFound, RunSocket

websocket_urlpatterns: list[Any] = [
    path("ws/runs/<uuid:uid>/", RunSocket.as_asgi()),
    re_path(r"", NotFound.as_asgi()),  # URLRouter raises where nothing fits
]
