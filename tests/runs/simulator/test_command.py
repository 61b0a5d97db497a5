"""`manage.py run_simulator`, as a process of its own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def running() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A simulator on a free port, ended if the test does not end it."""
    options = ["--port", "0", "--dialect", "0.3.64", "--seconds-per-step", "0.01", "--faults"]
    models = ["--checkpoint", "mine.safetensors", "other.safetensors"]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_simulator", *options, *models],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line + process.communicate()[1]
    yield process, found[0]
    process.kill()
    process.communicate()


def test_it_serves_as_it_was_told_and_ends_cleanly(running: tuple[subprocess.Popen[str], str]) -> None:
    process, url = running
    assert httpx.get(f"{url}/system_stats").json()["system"]["comfyui_version"] == "0.3.64"
    assert httpx.get(f"{url}/models/checkpoints").json() == ["mine.safetensors", "other.safetensors"]
    assert httpx.post(f"{url}/simulator/faults", json={"fault": "go_silent"}).status_code == 200
    _, _, port = url.rpartition(":")
    second = subprocess.run(
        [sys.executable, "manage.py", "run_simulator", "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (second.returncode, "Traceback" in second.stderr) == (1, False)
    assert f"port {port}: another program does" in second.stderr
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_ctrl_c_ends_it_with_0(running: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = running
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_a_port_that_is_none_is_told_in_a_sentence() -> None:
    words = [sys.executable, "manage.py", "run_simulator", "--port", "99999"]
    refused = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "--port is a number from 0 to 65535" in refused.stderr
