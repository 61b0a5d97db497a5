"""How long what was made is kept, what is being taken away, and when that was last done."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class RetentionPolicy(models.Model):
    """What one workspace keeps and for how long; what is empty is as the settings have it."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="retention")
    run_days = models.PositiveIntegerField(null=True, blank=True)  # 0 is for ever, here and below
    picture_days = models.PositiveIntegerField(null=True, blank=True)
    ad_days = models.PositiveIntegerField(null=True, blank=True)
    failed_days = models.PositiveIntegerField(null=True, blank=True)
    keep_approved = models.BooleanField(null=True, blank=True)
    keep_pinned = models.BooleanField(null=True, blank=True)
    keep_last = models.PositiveIntegerField(null=True, blank=True)  # runs of each brief
    ceiling = models.PositiveBigIntegerField(null=True, blank=True)  # bytes; 0 is none

    class Meta:
        verbose_name_plural = "retention policies"

    def __str__(self) -> str:
        return f"Retention of {self.workspace}"


class Removal(models.Model):
    """Files whose rows are gone: written in the transaction that took the rows, and gone with the last file.

    A process that is killed between the two leaves this behind, and the next clean-up goes on with it.
    """

    keys = models.JSONField()
    bytes = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "removal"
        verbose_name_plural = "removals under way"

    def __str__(self) -> str:
        return f"{len(self.keys)} files whose rows are gone"


class CleanUp(models.Model):
    """One clean-up, with its totals. One that has no end was stopped, or is under way."""

    actor = models.CharField(max_length=254, blank=True)  # empty: by the clock
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    removed = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name = "clean-up"
        verbose_name_plural = "clean-up"

    def __str__(self) -> str:
        return f"Clean-up of {self.started_at:%d %B %Y, %H:%M}"
