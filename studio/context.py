"""What the frame of every page shows beside the page itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from accounts.access import Deed, may
from accounts.models import Workspace
from runs.kinds import servers_for, simulates
from runs.models import Run
from runs.states import RunStatus
from studio.here import chosen
from studio.models import Campaign


def shell(request: HttpRequest) -> dict[str, Any]:
    # Not get_host(): the page that refuses a wrong host is drawn with this too.
    domain, _port = split_domain_port(request.META.get("HTTP_HOST", "").lower())
    plain_http = not settings.HTTPS and domain not in ("127.0.0.1", "localhost", "[::1]")
    workspace = getattr(request, "workspace", None) or chosen(request)
    if workspace is None:
        return {"plain_http": plain_http}
    open_runs = Run.objects.filter(workspace=workspace, status__in=[RunStatus.WAITING, RunStatus.RUNNING])
    return {
        "workspace": workspace,
        "elsewhere": Workspace.objects.filter(memberships__user=request.user.pk).exclude(pk=workspace.pk),
        "may_edit": may(request.user, Deed.EDIT, workspace),  # type: ignore[arg-type]  # who has one is signed in
        "recent_campaigns": Campaign.objects.filter(workspace=workspace, archived_at=None).order_by(
            "-updated_at"
        )[:4],
        "running_runs": open_runs.count(),
        "test_mode": simulates() and servers_for().exists(),
        "plain_http": plain_http,
        "kept_days": settings.RETENTION_DELETED_DAYS,
    }
