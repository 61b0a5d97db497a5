"""The briefs of before, to begin a new one with."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import render

from runs.brief import from_stored
from studio.here import StudioRequest, member, to_change
from studio.models import Brief, Campaign

SHOWN = 50


@member
def index(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """Those of the workspace, found by their name or their campaign's; each begins a new brief of this campaign."""
    campaign: Campaign = to_change(request, Campaign.objects.all(), campaign_uid)
    wanted = request.GET.get("q", "").replace("\0", "").strip()[:120]
    briefs = Brief.objects.filter(workspace=campaign.workspace).select_related("campaign")
    for word in wanted.split()[:8]:
        briefs = briefs.filter(Q(name__icontains=word) | Q(campaign__name__icontains=word))
    lines = [_line(brief) for brief in briefs.order_by("-updated_at")[:SHOWN]]
    context = {"campaign": campaign, "lines": lines, "wanted": wanted, "most": SHOWN}
    return render(request, "studio/brief_past.html", context)


def _line(brief: Brief) -> dict[str, object]:
    spec = from_stored(brief.spec)
    counts = {"products": len(spec.products), "messages": len(spec.messages), "sizes": len(spec.offered)}
    return {"brief": brief, "headline": spec.messages[0].headline, **counts}
