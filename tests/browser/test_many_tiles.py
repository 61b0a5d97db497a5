"""A run of 200 pictures on one page: nothing jumps, and what comes through the socket stays in proportion."""

from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.processes import Simulator, Studio
from tests.browser.steps import wait_for_end

pytestmark = pytest.mark.thorough

LOOKS = [{"name": f"Look {n}", "words": "on a stone podium"} for n in range(1, 11)]
SIZES = ["meta_feed_square", "meta_feed_portrait", "meta_story", "linkedin_landscape"]
PICTURES = 200
# Shifts count from 3 pixels on; those that follow a click within half a second are meant.
RECORDER = """() => { window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift" }); }"""


def test_two_hundred_tiles_stay_where_they_are(owner: Page, studio: Studio, unruly: Simulator) -> None:
    frames: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(len(frame)))

    unruly.tell("hold")
    owner.on("websocket", listen)
    owner.goto(studio.start_run(name="Two hundred", looks=LOOKS, formats=SIZES, variations=5))
    expect(owner.locator("#run-state")).to_have_text("Live")
    owner.wait_for_timeout(1000)  # fonts and the first whole frame
    before = elements(owner)
    owner.evaluate(RECORDER)
    frames.clear()
    unruly.tell("heal")
    expect(owner.locator(".tile.done")).to_have_count(PICTURES, timeout=400_000)
    assert owner.evaluate("() => window.shifted") == 0
    assert before < 20 * PICTURES and elements(owner) < 40 * PICTURES
    # A picture goes through some states and its progress is sent four times a second at most, for all together.
    assert len(frames) < 15 * PICTURES
    assert sum(frames) < 40_000 * PICTURES
    wait_for_end(owner)


def elements(page: Page) -> Any:
    return page.evaluate("() => document.querySelectorAll('*').length")
