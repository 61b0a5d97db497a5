"""Every address of the project."""

from django.contrib import admin
from django.urls import include, path

from adgen.api import api

handler400 = "adgen.refusals.bad_request"
handler500 = "adgen.outage.server_error"
urlpatterns = [
    path("", include("studio.urls")),
    path("", include("runs.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
]
