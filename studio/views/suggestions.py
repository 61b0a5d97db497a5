"""Suggestions for the messages of a brief: asked for, waited for by the page, taken one by one. Answers htmx alone."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.shortcuts import render

from studio import suggesting
from studio.here import StudioRequest, member, posted, to_change
from studio.models import Campaign
from studio.suggesting import Answer
from studio.views import brief_page


@member
@posted
def ask(request: StudioRequest, campaign_uid: UUID) -> HttpResponseBase:
    """The form as it stands arrives; what comes of it is fetched by the answer."""
    campaign = _campaign(request, campaign_uid)
    brief = brief_page.of_form(campaign, request.GET.get("brief", ""))
    draft = brief_page.draft(request, campaign, brief, data=request.POST)
    return _show(request, campaign, suggesting.begin(request.user.pk, suggesting.wish_of(draft)))


@member
def show(request: StudioRequest, campaign_uid: UUID, key: UUID) -> HttpResponseBase:
    campaign = _campaign(request, campaign_uid)
    return _show(request, campaign, suggesting.answer(request.user.pk, str(key)))


def _campaign(request: StudioRequest, uid: UUID) -> Campaign:
    campaign: Campaign = to_change(request, Campaign.objects.all(), uid)
    if not settings.COPY_API_URL:
        raise Http404
    return campaign


def _show(request: StudioRequest, campaign: Campaign, answer: Answer) -> HttpResponseBase:
    context = {"campaign": campaign, "suggested": answer}
    return render(request, "studio/brief_form.html#suggestions", context)
