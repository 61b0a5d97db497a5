"""Headless Chromium and studios as processes. Without a Chromium these tests are skipped, loudly.

The browser's fixtures live only as long as this folder: Playwright keeps an event loop in the thread, and beside a
running loop no other test could start its own.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.browser.processes import Simulator, Studio
from tests.browser.steps import sign_in
from tests.browser.watch import Watch

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_PER_STEP = 0.05
PATIENCE = 60_000  # ms for whatever a page is waited for

type OpenContext = Callable[..., BrowserContext]
type Start = Callable[..., Studio]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium() -> str | None:
    wanted = os.environ.get("CHROMIUM")
    return shutil.which(wanted) if wanted else shutil.which("/usr/bin/chromium") or shutil.which("chromium")


@pytest.fixture(scope="package")
def chromium() -> str:
    found = find_chromium()
    if found is None:
        words = "THE BROWSER TESTS DID NOT RUN: there is no Chromium. Install it, or name one in CHROMIUM."
        if os.environ.get("ADGEN_REQUIRE_BROWSER") == "1":
            pytest.fail(words, pytrace=False)
        pytest.skip(words)
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.faults == []


@pytest.fixture
def open_context(browser: Browser, watch: Watch) -> Iterator[OpenContext]:
    """Another visitor, with cookies of their own. All are watched."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_context: OpenContext) -> Page:
    return open_context().new_page()


@pytest.fixture(scope="package")
def start(chromium: str, ground: Path, static_files: Path) -> Start:
    """Start a studio in this folder."""

    def begin(folder: Path, **knobs: Any) -> Studio:
        shutil.copytree(ground, folder, dirs_exist_ok=True)
        return Studio(folder, static_files, **knobs).start()

    return begin


@pytest.fixture(scope="package")
def simulator(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("simulator"))
    yield simulator
    assert simulator.stop() == 0


@pytest.fixture(scope="package")
def studio(simulator: Simulator, start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Under uvicorn, on a simulator that stops and fails when it is told to."""
    studio = start(tmp_path_factory.mktemp("studio"), COMFYUI_URLS=simulator.url)
    yield studio
    assert studio.stop() == 0, studio.words


@pytest.fixture(scope="package")
def session(studio: Studio, browser: Browser) -> StorageState:
    """The cookies of the owner, once signed in."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, studio.link)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def owner(open_context: OpenContext, session: StorageState) -> Page:
    """A page of the owner, who is signed in at `studio`."""
    return open_context(storage_state=session).new_page()


@pytest.fixture
def unruly(simulator: Simulator) -> Iterator[Simulator]:
    """The simulator, healthy again afterwards."""
    yield simulator
    simulator.tell("heal")


@pytest.fixture(scope="package", params=["uvicorn", pytest.param("daphne", marks=pytest.mark.thorough)])
def each_studio(
    request: pytest.FixtureRequest, start: Start, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """As `make run` starts it, under each of the two servers."""
    knobs = {"SERVER": request.param, "SIMULATOR_SECONDS_PER_STEP": SECONDS_PER_STEP}
    studio = start(tmp_path_factory.mktemp(request.param), **knobs)
    yield studio
    assert studio.stop() == 0, studio.words
