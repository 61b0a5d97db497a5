"""Runs as lines of a list."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

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


def lines_told_apart(runs: list[Run]) -> list[dict[str, Any]]:
    """The same where runs of one name stand together: `which` says what differs."""
    places = _places(runs)
    lines = zip(run_lines(runs), runs, strict=True)
    return [line | {"which": _told_apart(run, places.get(run.pk, ""))} for line, run in lines]


def _told_apart(run: Run, place: str) -> str:
    said = f"“{run.spec['messages'][0]['headline']}”"
    return f"{place} · {said}" if place else said


def _places(runs: list[Run]) -> dict[int, str]:
    """The how manieth of its brief each is, where that has several; those of programs have none."""
    alike = Run.objects.filter(origin=OuterRef("origin"))
    rows = Run.objects.filter(pk__in=[run.pk for run in runs], origin__isnull=False)
    counted = rows.annotate(place=_count(alike.filter(pk__lte=OuterRef("pk"))), all=_count(alike))
    return {
        pk: _("Run %(n)d of this brief") % {"n": place}
        for pk, place, all_ in counted.values_list("pk", "place", "all")
        if all_ > 1
    }


def _count(runs: QuerySet[Run]) -> Subquery:
    return Subquery(runs.order_by().values("origin").annotate(n=Count("pk")).values("n"))


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
