"""On ads that can be decided, which samples cannot: the keys, and the note at the end of a run."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenContext, Start
from tests.browser.processes import Simulator
from tests.browser.stage import UNMARKED
from tests.browser.steps import sign_in, wait_for_end

pytestmark = pytest.mark.thorough
TOLD = """window.told = [];
const Real = window.Notification;
window.Notification = class extends Real {
  constructor(title, more) { super(title, more); window.told.push([title, more.body]); }
};"""


def test_who_wants_to_be_told_is_and_decides_by_keys(
    start: Start, open_context: OpenContext, tmp_path: Path
) -> None:
    simulator = Simulator(tmp_path / "simulator", program=UNMARKED)
    studio = start(tmp_path / "studio", COMFYUI_URLS=simulator.url)
    try:
        # A slow page would end the transition from the one before, which scripts are told as a fault.
        context = open_context(reduced_motion="reduce")
        context.grant_permissions(["notifications"], origin=studio.url)
        context.add_init_script(TOLD)
        page = context.new_page()
        sign_in(page, studio.link)
        simulator.tell("hold")
        page.goto(studio.start_run())
        page.get_by_role("switch", name="Notify me when done").check()
        simulator.tell("release")
        wait_for_end(page)
        assert page.evaluate("() => window.told") == [
            ["Iced tea – AdGen Studio", "2 of 2 ads ready. All done"]
        ]
        page.reload()
        decide_by_keys(page)
    finally:
        assert (studio.stop(), simulator.stop()) == (0, 0), studio.words


def decide_by_keys(page: Page) -> None:
    """Of the run's page each key acts on the ad that has the focus; of an ad's page on that ad."""
    first = page.locator(".shot.ready").first
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(first).to_have_class(re.compile("approved"))
    expect(page.get_by_role("link", name="Export 1 approved")).to_be_visible()
    page.keyboard.press("u")
    expect(first).to_have_class(re.compile("undecided"))
    page.keyboard.press("r")
    expect(first).to_have_class(re.compile("rejected"))
    expect(page.locator(".shot.approved")).to_have_count(0)
    first.locator("a.fr").click()
    page.wait_for_url("**/ads/**")  # loaded, so that keys are heard
    for key, words in (("u", "To review"), ("a", "Approved by"), ("u", "To review"), ("r", "Rejected by")):
        page.keyboard.press(key)
        expect(page.locator("#ad")).to_contain_text(words)
