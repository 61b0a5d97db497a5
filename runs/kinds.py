"""Real or simulated: a run is wholly the one or the other. Page, preflight and scheduler all ask here."""

from django.conf import settings
from django.db.models import QuerySet

from runs.models import Run, Server


def simulates() -> bool:
    """Whether a run that begins now is painted by the simulator: never while a real server is known."""
    if settings.TEST_MODE == "on":
        return True
    return not Server.objects.filter(enabled=True, simulated=False).exists()


def is_simulated(run: Run) -> bool:
    """What the run is, or will be while no server has taken a picture of it yet."""
    return simulates() if run.simulated is None else run.simulated


def servers_for(run: Run | None = None) -> QuerySet[Server]:
    """The servers that are switched on and of the run's kind; without one, of the kind that a new run will be."""
    return Server.objects.filter(enabled=True, simulated=is_simulated(run) if run else simulates())
