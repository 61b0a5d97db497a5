"""The jobs API of 0.33: queue and history as one list of jobs, with filters, and cancelling (D20 to D25).

Errors are plain strings here, not the objects of POST /prompt.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from runs.comfyui.protocol import HistoryEntry, Job, JobStatus

from .http import Request, Response, json_answer
from .machine import Machine
from .queue import Ticket

MEDIA = ("images", "video", "audio", "3d")
SHOWN_TEXT = 1024


class BadQuery(Exception):
    """A query the jobs API refuses with 400; the words are the answer."""


def is_canonical(value: object) -> bool:
    """Whether it is a UUID in lower case with hyphens, of any version (D9)."""
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


def list_jobs(machine: Machine, request: Request) -> Response:
    """GET /api/jobs."""
    try:
        wanted = _statuses(request.query.get("status", ""))
        limit, offset = _limit(request.query.get("limit")), _offset(request.query.get("offset"))
        found = [job for job in _all(machine) if job.status in wanted]
        if workflow := request.query.get("workflow_id"):
            found = [job for job in found if job.workflow_id == workflow]
        _sort(found, request.query)
    except BadQuery as error:
        return json_answer({"error": str(error)}, 400)
    page = found[offset:] if limit is None else found[offset : offset + limit]
    more = limit is not None and offset + limit < len(found)
    place = {"offset": offset, "limit": limit, "total": len(found), "has_more": more}
    return json_answer({"jobs": [job.to_json() for job in page], "pagination": place})


def show_job(machine: Machine, request: Request, job_id: str) -> Response:
    """GET /api/jobs/{id}: a finished one with its outputs and its graph (D22)."""
    for ticket, status in _open(machine):
        if ticket.prompt_id == job_id:
            return json_answer(_open_job(ticket, status).to_json())
    entry = machine.queue.history.get(job_id)
    if entry is None:
        return json_answer({"error": "Job not found"}, 404)
    return json_answer(_ended_job(entry, whole=True).to_json())


def cancel_job(machine: Machine, request: Request, job_id: str) -> Response:
    """POST /api/jobs/{id}/cancel: takes a pending one out, asks a running one to stop (D23)."""
    return json_answer({"cancelled": _cancel(machine, job_id)})


def cancel_jobs(machine: Machine, request: Request) -> Response:
    """POST /api/jobs/cancel: all of a list or, if one id is malformed, none (D24)."""
    try:
        body = request.json()
    except ValueError:
        return json_answer({"error": "Request body must be valid JSON"}, 400)
    ids = body.get("job_ids") if isinstance(body, dict) else None
    if not isinstance(ids, list):
        return json_answer({"error": "job_ids must be a list"}, 400)
    if bad := [str(job_id) for job_id in ids if not is_canonical(job_id)]:
        return json_answer({"error": "job_ids contains invalid id(s)", "invalid_ids": bad}, 400)
    acted = [_cancel(machine, job_id) for job_id in ids]
    return json_answer({"cancelled": any(acted)})


def _cancel(machine: Machine, job_id: str) -> bool:
    return machine.queue.delete(job_id) or machine.interrupt(job_id)


def _open(machine: Machine) -> Iterator[tuple[Ticket, JobStatus]]:
    if machine.queue.running:
        yield machine.queue.running, JobStatus.IN_PROGRESS
    for ticket in machine.queue.pending:
        yield ticket, JobStatus.PENDING


def _all(machine: Machine) -> list[Job]:
    open_jobs = [_open_job(ticket, status) for ticket, status in _open(machine)]
    return open_jobs + [_ended_job(entry) for entry in machine.queue.history.values()]


def _open_job(ticket: Ticket, status: JobStatus) -> Job:
    return Job(
        id=ticket.prompt_id,
        status=status,
        priority=ticket.number,
        create_time=ticket.extra_data.get("create_time"),
        workflow_id=_workflow_id(ticket.extra_data),
    )


def _ended_job(entry: HistoryEntry, *, whole: bool = False) -> Job:
    item = entry.item
    shown = [media for _, media in _media(entry.outputs)]
    rest: dict[str, Any] = {}
    if whole:
        workflow = {"prompt": item.graph, "extra_data": item.extra_data}
        rest = {"outputs": entry.outputs, "execution_status": entry.status_to_json(), "workflow": workflow}
    return Job(
        id=item.prompt_id,
        status=_status(entry),
        priority=item.number,
        create_time=item.extra_data.get("create_time"),
        started_ms=entry.started_ms,
        ended_ms=entry.ended_ms,
        error=entry.failure,
        outputs_count=len(shown),
        previewable_outputs_count=len(shown),
        preview_output=_preview(entry.outputs),
        workflow_id=_workflow_id(item.extra_data),
        **rest,
    )


def _status(entry: HistoryEntry) -> JobStatus:
    if entry.completed:
        return JobStatus.COMPLETED
    return JobStatus.CANCELLED if entry.interrupted else JobStatus.FAILED


def _workflow_id(extra_data: Mapping[str, Any]) -> str | None:
    # With extra_pnginfo null, or a workflow that is no object, this breaks for all: so it is recorded (D13).
    found: str | None = extra_data.get("extra_pnginfo", {}).get("workflow", {}).get("id")
    return found


def _media(outputs: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every file among the outputs with its rank as a preview: saved ones first."""
    for node, result in outputs.items():
        for kind in MEDIA:
            for file in result.get(kind, ()):
                yield (0 if file.get("type") == "output" else 1), {**file, "nodeId": node, "mediaType": kind}


def _preview(outputs: Mapping[str, Any]) -> dict[str, Any] | None:
    ranked = sorted(_media(outputs), key=lambda pair: pair[0])
    if ranked:
        return ranked[0][1]
    for node, result in outputs.items():
        for text in result.get("text", ()):
            cut = {"content": text[:SHOWN_TEXT], "truncated": len(text) > SHOWN_TEXT}
            return cut | {"nodeId": node, "mediaType": "text"}
    return None


def _statuses(words: str) -> set[JobStatus]:
    names = [name.strip().lower() for name in words.split(",") if name.strip()]
    known = [status.value for status in JobStatus]
    if bad := [name for name in names if name not in known]:
        raise BadQuery(f"Invalid status value(s): {', '.join(bad)}. Valid values: {', '.join(known)}")
    return {JobStatus(name) for name in names or known}


def _limit(word: str | None) -> int | None:
    if word is None:
        return None
    limit = _whole(word, "limit")
    if limit <= 0:
        raise BadQuery("limit must be a positive integer")
    return limit


def _offset(word: str | None) -> int:
    return 0 if word is None else max(0, _whole(word, "offset"))


def _whole(word: str, name: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise BadQuery(f"{name} must be an integer") from None


def _sort(found: list[Job], query: Mapping[str, str]) -> None:
    by, order = query.get("sort_by", "created_at"), query.get("sort_order", "desc")
    if by not in ("created_at", "execution_duration"):
        raise BadQuery("sort_by must be 'created_at' or 'execution_duration'")
    if order not in ("asc", "desc"):
        raise BadQuery("sort_order must be 'asc' or 'desc'")
    # Newest first even within one millisecond: reversing beforehand keeps equal ones in that order.
    if order == "desc":
        found.reverse()
    found.sort(key=_age if by == "created_at" else _duration, reverse=order == "desc")


def _age(job: Job) -> int:
    return job.create_time or 0


def _duration(job: Job) -> int:
    return (job.ended_ms or 0) - (job.started_ms or 0)
