"""Names without a blank, on the narrowest page that has to work: nothing leaves it."""

from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import OpenContext
from tests.browser.processes import Studio
from tests.browser.steps import wait_for_end

LONG = "Donaudampfschifffahrtsgesellschaft" * 3
OUTSIDE = """() => [...document.querySelectorAll("main :is(a, button, h1, h2, h3)")]
  .filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth).length"""


def check_nothing_is_outside(page: Page) -> None:
    root = page.locator("html")
    assert root.evaluate("(root) => root.scrollWidth - root.clientWidth") == 0
    assert page.evaluate(OUTSIDE) == 0


def test_long_names_stay_on_a_page_of_320_pixels(
    open_context: OpenContext, session: StorageState, studio: Studio
) -> None:
    page = open_context(viewport={"width": 320, "height": 640}, storage_state=session).new_page()
    page.goto(f"{studio.url}/campaigns/new/")
    page.locator("main [name=name]").fill(LONG)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name=LONG, level=1)).to_be_visible()
    check_nothing_is_outside(page)
    page.goto(studio.url)
    check_nothing_is_outside(page)
    page.goto(studio.start_run(name=LONG, looks=[{"name": LONG}]))
    wait_for_end(page)
    check_nothing_is_outside(page)
