"""What was exported, by whom and when; and the same once more."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from runs import downloads
from runs.export import again, gone
from runs.models import Export, Selection
from studio.here import StudioRequest, member, to_see
from studio.wording import kilobytes

PAGE = 25


@member
@require_safe
def index(request: StudioRequest) -> HttpResponseBase:
    rows = Export.objects.filter(workspace=request.workspace).defer("ads")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    missing = gone(found[:PAGE])
    context = {
        "exports": [_line(row, missing[row.pk]) for row in found[:PAGE]],
        "older_url": f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "newest_url": reverse("studio:exports") if before else "",
    }
    return render(request, "studio/exports.html", context)


def _line(row: Export, missing: int) -> dict[str, Any]:
    counted = {
        Selection.ALL: _("all %(n)d"),
        Selection.APPROVED: _("%(n)d approved"),
        Selection.CHOSEN: _("%(n)d chosen"),
    }
    return {
        "title": row.title,
        "campaign": row.campaign,
        "who": row.who,
        "at": row.created_at,
        "ads": counted[Selection(row.selection)] % {"n": row.count},
        "platforms": row.platforms,
        "size": kilobytes(row.bytes),
        "gone": missing,
        "there": row.count - missing,
        "url": reverse("studio:export_zip", args=[row.uid]) if missing < row.count else "",
    }


@member
@require_safe
def archive(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """The same ads once more, which is an export too."""
    export: Export = to_see(request, Export.objects.all(), uid)
    order = again(export)
    if not order.runs:
        raise Http404(_("All ads in this export were deleted."))
    return downloads.archive(order, by=request.user)
