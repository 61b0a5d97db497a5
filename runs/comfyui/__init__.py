"""A ComfyUI client as a library of its own: asyncio, httpx, websockets, no Django. This is its whole face."""

from runs.comfyui.client import Comfy
from runs.comfyui.endpoint import Endpoint, Timeouts
from runs.comfyui.errors import (
    AccessRefused,
    BadAddress,
    BadOutput,
    BadWorkflow,
    ComfyError,
    MissingModel,
    MissingNode,
    MissingParameter,
    NotComfyUI,
    OutputMissing,
    OversizedAnswer,
    PromptRefused,
    ProtocolViolation,
    ServerFault,
    ServerTimeout,
    ServerUnreachable,
    TooLarge,
    UnknownParameter,
    UnsafeName,
    UnsupportedVersion,
)
from runs.comfyui.events import Event
from runs.comfyui.graph import GraphBuilder, Weights
from runs.comfyui.probing import ServerInfo
from runs.comfyui.prompt_state import (
    Absent,
    Completed,
    Errored,
    PromptState,
    Running,
    Waiting,
    WasInterrupted,
)
from runs.comfyui.protocol import Dialect, ImageRef, NodeInfo, PromptAccepted, Queue
from runs.comfyui.workflow import TEXT_TO_IMAGE, Workflow

__all__ = [
    "TEXT_TO_IMAGE",
    "Absent",
    "AccessRefused",
    "BadAddress",
    "BadOutput",
    "BadWorkflow",
    "Comfy",
    "ComfyError",
    "Completed",
    "Dialect",
    "Endpoint",
    "Errored",
    "Event",
    "GraphBuilder",
    "ImageRef",
    "MissingModel",
    "MissingNode",
    "MissingParameter",
    "NodeInfo",
    "NotComfyUI",
    "OutputMissing",
    "OversizedAnswer",
    "PromptAccepted",
    "PromptRefused",
    "PromptState",
    "ProtocolViolation",
    "Queue",
    "Running",
    "ServerFault",
    "ServerInfo",
    "ServerTimeout",
    "ServerUnreachable",
    "Timeouts",
    "TooLarge",
    "UnknownParameter",
    "UnsafeName",
    "UnsupportedVersion",
    "Waiting",
    "WasInterrupted",
    "Weights",
    "Workflow",
]
