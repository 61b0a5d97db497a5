"""Every page, for everybody: on a desk and on a phone, in the light and in the dark."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import OpenContext
from tests.browser.processes import Simulator, Studio
from tests.browser.steps import open_demo_brief, wait_for_end
from tests.browser.watch import Watch, check_for_everybody, check_width

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
# Fits no skyscraper: the page must show an ad that cannot be made.
LONG = "A headline that goes on and on about tea until no skyscraper has room for it " * 2

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" + "x" * 40


pytestmark = pytest.mark.thorough


def check(page: Page) -> None:
    """The journey looks at most of them on a desk; here the phone gets the closer look."""
    check_widths(page)
    check_for_everybody(page)


def check_widths(page: Page) -> None:
    for window in (DESK, PHONE):
        page.set_viewport_size(window)
        check_width(page)


def test_pages_of_campaigns_and_briefs(owner: Page, studio: Studio, watch: Watch) -> None:
    for path in ("/", "/campaigns/", "/campaigns/new/", "/runs/", "/library/", "/exports/"):
        owner.goto(studio.url + path)
        check(owner)
    owner.goto(f"{studio.url}/brand-kits/")
    check(owner)
    owner.get_by_role("link", name="Nordlys 2026").click()
    expect(owner.get_by_role("heading", name="Sample ads")).to_be_visible()
    check(owner)
    open_demo_brief(owner, studio.url)
    check(owner)
    owner.get_by_label("Brief name").fill("")
    with watch.expecting("status of 422"):
        owner.get_by_role("button", name="Make").click()
        expect(owner.get_by_role("alert")).to_contain_text("Give the brief a name.")
    check(owner)


def test_pages_of_a_run_in_every_state(owner: Page, studio: Studio, unruly: Simulator) -> None:
    unruly.tell("hold")
    messages = [{"headline": "Cold as the lake", "button": "Taste it"}, {"headline": LONG.strip()}]
    owner.goto(studio.start_run(messages=messages, formats=["meta_story", "google_display_skyscraper"]))
    expect(owner.locator("#run-state")).to_have_text("Live")
    check(owner)
    unruly.tell("heal")
    wait_for_end(owner, "Partly done")
    check(owner)
    for state in (".shot.ready", ".shot.does_not_fit"):
        owner.locator(f"{state} a.fr").first.click()
        expect(owner.get_by_role("heading", name="Ad text")).to_be_visible()
        check(owner)
        owner.go_back()
    for path in ("/", "/library/", "/library/?kind=pictures"):
        owner.goto(studio.url + path)
        check(owner)
    unruly.tell("fail_on", node_class="KSampler")
    owner.goto(studio.start_run())
    wait_for_end(owner, "Failed")
    check(owner)


def test_a_word_without_an_end_stays_in_its_box(owner: Page, studio: Studio) -> None:
    owner.goto(f"{studio.url}/campaigns/new/")
    owner.get_by_label("Name").fill(WORD)
    owner.get_by_label("Goal").fill(WORD)
    owner.get_by_role("button", name="Create").click()
    expect(owner.get_by_role("heading", name=WORD, level=1)).to_be_visible()
    check_widths(owner)
    owner.goto(studio.start_run(name=WORD, messages=[{"headline": WORD * 2}], formats=["meta_story"]))
    wait_for_end(owner, "No ads ready")
    check_widths(owner)
    owner.locator(".shot a.fr").click()
    expect(owner.get_by_role("heading", name="Ad text")).to_be_visible()
    check_widths(owner)
    for path in ("/campaigns/", "/runs/"):
        owner.goto(studio.url + path)
        check_widths(owner)


def test_pages_for_those_outside(studio: Studio, watch: Watch, open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto(f"{studio.url}/accounts/login/")
    check(page)
    for path, status in (("/accounts/link/spent/", 410), ("/nowhere", 404)):
        with watch.expecting(f"status of {status}"):
            page.goto(studio.url + path)
        check(page)


def test_pages_of_accounts_admin_and_api_keep_the_policy(owner: Page, studio: Studio) -> None:
    for path in ("/accounts/password/set/", "/accounts/2fa/", "/admin/", "/admin/runs/run/", "/docs"):
        owner.goto(studio.url + path)
        owner.wait_for_load_state("networkidle")
        check_width(owner)
        cut = owner.evaluate(
            "() => [...document.querySelectorAll('.results')].some((list) => list.scrollWidth > list.clientWidth)"
        )
        assert not cut, f"{path}: columns of the list are out of sight"
