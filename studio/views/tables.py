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
        context = {"campaign": campaign, "brief": brief, "checked": _checked(request, campaign, brief)[1]}
        return render(request, "studio/brief_form.html#table_check", context)


@member
@posted
def add(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """The form with the table in it, kept like everything that is typed; not saved."""
    campaign, brief = _of(request, campaign_uid)
    filled, checked = _checked(request, campaign, brief)
    if not checked.is_right:
        draft = brief_page.draft(request, campaign, brief, data=request.POST)
        return brief_page.page(request, campaign, brief, draft, status=422, checked=checked)
    messages.success(request, _("Added from the table: %s.") % checked.words)
    if kept.keep(request.user, campaign, brief, filled.data):
        return redirect(f"{_page_of(campaign, brief, filled)}#messages")
    draft = brief_page.draft(request, campaign, brief, data=filled.data)
    return brief_page.page(request, campaign, brief, draft)


def _of(request: StudioRequest, uid: UUID) -> tuple[Campaign, Brief | None]:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    return campaign, brief_page.of_form(campaign, request.GET.get("brief", ""))


def _checked(request: StudioRequest, campaign: Campaign, brief: Brief | None) -> tuple[Filled, Checked]:
    pasted = table.read(request.POST.get("table", ""))
    filled = fill(pasted, request.POST, anew="anew" in request.POST)
    return filled, look_at(filled, brief_page.draft(request, campaign, brief, data=filled.data))


def _page_of(campaign: Campaign, brief: Brief | None, filled: Filled) -> str:
    if brief is not None:
        return brief.get_absolute_url()
    return kept.new_url(campaign, str(filled.data["start_key"]))
