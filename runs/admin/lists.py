"""What lists of records offer: filters that read little, however long the table, and rows as CSV."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.db.models import Max, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.text import capfirst

from runs import faults
from runs.export.tables import harmless
from runs.states import Event

NEWEST = 50_000  # steps among which faults of a kind are looked for
MOST_ROWS = 5000  # of one CSV


class FaultFilter(admin.SimpleListFilter):
    """By the kind of fault that a step's sentence tells of, among the newest steps."""

    title = f"fault (newest {NEWEST:,} steps)"
    parameter_name = "fault"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind.capitalize()) for kind, _ in faults.PATTERNS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        pattern = dict(faults.PATTERNS).get(self.value() or "")
        if pattern is None:
            return queryset
        last = queryset.model._base_manager.order_by().aggregate(n=Max("pk"))["n"] or 0
        recent = queryset.filter(pk__gt=last - NEWEST, event__in=[Event.FAIL, Event.LOSE])
        return recent.filter(words__regex=pattern)


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
    """The columns of the list, of the chosen rows."""
    name = model_admin.model._meta.model_name
    columns = [column for column in model_admin.get_list_display(request) if column != "action_checkbox"]
    answer = StreamingHttpResponse(
        _lines(model_admin, columns, queryset), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}s.csv"'
    return answer


def _lines(model_admin: Any, columns: list[str], queryset: QuerySet[Any]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    heads = [capfirst(str(label_for_field(column, model_admin.model, model_admin))) for column in columns]
    yield "\ufeff" + writer.writerow(heads)  # with the mark by which sheets know UTF-8
    for row in queryset.select_related(*(model_admin.list_select_related or ()))[:MOST_ROWS]:
        yield writer.writerow([harmless(lookup_field(column, row, model_admin)[2]) for column in columns])
