"""A table from a spreadsheet pasted into a brief: looked at row by row, then put into the form."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from studio import kept, pace, table
from studio.here import StudioRequest, member, posted, to_change
from studio.models import Brief, Campaign
from studio.table_check import Checked, look_at
from studio.table_form import Filled, fill
from studio.views import brief_page


@member
@posted
def check(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """What would become of the table, each fault at its row. Nothing is changed."""
    campaign, brief = _of(request, campaign_uid)
    with pace.turn(request.user.pk) as free:
        if not free or pace.is_over(request.user.pk):
            return pace.refusal()
        pasted = _pasted(request, campaign, brief)
        checked = _checked(request, campaign, brief, pasted)[1]
        context = {"campaign": campaign, "brief": brief, "checked": checked, "pasted": pasted}
        part = "table_less" if "leave_out" in request.POST else "table_check"
        return render(request, f"studio/brief_form.html#{part}", context)


@member
@posted
def add(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """The form with the table in it, kept like everything that is typed; not saved."""
    campaign, brief = _of(request, campaign_uid)
    pasted = _pasted(request, campaign, brief)
    filled, checked = _checked(request, campaign, brief, pasted)
    if not checked.is_right or "leave_out" in request.POST:
        draft = brief_page.draft(request, campaign, brief, data=request.POST)
        status = 200 if checked.is_right else 422
        return brief_page.page(request, campaign, brief, draft, status=status, checked=checked, pasted=pasted)
    messages.success(request, _("Added from the table: %s.") % checked.words)
    if kept.keep(request.user, campaign, brief, filled.data):
        return redirect(f"{_page_of(campaign, brief, filled)}#messages")
    draft = brief_page.draft(request, campaign, brief, data=filled.data)
    return brief_page.page(request, campaign, brief, draft)


def _of(request: StudioRequest, uid: UUID) -> tuple[Campaign, Brief | None]:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    return campaign, brief_page.of_form(campaign, request.GET.get("brief", ""))


def _pasted(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> str:
    """What stands in the box; where that is asked, without the rows that have faults."""
    pasted: str = request.POST.get("table", "")
    if "leave_out" not in request.POST:
        return pasted
    rows = _checked(request, campaign, brief, pasted)[0].table.rows
    return table.without(pasted, {row.number for row in rows if row.faults})


def _checked(
    request: StudioRequest, campaign: Campaign, brief: Brief | None, pasted: str
) -> tuple[Filled, Checked]:
    filled = fill(table.read(pasted), request.POST, anew="anew" in request.POST)
    return filled, look_at(filled, brief_page.draft(request, campaign, brief, data=filled.data))


def _page_of(campaign: Campaign, brief: Brief | None, filled: Filled) -> str:
    if brief is not None:
        return brief.get_absolute_url()
    return kept.new_url(campaign, str(filled.data["start_key"]))
