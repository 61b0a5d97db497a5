"""Refuses settings that would lose work, before anything starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from runs import signing
from runs.comfyui.endpoint import Endpoint
from runs.comfyui.errors import BadAddress


@register()
def nothing_gets_lost(**_: Any) -> list[CheckMessage]:
    """Several processes need a database, a channel layer and servers that they share."""
    faults = _of_workers() if settings.ENGINE == "workers" else _of_one_process()
    faults += _of_servers()
    faults += [("E008", words)] if (words := signing.fault()) else []
    return [Error(words, id=f"runs.{number}") for number, words in faults]


def _of_servers() -> list[tuple[str, str]]:
    faults = []
    for url in settings.COMFYUI_URLS:
        try:
            Endpoint(url, {}, settings.COMFYUI_CA or None).ssl_context()
        except BadAddress as fault:
            faults.append(("E007", f"COMFYUI_URLS or COMFYUI_CA is wrong. {fault}"))
    return faults


def _of_workers() -> list[tuple[str, str]]:
    faults = []
    if not settings.POSTGRES:
        words = "ENGINE=workers needs a database that several processes can share: set DATABASE_URL to PostgreSQL."
        faults.append(("E001", words))
    if not settings.REDIS_URL:
        words = "ENGINE=workers needs REDIS_URL: without it pages never hear of what the workers do."
        faults.append(("E002", words))
    if settings.TEST_MODE == "auto" and not settings.COMFYUI_URLS:
        words = (
            "ENGINE=workers starts no simulator of its own. Name the GPU servers in COMFYUI_URLS, or set TEST_MODE: "
            "off when they are in the admin, on with the address of `manage.py run_simulator` in COMFYUI_URLS."
        )
        faults.append(("E003", words))
    if settings.TEST_MODE == "on" and not settings.COMFYUI_URLS:
        words = (
            "TEST_MODE=on with ENGINE=workers needs the address of `manage.py run_simulator` in COMFYUI_URLS."
        )
        faults.append(("E004", words))
    return faults


def _of_one_process() -> list[tuple[str, str]]:
    faults = []
    if settings.POSTGRES:
        words = "ENGINE=embedded is the studio in one process, on SQLite. With PostgreSQL leave ENGINE out."
        faults.append(("E005", words))
    if settings.WEB_PROCESSES > 1:
        words = "WEB_CONCURRENCY is over 1: the studio in one process is one. Set DATABASE_URL and REDIS_URL for more."
        faults.append(("E006", words))
    return faults
