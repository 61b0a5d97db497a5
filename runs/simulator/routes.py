"""The routes of the simulator and what each answers; both dialects, with and without /api (fact 54)."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from runs.comfyui.protocol import Device, SystemStats

from . import disk_routes, jobs
from .http import Request, Response, crashed, empty, json_answer, not_allowed, not_found
from .machine import Machine
from .submission import submit

type Handler = Callable[..., Response]

MEMORY = 8 * 2**30
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulator</title>
<p>This is AdGen Studio's simulator. It speaks ComfyUI's protocol and paints pictures without a GPU.</p></html>"""
_FOLDERS = (
    "checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "style_models",
    "embeddings", "diffusers", "vae_approx", "controlnet", "gligen", "upscale_models", "custom_nodes",
    "hypernetworks", "photomaker", "classifiers", "model_patches", "audio_encoders",
)  # fmt: skip
_ASSETS_OFF = {
    "code": "SERVICE_DISABLED",
    "message": "Assets system is disabled. Start the server with --enable-assets to use this feature.",
    "details": {},
}


@dataclass(frozen=True, slots=True)
class _Route:
    """A path, its method and its handler; `newer` routes are not there in 0.3.64."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    newer: bool = False


def answer(machine: Machine, request: Request) -> Response:
    """What the server says to a request that got past the checks of app.py."""
    methods: set[str] = set()
    for path in _meanings(request.path):
        for route in _ROUTES:
            match = route.pattern.fullmatch(path)
            if match is None or (route.newer and not machine.newer):
                continue
            if _same(request.method, route.method):
                return _run(
                    route, machine, request, {key: unquote(value) for key, value in match.groupdict().items()}
                )
            methods.add(route.method)
    if request.method == "OPTIONS":
        return empty()
    # A file handler stands behind all routes: it takes GET and HEAD of every path, and finds nothing.
    return not_found() if request.method in ("GET", "HEAD") else not_allowed(methods)


def _same(method: str, wanted: str) -> bool:
    return method == wanted or (method == "HEAD" and wanted == "GET")


def _meanings(path: str) -> list[str]:
    """The path as it is and, since each route exists with /api too, without it."""
    return [path, path.removeprefix("/api")] if path.startswith("/api/") else [path]


def _run(route: _Route, machine: Machine, request: Request, names: Mapping[str, str]) -> Response:
    try:
        return route.handler(machine, request, **names)
    except (KeyError, TypeError, AttributeError, ValueError, OSError):
        return crashed()


def _queue(machine: Machine, request: Request) -> Response:
    return json_answer(machine.queue.shown())


def _change_queue(machine: Machine, request: Request) -> Response:
    body = request.json()
    if body.get("clear"):
        machine.queue.clear()
    if "delete" in body:
        for prompt_id in body["delete"]:
            machine.queue.delete(prompt_id)
    return empty()


def _remaining(machine: Machine, request: Request) -> Response:
    return json_answer({"exec_info": {"queue_remaining": machine.queue.remaining}})


def _history(machine: Machine, request: Request) -> Response:
    most = request.query.get("max_items")
    offset = int(request.query.get("offset", -1))
    return json_answer(machine.queue.part_of_history(None if most is None else int(most), offset))


def _history_of(machine: Machine, request: Request, prompt_id: str) -> Response:
    entry = machine.queue.history.get(prompt_id)
    return json_answer({prompt_id: entry.to_json()} if entry else {})


def _change_history(machine: Machine, request: Request) -> Response:
    body = request.json()
    if body.get("clear"):
        machine.queue.history.clear()
    if "delete" in body:
        for prompt_id in body["delete"]:
            machine.queue.history.pop(prompt_id, None)
    return empty()


def _interrupt(machine: Machine, request: Request) -> Response:
    try:
        body = request.json()
    except ValueError:
        body = {}
    machine.interrupt(body.get("prompt_id"))
    return empty()


def _free(machine: Machine, request: Request) -> Response:
    body = request.json()
    if body.get("unload_models"):
        machine.loaded.clear()
    if body.get("free_memory"):
        machine.cache.clear()
    return empty()


def _object_info(machine: Machine, request: Request, name: str | None = None) -> Response:
    return json_answer(machine.library.object_info(name))


def _models(machine: Machine, request: Request) -> Response:
    return json_answer(list(_FOLDERS))


def _models_in(machine: Machine, request: Request, folder: str) -> Response:
    return json_answer(machine.library.names(folder)) if folder in _FOLDERS else empty(404)


def _model_folders(machine: Machine, request: Request) -> Response:
    """GET /experiment/models: where each kind of model lies; the newer server adds the endings it takes (D37)."""
    more = {"extensions": [".ckpt", ".pt", ".safetensors"]} if machine.newer else {}
    return json_answer(
        [{"name": folder, "folders": [f"/simulator/models/{folder}"], **more} for folder in _FOLDERS]
    )


def _features(machine: Machine, request: Request) -> Response:
    return json_answer(machine.features())


def _system_stats(machine: Machine, request: Request) -> Response:
    return json_answer(system_stats(machine).to_json())


def system_stats(machine: Machine) -> SystemStats:
    """What the simulator says of itself; `simulated` is the mark by which a client knows it."""
    system: dict[str, Any] = {
        "os": "linux" if machine.newer else "posix",
        "ram_total": MEMORY,
        "ram_free": MEMORY // 2,
        "required_frontend_version": "1.49.6" if machine.newer else "1.27.10",
        "installed_templates_version": "0.11.44" if machine.newer else "0.1.95",
        "required_templates_version": "0.11.44" if machine.newer else "0.1.95",
        "python_version": platform.python_version() + " " + sys.version.partition(" ")[2],
        "pytorch_version": "none",
        "embedded_python": False,
        "argv": ["simulator"],
    }
    if machine.newer:
        system |= {"comfy_package_versions": [], "deploy_environment": "local-git"}
    device = Device("simulator", "cpu", MEMORY, MEMORY // 2)
    return SystemStats(machine.version, (device,), simulated=True, system=system)


def _fixed(value: Any, status: int = 200) -> Handler:
    return lambda machine, request, **names: json_answer(value, status)


def _page(machine: Machine, request: Request) -> Response:
    return Response(200, PAGE, {"Content-Type": "text/html", "Cache-Control": "no-cache"})


def _no_upgrade(machine: Machine, request: Request) -> Response:
    words = b'No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".'
    return Response(400, words, {"Content-Type": "text/plain; charset=utf-8"})


def _path(words: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", words))


_GET: dict[str, Handler] = {
    "/": _page,
    "/ws": _no_upgrade,
    "/prompt": _remaining,
    "/queue": _queue,
    "/history": _history,
    "/history/{prompt_id}": _history_of,
    "/object_info": _object_info,
    "/object_info/{name}": _object_info,
    "/models": _models,
    "/models/{folder}": _models_in,
    "/experiment/models": _model_folders,
    "/embeddings": _fixed([]),
    "/extensions": _fixed([]),
    "/features": _features,
    "/system_stats": _system_stats,
    "/users": _fixed({"storage": "server", "migrated": True}),
    "/settings": _fixed({}),
    "/i18n": _fixed({}),
    "/workflow_templates": _fixed({}),
    "/view": disk_routes.view,
}
_POST: dict[str, Handler] = {
    "/prompt": submit,
    "/queue": _change_queue,
    "/history": _change_history,
    "/interrupt": _interrupt,
    "/free": _free,
    "/upload/image": disk_routes.upload_image,
    "/upload/mask": disk_routes.upload_mask,
}
_NEWER: dict[tuple[str, str], Handler] = {
    ("GET", "/node_replacements"): _fixed({}),
    ("GET", "/global_subgraphs"): _fixed({}),
    ("POST", "/api/jobs/cancel"): jobs.cancel_jobs,
    ("GET", "/api/jobs"): jobs.list_jobs,
    ("GET", "/api/jobs/{job_id}"): jobs.show_job,
    ("POST", "/api/jobs/{job_id}/cancel"): jobs.cancel_job,
    ("GET", "/api/assets"): _fixed({"error": _ASSETS_OFF}, 503),
    ("POST", "/api/assets"): _fixed({"error": _ASSETS_OFF}, 503),
    ("GET", "/api/assets/{asset}"): _fixed({"error": _ASSETS_OFF}, 503),
    ("HEAD", "/api/assets/hash/{digest}"): _fixed({"error": _ASSETS_OFF}, 503),
    ("GET", "/api/tags"): _fixed({"error": _ASSETS_OFF}, 503),
}
_ROUTES = [
    *(_Route("GET", _path(path), handler) for path, handler in _GET.items()),
    *(_Route("POST", _path(path), handler) for path, handler in _POST.items()),
    *(_Route(method, _path(path), handler, newer=True) for (method, path), handler in _NEWER.items()),
]
