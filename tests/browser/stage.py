"""A throw-away studio with something on every page: finished, chosen, failed and running work, people, exports.

scripts/furnish.py says what is in it; here is when: some of it needs another server, or the work before to be over.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.processes import OWNER, PATIENCE, ROOT, NotStarted, Simulator, Studio

FURNISH, UNMARKED = ROOT / "scripts" / "furnish.py", ROOT / "scripts" / "unmarked_simulator.py"
PASSWORD = "a-long-pass-phrase-for-pictures"  # of the colleagues, as scripts/furnish.py gives it
GUARDED, VIEWER = "ida@studio.example", "per@studio.example"  # Ida has a second factor
OUTSIDER = "lea@studio.example"  # belongs to no workspace
PEOPLE = {"owner": OWNER, "newcomer": OWNER, "editor": GUARDED, "viewer": VIEWER, "outsider": OUTSIDER}


@dataclass
class Stage:
    """The furnished studio: `things` are the uids and secrets that addresses name, `people` their cookies."""

    studio: Studio
    things: dict[str, str] = field(default_factory=dict)
    people: dict[str, StorageState] = field(default_factory=dict)

    def furnish(self, step: str) -> None:
        done = subprocess.run(
            [sys.executable, str(FURNISH), step],
            env=self.studio.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NotStarted(f"{step}: {done.stdout}{done.stderr}"[-3000:])
        self.things |= json.loads(done.stdout.splitlines()[-1])

    def wait_for(self, run: str, *states: str) -> None:
        """Until that run is in one of these states."""
        ends = time.monotonic() + 2 * PATIENCE
        headers = {"Authorization": f"Bearer {self.studio.token}"}
        url = f"{self.studio.url}/api/v1/runs/{self.things[run]}"
        while (state := httpx.get(url, headers=headers, timeout=PATIENCE).json()["status"]) not in states:
            if time.monotonic() > ends:
                raise NotStarted(f"The run “{run}” stays {state}.")
            time.sleep(0.5)

    def let_in(self, browser: Browser) -> None:
        for who, email in PEOPLE.items():
            context = browser.new_context()
            page = context.new_page()
            enter(page, self.studio.signin_link(email))
            if who == "newcomer":  # works in a workspace that has nothing yet
                page.goto(f"{self.studio.url}/")
                button = f"form[action='/workspaces/{self.things['empty']}/enter/'] button"
                page.locator(button).first.evaluate("(button) => button.click()")
                page.wait_for_load_state()
            self.people[who] = context.storage_state()
            context.close()


def enter(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/")


@contextmanager
def furnished(folder: Path, static: Path, browser: Browser) -> Iterator[Stage]:
    """Sample ads first; then a server that does not say it is simulated, so that ads can be approved."""
    studio = Studio(folder / "var", static, SIMULATOR_SECONDS_PER_STEP=0.01).set_up().start()
    stage = Stage(studio)
    try:
        stage.furnish("sample")
        stage.wait_for("sample", "done")
        assert studio.stop() == 0, studio.words
        simulator = Simulator(folder / "gpu", seconds_per_step=0.01, program=UNMARKED)
        try:
            studio.environment["COMFYUI_URLS"] = simulator.url
            studio.start()
            _play(stage, simulator)
            stage.let_in(browser)
            yield stage
        finally:
            simulator.stop()
    finally:
        studio.stop()


def _play(stage: Stage, simulator: Simulator) -> None:
    stage.furnish("orders")
    stage.wait_for("done", "done")
    stage.wait_for("second", "done")
    stage.furnish("choices")
    stage.furnish("unfit")
    stage.wait_for("partly", "partial", "done")
    stage.furnish("unfit_ad")
    simulator.tell("fail_on", node_class="KSampler")
    stage.furnish("failing")
    stage.wait_for("failed", "failed")
    simulator.tell("heal")
    simulator.tell("slow", factor=40)
    stage.furnish("held")
    stage.wait_for("running", "running")
    _wait_for_pictures(stage)
    simulator.tell("hold")
    stage.furnish("accounts")


def _wait_for_pictures(stage: Stage) -> None:
    """Until the run under way has something to show."""
    ends = time.monotonic() + PATIENCE
    headers = {"Authorization": f"Bearer {stage.studio.token}"}
    url = f"{stage.studio.url}/api/v1/runs/{stage.things['running']}"
    while not httpx.get(url, headers=headers, timeout=PATIENCE).json()["ads_ready"]:
        if time.monotonic() > ends:
            raise NotStarted("No picture of the run under way was made.")
        time.sleep(0.5)
