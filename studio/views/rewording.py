"""The words of a run's ads, changed for a whole message at once: a page, and the dialog of the run page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import note
from runs.models import Creative, Run
from studio import rewording
from studio.here import StudioRequest, member, to_change
from studio.rewording import Said, WordsForm


@member
def words(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run: Run = to_change(request, Run.objects.all(), uid)
    said = list(rewording.of_run(run))
    if request.method != "POST":
        return _page(request, run, said)
    if rewording.is_under_way(run):
        return _page(request, run, said)
    wanted = next((one for one in said if one.key == request.POST.get("which")), None)
    if wanted is None:
        raise Http404
    wanted.form = WordsForm(wanted, request.POST)
    made = wanted.form.order(str(request.user))
    if made is None:
        return _page(request, run, said)
    if made:
        note(run.workspace, request.user, "run.words", run.name, wanted.form.copy.headline)
    return _done(request, run, made)


def _page(request: Any, run: Run, said: list[Said]) -> HttpResponse:
    faulty = any(one.form for one in said)
    for one in said:
        one.form = one.form or WordsForm(one)
    context = {"run": run, "said": said, "under_way": rewording.is_under_way(run)}
    part = "#words" if request.htmx else ""
    # htmx shows what it gets only when all went well.
    status = 422 if faulty and not request.htmx else 200
    return render(request, f"studio/words.html{part}", context, status=status)


def _done(request: Any, run: Run, made: list[Creative]) -> HttpResponseBase:
    told = ngettext(
        "%(n)d ad is being set again. No picture is painted anew.",
        "%(n)d ads are being set again. No picture is painted anew.",
        len(made),
    ) % {"n": len(made)}
    told = told if made else _("The ads say that already.")
    if request.htmx:
        return render(request, "studio/words.html#done", {"told": told})
    messages.success(request, told)
    return redirect("studio:run", run.uid)
