"""Who is asking, and in which workspace. Every page begins here."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.access import Deed, may
from accounts.models import User, Workspace


class StudioRequest(HttpRequest):
    """A request of somebody who is signed in and works in a workspace."""

    user: User
    workspace: Workspace


type View = Callable[..., HttpResponseBase]


def member(view: View) -> View:
    """Only for people with a workspace; sets `request.workspace`."""

    @login_required
    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.workspace = _workspace(cast(User, request.user))
        return view(request, *args, **kwargs)

    return inner


def editor(view: View) -> View:
    """Only for people who may change things in their workspace."""

    @member
    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, Deed.EDIT, request.workspace):
            raise PermissionDenied(
                "You may look here, but not change anything. Ask the owner to make you an editor."
            )
        return view(request, *args, **kwargs)

    return inner


def _workspace(user: User) -> Workspace:
    first = user.memberships.select_related("workspace").order_by("pk").first()
    if first is None:
        raise Http404("You belong to no workspace yet. Ask its owner to add you.")
    return first.workspace
