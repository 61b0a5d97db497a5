"""ComfyUI's wire protocol for both sides: frames, HTTP shapes, routes. Client and simulator come in here.

No I/O happens here, and nothing here knows which side it serves. Facts and D-numbers are those of
docs/comfyui-protocol.md.
"""

from enum import StrEnum
from urllib.parse import quote

from runs.comfyui.binary import decode_binary
from runs.comfyui.errors import ProtocolViolation, UnsafeName
from runs.comfyui.files import ImageRef, Uploaded, images_of
from runs.comfyui.frames import decode_message, decode_text, encode, encode_message
from runs.comfyui.jobs import Job, JobStatus
from runs.comfyui.prompt_queue import HistoryEntry, Outcome, Queue, QueueItem, parse_history
from runs.comfyui.prompts import (
    NodeError,
    PromptAccepted,
    PromptRefusal,
    PromptRequest,
    Refusal,
    choices_of,
    node_errors_to_json,
)
from runs.comfyui.server_facts import Device, NodeInfo, SystemStats, parse_object_info

__all__ = [
    "Device",
    "Dialect",
    "HistoryEntry",
    "ImageRef",
    "Job",
    "JobStatus",
    "NodeError",
    "NodeInfo",
    "Outcome",
    "PromptAccepted",
    "PromptRefusal",
    "PromptRequest",
    "ProtocolViolation",
    "Queue",
    "QueueItem",
    "Refusal",
    "Route",
    "SystemStats",
    "UnsafeName",
    "Uploaded",
    "choices_of",
    "decode_binary",
    "decode_message",
    "decode_text",
    "encode",
    "encode_message",
    "history_path",
    "images_of",
    "job_cancel_path",
    "job_path",
    "node_errors_to_json",
    "object_info_path",
    "parse_history",
    "parse_object_info",
]


class Dialect(StrEnum):
    """The two recorded ways of speaking; what tells them apart is the jobs API (protocol 0.33, section 9)."""

    V0_3_64 = "0.3.64"
    V0_33 = "0.33"


class Route(StrEnum):
    """Paths on the server. All exist with and without /api, but the jobs only with it (fact 54, D20)."""

    WEBSOCKET = "/ws"
    PROMPT = "/prompt"
    QUEUE = "/queue"
    HISTORY = "/history"
    INTERRUPT = "/interrupt"
    FREE = "/free"
    VIEW = "/view"
    UPLOAD_IMAGE = "/upload/image"
    OBJECT_INFO = "/object_info"
    SYSTEM_STATS = "/system_stats"
    FEATURES = "/features"
    JOBS = "/api/jobs"
    JOBS_CANCEL = "/api/jobs/cancel"


def history_path(prompt_id: str) -> str:
    """The history entry of one prompt."""
    return f"{Route.HISTORY}/{quote(prompt_id, safe='')}"


def object_info_path(node_class: str) -> str:
    """The description of one node class."""
    return f"{Route.OBJECT_INFO}/{quote(node_class, safe='')}"


def job_path(prompt_id: str) -> str:
    """One job."""
    return f"{Route.JOBS}/{quote(prompt_id, safe='')}"


def job_cancel_path(prompt_id: str) -> str:
    """Where one job is cancelled by POST, be it waiting or running (D23)."""
    return f"{job_path(prompt_id)}/cancel"
