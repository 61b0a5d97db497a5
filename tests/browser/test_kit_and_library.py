"""A brand kit is made, a brief obeys it, and what came of it is found again in the library and begun anew."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.processes import Studio
from tests.browser.steps import wait_for_end
from tests.browser.watch import Watch, check_for_everybody

pytestmark = pytest.mark.thorough

ORDER = {
    "name": "Rooibos morning",
    "messages": [{"headline": "Red leaves at dawn", "button": "Taste it"}],
    "formats": ["meta_feed_square"],
}


def test_a_brand_kit_is_made_and_a_brief_obeys_it(owner: Page, studio: Studio, watch: Watch) -> None:
    make_kit(owner, studio)
    owner.goto(f"{studio.url}/campaigns/")
    owner.get_by_role("main").get_by_role("link", name="Summer cold brew").click()
    owner.get_by_role("main").get_by_role("link", name="New brief").first.click()
    owner.get_by_label("Brand kit", exact=True).select_option(label="Rooibos")
    expect(owner.locator("#kit-of")).to_contain_text("Warm and short")
    owner.get_by_label("Brief name").fill("Miracles")
    owner.get_by_role("group", name="Product 1").get_by_label("Name").fill("Tin")
    owner.get_by_label("Headline", exact=True).first.fill("A miracle in a tin")
    owner.get_by_role("button", name="Meta everywhere").click()
    expect(owner.get_by_text("“miracle” is a banned word for this brand. Use another.").first).to_be_visible()
    with watch.expecting("status of 422"):
        owner.get_by_role("button", name="Make 5 ads").click()
        expect(owner.get_by_role("alert")).to_contain_text(
            "“miracle” is a banned word for this brand. Use another."
        )
    check_for_everybody(owner)


def make_kit(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/brand-kits/")
    page.get_by_role("link", name="New brand kit").or_(
        page.get_by_role("button", name="New brand kit")
    ).first.click()
    dialog = page.get_by_role("dialog", name="New brand kit")
    dialog.get_by_label("Name").first.fill("Rooibos")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Sample ads")).to_be_visible()
    page.locator("[name=tone]").fill("Warm and short")
    page.locator("[data-words-more]").fill("miracle")
    page.locator("[data-words-add]").click()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("#toasts")).to_contain_text("aved")
    check_for_everybody(page)


def test_an_ad_is_found_again_and_begins_a_new_brief(owner: Page, studio: Studio) -> None:
    owner.goto(studio.start_run(**ORDER))
    wait_for_end(owner)
    owner.goto(f"{studio.url}/library/")
    owner.get_by_role("searchbox").first.fill("leav dawn")
    expect(owner).to_have_url(re.compile("q=leav"))
    found = owner.locator("#found a[href*='/ads/']")
    expect(found).to_have_count(1)
    check_for_everybody(owner)
    found.click()
    expect(owner.get_by_role("heading", name="Ad text")).to_be_visible()
    expect(owner.get_by_text("Red leaves at dawn").first).to_be_visible()
