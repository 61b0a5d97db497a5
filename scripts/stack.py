"""The studio in several processes on this machine, as compose.yaml runs it in containers. `make stack` calls this.

python scripts/stack.py                             # until Ctrl-C; prints the addresses and a link to sign in
python scripts/stack.py --web 3 --workers 4 --port 9000
python scripts/stack.py --smoke                     # checks every web process from outside, stops all, exit code 0

PostgreSQL and Redis are the machine's own programs (Debian: apt-get install -y postgresql redis-server) with their
files in a temporary folder, which goes at the end with all that was made. With COMFYUI_URLS no simulator is started.
"""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402 (the path comes first)

from tests.browser.processes import NotStarted, free_port  # noqa: E402
from tests.chaos.processes import Late, Member, Worker, environment, manage, wait  # noqa: E402
from tests.services import Postgres, Redis, missing  # noqa: E402

OWNER, WORKSPACE = "owner@studio.example", "Nordlys Coffee"
GRACE = 30.0  # seconds in which everybody has to be gone
# What a person sets for the whole studio; everything else is the stack's own.
PASSED_ON = (
    "COMFYUI_URLS",
    "COMFYUI_TOKEN",
    "COMFYUI_CHECKPOINT",
    "SIMULATOR_SECONDS_PER_STEP",
    "LOG_LEVEL",
    "STATIC_ROOT",
)


class Web(Member):
    ready = "The studio runs"

    def __init__(self, name: str, port: int, env: dict[str, str], folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        own = {"HOST": "127.0.0.1", "PORT": str(port), "PUBLIC_URL": self.url}
        super().__init__(name, ("studio",), env | own, folder)
        self.env = env | own


class Simulator(Member):
    ready = "The simulator listens"

    def __init__(self, name: str, env: dict[str, str], folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        pace = env.get("SIMULATOR_SECONDS_PER_STEP", "0.12")
        super().__init__(
            name, ("run_simulator", "--port", str(port), "--seconds-per-step", pace), env, folder
        )


class Stack:
    """Everything that runs, in the order in which it is started; it stops in the opposite one."""

    def __init__(self, folder: Path, postgres: Postgres, redis: Redis, options: argparse.Namespace) -> None:
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        shared = {
            "DATABASE_URL": postgres.create("studio"),
            "REDIS_URL": redis.url(),
            "VAR_DIR": folder / "var",
        }
        env = environment(**shared, SECRET_KEY=secrets.token_urlsafe(48), **passed_on)
        count = 0 if passed_on.get("COMFYUI_URLS") else options.simulators
        self.simulators = [Simulator(f"simulator-{n}", env, folder) for n in range(1, count + 1)]
        if self.simulators:
            env |= {"COMFYUI_URLS": " ".join(one.url for one in self.simulators), "TEST_MODE": "on"}
        self.env, self.database = env, shared["DATABASE_URL"]
        ports = [options.port + n if options.port else free_port() for n in range(options.web)]
        self.webs = [Web(f"web-{n}", port, env, folder) for n, port in enumerate(ports, 1)]
        workers = range(1, options.workers + 1)
        self.workers = [Worker(f"worker-{n}", ("run_worker",), env, folder) for n in workers]

    @property
    def members(self) -> list[Member]:
        return [*self.simulators, *self.workers, *self.webs]

    def start(self) -> None:
        """Return when all of them work."""
        self._begin(self.simulators)
        manage(self.env, "migrate", "--no-input", "--verbosity", "0")
        manage(self.env, "demo")
        self._begin([*self.workers, *self.webs])

    @staticmethod
    def _begin(members: Sequence[Member]) -> None:
        for member in members:
            member.begin()
        for member in members:
            wait(member.has_started, GRACE * 2, f"{member} has started. It said: {member.words[-1500:]}")

    def stop(self) -> dict[str, int | None]:
        """SIGTERM to all at once, as a machine that goes down does it; the exit code of each."""
        for member in self.members:
            if member.runs:
                member.signal(signal.SIGTERM)
        try:
            wait(lambda: not any(one.runs for one in self.members), GRACE, "all have ended")
        except Late as late:
            print(late, file=sys.stderr)
        codes = {member.name: member.exit_code() for member in self.members}
        for member in self.members:
            member.kill()
        return codes

    def watch(self, told: threading.Event) -> Member | None:
        """Until somebody wants it to end, or one of them does; that one."""
        while not told.wait(1.0):
            if gone := next((member for member in self.members if not member.runs), None):
                return gone
        return None

    def painted(self) -> Counter[str]:
        """How many pictures each process has made, by what it wrote down."""
        steps = "SELECT actor FROM runs_transition WHERE event = 'composed'"
        with psycopg.connect(str(self.database)) as connection:
            actors = [actor for (actor,) in connection.execute(steps)]
        return Counter({one.name: sum(map(one.holds, actors)) for one in self.workers}) + Counter(
            {"nobody known": sum(not any(one.holds(actor) for one in self.workers) for actor in actors)}
        )


def smoke(stack: Stack) -> bool:
    """smoke.sh at every web process, then who did the work; whether all is well."""
    token = manage(stack.env, "token", "--workspace", WORKSPACE, "--name", "smoke", "--days", "1")
    for web in stack.webs:
        print(f"--- {web}", flush=True)
        done = subprocess.run(
            [ROOT / "scripts" / "smoke.sh", web.url], env=stack.env | {"ADGEN_TOKEN": token}
        )
        if done.returncode != 0:
            print(f"--- what {web} said:\n{web.words[-3000:]}", file=sys.stderr)
            return False
    painted = stack.painted()
    print("--- who painted: " + ", ".join(f"{name} {count}" for name, count in painted.items()))
    return bool(painted) and "nobody known" not in painted


def say(stack: Stack) -> None:
    link = manage(stack.webs[0].env, "signin_link", OWNER)
    print(
        f"""
  AdGen Studio runs in {len(stack.members)} processes, and PostgreSQL and Redis. Sign in once with this link:

      {link}

  Web        {"  ".join(web.url for web in stack.webs)}
  Workers    {", ".join(map(str, stack.workers))}
  Simulators {"  ".join(one.url for one in stack.simulators) or "none: COMFYUI_URLS names GPU servers"}
  Logs       {stack.webs[0].log.parent}

  Stop with Ctrl-C; what was made here goes with it.
""",
        flush=True,
    )


@contextmanager
def services() -> Iterator[tuple[Path, Postgres, Redis]]:
    folder = Path(tempfile.mkdtemp(prefix="adgen-stack-"))
    postgres, redis = Postgres(), Redis()
    try:
        yield folder, postgres.start(), redis.start()
    finally:
        redis.close()
        postgres.stop()
        postgres.close()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    options = _options()
    if lacking := missing():
        print(
            f"Not installed: {', '.join(lacking)}. Debian: apt-get install -y {' '.join(lacking)}",
            file=sys.stderr,
        )
        return 2
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    with services() as (folder, postgres, redis):
        stack = Stack(folder, postgres, redis, options)
        try:
            stack.start()
            well = smoke(stack) if options.smoke else _serve(stack, told)
        except (NotStarted, Late) as fault:
            print(fault, file=sys.stderr)
            well = False
        finally:
            codes = stack.stop()
    print("--- exit codes: " + ", ".join(f"{name} {code}" for name, code in codes.items()))
    return 0 if well and not any(codes.values()) and None not in codes.values() else 1


def _serve(stack: Stack, told: threading.Event) -> bool:
    say(stack)
    gone = stack.watch(told)
    if gone is None:
        return True
    print(f"{gone} has ended. It said:\n{gone.words[-3000:]}", file=sys.stderr)
    return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs the studio in several processes on this machine.")
    parser.add_argument("--web", type=int, default=2, help="web processes (2)")
    parser.add_argument("--workers", type=int, default=2, help="workers (2)")
    parser.add_argument("--simulators", type=int, default=2, help="simulators in place of GPU servers (2)")
    parser.add_argument(
        "--port", type=int, default=0, help="of the first web process; else free ones are taken"
    )
    parser.add_argument("--smoke", action="store_true", help="check it from outside and stop it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
