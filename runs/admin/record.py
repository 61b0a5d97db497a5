"""What all records have in common in the admin: to be read, searched by uid, and listed without counting tables."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from accounts.audit import note
from accounts.lists import FAR_ENOUGH, ShortCount
from accounts.models import Workspace
from runs.admin.lists import as_csv


class Record[M: Model](admin.ModelAdmin):
    """Rows that the engine and lifecycle write. Nobody types here; actions say lifecycle's verbs."""

    ordering = ("-pk",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = ShortCount
    actions: Sequence[Any] | None = ("save_csv",)
    most_at_once = FAR_ENOUGH
    find_by: tuple[str, ...] = ("uid",)  # fields in which a whole uid is looked up

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False  # rows go with their files or not at all

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions: they change more than what the page lets one type."""
        meta = self.model._meta
        return request.user.has_perm(f"{meta.app_label}.change_{meta.model_name}")

    def response_action(self, request: HttpRequest, queryset: QuerySet[M], *args: Any, **kwargs: Any) -> Any:
        """“Select all” are all that the page counts: behind those there may be a million more."""
        if request.POST.get("select_across", "0") not in ("", "0"):
            shown = list(queryset.values_list("pk", flat=True)[: self.most_at_once])
            queryset = queryset.filter(pk__in=shown)
        return super().response_action(request, queryset, *args, **kwargs)

    @admin.action(description="Save as CSV", permissions=["view"])
    def save_csv(self, request: HttpRequest, queryset: QuerySet[M]) -> StreamingHttpResponse:
        return as_csv(self, request, queryset)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        try:
            uid = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        # One after the other, each by its index: with “or” between tables all rows would be read.
        for field in self.find_by:
            found = queryset.filter(**{field: uid})
            if found.exists():
                return found, False
        return queryset.none(), False


def audit(
    request: HttpRequest, action: str, target: str, *, workspace: Workspace | None = None, words: str = ""
) -> None:
    """Note who did what, in the trail that nobody can edit."""
    note(workspace, actor_of(request), action, target, words)


def actor_of(request: HttpRequest) -> str:
    """The mail address: a name can be changed."""
    return str(getattr(request.user, "email", request.user))


def link_to_list(model: str, words: str, **filters: int) -> SafeString:
    """A link to the list of another record, filtered: thousands of rows do not belong into a form."""
    url = reverse(f"admin:runs_{model}_changelist")
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(filters), words)


def as_text(value: Any) -> SafeString:
    """JSON for people."""
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


def counted(number: int, thing: str) -> str:
    """3 pictures, 1 picture."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def kind(simulated: bool | None) -> str:
    match simulated:
        case True:
            return "Sample"
        case False:
            return "Real"
        case _:
            return "Not decided"
