"""The role “ops”: a group whose members look after servers, runs and clean-up, and write no brands or briefs.

Made after each migration, so that a new record gets its right; what else somebody gave the group stays.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS

NAME = "ops"
MAY_CHANGE = (
    "run",
    "deletedrun",
    "generation",
    "creative",
    "server",
    "workspacepolicy",
    "retentionpolicy",
    "cleanup",
)
MAY_MAKE = ("server", "workspacepolicy", "retentionpolicy", "cleanup")
MAY_DELETE = ("run", "deletedrun", "server", "workspacepolicy", "retentionpolicy")
MAY_SEE = (("accounts", "workspace"), ("accounts", "audit"), ("accounts", "membership"))


def make_group(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Called once an app's tables and permissions are there."""
    from django.contrib.auth.models import Group, Permission

    if sender.label not in ("runs", "accounts") or not apps.is_installed("django.contrib.auth"):
        return
    runs = Permission.objects.using(using).filter(content_type__app_label="runs")
    wanted = list(runs.filter(codename__in=_codenames(runs)))
    for app, model in MAY_SEE:
        seen = Permission.objects.using(using).filter(content_type__app_label=app, codename=f"view_{model}")
        wanted += list(seen)
    group, _made = Group.objects.using(using).get_or_create(name=NAME)
    group.permissions.add(*wanted)


def _codenames(runs: Any) -> set[str]:
    looks = {name for name in runs.values_list("codename", flat=True) if name.startswith("view_")}
    rights = {"change": MAY_CHANGE, "add": MAY_MAKE, "delete": MAY_DELETE}
    return looks | {f"{right}_{model}" for right, models in rights.items() for model in models}
