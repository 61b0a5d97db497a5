"""Settings under which messages or work would get lost are refused before anything starts, with what to do."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from runs import checks, signing
from tests.runs.composition.test_sign import chain

ONE_PROCESS = {
    "ENGINE": "embedded",
    "POSTGRES": False,
    "REDIS_URL": "",
    "WEB_PROCESSES": 1,
    "COMFYUI_URLS": [],
    "TEST_MODE": "auto",
}
SEVERAL = {
    "ENGINE": "workers",
    "POSTGRES": True,
    "REDIS_URL": "redis://redis/0",
    "WEB_PROCESSES": 4,
    "COMFYUI_URLS": ["http://gpu-1:8188"],
    "TEST_MODE": "auto",
}


def refusals(settings: Any, knobs: dict[str, Any]) -> list[str]:
    for name, value in knobs.items():
        setattr(settings, name, value)
    return [fault.msg for fault in checks.nothing_gets_lost()]


@pytest.mark.parametrize(
    "knobs",
    [
        ONE_PROCESS,
        {**ONE_PROCESS, "REDIS_URL": "redis://redis/0"},
        SEVERAL,
        {**SEVERAL, "COMFYUI_URLS": [], "TEST_MODE": "off"},
        {**SEVERAL, "TEST_MODE": "on"},
    ],
)
def test_what_loses_nothing_may_start(settings: Any, knobs: dict[str, Any]) -> None:
    assert refusals(settings, knobs) == []


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({**ONE_PROCESS, "POSTGRES": True}, "With PostgreSQL leave ENGINE out"),
        ({**ONE_PROCESS, "WEB_PROCESSES": 2}, "the studio in one process is one. Set DATABASE_URL"),
        ({**SEVERAL, "POSTGRES": False}, "set DATABASE_URL to PostgreSQL"),
        ({**SEVERAL, "REDIS_URL": ""}, "ENGINE=workers needs REDIS_URL"),
        ({**SEVERAL, "COMFYUI_URLS": []}, "Name the GPU servers in COMFYUI_URLS, or set TEST_MODE"),
        (
            {**SEVERAL, "COMFYUI_URLS": [], "TEST_MODE": "on"},
            "needs the address of `manage.py run_simulator`",
        ),
    ],
)
def test_what_would_lose_something_is_refused(settings: Any, knobs: dict[str, Any], words: str) -> None:
    (said,) = refusals(settings, knobs)
    assert words in said


def test_every_command_is_held_up_by_a_refusal(db: None, settings: Any) -> None:
    refusals(settings, {**ONE_PROCESS, "WEB_PROCESSES": 2})
    with pytest.raises(SystemCheckError, match="WEB_CONCURRENCY is over 1"):
        call_command("check")


def test_a_worker_beside_sqlite_is_refused(settings: Any) -> None:
    settings.ENGINE = "embedded"
    with pytest.raises(CommandError, match="Set DATABASE_URL to a PostgreSQL database"):
        call_command("run_worker")


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("certificate", "", "Set both, or neither."),
        ("", "key", "Set both, or neither."),
        ("certificate", "key", "the key cannot be read. Give it as PEM, without a password."),
    ],
)
def test_a_studio_that_could_not_sign_does_not_start(
    settings: Any, certificate: str, key: str, words: str
) -> None:
    knobs = {**ONE_PROCESS, "C2PA_CERT": certificate, "C2PA_KEY": key}
    (refusal,) = refusals(settings, knobs)
    assert refusal.endswith(words)


def test_a_studio_that_can_sign_starts(settings: Any) -> None:
    mine, _ = chain()
    knobs = {"C2PA_CERT": mine.certificates, "C2PA_KEY": mine.key}
    assert refusals(settings, {**ONE_PROCESS, **knobs}) == []
    assert signing.credentials() == mine


def test_nothing_is_signed_unless_that_is_wanted(settings: Any) -> None:
    assert (settings.C2PA_CERT, settings.C2PA_KEY, signing.credentials()) == ("", "", None)
