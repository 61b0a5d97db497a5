"""Django's admin as the studio has it: its records in groups by what one comes for, under the studio's words."""

from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

# What is in no group stands at the end, so that a new record is never hidden.
GROUPS = {
    "Work": [
        "runs.Run",
        "runs.Generation",
        "runs.Creative",
        "runs.Server",
        "runs.Workflow",
        "runs.Transition",
        "runs.Decision",
        "runs.Export",
    ],
    "Files": ["runs.Picture", "runs.Asset", "runs.DeletedRun", "runs.RetentionPolicy", "runs.Removal"],
    "Orders": ["studio.Campaign", "studio.Brief", "studio.BrandKit"],
    "People": ["accounts.Workspace", "runs.WorkspacePolicy", "accounts.User", "auth.Group"],
    "Access": ["accounts.Invitation", "accounts.ApiToken", "mfa.Authenticator", "accounts.Audit"],
}
ALONE = ["runs.CleanUp"]  # has a place of its own, above the groups


class Administration(AdminConfig):
    """Named in INSTALLED_APPS instead of Django's."""

    default_site = "adgen.administration.Site"


class Site(AdminSite):
    site_header = "AdGen Studio"
    site_title = "AdGen Studio"
    index_title = "Administration"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        found = super().get_app_list(request, app_label)
        return found if app_label else _grouped(found)


def _grouped(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    entries = {entry["model"]: entry for app in found for entry in app["models"]}
    for name in ALONE:
        entries.pop(apps.get_model(name), None)
    groups = {
        title: [entries.pop(model) for name in names if (model := apps.get_model(name)) in entries]
        for title, names in GROUPS.items()
    }
    groups["More"] = list(entries.values())
    return [
        {"name": title, "app_label": title.lower(), "app_url": "", "has_module_perms": True, "models": models}
        for title, models in groups.items()
        if models
    ]
