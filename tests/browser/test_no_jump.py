"""Nothing jumps: not while a page loads, and not while the tiles of a run finish."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import OpenContext
from tests.browser.processes import Simulator, Studio
from tests.browser.steps import open_demo_brief, wait_for_end

LOOKS = [{"name": "Warm podium", "words": "on a podium"}, {"name": "Cold lake", "words": "by a lake"}]
SIZES = ["meta_feed_square", "meta_feed_portrait", "meta_story", "linkedin_landscape"]
WINDOWS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# Shifts count from 3 pixels on; those that follow a click within half a second are meant.
RECORDER = """window.shifts = [];
const place = (box) => [box.x, box.y, box.width, box.height].map(Math.round).join(" ");
const name = (node) => node ? (node.id || node.className || node.nodeName) : "what is gone";
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(
    ...entry.sources.map((it) => `${name(it.node)}: ${place(it.previousRect)} -> ${place(it.currentRect)}`),
    entry.value);
}).observe({ type: "layout-shift", buffered: true });"""


def shifts(page: Page) -> Any:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return page.evaluate("() => window.shifts.splice(0)")


@pytest.fixture(params=["desk", pytest.param("phone", marks=pytest.mark.thorough)])
def visitor(
    request: pytest.FixtureRequest, open_context: OpenContext, session: StorageState
) -> Iterator[Page]:
    """The owner with an empty cache and a slow machine, which shows a page while it is still being read."""
    context = open_context(storage_state=session, viewport=WINDOWS[request.param])
    context.add_init_script(RECORDER)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    yield page


def test_nothing_moves_while_tiles_finish(visitor: Page, studio: Studio, unruly: Simulator) -> None:
    unruly.tell("hold")
    visitor.goto(studio.start_run(looks=LOOKS, formats=SIZES, variations=2))
    expect(visitor.locator("#run-state")).to_have_text("Live")
    assert shifts(visitor) == []
    unruly.tell("heal")
    wait_for_end(visitor)
    assert shifts(visitor) == []


def test_nothing_moves_while_a_page_loads(visitor: Page, studio: Studio) -> None:
    moved = {}
    visitor.goto(studio.start_run(formats=SIZES))
    wait_for_end(visitor)
    run = visitor.url
    visitor.locator(".shot.ready a.fr").first.click()
    visitor.wait_for_url(re.compile("/ads/"))
    ad = visitor.url
    open_demo_brief(visitor, studio.url)
    for url in (visitor.url, run, ad, f"{studio.url}/library/", f"{studio.url}/", f"{studio.url}/runs/"):
        visitor.goto(url)
        moved[url] = shifts(visitor)
    assert {url: them for url, them in moved.items() if them} == {}
