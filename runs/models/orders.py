"""A run, its generations, and every step of their lives."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access import MemberQuerySet
from runs.brief import BriefSpec, from_stored
from runs.formats import Shape
from runs.models.choices import choices
from runs.states import ACTIVE, FINAL, RUN_FINAL, RunStatus, Status

# What somebody deleted can be had back for a while; until then only `everything` finds it.
_DELETED = models.Q(deleted_at__isnull=False)


class Kept(models.Manager["Run"]):
    """The runs that nobody has deleted."""

    def get_queryset(self) -> MemberQuerySet["Run"]:
        return MemberQuerySet(self.model, using=self._db).filter(deleted_at=None)

    def for_member(self, user: Any) -> MemberQuerySet["Run"]:
        return self.get_queryset().for_member(user)

    def hold(self, pk: int) -> "Run":
        """Locked, for whoever changes something of it. Raises Http404 where somebody deleted it meanwhile."""
        return get_object_or_404(self.get_queryset().select_for_update(), pk=pk)


class Run(models.Model):
    """One press on Start: a frozen copy of the brief plus its generations."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="runs")
    started_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120)
    spec = models.JSONField()
    workflow = models.ForeignKey("runs.Workflow", on_delete=models.PROTECT, related_name="+")
    origin = models.UUIDField(null=True, blank=True)  # opaque here: the brief it came from
    # Opaque too: what that is part of, and its name then. `runs.shelf` makes ads found by it.
    group = models.UUIDField(null=True, blank=True)
    group_name = models.CharField(max_length=120, blank=True, default="")
    status = models.CharField(max_length=12, choices=choices(RunStatus), default=RunStatus.WAITING)
    simulated = models.BooleanField(null=True)  # decided by the first server that takes a picture
    pictures_total = models.PositiveIntegerField(default=0)
    ads_total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, db_index=True)
    # Written by `runs.pausing`. A run rests beside its status, which goes on to be that of its pictures.
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=254, blank=True, default="")
    rested = models.DurationField(default=timedelta)  # in all pauses that are over
    # Written by `runs.pinning`: no clean-up takes it. The default is the database's too: benchmarks write rows by SQL.
    pinned = models.BooleanField(default=False, db_default=False)
    # Written by `runs.deleting`.
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=254, blank=True, default="", db_default="")

    objects = Kept()
    everything = MemberQuerySet["Run"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-id"], name="runs_of_a_workspace"),
            models.Index(fields=["workspace", "ended_at", "id"], name="runs_by_age"),
            models.Index(fields=["origin", "id"], name="runs_of_a_brief"),
            models.Index(fields=["workspace", "deleted_at"], condition=_DELETED, name="runs_deleted"),
            models.Index(fields=["id"], name="runs_pinned", condition=models.Q(pinned=True)),
            models.Index(
                fields=["id"],
                name="runs_open",
                condition=models.Q(status__in=[RunStatus.RUNNING, RunStatus.WAITING]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def brief(self) -> BriefSpec:
        return from_stored(self.spec)

    @property
    def is_final(self) -> bool:
        return RunStatus(self.status) in RUN_FINAL

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None


class DeletedRun(Run):
    """A run that somebody deleted, for the list in the admin from which it is brought back."""

    class Meta:
        proxy = True


def deleted_runs() -> models.QuerySet[Run, Any]:
    """Their keys, for what hangs on runs: few at a time, by an index of their own."""
    return Run.everything.filter(_DELETED).order_by().values("pk")


class OfKeptRuns(MemberQuerySet["Generation"]):
    """To the engine all are there: those of a deleted run are over. To people these are not."""

    def for_member(self, user: Any) -> "OfKeptRuns":
        return super().for_member(user).exclude(run__in=deleted_runs())


class Generation(models.Model):
    """One picture to paint; the row is the job. `due_at` says when the sweep must act on it."""

    MAX_TRIES: ClassVar = 5

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="generations")
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    # What is to be painted, frozen when the run starts: a retry paints the same, unless a person wants another seed.
    product = models.PositiveSmallIntegerField()
    look = models.PositiveSmallIntegerField()
    shape = models.CharField(max_length=12, choices=choices(Shape))
    variation = models.PositiveSmallIntegerField(default=0)
    seed = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    positive = models.TextField()
    negative = models.TextField(blank=True)
    # Where it stands.
    status = models.CharField(max_length=12, choices=choices(Status), default=Status.WAITING)
    priority = models.SmallIntegerField(default=0)
    paused = models.BooleanField(default=False)  # while it waits: its run rests
    attempt = models.PositiveSmallIntegerField(default=0)  # rises with every prompt that is really sent anew
    tries = models.PositiveSmallIntegerField(default=0)  # since the start or the last retry; five are enough
    due_at = models.DateTimeField(null=True)
    worker_id = models.CharField(max_length=80, blank=True, default="")
    server = models.ForeignKey(
        "runs.Server", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    checkpoint = models.CharField(max_length=300, blank=True, default="")
    prompt_id = models.UUIDField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    # Not made at one go: files may lie about that no row names.
    disturbed = models.BooleanField(default=False)
    # What a person sees of it.
    progress = models.FloatField(default=0.0)  # 0 to 1; below 1 until its ads are stored
    step = models.CharField(max_length=40, blank=True, default="")
    preview_version = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    rendering_at = models.DateTimeField(null=True)
    rendered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OfKeptRuns.as_manager()

    class Meta:
        verbose_name = "picture"
        verbose_name_plural = "pictures"
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-priority", "id"],
                name="generations_waiting",
                condition=models.Q(status=Status.WAITING, paused=False),
            ),
            models.Index(
                fields=["server"],
                name="generations_sent",
                condition=models.Q(status=Status.WAITING, prompt_id__isnull=False),
            ),
            models.Index(
                fields=["due_at"], name="generations_active", condition=models.Q(status__in=sorted(ACTIVE))
            ),
            models.Index(fields=["run", "status"], name="generations_of_a_run"),
            models.Index(fields=["id"], name="generations_disturbed", condition=models.Q(disturbed=True)),
        ]

    def __str__(self) -> str:
        return f"Picture {self.pk} of run {self.run_id}"

    @property
    def is_final(self) -> bool:
        return Status(self.status) in FINAL


class Transition(models.Model):
    """One step in a generation's life; written by lifecycle in the same transaction as the step."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="transitions")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="transitions")
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12)
    event = models.CharField(max_length=12)
    attempt = models.PositiveSmallIntegerField(default=0)
    server = models.CharField(max_length=120, blank=True)
    actor = models.CharField(max_length=254, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "step"
        verbose_name_plural = "steps"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.before or 'new'} → {self.after}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A transition is written once.")
        super().save(*args, **kwargs)


class WorkspacePolicy(models.Model):
    """How much of the GPU servers one workspace may use; without a row the settings' limits hold."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="policy")
    most_running = models.PositiveIntegerField(null=True, blank=True)  # pictures at the servers at once
    most_a_day = models.PositiveIntegerField(null=True, blank=True)  # pictures ordered within 24 hours

    class Meta:
        verbose_name = "limits of a workspace"
        verbose_name_plural = "limits of workspaces"

    def __str__(self) -> str:
        return f"Limits of {self.workspace}"


class Delivery(models.Model):
    """How a workspace wants its exports; without a row they are as `runs.naming` has them."""

    workspace = models.OneToOneField("accounts.Workspace", on_delete=models.CASCADE, related_name="delivery")
    # A template; empty = the usual names.
    file_names = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"Delivery of {self.workspace}"
