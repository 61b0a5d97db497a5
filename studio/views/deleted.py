"""Deleting campaigns, briefs and brand kits; what was deleted, and having it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from runs.deleting import kept_for
from studio import deleting
from studio.deleting import KINDS, Deletable
from studio.here import StudioRequest, editor, member, posted, to_change
from studio.models import Brief, Campaign


@member
def delete(request: StudioRequest, uid: UUID, kind: str) -> HttpResponseBase:
    """Asks first for browsers without JavaScript; with it the dialog of the page has asked."""
    row: Any = to_change(request, KINDS[kind].model.objects.all(), uid)
    if request.method != "POST":
        return render(request, "studio/delete.html", {"row": row, "kind": KINDS[kind]})
    deleting.delete(row, request.user)
    undo = reverse("studio:bring_back", args=[row.uid, kind])
    messages.success(request, _("“%s” deleted.") % row.name, extra_tags=undo)
    return redirect(_list_of(row))


def _list_of(row: Deletable) -> str:
    """Where it stood among others."""
    if isinstance(row, Brief):
        return row.campaign.get_absolute_url()
    return reverse("studio:campaigns" if isinstance(row, Campaign) else "studio:kits")


@editor
@require_safe
def index(request: StudioRequest) -> HttpResponseBase:
    context = {"rows": deleting.in_workspace(request.workspace), "days": kept_for().days}
    return render(request, "studio/deleted.html", context)


@member
@posted
def bring_back(request: StudioRequest, uid: UUID, kind: str) -> HttpResponseBase:
    if kind not in KINDS:
        raise Http404
    row: Any = to_change(request, deleting.deleted(KINDS[kind]), uid)
    deleting.bring_back(row, request.user)
    messages.success(request, _("“%s” restored.") % row.name)
    return redirect(row)
