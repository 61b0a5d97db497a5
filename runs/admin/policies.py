"""How much of the GPU servers each workspace may use."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from runs.admin.record import audit
from runs.models import WorkspacePolicy


class PolicyForm(forms.ModelForm):
    most_running = forms.IntegerField(
        min_value=1,
        required=False,
        label="Pictures at once",
        help_text="How many of its pictures can be on the GPU servers at once; the rest wait their turn. "
        "Empty: QUOTA_RUNNING applies.",
    )
    most_a_day = forms.IntegerField(
        min_value=1,
        required=False,
        label="Pictures per day",
        help_text="How many it can order in any 24 hours; anything beyond that is refused with a message. "
        "Empty: QUOTA_PER_DAY applies.",
    )

    class Meta:
        model = WorkspacePolicy
        fields = ("workspace", "most_running", "most_a_day")


@admin.register(WorkspacePolicy)
class WorkspacePolicyAdmin(admin.ModelAdmin):
    form = PolicyForm
    list_display = ("workspace", "at_once", "a_day")
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)

    @admin.display(description="Pictures at once", ordering="most_running")
    def at_once(self, policy: WorkspacePolicy) -> str:
        return _limit(policy.most_running, settings.QUOTA_RUNNING)

    @admin.display(description="Pictures per day", ordering="most_a_day")
    def a_day(self, policy: WorkspacePolicy) -> str:
        return _limit(policy.most_a_day, settings.QUOTA_PER_DAY)

    def get_readonly_fields(
        self, request: HttpRequest, obj: WorkspacePolicy | None = None
    ) -> tuple[str, ...]:
        return ("workspace",) if obj else ()  # another workspace gets a row of its own

    def save_model(self, request: HttpRequest, obj: WorkspacePolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        words = f"at once: {self.at_once(obj)}; a day: {self.a_day(obj)}"
        audit(request, "policy.set", f"workspace {obj.workspace}", workspace=obj.workspace, words=words)

    def delete_model(self, request: HttpRequest, obj: WorkspacePolicy) -> None:
        audit(request, "policy.delete", f"workspace {obj.workspace}", workspace=obj.workspace)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WorkspacePolicy]) -> None:
        for policy in queryset.select_related("workspace"):
            self.delete_model(request, policy)


def _limit(own: int | None, usual: int) -> str:
    if own:
        return str(own)
    return f"{usual} (the setting)" if usual else "no limit"
