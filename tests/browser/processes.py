"""A studio and a simulator as processes of their own, as people run them.

The browser tests drive them; scripts/screenshots.py takes its pictures of them.
"""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
MANAGE = ROOT / "manage.py"
PATIENCE = 90.0  # seconds: a machine that runs all tests at once is slow
OWNER = "owner@studio.example"
ORDER = {
    "name": "Iced tea",
    "products": [{"name": "Bottle", "description": "a slim glass bottle of iced tea"}],
    "messages": [{"headline": "Cold as the lake", "line": "Brewed by hand.", "button": "Taste it"}],
    "looks": [{"name": "Warm podium", "words": "on a podium", "palette": ["#f6c9a8", "#e8825b"]}],
    "formats": ["meta_feed_square", "meta_story"],
    "picture": {"pixels": 65536},
}
# Nothing else of the environment may reach them: a COMFYUI_URLS of the machine would put the run on a real GPU.
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


class NotStarted(Exception):
    """The process ended, or did not say what was waited for; the words are its last ones."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Process:
    """`manage.py` with these arguments, its words in a file."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], log: Path, program: Path = MANAGE
    ) -> None:
        self._log = log
        command = [sys.executable, str(program), *arguments]
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def words(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, pattern: str) -> str:
        """The first group of the pattern in its words, as soon as it is there."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if found := re.search(pattern, self.words):
                return found[1]
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise NotStarted(self.words[-3000:])

    def stop(self, patience: float = PATIENCE) -> int:
        """Ask it to end; its exit code. Raises TimeoutExpired where it has to be killed."""
        self._process.terminate()
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise


class Studio:
    """A throw-away studio with the demo workspace: own folder, own port; `static` holds its collected files."""

    def __init__(self, folder: Path, static: Path, **knobs: Any) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        own = {"VAR_DIR": folder, "STATIC_ROOT": static, "HOST": "127.0.0.1", "PORT": self.port}
        self.environment = environment(own | {"SECRET_KEY": "a-key-for-one-test-" + "x" * 40} | knobs)
        self.link = ""
        self._process: Process | None = None

    def set_up(self) -> Self:
        self.manage("migrate", "--no-input", "--verbosity", "0")
        self.manage("demo")
        return self

    def start(self) -> Self:
        """Return when it is ready for work; `link` is the sign-in link it printed."""
        arguments = ["studio", "--welcome", OWNER]
        self._process = Process(arguments, self.environment, self.folder / "studio.log")
        self.link = self._process.wait_for(r"(http://\S+/accounts/link/\S+)")
        ends = time.monotonic() + PATIENCE
        while httpx.get(f"{self.url}/health/work", timeout=PATIENCE).status_code != 200:
            if time.monotonic() > ends:
                raise NotStarted(self.words[-3000:])
            time.sleep(0.1)
        return self

    def stop(self) -> int:
        """Its exit code; 0 when it does not run."""
        process, self._process = self._process, None
        return process.stop() if process else 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def words(self) -> str:
        """What it printed since its last start."""
        return (self.folder / "studio.log").read_text(errors="replace")

    def manage(self, *arguments: str) -> str:
        return _run(_command(*arguments), self.environment)

    def signin_link(self, email: str = OWNER) -> str:
        return self.manage("signin_link", email).strip()

    @property
    def token(self) -> str:
        """The one in the curl it printed."""
        return self.words.split("Bearer ")[1].split("'")[0]

    def start_run(self, **changes: Any) -> str:
        """Order a run by the API: two pictures, two ads, unless changed. The address of its page."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.post(
            f"{self.url}/api/v1/runs", json=ORDER | changes, headers=headers, timeout=PATIENCE
        )
        answer.raise_for_status()
        return f"{self.url}/runs/{answer.json()['id']}/"


class Simulator:
    """A simulator beside the studio that misbehaves when it is told to, by the name of a fault."""

    def __init__(self, folder: Path, seconds_per_step: float = 0.02, program: Path = MANAGE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arguments = ["run_simulator", "--port", "0", "--faults", "--seconds-per-step", str(seconds_per_step)]
        own = environment({"VAR_DIR": folder, "SECRET_KEY": "not-used-" + "x" * 50})
        self._process = Process(arguments, own, folder / "simulator.log", program)
        self.url = self._process.wait_for(r"listens at (\S+)")

    def tell(self, fault: str, **arguments: Any) -> None:
        answer = httpx.post(f"{self.url}/simulator/faults", json={"fault": fault, **arguments}, timeout=30)
        answer.raise_for_status()

    def stop(self) -> int:
        return self._process.stop()


def collect_static(target: Path) -> Path:
    """Put the static files together as `make run` does: without brotli, which would take most of a minute."""
    own = environment({"STATIC_ROOT": target, "SECRET_KEY": "not-used-" + "x" * 50})
    code = (
        "import sys; sys.modules['brotli'] = None; from django.core.management import execute_from_command_line; "
        "execute_from_command_line(['manage.py', 'collectstatic', '--no-input', '--verbosity', '0'])"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "adgen.settings"}
    _run([sys.executable, "-c", code], own | settings)
    return target


def environment(knobs: dict[str, Any]) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {name: str(value) for name, value in knobs.items()}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(MANAGE), *arguments]


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotStarted(f"{' '.join(command)}: {done.stdout}{done.stderr}"[-3000:])
    return done.stdout
