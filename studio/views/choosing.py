"""What people decide about an ad, from its own page and from its card among others."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from runs import choosing
from runs.errors import NotAllowed
from runs.models import Creative, Verdict
from studio.here import StudioRequest, member, posted, to_change
from studio.room import Room
from studio.tiles import card_of
from studio.views.ads import ADS, page_of


@member
@posted
def decide(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """Approve, reject or undo. A script gets the part that changed; a plain form goes back to where it was."""
    ad: Creative = to_change(request, ADS.all(), uid)
    fault = _decide(request, ad, _verdict(request))
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(request, messages.ERROR if fault else messages.SUCCESS, fault or _("Saved."))
        return redirect(_back(request, ad))
    ad = ADS.get(pk=ad.pk)
    return page_of(request, ad, fault=fault) if _at(request) == "ad" else _card(request, ad, fault)


def _verdict(request: StudioRequest) -> Verdict:
    try:
        return Verdict(request.POST.get("decision", ""))
    except ValueError:
        raise Http404 from None


def _decide(request: StudioRequest, ad: Creative, verdict: Verdict) -> str:
    """Why it could not be; empty when it was."""
    try:
        choosing.decide(ad, verdict, by=request.user, seen=request.POST.get("sha256", ""))
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def _at(request: StudioRequest) -> str:
    return request.POST.get("at", "")


def _back(request: StudioRequest, ad: Creative) -> str:
    if _at(request) == "run":
        return f"{reverse('studio:run', args=[ad.run.uid])}#a-{ad.uid}"
    return reverse("studio:ad", args=[ad.uid])


def _card(request: StudioRequest, ad: Creative, fault: str) -> HttpResponse:
    """The ad's card as the run's page has it, and the head, whose counts moved."""
    several = len(ad.run.spec["messages"]) > 1
    answer = render(request, "studio/run.html#ad", {"ad": card_of(ad, several, fault)})
    head = render_to_string("studio/run.html#head", {"run": Room(ad.run).seen_by(True), "oob": True}, request)
    answer.write(head)
    return answer
