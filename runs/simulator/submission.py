"""POST /prompt: from a body to a place in the queue, by the rules of both dialects (facts 5, 39, 42; D9 to D12)."""

from __future__ import annotations

import time
import uuid
from typing import Any

from runs.comfyui.protocol import PromptAccepted, PromptRefusal, Refusal

from .http import Request, Response, crashed, json_answer
from .jobs import is_canonical
from .machine import Machine, Moment
from .queue import SECRETS, Ticket
from .validation import NATURAL, GraphCrash, Verdict, validate

_BAD_ID = Refusal(
    "invalid_prompt_id",
    "prompt_id must be a valid UUID",
    "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one",
)
_NO_PROMPT = Refusal("no_prompt", "No prompt provided", "No prompt provided")


class AnswerLost(Exception):
    """The prompt is queued, and the answer must not arrive."""


def submit(machine: Machine, request: Request) -> Response:
    """Queue a prompt. Raises AnswerLost when a fault says so."""
    try:
        body = request.json()
        number = _number(machine, body)
        if "prompt" not in body:
            return _refused(_NO_PROMPT)
        prompt_id = _prompt_id(machine, body)
        if prompt_id is None:
            return _refused(_BAD_ID)
        verdict = validate(
            body["prompt"], body.get("partial_execution_targets"), machine.library, machine.files
        )
        if verdict.refusal is not None:
            return json_answer(PromptRefusal(verdict.refusal, verdict.node_errors).to_json(), 400)
        ticket = Ticket(
            number, prompt_id, body["prompt"], _extra_data(machine, request, body), verdict.outputs
        )
        machine.queue.put(ticket)
    except (GraphCrash, *NATURAL):
        return crashed()
    return _accept(machine, ticket, verdict)


def _accept(machine: Machine, ticket: Ticket, verdict: Verdict) -> Response:
    machine.note(Moment.ACCEPTED, ticket)
    if machine.faults.lose_answers:
        machine.faults.lose_answers -= 1
        raise AnswerLost
    return json_answer(PromptAccepted(ticket.prompt_id, ticket.number, verdict.node_errors).to_json())


def _refused(refusal: Refusal) -> Response:
    return json_answer(PromptRefusal(refusal).to_json(), 400)


def _number(machine: Machine, body: Any) -> float:
    """A given number counts; else the counter, negative for `front`. The counter also rises for refused prompts."""
    if "number" in body:
        return float(body["number"])
    number = machine.number
    machine.number += 1
    return -number if isinstance(body, dict) and body.get("front") else number


def _prompt_id(machine: Machine, body: Any) -> str | None:
    """The given id or a new one; None for one that the newer server refuses (D9)."""
    if not machine.newer:
        return str(body.get("prompt_id", uuid.uuid4()))
    given = body.get("prompt_id")
    if given is None:
        return str(uuid.uuid4())
    return given if is_canonical(given) else None


def _extra_data(machine: Machine, request: Request, body: Any) -> Any:
    """What is kept beside the graph; the newer server takes an object only and adds the time (D10 to D12)."""
    extra = body.get("extra_data", {})
    if machine.newer:
        extra = dict(extra.items())
    if "client_id" in body:
        extra["client_id"] = body["client_id"]
    if machine.newer:
        for secret in SECRETS:
            extra.pop(secret, None)
        if (source := request.headers.get("comfy-usage-source")) and "comfy_usage_source" not in extra:
            extra["comfy_usage_source"] = source
        extra["create_time"] = int(time.time() * 1000)
    return extra
