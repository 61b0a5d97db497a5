"""What a workspace keeps and for how long: its own rules over those of the settings, and what they say of one run.

No run is looked at here that is not over. Days of 0 are for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum, auto
from typing import Any, Self

from django.conf import settings

from runs.models import RetentionPolicy
from runs.states import RunStatus

FAILED = frozenset({RunStatus.FAILED, RunStatus.CANCELLED})


class Part(StrEnum):
    """What of a run goes."""

    RUN = auto()  # with all that is in it
    PICTURES = auto()
    ADS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one workspace, each one decided. `None` for parts of a run: as long as the run."""

    run_days: int = 0
    picture_days: int | None = None
    ad_days: int | None = None
    failed_days: int | None = None
    keep_approved: bool = True
    keep_pinned: bool = True
    keep_last: int = 0
    ceiling: int = 0

    @classmethod
    def usual(cls) -> Self:
        """That of the settings."""
        return cls(
            run_days=settings.RETENTION_DAYS,
            picture_days=settings.RETENTION_PICTURE_DAYS,
            ad_days=settings.RETENTION_AD_DAYS,
            failed_days=settings.RETENTION_FAILED_DAYS,
            keep_approved=settings.RETENTION_KEEP_APPROVED,
            keep_pinned=settings.RETENTION_KEEP_PINNED,
            keep_last=settings.RETENTION_KEEP_LAST,
            ceiling=settings.RETENTION_CEILING,
        )

    def under(self, own: RetentionPolicy | None) -> "Policy":
        """With what the workspace has of its own."""
        if own is None:
            return self
        said = {field.name: getattr(own, field.name) for field in fields(self)}
        return replace(self, **{name: value for name, value in said.items() if value is not None})

    @property
    def pictures(self) -> int:
        return self.run_days if self.picture_days is None else self.picture_days

    @property
    def ads(self) -> int:
        return self.run_days if self.ad_days is None else self.ad_days

    @property
    def failed(self) -> int:
        return self.run_days if self.failed_days is None else self.failed_days

    @property
    def whole(self) -> int:
        """Days after which nothing of a run that made something has to stay."""
        terms = (self.run_days, self.pictures, self.ads)
        return max(terms) if all(terms) else 0

    @property
    def soonest(self) -> int:
        """Days before which nothing goes by age; 0 when nothing ever does."""
        return min(filter(None, (self.whole, self.pictures, self.ads, self.failed)), default=0)


def policy_of(workspace: Any, usual: Policy | None = None) -> Policy:
    own = RetentionPolicy.objects.filter(workspace=workspace).first()
    return (usual or Policy.usual()).under(own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a run that is over when its turn comes."""

    status: str
    ended_at: datetime
    pinned: bool
    approved: bool
    among_last: bool
    exporting: bool
    changing: bool  # new revisions of its ads are being made
    pictures: int  # files that are there
    ads: int


def protected(facts: Facts, policy: Policy) -> str:
    """Why it stays whatever its age; empty when nothing protects it."""
    if facts.pinned and policy.keep_pinned:
        return "It is pinned."
    if facts.approved and policy.keep_approved:
        return "It has an approved ad."
    if facts.among_last:
        return f"It is one of the last {policy.keep_last} runs of its brief."
    if facts.changing:
        return "Its ads are being changed."
    return "It is being exported." if facts.exporting else ""


def due(facts: Facts, policy: Policy, now: datetime) -> Iterable[tuple[Part, str]]:
    """What of it is old enough to go, with the reason; the caller has asked whether it is protected."""
    age = (now - facts.ended_at).days
    if facts.status in FAILED and _over(age, policy.failed):
        how = "failed" if facts.status == RunStatus.FAILED else "was stopped"
        yield Part.RUN, f"{how} {days(age)} ago, kept for {policy.failed}"
    elif _over(age, policy.whole):
        yield Part.RUN, f"ended {days(age)} ago, kept for {policy.whole}"
    else:
        if facts.pictures and _over(age, policy.pictures):
            yield Part.PICTURES, f"ended {days(age)} ago, pictures are kept for {policy.pictures}"
        if facts.ads and _over(age, policy.ads):
            yield Part.ADS, f"ended {days(age)} ago, ads are kept for {policy.ads}"


def _over(age: int, kept: int) -> bool:
    return bool(kept) and age >= kept


def days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
