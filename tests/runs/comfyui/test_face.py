"""The face of the library holds still, and the library stands alone."""

import ast
from pathlib import Path

import runs.comfyui as comfyui

FACE = [
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


def test_the_face_holds_still() -> None:
    assert sorted(comfyui.__all__) == sorted(FACE)
    assert all(hasattr(comfyui, name) for name in FACE)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module)):
                found.add(module)
    return found


def test_the_library_imports_nothing_of_the_project_and_no_django() -> None:
    files = list(Path(comfyui.__file__).parent.glob("*.py"))
    assert files
    for path in files:
        strangers = {
            name for name in imports(path) if name.split(".")[0] in ("django", "accounts", "studio", "adgen")
        }
        inside = {
            name for name in imports(path) if name.startswith("runs") and not name.startswith("runs.comfyui")
        }
        assert strangers | inside == set(), path.name


def test_the_wire_needs_neither_httpx_nor_websockets() -> None:
    wire = (
        "protocol",
        "frames",
        "binary",
        "events",
        "prompts",
        "prompt_queue",
        "jobs",
        "files",
        "server_facts",
    )
    folder = Path(comfyui.__file__).parent
    for name in wire:
        assert imports(folder / f"{name}.py").isdisjoint({"httpx", "websockets", "asyncio"}), name
