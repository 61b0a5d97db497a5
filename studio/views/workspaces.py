"""Going from one workspace to another, for people who belong to several."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.models import Workspace
from studio.here import CHOSEN


@login_required
@require_POST
def enter(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """From now on the lists and new campaigns of this browser are of that workspace."""
    workspace = get_object_or_404(Workspace, uid=uid, memberships__user=request.user)
    request.session[CHOSEN] = str(workspace.uid)
    return redirect("studio:campaigns")
