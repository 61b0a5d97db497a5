"""What a session has to keep to, where the settings ask for it: an end when nobody does anything, and a second step.

Pictures and previews that a page fetches by itself are no sign of a person.
"""

import time
from collections.abc import Mapping
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import sync_and_async_middleware
from django.utils.translation import gettext as _

from accounts.models import User

SEEN = "seen"  # in the session: when its person last did something, to the minute
NOTED = 60.0  # seconds: not every request writes the session
BY_ITSELF = ("/media/", "/preview/")
NOBODY, STAFF, EVERYBODY = "nobody", "staff", "everybody"

WAY_THERE = (
    "mfa_activate_totp",
    "account_reauthenticate",
    "account_logout",
    "account_set_password",
    "account_change_password",
)


@sync_and_async_middleware
def limits(get_response: Any) -> Any:
    """In the asynchronous chain, where static files are served, there is no session to look at."""
    if iscoroutinefunction(get_response):
        return get_response

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_IDLE_MINUTES and _is_idle(request):
            logout(request)
            messages.info(request, _("You were signed out after a period of inactivity."))
        if _lacks_second_step(request):
            messages.info(request, _("Set up two-step sign-in first. It is required here."))
            return redirect("mfa_activate_totp")
        answer: HttpResponseBase = get_response(request)
        return answer

    return middleware


def ran_out(session: Mapping[str, Any]) -> bool:
    """Whether nobody did anything in it for as long as the settings let one wait."""
    seen = float(session.get(SEEN, 0))
    limit = settings.SESSION_IDLE_MINUTES * 60
    return bool(limit and seen and time.time() - seen > limit)


def lacks_second_step(user: User) -> bool:
    """Whether the settings ask one of this person who has none."""
    asked: str = settings.SECOND_STEP
    return (asked == EVERYBODY or (asked == STAFF and user.is_staff)) and not is_mfa_enabled(user)


def _is_idle(request: HttpRequest) -> bool:
    """Whether the session ran out; if not, that somebody is here."""
    if not request.user.is_authenticated:
        return False
    if ran_out(request.session):
        return True
    now, seen = time.time(), float(request.session.get(SEEN, 0))
    if now - seen > NOTED and not request.path.startswith(BY_ITSELF):
        request.session[SEEN] = now
    return False


def _lacks_second_step(request: HttpRequest) -> bool:
    if settings.SECOND_STEP == NOBODY:
        return False
    user: Any = request.user
    return user.is_authenticated and not _is_way_there(request.path) and lacks_second_step(user)


def _is_way_there(path: str) -> bool:
    """What is needed to set one up or to leave, and what is no page."""
    return path in map(reverse, WAY_THERE) or path.startswith(("/static/", "/health", "/metrics", "/api/"))
