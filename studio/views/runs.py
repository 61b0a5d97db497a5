"""Runs: the list, the live page, its verbs, the ZIP."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Deed, may
from accounts.audit import note
from runs import downloads, formats, lifecycle, pausing, pinning, repeats
from runs.errors import BriefRefused, NotAllowed, QuotaReached
from runs.export import Order, of_run
from runs.models import Generation, Run
from studio.here import StudioRequest, member, posted, to_change, to_see
from studio.models import Brief
from studio.room import Room, brief_url
from studio.run_lines import lines_told_apart

PAGE = 25
AT_A_GLANCE = 12  # ads


@member
def index(request: StudioRequest) -> HttpResponseBase:
    runs = (
        Run.objects.for_member(request.user).filter(workspace=request.workspace).select_related("started_by")
    )
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        runs = runs.filter(pk__lt=int(before))
    found = list(runs.order_by("-pk")[: PAGE + 1])
    older = f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else ""
    shown = found[:PAGE]
    campaigns = _campaigns_of(shown)
    lines = [
        line | {"campaign": campaigns.get(run.pk)}
        for line, run in zip(lines_told_apart(shown), shown, strict=True)
    ]
    return render(request, "studio/runs.html", {"runs": lines, "older_url": older})


def _run(request: StudioRequest, uid: UUID, find: Callable[..., Any] = to_see) -> Run:
    run: Run = find(request, Run.objects.select_related("started_by"), uid)
    return run


def _campaign_of(run: Run) -> dict[str, Any] | None:
    return _campaigns_of([run]).get(run.pk)


def _campaigns_of(runs: list[Run]) -> dict[int, dict[str, Any]]:
    """By the run, in one query; runs of programs have none."""
    origins = {run.origin for run in runs if run.origin}
    briefs = Brief.objects.filter(uid__in=origins).select_related("campaign").defer("spec")
    by_uid = {brief.uid: brief for brief in briefs}
    return {run.pk: _named(by_uid[run.origin]) for run in runs if run.origin in by_uid}


def _named(brief: Brief) -> dict[str, Any]:
    return {
        "name": brief.campaign.name,
        "url": brief.campaign.get_absolute_url(),
        "brief_url": brief.get_absolute_url(),
    }


@member
def show(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run = _run(request, uid)
    campaign = _campaign_of(run)
    editor = may(request.user, Deed.EDIT, request.workspace)
    brief_url = campaign["brief_url"] if campaign and editor else ""
    room = Room(run, campaign=campaign, brief_url=brief_url, may_change=editor)
    context = {"run": room, "again_key": uuid4(), "sizes": _sizes(run)}
    return render(request, "studio/run.html", context)


def _sizes(run: Run) -> list[formats.Format]:
    """Those to look at one by one; few ads are seen at a glance."""
    offered = list(formats.still_offered(run.spec["formats"]))
    return offered if len(offered) > 1 and run.ads_total > AT_A_GLANCE else []


@member
@posted
def stop(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run = _run(request, uid, to_change)
    lifecycle.cancel_run(run, actor=str(request.user))
    note(run.workspace, request.user, "run.cancel", run.name)
    return _answer(request, run, _("Stopping the run. Finished ads stay."))


@member
@posted
def retry(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run = _run(request, uid, to_change)
    count = lifecycle.retry_failed(run, actor=str(request.user))
    note(run.workspace, request.user, "run.retry", run.name)
    words = ngettext("Trying %(n)d picture again.", "Trying %(n)d pictures again.", count) % {"n": count}
    return _answer(request, run, words)


@member
@posted
def pause(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run = _run(request, uid, to_change)
    try:
        if pausing.pause(run, actor=str(request.user)):
            note(run.workspace, request.user, "run.pause", run.name)
    except NotAllowed as refusal:
        return _answer(request, run, str(refusal))
    return _answer(request, run, _("Run paused. Pictures already on a GPU server will finish."))


@member
@posted
def go_on(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run = _run(request, uid, to_change)
    if pausing.go_on(run):
        note(run.workspace, request.user, "run.resume", run.name)
    return _answer(request, run, _("Run resumed."))


@member
@posted
def pin(request: Any, uid: UUID) -> HttpResponseBase:
    """Keep it from every clean-up, or let the rules have it again."""
    run = _run(request, uid, to_change)
    keep = request.POST.get("pin") != "off"
    if pinning.pin(run) if keep else pinning.unpin(run):
        note(run.workspace, request.user, "run.pin" if keep else "run.unpin", run.name)
    if request.htmx:  # a run that is over has no socket to tell it
        room = Room(run, brief_url=brief_url(run))
        return HttpResponse(render_to_string("studio/run.html#head", {"run": room, "oob": True}))
    words = _("Run pinned: clean-ups won’t remove it.") if keep else _("Run unpinned.")
    return _answer(request, run, words)


@member
@posted
def again(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """A new run of the same frozen brief, and its page."""
    run = _run(request, uid, to_change)
    try:
        new = repeats.again(run, request.user, request.POST.get("key", ""))
    except (BriefRefused, QuotaReached) as refusal:
        messages.error(request, str(refusal))
        return redirect("studio:run", run.uid)
    note(new.workspace, request.user, "run.start", new.name)
    return redirect("studio:run", new.uid)


@member
@posted
def stop_one(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    generation = _generation(request, uid)
    lifecycle.cancel([generation], actor=str(request.user))
    return _answer(request, generation.run, _("Stopping the picture."))


@member
@posted
def retry_one(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """With `seed` in what is sent, with another one."""
    generation = _generation(request, uid)
    run = generation.run
    if "seed" not in request.POST:
        lifecycle.retry([generation], actor=str(request.user))
        return _answer(request, run, _("Trying the picture again."))
    if not lifecycle.retry_with_new_seed(generation, actor=str(request.user)):
        return _answer(request, run, _("That picture is already made or in progress, so it keeps its seed."))
    generation.refresh_from_db(fields=["seed"])
    note(run.workspace, request.user, "run.retry", run.name, f"One picture, with the seed {generation.seed}")
    return _answer(request, run, _("Trying the picture again with a new seed."))


def _generation(request: StudioRequest, uid: UUID) -> Generation:
    generation: Generation = to_change(request, Generation.objects.select_related("run", "server"), uid)
    return generation


def _answer(request: Any, run: Run, words: str) -> HttpResponseBase:
    """htmx needs nothing back: the socket tells. A plain form goes back to the run's page."""
    if request.htmx:
        return HttpResponse(status=204)
    messages.info(request, words)
    return redirect("studio:run", run.uid)


@member
def archive(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """Every ad, those that are approved, or those that were ticked."""
    run = _run(request, uid)
    if request.method != "POST":
        return downloads.archive(_order(run, approved="approved" in request.GET), by=request.user)
    chosen = _chosen(request)
    if not chosen:
        return _answer(request, run, _("Choose the ads you want first."))
    return downloads.archive(_order(run, chosen), by=request.user)


@member
def contact_sheet(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    return downloads.contact_sheet(_order(_run(request, uid)))


def _order(run: Run, chosen: frozenset[UUID] | None = None, *, approved: bool = False) -> Order:
    campaign = _campaign_of(run)
    return of_run(run, chosen, campaign=campaign["name"] if campaign else "", approved=approved)


def _chosen(request: StudioRequest) -> frozenset[UUID]:
    """What is no id was not ticked by anybody."""
    ids: set[UUID] = set()
    for given in request.POST.getlist("ad"):
        with suppress(ValueError):
            ids.add(UUID(given))
    return frozenset(ids)
