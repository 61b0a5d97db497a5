"""Brand kits, campaigns and briefs in Django's admin. They are written in the studio; runs have their own copy."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.lists import Places, ShortCount
from studio.models import BrandKit, Brief, Campaign


class Everything(admin.ModelAdmin):
    """With what people deleted, until it is pruned."""

    show_full_result_count = False
    paginator = ShortCount

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.everything.all()
        return rows.order_by("-pk")


@admin.register(BrandKit)
class BrandKitAdmin(Everything):
    list_display = ("name", "workspace", "is_default", "archived_at", "deleted_at", "updated_at")
    list_filter = (("workspace", Places),)
    list_select_related = ("workspace",)
    search_fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a brand that the rules do not know would break its pages; the form checks it


@admin.register(Campaign)
class CampaignAdmin(Everything):
    list_display = ("name", "workspace", "created_by", "archived_at", "deleted_at", "updated_at")
    list_filter = (("workspace", Places),)
    list_select_related = ("workspace", "created_by")
    search_fields = ("name", "goal")
    readonly_fields = (
        "uid",
        "workspace",
        "archived_at",
        "deleted_at",
        "created_by",
        "created_at",
        "updated_at",
    )
    fields = ("name", "goal", "starts_on", "ends_on", "budget_note", *readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Brief)
class BriefAdmin(Everything):
    list_display = ("name", "campaign", "workspace", "created_by", "deleted_at", "updated_at")
    list_filter = (("workspace", Places),)
    list_select_related = ("campaign", "workspace", "created_by")
    search_fields = ("name", "campaign__name")
    fields = (
        "uid",
        "workspace",
        "campaign",
        "name",
        "runs",
        "spec",
        "deleted_at",
        "created_by",
        "created_at",
        "updated_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a spec that the rules do not know would break its page; the form checks it

    @admin.display(description="Runs")
    def runs(self, brief: Brief) -> str:
        url = reverse("admin:runs_run_changelist")
        return format_html('<a href="{}?{}">its runs</a>', url, urlencode({"q": str(brief.uid)}))
