"""The one-time sign-in link. Everything else about signing in is allauth's."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import SigninLink


@never_cache
@require_http_methods(["GET", "POST"])
def signin_link(request: HttpRequest, secret: str) -> HttpResponse:
    """GET only shows a button: mail scanners and link previews must not spend the link."""
    link = SigninLink.find(secret)
    if request.method == "POST" and link is not None and link.use():
        login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("/")
    context = {
        "valid": link is not None and request.method == "GET",
        "email": link.user.email if link else "",
    }
    return render(request, "accounts/signin_link.html", context, status=200 if context["valid"] else 410)
