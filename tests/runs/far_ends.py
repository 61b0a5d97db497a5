"""What may answer at an address that is typed into the admin, and how it is typed."""

from http.server import BaseHTTPRequestHandler
from json import dumps
from typing import Any, ClassVar

from django.test import Client
from django.urls import reverse

from runs.comfyui import TEXT_TO_IMAGE
from runs.models import Server

from .admin_pages import page


class FarEnd(BaseHTTPRequestHandler):
    """Answers every path with a web page, but for those it was given."""

    asked: ClassVar[list[str]] = []
    heard: ClassVar[list[dict[str, str]]] = []
    known: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization", ""))
        self.heard.append(dict(self.headers))
        body = self.known.get(self.path.partition("?")[0])
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if body is None else "application/json")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A router</title>" if body is None else dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        """Not into the tests' output."""


def as_comfy(prefix: str = "") -> dict[str, Any]:
    """What a ComfyUI with two models answers to a probe, at these paths."""
    loader = {"ckpt_name": [["base.safetensors", "turbo.safetensors"]]}
    node = {"name": "CheckpointLoaderSimple", "input": {"required": loader}, "output": []}
    answers: dict[str, Any] = {
        "/system_stats": {"system": {"comfyui_version": "0.33.1"}, "devices": []},
        "/api/jobs": {"jobs": []},
        "/queue": {"queue_running": [], "queue_pending": []},
    }
    for name in TEXT_TO_IMAGE.node_classes:
        answers[f"/object_info/{name}"] = {name: node | {"name": name}}
    return {f"{prefix}{path}": answer for path, answer in answers.items()}


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "gpu-7",
        "url": "http://gpu-7.test",
        "token": "",
        "enabled": "on",
        "seats": "2",
        **changes,
    }


def add(client: Client, **changes: Any) -> Any:
    return client.post(reverse("admin:runs_server_add"), fields(**changes), follow=True)


def change(client: Client, server: Server, **changes: Any) -> Any:
    data = fields(name=server.name, url=server.url, **changes)
    answer = client.post(page("server", server), data, follow=True)
    server.refresh_from_db()
    return answer


def faults(answer: Any) -> dict[str, list[str]]:
    form = answer.context["adminform"].form
    return {name: list(words) for name, words in form.errors.items()}
