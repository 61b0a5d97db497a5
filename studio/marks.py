"""What can be seen of each picture on the run page, in short: where two marks are the same, so are the tiles."""

from typing import NamedTuple

from django.db.models import Count, Max, Q

from runs.models import Creative, Generation, Verdict
from runs.states import AdState


class Mark(NamedTuple):
    """A picture's tile in short: where it stands in its life, and how far it is there."""

    stands: tuple[object, ...]
    progress: tuple[object, ...]

    @property
    def status(self) -> object:
        return self.stands[0]


def mark_of(row: Generation, place: int | None = None, ads: object = None) -> Mark:
    return Mark(
        (row.status, row.attempt, row.server_id, row.error, row.cancel_requested, row.paused),
        (round(row.progress * 100), row.step, row.preview_version, place, ads),
    )


def ads_of_each(done: list[Generation]) -> dict[int, object]:
    """What is there of each finished picture's ads, in short: the newest, and how many are being made."""
    if not done:
        return {}
    ads = Creative.objects.filter(generation__in=[row.pk for row in done]).values_list("generation")
    pending = Count("pk", filter=Q(state=AdState.PENDING))
    approved = Count("pk", filter=Q(decision=Verdict.APPROVED))
    rejected = Count("pk", filter=Q(decision=Verdict.REJECTED))
    facts = {"newest": Max("pk"), "pending": pending, "approved": approved, "rejected": rejected}
    return {pk: tuple(known) for pk, *known in ads.annotate(**facts)}
