"""How the studio says things: statuses, pictures and counts, in a marketer's words."""

from django.utils.translation import gettext as _

from runs import formats
from runs.models import Generation, Run
from runs.states import RunStatus, Status
from runs.summary import Summary


def run_words(summary: Summary) -> str:
    """The state of a run in a few words."""
    match summary.status:
        case RunStatus.WAITING:
            return _("Waiting for a GPU server")
        case RunStatus.RUNNING:
            rendering = summary.pictures[Status.RENDERING]
            return _("%(n)d rendering") % {"n": rendering} if rendering else _("Under way")
        case RunStatus.DONE:
            return _("All done")
        case RunStatus.PARTIAL:
            return _("Partly done")
        case RunStatus.FAILED:
            return _("Failed")
        case RunStatus.CANCELLED:
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
