"""The run page's list of what happened, newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from runs.models import Run, Transition
from runs.states import Event
from studio.wording import picture_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    icon: str
    kind: str
    words: str
    at: datetime


def notes(run: Run, most: int = 12) -> list[Note]:
    steps = Transition.objects.filter(run=run, event__in=list(_SHOWN)).select_related("generation")
    return [_note(run, step) for step in steps.order_by("-pk")[:most]]


# Steps that say nothing new to a marketer (a seat was found, the server accepted) are left out.
_SHOWN = {
    Event.START: ("loader", "a"),
    Event.COMPOSED: ("circle-check", "g"),
    Event.FAIL: ("triangle-alert", "b"),
    Event.CANCEL: ("square", ""),
    Event.LOSE: ("rotate-ccw", "w"),
    Event.RETRY: ("rotate-ccw", "a"),
}


def _note(run: Run, step: Transition) -> Note:
    event = Event(step.event)
    icon, kind = _SHOWN[event]
    name = f"{run.spec['looks'][step.generation.look]['name']}, {picture_label(run, step.generation)}"
    return Note(icon=icon, kind=kind, words=_words(event, name, step), at=step.at)


def _words(event: Event, name: str, step: Transition) -> str:
    match event:
        case Event.START:
            return _("%(name)s started on %(server)s") % {"name": name, "server": step.server}
        case Event.COMPOSED:
            return _("%(name)s: ads ready") % {"name": name}
        case Event.FAIL:
            return _("%(name)s failed. %(words)s") % {"name": name, "words": step.words}
        case Event.CANCEL:
            return _("%(name)s stopped") % {"name": name}
        case Event.LOSE:
            return _("%(name)s waits again; nothing is lost. %(words)s") % {"name": name, "words": step.words}
        case Event.RETRY:
            return _("%(name)s is tried again") % {"name": name}
        case _:
            raise ValueError(f"{event} is not shown")
