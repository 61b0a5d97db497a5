"""What was taken out of the studio."""

import uuid
from enum import StrEnum, auto
from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.access import MemberQuerySet
from runs.models.choices import choices


class Selection(StrEnum):
    """Which ads somebody asked for."""

    ALL = auto()
    APPROVED = auto()
    CHOSEN = auto()


class Export(models.Model):
    """One download of ads: who ordered which, and when. It names the very revisions, to have them once more."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=254)  # as they were called then
    title = models.CharField(max_length=200)
    campaign = models.CharField(max_length=200, blank=True)
    selection = models.CharField(max_length=10, choices=choices(Selection))
    platforms = models.CharField(max_length=300, blank=True)
    ads = models.JSONField()  # their pks
    runs = models.JSONField()  # how many of them are of which run: they go with it
    count = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()  # of the ads, without what is written beside them
    created_at = models.DateTimeField(default=timezone.now)

    objects = MemberQuerySet["Export"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "id"], name="exports_newest")]

    def __str__(self) -> str:
        return f"{self.title}, {self.count} ads"
