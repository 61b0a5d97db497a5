"""The words of a run's ads, changed for a whole message at once: a page, and the dialog of the run page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import note
from runs.models import Creative, Run
from studio import rewording
from studio.here import StudioRequest, member, to_change
from studio.rewording import Said, WordsForm
from studio.room import Room


@member
def words(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    run: Run = to_change(request, Run.objects.all(), uid)
    said = list(rewording.of_run(run))
    if request.method != "POST":
        return _drawn(request, run, said)
    wanted = _asked(said, request.POST.get("which"))
    if wanted:
        wanted.form = WordsForm(wanted, request.POST)
    if rewording.is_under_way(run):
        return _page(request, run, said, wanted)
    if wanted is None or wanted.form is None:
        raise Http404
    made = wanted.form.order(str(request.user))
    if made is None:
        return _page(request, run, said, wanted)
    if made:
        note(run.workspace, request.user, "run.words", run.name, wanted.form.copy.headline)
    return _done(request, run, made)


def _asked(said: list[Said], which: str | None) -> Said | None:
    return next((one for one in said if one.key == which), None)


def _drawn(request: Any, run: Run, said: list[Said]) -> HttpResponse:
    """One message's form: a run may have hundreds. The others are asked for when they are unfolded."""
    which = request.GET.get("which")
    alone = bool(request.htmx and which)
    one = _asked(said, which)
    if alone and one is None:
        raise Http404
    one = one or next(iter(said), None)
    if one:
        one.form = WordsForm(one)
    if alone:
        return render(request, "studio/words.html#message", {"run": run, "one": one})
    return _page(request, run, said, one)


def _page(request: Any, run: Run, said: list[Said], one: Said | None) -> HttpResponse:
    under_way = rewording.is_under_way(run)
    given = one is not None and one.form is not None and one.form.is_bound
    context = {"run": run, "said": said, "under_way": under_way, "typed": under_way and given}
    part = "#words" if request.htmx else ""
    # htmx shows what it gets only when all went well.
    status = 422 if given and not request.htmx else 200
    return render(request, f"studio/words.html{part}", context, status=status)


def _done(request: Any, run: Run, made: list[Creative]) -> HttpResponseBase:
    told = ngettext(
        "%(n)d ad is being set again. No picture is painted anew.",
        "%(n)d ads are being set again. No picture is painted anew.",
        len(made),
    ) % {"n": len(made)}
    told = told if made else _("The ads say that already.")
    if request.htmx:
        answer = render(request, "studio/words.html#done", {"told": told})
        # The head would say “All done” over ads that are being set again, and offer them.
        head = {"run": Room(run).seen_by(True), "oob": True}
        answer.write(render_to_string("studio/run.html#head", head, request))
        return answer
    messages.success(request, told)
    return redirect("studio:run", run.uid)
