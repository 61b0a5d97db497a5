"""Addresses of files and health."""

from django.contrib import admin
from django.urls import path, re_path

from runs import downloads, health, metrics
from runs.admin import dashboard

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

app_name = "runs"
urlpatterns = [
    re_path(rf"^media/(?P<kind>picture|ad|asset)/(?P<uid>{UUID})$", downloads.media, name="media"),
    path("preview/<uuid:uid>", downloads.preview, name="preview"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("health/work", health.work, name="work"),
    path("healthz", health.live),
    path("admin/dashboard/", admin.site.admin_view(dashboard.page), name="dashboard"),
    path("metrics", metrics.metrics, name="metrics"),
]
