"""The run page's list of what happened, newest first."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from runs.models import Creative, Run, Transition
from runs.states import AdState, Event
from studio.wording import picture_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    icon: str
    kind: str
    words: str
    at: datetime


def notes(run: Run, most: int = 12) -> list[Note]:
    shown = Transition.objects.filter(run=run, event__in=list(_SHOWN)).select_related("generation")
    steps = list(shown.only(*_COLUMNS).order_by("-pk")[:most])
    ads = _ads({step.generation_id for step in steps if step.event == Event.COMPOSED})
    return [_note(run, step, ads[step.generation_id]) for step in steps]


def _ads(generations: set[int]) -> dict[int, Counter[AdState]]:
    """How many ads each of these pictures has in which state."""
    found: dict[int, Counter[AdState]] = defaultdict(Counter)
    rows = Creative.objects.filter(generation__in=generations, supersedes=None, made_by="").values_list(
        "generation", "state"
    )
    for generation, state, n in rows.annotate(n=Count("pk")):
        found[generation][AdState(state)] = n
    return found


_COLUMNS = ["event", "server", "words", "at", "generation__look", "generation__shape"]
_COLUMNS += ["generation__product", "generation__variation"]

# Steps that say nothing new to a marketer (a seat was found, the server accepted) are left out.
_SHOWN = {
    Event.START: ("loader", "a"),
    Event.COMPOSED: ("circle-check", "g"),
    Event.FAIL: ("triangle-alert", "b"),
    Event.CANCEL: ("square", ""),
    Event.LOSE: ("rotate-ccw", "w"),
    Event.RETRY: ("rotate-ccw", "a"),
}


def _note(run: Run, step: Transition, ads: Counter[AdState]) -> Note:
    event = Event(step.event)
    icon, kind = _SHOWN[event]
    if event == Event.COMPOSED and not _all_ready(ads):
        icon, kind = "triangle-alert", "w"
    name = f"{run.spec['looks'][step.generation.look]['name']}, {picture_label(run, step.generation)}"
    return Note(icon=icon, kind=kind, words=_words(event, name, step, ads), at=step.at)


def _words(event: Event, name: str, step: Transition, ads: Counter[AdState]) -> str:
    match event:
        case Event.START:
            return _("%(name)s started on %(server)s") % {"name": name, "server": step.server}
        case Event.COMPOSED:
            return _composed(name, ads)
        case Event.FAIL:
            return _("%(name)s failed. %(words)s") % {"name": name, "words": step.words}
        case Event.CANCEL:
            return _("%(name)s stopped") % {"name": name}
        case Event.LOSE:
            return _("%(name)s is back in the queue; nothing is lost. %(words)s") % {
                "name": name,
                "words": step.words,
            }
        case Event.RETRY:
            return _("%(name)s: trying again") % {"name": name}
        case _:
            raise ValueError(f"{event} is not shown")


def _composed(name: str, ads: Counter[AdState]) -> str:
    ready, total = ads[AdState.READY], ads.total()
    if _all_ready(ads):
        return _("%(name)s: ads ready") % {"name": name}
    if ready:
        return _("%(name)s: %(ready)d of %(total)d ads ready") % {
            "name": name,
            "ready": ready,
            "total": total,
        }
    return _("%(name)s: no ads ready") % {"name": name}


def _all_ready(ads: Counter[AdState]) -> bool:
    return 0 < ads.total() == ads[AdState.READY]
