"""A colleague is invited, makes an account in a browser of their own, and is shown out again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.processes import Studio
from tests.browser.test_pages import check

pytestmark = pytest.mark.thorough


def test_a_colleague_is_invited_joins_and_is_removed(
    owner: Page, studio: Studio, open_context: OpenContext
) -> None:
    owner.goto(f"{studio.url}/campaigns/")
    owner.get_by_role("navigation", name="Main").first.get_by_role("link", name="Members").click()
    owner.wait_for_url("**/members/")
    check(owner)
    owner.get_by_label("Email").fill("dora@studio.example")
    owner.get_by_role("button", name="Create link").click()
    link = owner.locator("#link").inner_text()
    check(owner)

    dora = open_context().new_page()
    dora.goto(link)
    check(dora)
    dora.get_by_label("Your name").fill("Dora Vik")
    dora.get_by_label("Password").fill("a long walk to the sea")
    dora.get_by_role("button", name="Create account and join").click()
    expect(dora.get_by_text("Welcome to Nordlys Coffee.")).to_be_visible()

    owner.goto(owner.url.removesuffix("invite/"))
    row = owner.get_by_role("row", name="Dora Vik")
    expect(row.get_by_role("combobox")).to_have_value("editor")
    check(owner)
    row.get_by_role("button", name="Remove").click()
    owner.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(owner.get_by_text("Dora Vik is no longer in this workspace.")).to_be_visible()
    owner.get_by_role("link", name="Activity log").click()
    expect(owner.get_by_role("row", name="invited")).to_contain_text("dora@studio.example")
    check(owner)
