"""A whole studio as processes, in a folder of its own: servers, workers, web, and what they share."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx

from tests.chaos import ledgers
from tests.chaos.gate import Gate
from tests.chaos.processes import Engine, Member, SimulatorProcess, Web, Worker, environment, manage, wait
from tests.chaos.rows import Rows

WORKSPACE, OWNER = "Nordlys Coffee", "owner@studio.example"
ORDER = {
    "name": "Chaos",
    "products": [{"name": "Can", "description": "a slim can"}],
    "messages": [{"headline": "Still here"}],
    "formats": ["google_display_small_square"],
    "picture": {"pixels": 4096, "steps": 2},
}

_seeds = count(step=1_000)


def order(products: int = 1, looks: int = 1, variations: int = 1, **changes: Any) -> dict[str, Any]:
    """A brief of so many pictures, small ones, each with one small ad unless changed."""
    many = {
        "products": [{"name": f"Can {n}", "description": f"a can number {n}"} for n in range(products)],
        "looks": [{"name": f"Look {n}", "words": f"on a podium of kind {n}"} for n in range(looks)],
    }
    # Each order has seeds of its own, so that no two pictures of a stage are the same in the ledgers.
    return ORDER | many | {"variations": variations, "seed": next(_seeds), **changes}


class Stage:
    """Everything that takes part. Whoever is hurt is brought back with the same address and name."""

    def __init__(self, folder: Path, database: str | Path, **knobs: object) -> None:
        """`database`: the URL of an empty PostgreSQL database, or the file of a SQLite one."""
        self.folder, self.rows = folder, Rows(database)
        self._knobs: dict[str, object] = {
            "VAR_DIR": folder,
            "SECRET_KEY": "a-key-for-one-test-" + "x" * 40,
            "DATABASE_URL": database if isinstance(database, str) else f"sqlite:///{database}",
            "STATIC_ROOT": folder / "static",
            **knobs,
        }
        self.simulators: list[SimulatorProcess] = []
        self.workers: list[Worker] = []
        self.webs: list[Web] = []
        self.gates: list[Gate] = []
        self.token = ""
        (folder / "static").mkdir(parents=True, exist_ok=True)

    @property
    def env(self) -> dict[str, str]:
        addresses = [one.url for one in self.gates or self.simulators]
        return environment(**self._knobs | {"COMFYUI_URLS": " ".join(addresses)})

    @property
    def engines(self) -> Sequence[Engine]:
        """The processes that do the work."""
        return self.workers or self.webs

    @property
    def members(self) -> list[Member]:
        return [*self.simulators, *self.workers, *self.webs]

    def start(
        self,
        *,
        simulators: int = 1,
        workers: int = 0,
        webs: int = 1,
        pace: float = 0.3,
        gates: bool = False,
    ) -> Self:
        """Return when all of them work. `pace`: seconds for a sampling step; each picture takes two."""
        self.simulators = [SimulatorProcess(f"gpu-{n}", self.folder, pace) for n in range(simulators)]
        self.gates = [Gate(one.port) for one in self.simulators] if gates else []
        self._start_all(self.simulators)
        self._set_up()
        self.workers = [Worker(f"worker-{n}", ("run_worker",), self.env, self.folder) for n in range(workers)]
        self.webs = [Web(f"web-{n}", self.env, self.folder) for n in range(webs)]
        self._start_all([*self.workers, *self.webs])
        return self

    def _set_up(self) -> None:
        """The tables, the demo workspace, a token for it."""
        manage(self.env, "migrate", "--no-input", "--verbosity", "0")
        manage(self.env, "demo")
        self.token = manage(self.env, "token", "--workspace", WORKSPACE)

    def _start_all(self, members: Sequence[Member]) -> None:
        for member in members:
            member.begin()
        for member in members:
            self.await_start(member)

    @staticmethod
    def await_start(member: Member) -> None:
        wait(member.has_started, 60, f"{member} has started. It said: {member.words[-1500:]}")

    def close(self) -> None:
        for member in self.members:
            member.kill()
        for gate in self.gates:
            gate.close()

    # --- What a client does -----------------------------------------------------------------------------------

    def client(self, web: int = 0) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"{self.webs[web].url}/api/v1", headers=headers, timeout=30)

    def sign_in(self, url: str) -> httpx.Client:
        """A browser of the demo workspace's owner, at this address: the cookies of the one-time link."""
        link = manage(self.env, "signin_link", OWNER)
        browser = httpx.Client(base_url=url, timeout=30)
        path = httpx.URL(link).path
        browser.get(path).raise_for_status()
        form = {"csrfmiddlewaretoken": browser.cookies["adgen_csrf"]}
        assert browser.post(path, data=form).status_code == 302
        return browser

    def start_run(self, brief: dict[str, Any]) -> str:
        """Order it; the run's id."""
        with self.client() as client:
            answer = client.post("/runs", json=brief)
            answer.raise_for_status()
            return str(answer.json()["id"])

    def finish(self, within: float) -> None:
        """Wait until nothing is unfinished."""
        what = f"every picture has come to its end. They are {self.rows.counts()}"
        wait(lambda: self.rows.unfinished() == 0, within, what, pause=0.5)

    # --- What became of it ------------------------------------------------------------------------------------

    def bill(self) -> ledgers.Bill:
        return ledgers.reckon(self.prompts(), {one.name: one.died_at for one in self.simulators})

    def prompts(self) -> list[ledgers.Prompt]:
        """All prompts of all servers so far."""
        return [prompt for one in self.simulators for prompt in ledgers.read(one.name, one.ledger)]

    def tidy(self) -> None:
        """What the studio does every ten minutes with what ended over a minute ago, now."""
        self._a_minute_passes()
        manage(self.env, "shell", "-v", "0", "-c", "from runs.engine import tidying; tidying.tidy()")

    def _a_minute_passes(self) -> None:
        earlier = {
            True: "strftime('%Y-%m-%d %H:%M:%f', ended_at, '-90 seconds')",
            False: "ended_at - interval '90 seconds'",
        }[isinstance(self.rows._address, Path)]
        self.rows.change(f"UPDATE runs_generation SET ended_at = {earlier}")

    def files(self) -> dict[str, Path]:
        """Every file of the storage by its key."""
        media = self.folder / "media"
        return {str(path.relative_to(media)): path for path in media.rglob("*") if path.is_file()}
