"""What people decide about finished ads."""

from enum import StrEnum, auto
from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.access import MemberQuerySet
from runs.models.choices import choices


class Verdict(StrEnum):
    """What was decided about an ad. It is no status: the ad stays as ready as it was."""

    UNDECIDED = auto()
    APPROVED = auto()
    REJECTED = auto()


class Decision(models.Model):
    """Somebody's word on one file. Only ever added; of several the newest counts, and the ad notes it."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    creative = models.ForeignKey("runs.Creative", on_delete=models.CASCADE, related_name="decisions")
    sha256 = models.CharField(max_length=64)  # of the file that was looked at
    verdict = models.CharField(max_length=10, choices=choices(Verdict))
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=254)  # as they were called then
    at = models.DateTimeField(default=timezone.now)

    objects = MemberQuerySet["Decision"].as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["workspace", "at"], name="decisions_of_a_time")]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.who}"
