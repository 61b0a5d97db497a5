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
    keys = set(request.POST.getlist("which"))
    wanted = [one for one in said if one.key in keys]
    for one in wanted:
        one.form = WordsForm(one, request.POST)
    if rewording.is_under_way(run):
        return _page(request, run, said, given=bool(wanted))
    if not wanted:
        raise Http404
    made = rewording.order_all(wanted, str(request.user))
    if made is None:
        return _page(request, run, said, given=True)
    for one, ads in made:
        if ads and one.form:
            note(run.workspace, request.user, "run.words", run.name, one.form.copy.headline)
    return _done(request, run, [ad for _one, ads in made for ad in ads])


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
    return _page(request, run, said)


def _page(request: Any, run: Run, said: list[Said], *, given: bool = False) -> HttpResponse:
    """`given` where the forms hold what was sent: htmx then shows the answer, a browser without it a refusal."""
    under_way = rewording.is_under_way(run)
    too_long = any(one.form is not None and one.form.is_too_long for one in said)
    context = {
        "run": run,
        "said": said,
        "under_way": under_way,
        "typed": under_way and given,
        "is_too_long": too_long,
    }
    part = "#words" if request.htmx else ""
    # htmx shows what it gets only when all went well.
    status = 422 if given and not request.htmx else 200
    return render(request, f"studio/words.html{part}", context, status=status)


def _done(request: Any, run: Run, made: list[Creative]) -> HttpResponseBase:
    told = ngettext(
        "Updating %(n)d ad. The pictures stay the same.",
        "Updating %(n)d ads. The pictures stay the same.",
        len(made),
    ) % {"n": len(made)}
    told = told if made else _("Nothing to update: the ads already say that.")
    if request.htmx:
        answer = render(request, "studio/words.html#done", {"told": told})
        # The head would say “All done” over ads that are being set again, and offer them.
        head = {"run": Room(run).seen_by(True), "oob": True}
        answer.write(render_to_string("studio/run.html#head", head, request))
        return answer
    messages.success(request, told)
    return redirect("studio:run", run.uid)
