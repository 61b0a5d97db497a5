"""Approve an ad, reject it, take that back. The page and the API both say this verb.

A decision is about one file: it notes the sha256, and whoever looked at another file is refused. A changed ad is
a new row that nobody has decided on; the decision before stays with the file before.
"""

from django.db import transaction
from django.db.models import Count

from accounts.audit import note
from accounts.models import User
from runs import signals
from runs.errors import NotAllowed
from runs.models import Creative, Decision, Run, Verdict
from runs.states import AdState

SAMPLE = "Samples show the layout and cannot be approved. Make the ads with a GPU server."
NOT_READY = "Only a finished ad can be approved or rejected. This one has no file."
CHANGED = "This ad changed since you looked at it. Check it as it is now, then decide."
OLDER = "This ad has a newer revision. Decide on that one."
_DEEDS = {Verdict.APPROVED: "ad.approve", Verdict.REJECTED: "ad.reject", Verdict.UNDECIDED: "ad.undo"}


def decide(ad: Creative, verdict: Verdict, *, by: User, seen: str = "", words: str = "") -> Creative:
    """Note what was decided; saying the same twice does no harm. `seen` is the sha256 of the file looked at.

    Raises NotAllowed, with the reason.
    """
    with transaction.atomic():
        # Retention asks under the same lock whether anything of the run is approved.
        run = Run.objects.hold(ad.run_id)
        row = Creative.objects.select_related("generation").get(pk=ad.pk)
        _check(row, verdict, seen)
        if row.decision != verdict:
            _write(run, row, verdict, by, words)
    return row


def _check(row: Creative, verdict: Verdict, seen: str) -> None:
    if row.state != AdState.READY or not row.sha256:
        raise NotAllowed(NOT_READY)
    if seen and seen != row.sha256:
        raise NotAllowed(CHANGED)
    if Creative.objects.filter(supersedes=row).exists():
        raise NotAllowed(OLDER)
    if row.simulated and verdict == Verdict.APPROVED:
        raise NotAllowed(SAMPLE)


def _write(run: Run, row: Creative, verdict: Verdict, by: User, words: str) -> None:
    Decision.objects.create(
        workspace=run.workspace, creative=row, sha256=row.sha256, verdict=verdict, by=by, who=str(by)
    )
    row.decision = verdict
    Creative.objects.filter(pk=row.pk).update(decision=verdict)
    told = " ".join(filter(None, [f"{row.file_name}, file {row.sha256[:12]}.", words]))
    note(run.workspace, by, _DEEDS[verdict], run.name, told)
    signals.tell(run, row.generation)


def newest_of(ad: Creative) -> Decision | None:
    """The one that counts; None before the first."""
    return ad.decisions.order_by("-pk").first()


def counts(run: Run) -> dict[Verdict, int]:
    """How many of the ads that the run shows as ready are in which state."""
    shown = Creative.objects.newest().filter(run=run, state=AdState.READY)
    found = dict(shown.order_by().values_list("decision").annotate(n=Count("pk")))
    return {verdict: found.get(verdict, 0) for verdict in Verdict}
