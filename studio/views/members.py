"""The people of a workspace, who is invited, and what was done: seen by its members, changed by its owners."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import members
from accounts.access import Deed, may
from accounts.forms import WorkspaceName
from accounts.models import Audit, Invitation, Membership, Role, Workspace
from studio.deeds import deed
from studio.here import CHOSEN, StudioRequest, chosen, member, nowhere, posted

LINES = 50  # of the log on one page

ROLES = [
    (Role.EDITOR.value, gettext_lazy("Editor: writes briefs, makes ads")),
    (Role.VIEWER.value, gettext_lazy("Viewer: looks and downloads")),
    (Role.OWNER.value, gettext_lazy("Owner: also manages people")),
]


class Invite(forms.Form):
    email = forms.EmailField(
        required=False,
        label=gettext_lazy("Email"),
        widget=forms.EmailInput(attrs={"placeholder": gettext_lazy("name@company.com")}),
        help_text=gettext_lazy("Leave empty for a link that anyone can use once."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLES)


@never_cache
@member
@require_safe
def index(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    _enter(request, uid, Deed.SEE)
    return _page(request, Invite())


@never_cache
@member
@posted
def invite(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """The link is shown in the answer and nowhere else: only its digest is kept."""
    workspace = _enter(request, uid, Deed.MANAGE)
    form = Invite(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    role, email = Role(form.cleaned_data["role"]), form.cleaned_data["email"]
    try:
        invitation, secret = members.invite(workspace, request.user, role, email)
    except members.Refused as refusal:
        form.add_error("email", str(refusal))
        return _page(request, form, status=422)
    link = settings.PUBLIC_URL + reverse("accounts:invited", args=[secret])
    return _page(request, Invite(), link=link, sent=_send(invitation, link), invited=invitation)


def _send(invitation: Invitation, link: str) -> bool:
    """Whether it went out by mail; otherwise the link has to be passed on."""
    if not (invitation.email and settings.SENDS_MAIL):
        return False
    context = {"invitation": invitation, "link": link}
    subject = _("%(who)s invited you to %(workspace)s") % {
        "who": invitation.invited_by,
        "workspace": invitation.workspace.name,
    }
    words = render_to_string("accounts/invitation_mail.txt", context)
    try:
        return bool(send_mail(" ".join(subject.split()), words, None, [invitation.email]))
    except OSError:  # what smtplib raises too: the link on the page serves as well
        return False


@member
@posted
def withdraw(request: StudioRequest, uid: UUID, invitation: UUID) -> HttpResponseBase:
    workspace = _enter(request, uid, Deed.MANAGE)
    members.withdraw(get_object_or_404(workspace.invitations, uid=invitation), request.user)
    messages.success(request, _("Invitation revoked."))
    return redirect("studio:members", uid)


@member
@posted
def change(request: StudioRequest, uid: UUID, person: int) -> HttpResponseBase:
    """Another role, or out of the workspace; everybody may leave it themselves."""
    workspace = _enter(request, uid, Deed.SEE)
    row = get_object_or_404(workspace.memberships.select_related("user", "workspace"), pk=person)
    leaves = row.user_id == request.user.pk and "remove" in request.POST
    if not leaves:
        _require(request, Deed.MANAGE)
    try:
        messages.success(request, _changed(request, row))
    except members.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("studio:members", uid)
    return redirect("/") if leaves else redirect("studio:members", uid)


def _changed(request: StudioRequest, row: Membership) -> str:
    """Raises Refused."""
    told = {"who": row.user}
    if "remove" in request.POST:
        members.remove(row, request.user)
        return _("%(who)s is no longer in this workspace.") % told
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise members.Refused(_("Choose one of the three roles."))
    members.change_role(row, Role(role), request.user)
    return _("%(who)s’s role is now %(role)s.") % (told | {"role": Role(role).label})


@member
@posted
def rename(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    workspace = _enter(request, uid, Deed.MANAGE)
    form = WorkspaceName(request.POST)
    if not form.is_valid():
        return _page(request, Invite(), name=form, status=422)
    members.rename(workspace, form.cleaned_data["name"], request.user)
    messages.success(request, _("Renamed."))
    return redirect("studio:members", uid)


@login_required
def new(request: StudioRequest) -> HttpResponseBase:
    """A workspace of one's own, beside the others or as the first one."""
    form = WorkspaceName(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            workspace = members.found(form.cleaned_data["name"], request.user)
        except members.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            request.session[CHOSEN] = str(workspace.uid)
            return redirect("studio:home")
    status = 422 if form.errors else 200
    if chosen(request) is None:
        return nowhere(request, form, status)
    return render(request, "studio/workspace_new.html", {"form": form}, status=status)


@member
@require_safe
def log(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """What was done here, the newest first; `before` is the last line of the page before."""
    workspace = _enter(request, uid, Deed.MANAGE)
    lines = Audit.objects.filter(workspace=workspace).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        lines = lines.filter(pk__lt=int(before))
    shown = list(lines[: LINES + 1])
    older = shown[LINES - 1].pk if len(shown) > LINES else None
    told = [(line, deed(line.action)) for line in shown[:LINES]]
    context = {"lines": told, "older": older, "begins": not before}
    return render(request, "studio/log.html", context)


def _enter(request: StudioRequest, uid: UUID, deed: Deed) -> Workspace:
    """From here on the request works in that workspace. 404 for strangers, 403 for members who may not."""
    workspace = get_object_or_404(Workspace, uid=uid, memberships__user=request.user)
    request.workspace = workspace
    _require(request, deed)
    return workspace


def _require(request: StudioRequest, deed: Deed) -> None:
    if not may(request.user, deed, request.workspace):
        raise PermissionDenied(_("Only workspace owners can do that. Ask one of them."))


def _page(request: StudioRequest, form: Invite, *, status: int = 200, **more: Any) -> HttpResponseBase:
    workspace = request.workspace
    people = workspace.memberships.select_related("user").order_by("pk")
    owners = {row.user_id for row in people if row.role == Role.OWNER and row.user.is_active}
    context = {
        "form": form,
        "may_leave": owners != {request.user.pk},
        "name": WorkspaceName(initial={"name": workspace.name}),
        "people": people,
        "roles": ROLES,
        "invitations": Invitation.alive().filter(workspace=workspace).select_related("invited_by"),
        "manages": may(request.user, Deed.MANAGE, workspace),
        "sends_mail": settings.SENDS_MAIL,
    }
    return render(request, "studio/members.html", context | more, status=status)
