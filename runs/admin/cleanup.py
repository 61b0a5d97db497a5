"""The page Clean-up: what each workspace keeps, what would go by that and why, and a button that does it now."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.lists import ShortCount
from accounts.models import Workspace
from runs import cleaning, retention, usage
from runs.admin.record import Record, actor_of, audit, counted
from runs.admin.retention_form import RetentionForm
from runs.errors import AlreadyCleaning
from runs.keeping import Part, Policy
from runs.models import CleanUp, Removal, RetentionPolicy
from runs.retention import FromRun, Interrupted, OldRecord, Removable
from runs.unused import UnusedUpload

PAGE = 50
MOST = 5000  # entries of a plan that are counted and can be paged through
PATIENCE = 10.0  # seconds that somebody waits for Apply; the rest is for the next time
TERMS = {"picture_days": "pictures", "ad_days": "ads", "failed_days": "failed runs"}


@admin.register(CleanUp)
class CleanUpAdmin(Record[CleanUp]):
    """In place of a list of rows the page itself; who may add a clean-up may start one."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.overview), name="runs_cleanup_changelist"),
            path("plan/", wrap(self.plan), name="runs_cleanup_all"),
            path("plan/<int:pk>/", wrap(self.plan), name="runs_cleanup_plan"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # by its page, not by a form

    def may_apply(self, request: HttpRequest) -> bool:
        return request.user.has_perm("runs.add_cleanup")

    def may_rule(self, request: HttpRequest) -> bool:
        return request.user.has_perm("runs.change_retentionpolicy")

    def overview(self, request: HttpRequest) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        places = Workspace.objects.select_related("retention").order_by("name", "pk")
        page = ShortCount(places, PAGE).get_page(request.GET.get("p"))
        held = usage.by_workspace()
        usual = Policy.usual()
        context = {
            "title": "Clean-up",
            "page": page,
            "rows": [_row(place, usual, held) for place in page],
            "usual": _rules(usual),
            "next": cleaning.next_time(),
            "now": timezone.now(),
            "last": CleanUp.objects.all()[:10],
        }
        return self._page(request, "overview", context)

    def plan(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        place = get_object_or_404(Workspace, pk=pk) if pk else None
        if request.method == "POST" and "apply" in request.POST:
            return self._apply(request, place)
        form = self._form(request, place)
        if form is not None and form.is_bound and form.is_valid():
            self._save(request, form, place)
            return redirect(request.path)
        context = {
            "title": f"Clean-up of {place}" if place else "Clean-up of everything",
            "place": place,
            "form": form,
            "may_rule": self.may_rule(request),
            "may_apply": self.may_apply(request),
            "next": cleaning.next_time(),
            "now": timezone.now(),
            **_shown(retention.plan(timezone.now(), workspace=place), _number(request.GET.get("p"))),
        }
        return self._page(request, "plan", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/runs/cleanup_{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )

    def _form(self, request: HttpRequest, place: Workspace | None) -> RetentionForm | None:
        if place is None:
            return None
        own = RetentionPolicy.objects.filter(workspace=place).first() or RetentionPolicy(workspace=place)
        saving = request.method == "POST"
        if saving and not self.may_rule(request):
            raise PermissionDenied
        return RetentionForm(request.POST if saving else None, instance=own, usual=Policy.usual())

    def _save(self, request: HttpRequest, form: RetentionForm, place: Workspace | None) -> None:
        policy = form.save()
        words = _rules(Policy.usual().under(policy))
        audit(request, "retention.set", f"workspace {place}", workspace=place, words=words)
        when = "The list below is what they remove, now with Apply or with the next daily clean-up."
        self.message_user(request, f"The rules of {place} are saved. {when}", messages.SUCCESS)

    def _apply(self, request: HttpRequest, place: Workspace | None) -> HttpResponse:
        if not self.may_apply(request):
            raise PermissionDenied
        if not request.POST.get("sure"):
            self.message_user(
                request, "Confirm that you’ve checked the list, then press Apply.", messages.ERROR
            )
            return redirect(request.path)
        until = time.monotonic() + PATIENCE
        stopped = False

        def stop() -> bool:
            nonlocal stopped
            stopped = time.monotonic() > until
            return stopped

        gone, size, faults = 0, 0, []
        try:
            for outcome in cleaning.clean(actor_of(request), workspace=place, stop=stop):
                if outcome.fault:
                    faults.append(outcome.fault)
                else:
                    gone, size = gone + 1, size + outcome.what.bytes
        except AlreadyCleaning as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(request.path)
        self._told(request, gone, size, faults, stopped=stopped)
        return redirect(request.path)

    def _told(self, request: HttpRequest, gone: int, size: int, faults: list[str], *, stopped: bool) -> None:
        rest = " There is more: press Apply again, or leave it to the daily clean-up." if stopped else ""
        words = f"{counted(gone, 'thing')} removed, {filesizeformat(size)}.{rest}"
        self.message_user(request, words, messages.WARNING if stopped else messages.SUCCESS)
        if faults:
            self.message_user(
                request, f"{len(faults)} could not be removed. The first: {faults[0]}", messages.ERROR
            )


@admin.register(RetentionPolicy)
class RetentionPolicyAdmin(Record[RetentionPolicy]):
    """To be read; the rules are changed on the page Clean-up, beside what they would remove."""

    list_display = ("workspace", "run_days", "picture_days", "ad_days", "failed_days", "keep_last", "ceiling")
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)
    find_by = ("workspace__uid",)


@admin.register(Removal)
class RemovalAdmin(Record[Removal]):
    list_display = ("__str__", "bytes", "at")
    actions = ()


# --- What is shown -------------------------------------------------------------------------------------------


def _row(place: Workspace, usual: Policy, held: dict[str, dict[int, int]]) -> dict[str, Any]:
    own = getattr(place, "retention", None)
    return {
        "pk": place.pk,
        "name": place.name,
        "rules": _rules(usual.under(own)),
        "own": own is not None,
        "bytes": sum(kind.get(place.pk, 0) for kind in held.values()),
    }


def _rules(policy: Policy) -> str:
    """The rules in one line."""
    said = [f"runs {_term(policy.run_days)}"]
    terms = {kind: getattr(policy, name) for name, kind in TERMS.items()}
    said += [f"{kind} {_term(days)}" for kind, days in terms.items() if days not in (None, policy.run_days)]
    said += [f"the last {policy.keep_last} of each brief stay"] if policy.keep_last else []
    said += [] if policy.keep_approved else ["approved ones are removed too"]
    said += [] if policy.keep_pinned else ["pinned ones are removed too"]
    said += [f"at most {filesizeformat(policy.ceiling)}"] if policy.ceiling else []
    return ", ".join(said)


def _term(days: int) -> str:
    return f"for {days} days" if days else "forever"


def _number(text: str | None) -> int:
    most = MOST // PAGE
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdecimal() else 1


def _shown(planned: Iterator[Removable], number: int) -> dict[str, Any]:
    """One page of the plan, and how much it is in all, counted no further than people page."""
    first, lines, count, size = (number - 1) * PAGE, [], 0, 0
    for what in islice(planned, MOST):
        if first <= count < first + PAGE:
            lines.append(_line(what))
        count, size = count + 1, size + what.bytes
    return {
        "lines": lines,
        "count": count,
        "size": size,
        "more": count == MOST,
        "number": number,
        "before": number - 1,
        "after": number + 1 if first + PAGE < count else 0,
        "pages": max(1, -(-count // PAGE)),
    }


def _line(what: Removable) -> dict[str, Any]:
    line: dict[str, Any] = {"bytes": what.bytes, "why": f"{what.reason[0].upper()}{what.reason[1:]}."}
    match what:
        case FromRun():
            kinds = {Part.RUN: "Run", Part.PICTURES: "Pictures of a run", Part.ADS: "Ads of a run"}
            found = {"name": what.name, "uid": what.uid, "workspace": what.workspace, "ended": what.ended_at}
            return line | found | {"kind": kinds[what.part], "weight": what.weight}
        case Interrupted():
            return line | {"kind": "Interrupted removal", "name": counted(what.files, "file")}
        case UnusedUpload():
            return line | {"kind": "Upload", "name": what.kind}
        case OldRecord():
            return line | {"kind": f"Deleted {what.kind}", "name": what.name}
