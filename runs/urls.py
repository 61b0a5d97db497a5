"""Addresses of files and health."""

from django.urls import path, re_path

from runs import downloads, health

app_name = "runs"
urlpatterns = [
    re_path(r"^media/(?P<kind>picture|ad)/(?P<uid>[0-9a-f-]{36})$", downloads.media, name="media"),
    path("preview/<uuid:uid>", downloads.preview, name="preview"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("healthz", health.live),
]
