"""The websocket addresses."""

from django.urls import path, re_path

from studio.consumers import NotFound, RunSocket

websocket_urlpatterns = [
    path("ws/runs/<uuid:uid>/", RunSocket.as_asgi()),  # type: ignore[arg-type]
    re_path(r"", NotFound.as_asgi()),  # type: ignore[arg-type]  # URLRouter raises where nothing fits
]
