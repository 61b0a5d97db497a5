"""Who is asking, and in which workspace. Every page begins here."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from accounts.access import Deed, may
from accounts.forms import WorkspaceName
from accounts.members import founded_all, waiting_for
from accounts.models import User, Workspace

CHOSEN = "workspace"  # in the session: the uid of the one they went to


class StudioRequest(HttpRequest):
    """A request of somebody who is signed in and works in a workspace."""

    user: User
    workspace: Workspace


type View = Callable[..., HttpResponseBase]


def member(view: View) -> View:
    """Only for people with a workspace; sets `request.workspace` to the one they chose, else their first.

    Others are shown the way to one.
    """

    @_signed_in
    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        workspace = chosen(request)
        if workspace is None:
            return nowhere(request, WorkspaceName())
        request.workspace = workspace
        return view(request, *args, **kwargs)

    return inner


def _signed_in(view: View) -> View:
    """As `login_required`; only a part of a page is refused, or the sign-in page would be put into its place."""
    page = login_required(view)

    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.htmx and not request.user.is_authenticated:
            return HttpResponse(status=401)
        answer: HttpResponseBase = page(request, *args, **kwargs)
        return answer

    return inner


def posted(view: View) -> View:
    """Only to be sent to. Who opens its address, as from the history, is led to the page it belongs to."""

    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            return redirect(_page_above(request.path, request.GET.get("brief", "")))
        return HttpResponseNotAllowed(["POST"])

    inner.only_posted = True  # type: ignore[attr-defined]
    return inner


def _page_above(path: str, brief: str) -> str:
    """The nearest address above it that is a page."""
    with suppress(NoReverseMatch):
        return reverse("studio:brief", args=[brief])
    parts = path.strip("/").split("/")
    while parts.pop() and parts:
        above = f"/{'/'.join(parts)}/"
        with suppress(Resolver404):
            if not hasattr(resolve(above).func, "only_posted"):
                return above
    return "/"


def nowhere(request: Any, form: WorkspaceName, status: int = 403) -> HttpResponseBase:
    """What somebody who belongs to no workspace finds at every address: a way to one."""
    context = {
        "form": form,
        "may_make": not founded_all(request.user),
        "invitations": waiting_for(request.user)[:20],
    }
    return render(request, "studio/nowhere.html", context, status=status)


def editor(view: View) -> View:
    """Only for people who may change things in `request.workspace`."""

    @member
    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _require_editor(request)
        return view(request, *args, **kwargs)

    return inner


def to_see(request: StudioRequest, rows: Any, uid: UUID) -> Any:
    """One row of the user's workspaces, else 404. From here on the request works in that row's workspace."""
    row = get_object_or_404(rows.for_member(request.user).select_related("workspace"), uid=uid)
    request.workspace = row.workspace
    return row


def to_change(request: StudioRequest, rows: Any, uid: UUID) -> Any:
    """The same for who may change it: the role in the row's workspace counts, not one held elsewhere."""
    row = to_see(request, rows, uid)
    _require_editor(request)
    return row


def _require_editor(request: StudioRequest) -> None:
    if not may(request.user, Deed.EDIT, request.workspace):
        raise PermissionDenied(_("You have view-only access. Ask a workspace owner to make you an editor."))


def chosen(request: Any) -> Workspace | None:
    """Where somebody works, on pages that are not the studio's own, such as those of their account."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    mine = [member.workspace for member in user.memberships.select_related("workspace").order_by("pk")]
    uid = request.session.get(CHOSEN)
    first = mine[0] if mine else None
    return next((workspace for workspace in mine if str(workspace.uid) == uid), first)
