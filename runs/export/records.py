"""The record of an export: written when it is ordered, and turned into the same order again."""

from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from runs import formats
from runs.models import Export, Run, Selection

from .ads import Order, template_of


def record(order: Order, by: User) -> Export | None:
    """Note who takes out what; nothing where there is nothing to take."""
    with transaction.atomic():
        # A clean-up that has these either is over, or finds the note.
        runs = Run.objects.select_for_update().filter(pk__in=order.by_pk).order_by("pk")
        list(runs.values_list("pk", flat=True))
        return _record(order, by)


def _record(order: Order, by: User) -> Export | None:
    found = list(order.ready())
    if not found:
        return None
    platforms = {size.platform_name for _, _, name, _ in found if (size := formats.size_now(name))}
    return Export.objects.create(
        workspace=order.runs[0].workspace,
        by=by,
        who=str(by),
        title=order.title[:200],
        campaign=order.campaign[:200],
        selection=_selection(order),
        platforms=", ".join(sorted(platforms))[:300],
        ads=[pk for pk, *_ in found],
        runs=dict(Counter(str(run) for _, run, *_ in found)),
        count=len(found),
        bytes=sum(size for *_, size in found),
    )


def _selection(order: Order) -> Selection:
    if order.approved:
        return Selection.APPROVED
    return Selection.ALL if order.is_whole else Selection.CHOSEN


def again(export: Export) -> Order:
    """The same ads in the same revisions, as far as they are still there."""
    runs = Run.objects.filter(pk__in=map(int, export.runs), workspace=export.workspace_id)
    return Order(
        title=export.title,
        runs=tuple(runs.order_by("pk")),
        exact=tuple(sorted(export.ads)),
        approved=export.selection == Selection.APPROVED,
        template=template_of(export.workspace_id),
        campaign=export.campaign,
    )


def gone(exports: Iterable[Export]) -> dict[int, int]:
    """How many ads of each are gone with their runs, in one query."""
    rows = list(exports)
    named = {int(run) for row in rows for run in row.runs}
    there = set(Run.objects.filter(pk__in=named).values_list("pk", flat=True))
    return {row.pk: sum(n for run, n in row.runs.items() if int(run) not in there) for row in rows}
