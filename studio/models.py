"""What people arrange: brand kits, campaigns and their briefs. A run keeps its own frozen copy of the brief."""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MemberQuerySet
from runs.brief import STORED, BrandSpec
from runs.models import Run

# What is deleted can be had back for a while; until then only `everything` finds it.
_DELETED = models.Q(deleted_at__isnull=False)
COLOURS = ("#ff9d6c", "#4fd1c5", "#ffcf4d", "#7c6cff", "#ff7ab2", "#5aa0f2")


class Kept[M: models.Model](models.Manager[M]):
    """The rows that nobody has deleted; a brief goes with its campaign."""

    def get_queryset(self) -> MemberQuerySet[M]:
        rows: Any = MemberQuerySet(self.model, using=self._db)
        above = {"campaign__deleted_at": None} if self.model is Brief else {}
        kept: MemberQuerySet[M] = rows.filter(deleted_at=None, **above)
        return kept

    def for_member(self, user: Any) -> MemberQuerySet[M]:
        return self.get_queryset().for_member(user)


class BrandKit(models.Model):
    """How a brand looks and speaks. A brief chooses one; its values go into the brief, and frozen into the run.

    `brand` has the form of BrandSpec, `looks` of a list of LookSpec; files are named by the keys of their uploads.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="brand_kits")
    name = models.CharField(max_length=120)
    brand = models.JSONField(default=dict)
    tone = models.TextField(blank=True)
    looks = models.JSONField(default=list)
    is_default = models.BooleanField(default=False)  # the one that a new brief begins with
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = Kept["BrandKit"]()
    everything = MemberQuerySet["BrandKit"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-updated_at"], name="kits_recent"),
            models.Index(fields=["deleted_at"], condition=_DELETED, name="kits_deleted"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_default=True, deleted_at=None),
                name="one_default_kit_alive",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def spec(self) -> BrandSpec:
        return BrandSpec.model_validate(self.brand, context=STORED)

    @property
    def swatches(self) -> list[str]:
        """Its colours, each once."""
        spec = self.spec
        return list(dict.fromkeys([spec.primary, spec.panel or spec.primary, spec.accent]))

    def get_absolute_url(self) -> str:
        return reverse("studio:kit", args=[self.uid])


class Campaign(models.Model):
    """A goal over time; holds briefs."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    goal = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    budget_note = models.CharField(max_length=200, blank=True)  # for people: nothing counts with it
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = Kept["Campaign"]()
    everything = MemberQuerySet["Campaign"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-updated_at", "-id"], name="campaigns_recent"),
            models.Index(fields=["deleted_at"], condition=_DELETED, name="campaigns_deleted"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError(
                {"ends_on": _("The end date is before the start date. Choose a later one.")}
            )

    @property
    def colour(self) -> str:
        return COLOURS[(self.pk or 0) % len(COLOURS)]

    def get_absolute_url(self) -> str:
        return reverse("studio:campaign", args=[self.uid])


class Brief(models.Model):
    """One order for ads. `spec` is the brief as it stands, in the form of BriefSpec."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="briefs")
    # Its values are in `spec` too, as they were at the last save; a brief without a kit has a brand of its own.
    kit = models.ForeignKey(BrandKit, null=True, on_delete=models.SET_NULL, related_name="briefs")
    name = models.CharField(max_length=120)
    spec = models.JSONField()
    deleted_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = Kept["Brief"]()
    everything = MemberQuerySet["Brief"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["campaign", "-updated_at"], name="briefs_recent"),
            models.Index(fields=["deleted_at"], condition=_DELETED, name="briefs_deleted"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("studio:brief", args=[self.uid])

    @property
    def kept_kit(self) -> BrandKit | None:
        """Its kit while that is there; the brief has the values of a deleted one for its own."""
        return self.kit if self.kit and self.kit.deleted_at is None else None

    @property
    def runs(self) -> models.QuerySet[Run]:
        return Run.objects.filter(workspace_id=self.workspace_id, origin=self.uid)


class KeptForm(models.Model):
    """A brief's form as somebody left it, whether a brief could be made of it or not: nothing that is typed is lost.

    `key` is the form's own; once the form was saved, what still comes of it on the way is not kept any more.
    """

    key = models.UUIDField()
    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="kept_forms")
    brief = models.ForeignKey(Brief, null=True, on_delete=models.CASCADE, related_name="kept_forms")
    sent = models.JSONField(default=dict)  # name: values
    kept_at = models.DateTimeField(default=timezone.now)
    done = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="one_kept_form_a_key"),
        ]

    @property
    def name(self) -> str:
        return next(iter(self.sent.get("name", [])), "").strip()

    def get_absolute_url(self) -> str:
        """Where it opens again as it was left."""
        page = reverse("studio:brief_new", args=[self.campaign.uid])
        return f"{self.brief.get_absolute_url() if self.brief else page}?form={self.key}"


class StepsClosed(models.Model):
    """Somebody does not want to see a workspace's first steps any more."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="steps_closed_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"
