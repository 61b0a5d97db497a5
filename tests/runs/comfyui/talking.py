"""What the tests of the client share: a far end with a script, and the answers servers give."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from runs.comfyui import Comfy, Endpoint, Timeouts
from runs.comfyui.protocol import HistoryEntry, Outcome, QueueItem

from .far_end import NEW, OLD, FarEnd, Reply, Script

ID, OTHER = str(uuid4()), str(uuid4())
GRAPH = {"1": {"class_type": "LabSleep", "inputs": {"seconds": 1}}}
FAULT = Reply(
    500, body=b"500 Internal Server Error\n\nServer got itself in trouble", content_type="text/plain"
)
ACCEPTED = Reply(json={"prompt_id": ID, "number": 3, "node_errors": {}})
JOB, CANCEL = f"GET /api/jobs/{ID}", f"POST /api/jobs/{ID}/cancel"
UNKNOWN_JOB = Reply(404, json={"error": "Job not found"})
IMAGES = {"7": {"images": [{"filename": "a.png", "subfolder": "", "type": "temp"}]}}
PATIENT = Timeouts(connect=10, answer=10, whole=10)

both_dialects = pytest.mark.parametrize("dialect", [OLD, NEW], ids=["0.3.64", "0.33"])


@asynccontextmanager
async def talk(
    *scripts: Mapping[str, Script], timeouts: Timeouts = PATIENT, headers: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Comfy, FarEnd]]:
    script = {route: answer for part in scripts for route, answer in part.items()}
    async with FarEnd(script) as far, Comfy(Endpoint(far.url, headers or {}), timeouts) as comfy:
        yield comfy, far


def queue(running: list[str] | None = None, pending: list[str] | None = None) -> Reply:
    ids = ((running or []), (pending or []))
    items = [[[number, name, {}, {}, []] for number, name in enumerate(names)] for names in ids]
    return Reply(json={"queue_running": items[0], "queue_pending": items[1]})


def entry(outcome: Outcome, *messages: list[Any]) -> Reply:
    body = HistoryEntry(QueueItem(0, ID), IMAGES, outcome).to_json()
    body["status"]["messages"] = list(messages)
    return Reply(json={ID: body})


def job(status: str, **fields: Any) -> Reply:
    return Reply(json={"id": ID, "status": status} | fields)


async def submit(comfy: Comfy, **changes: Any) -> Any:
    return await comfy.submit(**({"graph": GRAPH, "prompt_id": ID, "client_id": "c"} | changes))
