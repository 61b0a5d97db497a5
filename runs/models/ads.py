"""What a run leaves behind: pictures, ads, and the files that were uploaded for them."""

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from accounts.access import MemberQuerySet
from runs import formats
from runs.models.choices import choices
from runs.models.choosing import Verdict
from runs.models.orders import Generation, Run, deleted_runs
from runs.states import AdState


class KeptPictures(models.Manager["Picture"]):
    """Those of runs that nobody has deleted."""

    def get_queryset(self) -> MemberQuerySet["Picture"]:
        # Row by row: of a deleted run there may be ten thousand.
        gone = Generation.objects.filter(pk=models.OuterRef("generation"), run__deleted_at__isnull=False)
        return MemberQuerySet(self.model, using=self._db).filter(~models.Exists(gone))

    def for_member(self, user: Any) -> MemberQuerySet["Picture"]:
        return self.get_queryset().for_member(user)


class Picture(models.Model):
    """The raw image a generation made; kept, never overwritten."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="pictures")
    attempt = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    simulated = models.BooleanField()
    checkpoint = models.CharField(max_length=300, blank=True)
    server = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Since then only its ads are there: a clean-up took the file, and what was known of it stays.
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = KeptPictures()
    everything = MemberQuerySet["Picture"].as_manager()

    class Meta:
        verbose_name = "picture file"
        verbose_name_plural = "picture files"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["generation", "attempt"], name="one_picture_an_attempt")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "id"], name="pictures_newest"),
            models.Index(fields=["workspace", "created_at"], name="pictures_of_a_day"),
        ]

    def __str__(self) -> str:
        return self.key


class Ads(MemberQuerySet["Creative"]):
    def newest(self) -> Self:
        """Of each ad the newest revision: what a run shows and delivers. The others are its history."""
        later = Creative.everything.filter(supersedes=models.OuterRef("pk"))
        return self.filter(~models.Exists(later))


class KeptAds(models.Manager["Creative"]):
    """Those of runs that nobody has deleted."""

    def get_queryset(self) -> Ads:
        return Ads(self.model, using=self._db).exclude(run__in=deleted_runs())

    def for_member(self, user: Any) -> Ads:
        return self.get_queryset().for_member(user)

    def newest(self) -> Ads:
        return self.get_queryset().newest()


class Creative(models.Model):
    """A finished ad: picture × message × format × language, and the twin without text where one is wanted.

    A row keeps its words and its file for good; a change is a new row that supersedes it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="creatives")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="creatives")
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="creatives")
    message = models.PositiveSmallIntegerField()
    format = models.CharField(max_length=60)
    language = models.CharField(max_length=8)
    twin = models.BooleanField(default=False)  # without text; one a picture and format is enough
    revision = models.PositiveSmallIntegerField(default=1)
    supersedes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    copy = models.JSONField()
    brand = models.JSONField()
    # The text beside it, once somebody changed it: None says what the brief says. `runs.posting` writes it.
    post = models.JSONField(null=True, blank=True)
    focus = models.JSONField()
    state = models.CharField(max_length=14, choices=choices(AdState))
    words = models.TextField(blank=True)  # why it does not fit or failed, and what to do
    key = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveIntegerField(default=0)
    mime = models.CharField(max_length=40, blank=True)
    report = models.JSONField(default=dict)
    simulated = models.BooleanField()
    # What the newest decision about this file says; `runs.choosing` alone writes both.
    decision = models.CharField(max_length=10, choices=choices(Verdict), default=Verdict.UNDECIDED)
    # Of a new revision: who wanted it, and while it is being made when the sweep sends it again.
    made_by = models.CharField(max_length=254, blank=True, default="")
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = KeptAds()
    everything = Ads.as_manager()

    class Meta:
        verbose_name = "ad"
        verbose_name_plural = "ads"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["generation", "message", "format", "language", "twin", "revision"],
                name="one_ad_a_revision",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "state"], name="ads_of_a_run"),
            models.Index(fields=["run", "bytes"], name="ads_weight"),  # a plan adds up a million of them
            models.Index(fields=["due_at"], name="ads_being_made", condition=models.Q(state=AdState.PENDING)),
            # The library's walks, the newest first.
            models.Index(fields=["workspace", "state", "id"], name="ads_newest"),
            models.Index(fields=["workspace", "state", "format", "id"], name="ads_of_a_size"),
            models.Index(fields=["workspace", "state", "language", "id"], name="ads_of_a_language"),
            models.Index(fields=["workspace", "state", "decision", "id"], name="ads_decided"),
            models.Index(fields=["workspace", "created_at"], name="ads_of_a_day"),
            models.Index(fields=["run"], name="ads_approved", condition=models.Q(decision=Verdict.APPROVED)),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def size(self) -> formats.Size:
        """As the catalogue has it; as the ad noted it where the catalogue has it no more."""
        now = formats.size_now(self.format)
        if now is not None:
            return now
        return formats.size_then(self.format, self.report, (self.generation.width, self.generation.height))

    @property
    def shows_upload(self) -> bool:
        """Whether the product in it is the one that was uploaded; otherwise it is invented."""
        return bool(self.run.spec["products"][self.generation.product].get("cutout"))

    @property
    def file_name(self) -> str:
        """Tells picture, message, language and the format's catalogue id; sample ads say so first."""
        generation = self.generation
        parts = [
            *(["SAMPLE"] if self.simulated else []),
            f"p{generation.product + 1}",
            f"look{generation.look + 1}",
            f"v{generation.variation + 1}",
            f"m{self.message + 1}",
            self.language,
            self.format,
            *(["notext"] if self.twin else []),
        ]
        return "_".join(parts) + self.key[self.key.rfind(".") :]


class Asset(models.Model):
    """An uploaded file, re-encoded and without metadata. One that a run's brief names is never deleted."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = MemberQuerySet["Asset"].as_manager()

    class Meta:
        verbose_name = "upload"
        verbose_name_plural = "uploads"

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"
