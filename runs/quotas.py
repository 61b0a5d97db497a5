"""How much one workspace may order and use. Limits come from its policy row, else from the settings; 0 is none."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import Workspace
from runs.errors import QuotaReached
from runs.models import Generation, WorkspacePolicy

NO_LIMIT = 1_000_000_000
DAY = timedelta(hours=24)


def most_running(workspaces: Iterable[int]) -> dict[int, int]:
    """How many pictures of each workspace may be at the servers at once."""
    own = WorkspacePolicy.objects.filter(workspace__in=workspaces, most_running__isnull=False)
    limits = dict(own.values_list("workspace", "most_running"))
    usual = settings.QUOTA_RUNNING or NO_LIMIT
    return {workspace: limits.get(workspace) or usual for workspace in workspaces}


def hold(workspace: Workspace) -> None:
    """Until the caller's transaction ends nobody else orders for a workspace that has a limit a day.

    Two at once would both see the same rest. Its pictures and ads may be written meanwhile.
    """
    if _most_a_day(workspace):
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def check_order(workspace: Workspace, pictures: int) -> None:
    """Raises QuotaReached when the order goes over what the workspace may order within 24 hours.

    The caller holds the workspace.
    """
    most = _most_a_day(workspace)
    if not most:
        return
    used = Generation.objects.filter(workspace=workspace, created_at__gt=Now() - DAY).count()
    if used + pictures > most:
        words = _(
            "This workspace can make %(most)s pictures in 24 hours. It has used %(used)s, and this brief needs "
            "%(more)s. Choose fewer looks, products or variations, wait, or ask your studio admin for more."
        )
        raise QuotaReached(words % {"most": most, "used": used, "more": pictures})


def _most_a_day(workspace: Workspace) -> int:
    policy = WorkspacePolicy.objects.filter(workspace=workspace).first()
    most: int = (policy.most_a_day if policy else None) or settings.QUOTA_PER_DAY
    return most
