"""`manage.py studio` as a process: what keeps it from starting is one sentence, and disturbs nobody who is there."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio import serving
from tests.browser.processes import ROOT, Studio, free_port

EACH_SERVER = ["uvicorn", pytest.param("daphne", marks=pytest.mark.thorough)]


@pytest.fixture(scope="module")
def running(ground: Path, static_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("first")
    shutil.copytree(ground, folder, dirs_exist_ok=True)
    studio = Studio(folder, static_files).start()
    yield studio
    studio.stop()


def start(environment: dict[str, str], **knobs: Any) -> subprocess.CompletedProcess[str]:
    """A second one, which must not stay."""
    own = environment | {name: str(value) for name, value in knobs.items()}
    command = [sys.executable, str(ROOT / "manage.py"), "studio", "--welcome", "owner@studio.example"]
    return subprocess.run(command, env=own, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_port_that_is_taken_is_told_before_anything_is_started() -> None:
    with serving.listen("127.0.0.1", free_port()) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serving.PortTaken) as refusal:
            serving.listen("127.0.0.1", port)
    assert str(refusal.value).startswith(f"127.0.0.1:{port} is in use")
    assert str(refusal.value).endswith(f"PORT={port + 1}.")


def test_a_port_that_was_just_left_is_free() -> None:
    """A studio that is started again at once must not wait for the system to forget its old sockets."""
    port = free_port()
    for _ in range(2):
        with serving.listen("127.0.0.1", port) as sock:
            assert sock.getsockname()[1] == port


@pytest.mark.parametrize("server", EACH_SERVER)
def test_a_studio_on_a_taken_port_says_one_sentence(running: Studio, tmp_path: Path, server: str) -> None:
    done = start(running.environment, VAR_DIR=tmp_path, SERVER=server)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert f"127.0.0.1:{running.port} is in use" in line


@pytest.mark.parametrize("server", EACH_SERVER)
def test_a_second_studio_on_the_same_folder_says_one_sentence_and_spoils_nothing(
    running: Studio, server: str
) -> None:
    secret = {"Authorization": f"Bearer {printed_token(running)}"}
    done = start(running.environment, PORT=free_port(), SERVER=server)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert f"A studio already runs on {running.folder}" in line and "VAR_DIR" in line
    assert httpx.get(f"{running.url}/health/ready", timeout=60).status_code == 200
    answer = httpx.get(f"{running.url}/api/v1/runs/00000000-0000-4000-8000-000000000000", headers=secret)
    assert answer.status_code == 404  # 401 if the first one's token had been replaced


def test_the_command_that_is_printed_makes_a_link_to_this_studio(running: Studio) -> None:
    command = running.words.split("A new link at any time:")[1].splitlines()[0]
    bare = {"PATH": os.environ["PATH"], "SECRET_KEY": running.environment["SECRET_KEY"]}
    done = subprocess.run(command, shell=True, env=bare, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith(f"{running.url}/accounts/link/"), done.stderr


def printed_token(studio: Studio) -> str:
    return studio.words.split("Bearer ")[1].split("'")[0]


def test_a_studio_without_its_tables_says_how_to_get_them(tmp_path: Path, running: Studio) -> None:
    done = start(running.environment, VAR_DIR=tmp_path, PORT=free_port())
    sentence = "The database is not up to date. Run `make setup` (or `manage.py migrate`)."
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().removeprefix("CommandError: ") == sentence


@pytest.mark.thorough
def test_a_studio_that_is_told_to_end_says_so_first(ground: Path, static_files: Path, tmp_path: Path) -> None:
    shutil.copytree(ground, tmp_path, dirs_exist_ok=True)
    studio = Studio(tmp_path, static_files, DRAIN_SECONDS=5, LOG_FORMAT="json").start()
    os.kill(studio.pid, signal.SIGTERM)
    while (answer := httpx.get(f"{studio.url}/health/ready", timeout=60)).status_code == 200:
        time.sleep(0.05)
    assert (answer.status_code, answer.json()) == (503, {"status": "draining"})
    assert httpx.get(f"{studio.url}/accounts/login/", timeout=60).status_code == 200
    assert studio.stop() == 0  # the second signal does not wait
