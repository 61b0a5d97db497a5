"""The GPU servers and the graphs they run."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from runs.comfyui.workflow import Workflow as Graph
from runs.models.choices import choices
from runs.states import WORKING, ServerState


class Server(models.Model):
    """One ComfyUI server. What it can do is found out by asking it, never typed in."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120, unique=True)
    url = models.CharField(max_length=400, unique=True)
    # How to get in; none of this is ever shown again.
    token = models.CharField(max_length=400, blank=True)  # bearer
    user = models.CharField(max_length=120, blank=True)  # basic, with the password
    password = models.CharField(max_length=400, blank=True)
    headers = models.JSONField(default=dict, blank=True)  # what else its proxy wants
    ca = models.TextField(blank=True)  # PEM of the authority that signed its certificate
    enabled = models.BooleanField(default=True)
    configured = models.BooleanField(default=False, editable=False)  # from COMFYUI_URLS: read-only here
    was_configured = models.BooleanField(default=False, editable=False)  # its address came from there once
    seats = models.PositiveSmallIntegerField(default=2)
    state = models.CharField(max_length=8, choices=choices(ServerState), default=ServerState.UNKNOWN)
    reason = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)
    version = models.CharField(max_length=40, blank=True)
    checkpoints = models.JSONField(default=list, blank=True)
    missing_nodes = models.JSONField(default=list, blank=True)  # of those that our graphs are made of
    can_cancel_jobs = models.BooleanField(default=False)  # the jobs routes of newer versions
    others = models.PositiveIntegerField(default=0)  # prompts of other people there when it was last asked
    pace = models.FloatField(null=True)  # seconds it takes for a picture, lately
    quiet_since = models.DateTimeField(null=True)  # from when on it was seen to leave its queue alone
    failures = models.PositiveSmallIntegerField(default=0)  # in a row; a picture that comes out ends the row
    paused_until = models.DateTimeField(null=True)  # after several of them it gets nothing for a while
    seen_at = models.DateTimeField(null=True, blank=True)
    probed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "GPU server"
        verbose_name_plural = "GPU servers"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_up(self) -> bool:
        return self.enabled and self.state in WORKING

    @property
    def is_trusted(self) -> bool:
        """Whether it gets all its seats; one that failed lately first shows with one picture that it can."""
        return self.failures == 0

    def wanted_checkpoint(self, named: str) -> str:
        """The brief's, else the configured one; empty where any will do."""
        return named or ("" if self.simulated else settings.COMFYUI_CHECKPOINT)

    def checkpoint_for(self, named: str) -> str | None:
        """What a picture of a brief that names this one, or none, is painted with here; None where it is missing."""
        wanted = self.wanted_checkpoint(named)
        if wanted:
            return wanted if wanted in self.checkpoints else None
        return min(self.checkpoints, default=None)


class Withdrawal(models.Model):
    """A prompt that nobody waits for any more, to be taken off its server as soon as that answers."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="withdrawals")
    prompt_id = models.UUIDField(unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.prompt_id} at {self.server}"


class Workflow(models.Model):
    """A ComfyUI graph in API format with its bindings; a new version is a new row."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField()
    definition = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "engine preset"
        verbose_name_plural = "engine presets"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name", "version"], name="one_workflow_a_version"),
            models.UniqueConstraint(
                fields=["name", "version"],
                condition=models.Q(workspace=None),
                name="one_builtin_workflow_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def graph(self) -> Graph:
        return Graph.from_json(self.definition)
