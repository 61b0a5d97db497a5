"""The jobs API of newer servers: one record for a prompt that waits, runs or has ended (D20 to D27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from runs.comfyui.errors import ProtocolViolation
from runs.comfyui.events import ExecutionFailed
from runs.comfyui.frames import decode_message, encode_message
from runs.comfyui.prompt_queue import parse_outputs
from runs.comfyui.reading import (
    Json,
    as_number,
    as_object,
    as_text,
    as_whole,
    text_or_none,
    whole_or_none,
    without_nulls,
)


class JobStatus(StrEnum):
    """Where a job is. Note `in_progress`, not "running"."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """GET /api/jobs/{id}. Times in epoch milliseconds; `priority` is the queue's number.

    `outputs`, `execution_status` and `workflow` are there for ended jobs, and never in the list (D22).
    """

    id: str
    status: JobStatus
    priority: float = 0
    create_time: int | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    error: ExecutionFailed | None = None
    outputs_count: int = 0
    previewable_outputs_count: int = 0
    preview_output: Json | None = None
    workflow_id: str | None = None
    outputs: Mapping[str, Json] | None = None
    execution_status: Json | None = None
    workflow: Json | None = None

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read a job; raises ProtocolViolation."""
        data = as_object(body, "job")
        error, outputs = data.get("execution_error"), data.get("outputs")
        return cls(
            id=as_text(data.get("id"), "id"),
            status=_status(data.get("status")),
            priority=as_number(data.get("priority", 0), "priority"),
            create_time=whole_or_none(data.get("create_time"), "create_time"),
            started_ms=whole_or_none(data.get("execution_start_time"), "execution_start_time"),
            ended_ms=whole_or_none(data.get("execution_end_time"), "execution_end_time"),
            error=None if error is None else _failure(error),
            outputs_count=as_whole(data.get("outputs_count", 0), "outputs_count"),
            previewable_outputs_count=as_whole(data.get("previewable_outputs_count", 0), "outputs_count"),
            workflow_id=text_or_none(data.get("workflow_id"), "workflow_id"),
            outputs=None if outputs is None else parse_outputs(outputs),
            **{key: _object_or_none(data, key) for key in ("preview_output", "execution_status", "workflow")},
        )

    def to_json(self) -> dict[str, Any]:
        """The job as the server gives it: null fields are left out."""
        return without_nulls(
            id=self.id,
            status=str(self.status),
            priority=self.priority,
            create_time=self.create_time,
            execution_start_time=self.started_ms,
            execution_end_time=self.ended_ms,
            execution_error=None if self.error is None else encode_message(self.error)[1],
            outputs_count=self.outputs_count,
            previewable_outputs_count=self.previewable_outputs_count,
            preview_output=self.preview_output,
            workflow_id=self.workflow_id,
            outputs=None if self.outputs is None else dict(self.outputs),
            execution_status=self.execution_status,
            workflow=self.workflow,
        )


def _status(value: object) -> JobStatus:
    try:
        return JobStatus(as_text(value, "status"))
    except ValueError:
        raise ProtocolViolation(f"The server gave a job the unknown status {value!r}.") from None


def _failure(value: object) -> ExecutionFailed:
    event = decode_message("execution_error", value)
    if not isinstance(event, ExecutionFailed):
        raise TypeError(f"an execution_error was read as {event!r}")
    return event


def _object_or_none(data: Json, key: str) -> Json | None:
    value = data.get(key)
    return None if value is None else as_object(value, key)
