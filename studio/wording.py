"""How the studio says things: statuses, pictures and counts, in a marketer's words."""

from enum import StrEnum, auto

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs import formats
from runs.models import Generation, Run
from runs.states import ACTIVE, RUN_FINAL, RunStatus, Status
from runs.summary import Summary


class Outcome(StrEnum):
    """How a run looks to whoever ordered ads: its pictures may all be done and its ads not."""

    WAITING = auto()
    RUNNING = auto()
    PAUSED = auto()
    DONE = auto()
    PARTIAL = auto()
    NO_ADS = auto()
    FAILED = auto()
    CANCELLED = auto()


def outcome(status: RunStatus, ready: int, total: int, *, paused: bool = False) -> Outcome:
    if paused and status not in RUN_FINAL:
        return Outcome.PAUSED
    if status != RunStatus.DONE or ready >= total:
        return Outcome(status.value)
    return Outcome.PARTIAL if ready else Outcome.NO_ADS


def run_words(summary: Summary) -> str:
    """The state of a run in a few words."""
    if summary.final and summary.ads_pending:
        words = ngettext("Updating %(n)d ad", "Updating %(n)d ads", summary.ads_pending)
        return words % {"n": summary.ads_pending}
    match outcome(summary.status, summary.ads_ready, summary.ads_total, paused=summary.paused):
        case Outcome.WAITING:
            return _("Waiting for a GPU server")
        case Outcome.RUNNING:
            rendering = summary.pictures[Status.RENDERING]
            return _("%(n)d rendering") % {"n": rendering} if rendering else _("In progress")
        case Outcome.PAUSED:
            n = sum(summary.pictures[status] for status in ACTIVE)
            words = ngettext("Paused, finishing %(n)d", "Paused, finishing %(n)d", n)
            return words % {"n": n} if n else _("Paused")
        case Outcome.DONE:
            return _("All done")
        case Outcome.PARTIAL:
            return _("Partly done")
        case Outcome.NO_ADS:
            return _("No ads ready")
        case Outcome.FAILED:
            return _("Failed")
        case Outcome.CANCELLED:
            return _("Stopped")


def picture_label(run: Run, generation: Generation) -> str:
    """The sizes a picture is for; with several products or variations those too."""
    offered = formats.still_offered(run.spec["formats"])
    labels = [entry.label for entry in offered if entry.shape == generation.shape]
    text = labels[0] if labels else f"{generation.width}×{generation.height}"
    if len(labels) > 1:
        text = _("%(first)s and %(n)d more") % {"first": text, "n": len(labels) - 1}
    if len(run.spec["products"]) > 1:
        text = f"{run.spec['products'][generation.product]['name']}: {text}"
    return f"{text} · {generation.variation + 1}" if run.spec["variations"] > 1 else text


def kilobytes(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
