"""The API's own page, with every call to try out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse


def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "studio/docs.html", {"openapi_url": reverse("api:openapi-json")})
