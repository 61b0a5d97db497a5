"""Runs as lines of a list."""

from typing import Any

from django.urls import reverse

from runs.models import Run
from runs.states import RunStatus
from runs.summary import ready_counts
from studio.cards import covers_of
from studio.wording import outcome


def run_lines(runs: list[Run]) -> list[dict[str, Any]]:
    """What lists of runs show. Whoever shows who started them fetches `started_by` too."""
    ads, pictures = ready_counts(runs)
    covers = covers_of([[run.pk for run in runs]], 1)
    return [_line(run, ads.get(run.pk, 0), pictures.get(run.pk, 0), covers.get(run.pk, [])) for run in runs]


def _line(run: Run, ads: int, pictures: int, covers: list[str]) -> dict[str, Any]:
    return {
        "uid": run.uid,
        "name": run.name,
        "url": reverse("studio:run", args=[run.uid]),
        "status": run.status,
        "simulated": run.simulated,
        "outcome": outcome(RunStatus(run.status), ads, run.ads_total, paused=run.is_paused),
        "ads_ready": ads,
        "ads_total": run.ads_total,
        "pictures_done": pictures,
        "pictures_total": run.pictures_total,
        "started_at": run.created_at,
        "started_by": str(run.started_by or ""),
        "cover": covers[0] if covers else "",
    }
