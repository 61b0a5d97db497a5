"""Lists that page by the last change, the newest first: a page begins where the one before ended."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PLACE = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")


def page[M: Any](rows: QuerySet[M], before: str, most: int) -> tuple[list[M], str]:
    """The rows after that place, and the place where the next page begins; empty at the end."""
    found = list(_after(rows, before).order_by("-updated_at", "-pk")[: most + 1])
    return found[:most], _place(found[most - 1]) if len(found) > most else ""


def _place(row: Any) -> str:
    return f"{(row.updated_at - EPOCH) // MICROSECOND}-{row.pk}"


def _after[M: Any](rows: QuerySet[M], before: str) -> QuerySet[M]:
    found = PLACE.fullmatch(before)
    if found is None:
        return rows
    at, pk = EPOCH + int(found[1]) * MICROSECOND, int(found[2])
    # The first condition alone lets the database walk along its index.
    return rows.filter(Q(updated_at__lte=at) & (Q(updated_at__lt=at) | Q(pk__lt=pk)))
