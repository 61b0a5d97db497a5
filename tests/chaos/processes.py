"""Processes that can be hurt: killed, told to stop, frozen; each comes back as the same member of its stage."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

from tests.browser.processes import ROOT, NotStarted, free_port

PATIENCE = 60.0  # seconds until something has started; only a bound
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")


class Late(AssertionError):
    """What was waited for did not come in its time."""


def wait[T](question: Callable[[], T | None], within: float, what: str, pause: float = 0.1) -> T:
    """Ask again until the answer is a yes; raises Late, in words."""
    ends = time.monotonic() + within
    while not (answer := question()):
        if time.monotonic() > ends:
            raise Late(f"After {within:.0f} s still not: {what}")
        time.sleep(pause)
    return answer


def environment(**knobs: object) -> dict[str, str]:
    """Nothing of the machine's own settings reaches the processes of a stage."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {name: str(value) for name, value in knobs.items()}


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run one `manage.py` command to its end; what it printed."""
    done = subprocess.run(_command(arguments), cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotStarted(f"{' '.join(arguments)}: {done.stdout}{done.stderr}"[-3000:])
    return done.stdout.strip()


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def family(pid: int) -> list[int]:
    """The process and its children, the parent first."""
    children = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(after_name[1]) == pid:
            children.append(int(path.parent.name))
    return [pid, *children]


def send(pids: list[int], number: signal.Signals) -> None:
    """The same signal to all of them that are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


class Member:
    """`manage.py` with these arguments. What it says goes to one file over all its lives."""

    ready = "."  # what it says when it has started, as a pattern

    def __init__(self, name: str, arguments: tuple[str, ...], env: dict[str, str], folder: Path) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        self._arguments, self._env = arguments, env
        self._process: subprocess.Popen[bytes] | None = None
        self._began_at = 0
        self.frozen = self.leaving = False

    def __str__(self) -> str:
        return self.name

    def begin(self) -> None:
        """Start it and do not wait."""
        assert not self.runs, f"{self} runs already"
        self.leaving = False
        self._began_at = len(self.words)
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                _command(self._arguments),
                cwd=ROOT,
                env=self._env,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to whoever started it, who then ends it
            )

    def start(self) -> None:
        """Return when it works."""
        self.begin()
        wait(self.has_started, PATIENCE, f"{self} has started. It said: {self.words[-1500:]}")

    def has_started(self) -> bool:
        if not self.runs:
            raise NotStarted(f"{self}: {self.words[-3000:]}")
        return re.search(self.ready, self.words[self._began_at :]) is not None

    @property
    def words(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self} does not run"
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL: no clean-up of any kind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
        self.frozen = False

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self) -> None:
        if self.frozen and self.runs:
            self.signal(signal.SIGCONT)
        self.frozen = False

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process else None

    def stop(self, within: float = PATIENCE) -> int:
        """SIGTERM; its exit code."""
        self.signal(signal.SIGTERM)
        assert self._process is not None
        return self._process.wait(within)


class Engine(Member):
    """A process that does the work."""

    def holds(self, worker_id: str) -> bool:
        """Whether a row with this worker's id is held by its present life."""
        return f"-{self.pid}-" in worker_id


class Worker(Engine):
    ready = "The worker runs"


class Web(Engine):
    """Web server of several, or the studio in one process."""

    ready = "The studio runs"

    def __init__(self, name: str, env: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"HOST": "127.0.0.1", "PORT": str(self.port), "PUBLIC_URL": self.url}
        super().__init__(name, ("studio",), env | own, folder)


class SimulatorProcess(Member):
    """A GPU server without a GPU, at the same address in all its lives; its ledger says what was paid."""

    ready = "The simulator listens"

    def __init__(self, name: str, folder: Path, seconds_per_step: float) -> None:
        self.port, self.ledger = free_port(), folder / f"{name}.ledger"
        self.url = f"http://127.0.0.1:{self.port}"
        self.died_at: list[float] = []  # when it lost all it knew, by the clock that its ledger uses
        arguments = ("run_simulator", "--port", str(self.port), "--faults", "--ledger", str(self.ledger))
        speed = ("--seconds-per-step", str(seconds_per_step))
        env = environment(SECRET_KEY="not-used-" + "x" * 50, VAR_DIR=folder)
        super().__init__(name, arguments + speed, env, folder)

    def kill(self) -> None:
        self.died_at.append(time.time())
        super().kill()

    def tell(self, fault: str, **arguments: object) -> int:
        """Order a fault; how much it hit, where that is counted."""
        if fault in ("restart_empty", "lose_queue"):
            self.died_at.append(time.time())
        order = {"fault": fault, **arguments}
        answer = httpx.post(f"{self.url}/simulator/faults", json=order, timeout=30)
        answer.raise_for_status()
        return int(answer.json()["hit"]) if answer.content else 0

    def running(self) -> list[str]:
        """The ids of the prompts it paints now."""
        return [item[1] for item in self._queue()["queue_running"]]

    def pending(self) -> list[str]:
        return [item[1] for item in self._queue()["queue_pending"]]

    def _queue(self) -> dict[str, list[list[str]]]:
        queue: dict[str, list[list[str]]] = httpx.get(f"{self.url}/queue", timeout=30).json()
        return queue
