"""Runs that somebody deleted: bring them back while they are there, or have their room at once."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse

from accounts.lists import Places
from runs import deleting, retention
from runs.admin.record import Record, audit, counted, kind
from runs.models import DeletedRun, Run
from runs.retention import Weight


@admin.register(DeletedRun)
class DeletedRunAdmin(Record[DeletedRun]):
    list_display = ("name", "kind", "workspace", "deleted_at", "deleted_by", "gone_at")
    list_filter = (("workspace", Places),)
    list_select_related = ("workspace",)
    search_fields = ("name",)
    search_help_text = "A name, or a whole uid of a run, brief or workspace"
    find_by = ("uid", "origin", "workspace__uid")
    actions = ("bring_back", "delete_selected", "save_csv")
    fields = ("uid", "name", "workspace", "kind", "ended_at", "deleted_at", "deleted_by", "gone_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeletedRun]:
        return self.model.everything.filter(deleted_at__isnull=False).order_by("-deleted_at")

    @admin.display(description="Kind")
    def kind(self, run: Run) -> str:
        return kind(run.simulated)

    @admin.display(description="Removed with the clean-up after")
    def gone_at(self, run: Run) -> datetime:
        return deleting.goes_at(run)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("runs.delete_deletedrun")

    @admin.action(description="Restore", permissions=["act"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.select_related("workspace"):
            if deleting.bring_back(run):
                audit(request, "run.undelete", f"run {run.uid}", workspace=run.workspace, words=str(run))
            self.message_user(request, f"“{run}” restored.", messages.SUCCESS)

    # Under the name of Django's own action, which would leave the files behind: this one replaces it.
    @admin.action(description="Delete permanently, with files", permissions=["remove"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Run]) -> HttpResponse | None:
        runs = list(queryset.select_related("workspace"))
        weights = retention.weigh(runs)
        if not request.POST.get("post"):
            return ask(self, request, queryset, list(weights.values()), "Delete runs permanently")
        for run in runs:
            name, words = str(run), told(run, weights[run.pk])
            target, place = f"run {run.uid}", run.workspace
            deleting.remove(run)
            audit(request, "run.remove", target, workspace=place, words=words)
            self.message_user(request, f"“{name}” deleted permanently: {words}.", messages.SUCCESS)
        return None


def told(run: Run, weight: Weight) -> str:
    pictures, ads = counted(weight.pictures, "picture"), counted(weight.ads, "ad")
    return f"“{run}”: {pictures}, {ads}, {filesizeformat(weight.bytes)}"


def ask(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Run], weights: list[Weight], title: str
) -> TemplateResponse:
    """Django's own page, which asks before anything is deleted."""
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "objects_name": "runs",
        "deletable_objects": [[str(run) for run in queryset]],
        "delete_confirmation_max_display": model_admin.delete_confirmation_max_display,
        "model_count": [
            ("Runs", len(weights)),
            ("Pictures", sum(weight.pictures for weight in weights)),
            ("Ads", sum(weight.ads for weight in weights)),
            ("On the disk", filesizeformat(sum(weight.bytes for weight in weights))),
        ],
        "queryset": queryset,
        "opts": model_admin.opts,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/delete_selected_confirmation.html", context)
