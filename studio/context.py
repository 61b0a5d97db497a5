"""What the frame of every page shows beside the page itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from runs.models import Run, Server
from runs.states import RunStatus, ServerState
from studio.models import Campaign


def shell(request: HttpRequest) -> dict[str, Any]:
    workspace = getattr(request, "workspace", None)
    if workspace is None:
        return {"plain_http": not settings.HTTPS}
    open_runs = Run.objects.filter(workspace=workspace, status__in=[RunStatus.WAITING, RunStatus.RUNNING])
    return {
        "workspace": workspace,
        "recent_campaigns": Campaign.objects.filter(workspace=workspace).order_by("-updated_at")[:4],
        "running_runs": open_runs.count(),
        "test_mode": Server.objects.filter(enabled=True, simulated=True, state=ServerState.UP).exists(),
        "plain_http": not settings.HTTPS and settings.HOST not in ("127.0.0.1", "localhost"),
    }
