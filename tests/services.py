"""A throw-away PostgreSQL and Redis from the machine's own packages: own folder, own port, gone afterwards.

For tests, benchmarks and scripts/stack.py. Without them the tests that need them are skipped, loudly; with
ADGEN_REQUIRE_SERVICES=1 they fail.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn, Self

import psycopg
import redis

from tests.browser.processes import NotStarted, free_port

PATIENCE = 60.0  # seconds until it answers; only a bound
OWNER = "studio"
UNSAFE = ("fsync", "full_page_writes")  # they only matter after a power cut


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`. Debian keeps it off the PATH; the newest version there wins."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


def find_redis() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


def missing() -> list[str]:
    """The Debian packages that the tests would like and the machine lacks."""
    found = {"postgresql": find_postgres(), "redis-server": find_redis()}
    return [package for package, place in found.items() if place is None]


def without(package: str) -> NoReturn:
    """End the test that needs it: skipped here, failed where nothing may be skipped."""
    import pytest  # not where a script starts them

    words = (
        f"THE TESTS WITH SERVICES DID NOT RUN: there is no {package}. Debian: apt-get install -y {package}."
    )
    if os.environ.get("ADGEN_REQUIRE_SERVICES") == "1":
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


class Service:
    """A server process of one's own in a folder that goes with it."""

    def __init__(self, name: str, user: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"adgen-{name}-"))
        self.port = free_port()
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        if user:
            shutil.chown(self.folder, user)
        atexit.register(self.close)

    @property
    def pid(self) -> int:
        assert self._process is not None, "it does not run"
        return self._process.pid

    def _run(self, *command: object) -> None:
        done = subprocess.run(self._words(command), capture_output=True, text=True, **self._as_user())
        if done.returncode != 0:
            raise NotStarted(done.stdout + done.stderr)

    def _launch(self, *command: object) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._words(command),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to those who use it; they end it when they are done
                **self._as_user(),
            )
        ends = time.monotonic() + PATIENCE
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise NotStarted((self.folder / "log").read_text(errors="replace")[-3000:])
            time.sleep(0.05)

    @staticmethod
    def _words(command: tuple[object, ...]) -> list[str]:
        return [str(word) for word in command]

    def _as_user(self) -> dict[str, Any]:
        return {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}

    def answers(self) -> bool:
        raise NotImplementedError

    def end(self, how: signal.Signals) -> None:
        """Send this signal and wait until it is gone; nothing when it does not run."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def close(self) -> None:
        self.end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)


class Postgres(Service):
    """A cluster with the superuser `studio`, whom it trusts. `start` after `stop` finds the same data."""

    def __init__(self, *, durable: bool = False) -> None:
        """`durable` writes to the disk as a real one does: for what is measured."""
        # It refuses to be root; Debian's package brings the user whom it runs as there.
        super().__init__("postgres", pwd.getpwnam("postgres").pw_name if os.getuid() == 0 else None)
        found = find_postgres()
        assert found is not None, "ask find_postgres() first"
        self._bin, self._data, self._durable = found, self.folder / "data", durable
        making = (self._bin / "initdb", "-D", self._data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "-N")
        self._run(*making, "--locale=C.UTF-8")

    def start(self) -> Self:
        """Return when it answers."""
        knobs = {"listen_addresses": "127.0.0.1", "max_connections": "200", "unix_socket_directories": ""}
        knobs |= {} if self._durable else dict.fromkeys(UNSAFE, "off")
        given = [word for name, value in knobs.items() for word in ("-c", f"{name}={value}")]
        self._launch(self._bin / "postgres", "-D", self._data, "-p", self.port, *given)
        return self

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Cut every connection and shut down properly."""
        self.end(signal.SIGINT)

    def crash(self) -> None:
        """Gone at once, as when the machine is reset; its next start recovers."""
        self.end(signal.SIGQUIT)

    def close(self) -> None:
        self.crash()  # SIGKILL would leave its children behind
        super().close()

    def url(self, database: str) -> str:
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new empty database; its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"'.encode())
        return self.url(database)


class Redis(Service):
    """A Redis that keeps nothing."""

    def __init__(self) -> None:
        super().__init__("redis")
        found = find_redis()
        assert found is not None, "ask find_redis() first"
        self._command = found

    def start(self) -> Self:
        """Return when it answers."""
        place = ("--bind", "127.0.0.1", "--port", self.port, "--dir", self.folder)
        self._launch(self._command, *place, "--save", "", "--appendonly", "no")
        return self

    def answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def stop(self) -> None:
        self.end(signal.SIGTERM)

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"


if __name__ == "__main__":
    raise SystemExit(" ".join(missing()) or 0)
