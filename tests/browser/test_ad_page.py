"""The page of one ad: an answer replaces all of it, and what is typed elsewhere in it stays."""

import re

from playwright.sync_api import Dialog, Page, expect

from tests.browser.processes import Studio
from tests.browser.steps import wait_for_end


def open_an_ad(page: Page, studio: Studio) -> None:
    page.goto(studio.start_run())
    wait_for_end(page)
    page.locator(".shot[data-size=meta_feed_square] a.fr").first.click()
    page.wait_for_url(re.compile("/ads/"))


def test_an_answer_leaves_what_is_typed_in_another_form(owner: Page, studio: Studio) -> None:
    open_an_ad(owner, studio)
    text = owner.get_by_role("textbox", name="Primary text")
    text.fill("Typed with care.")
    owner.locator("#copy_headline").fill("Colder still.")
    owner.locator("#copy_send").click()
    expect(owner.locator("#ad .hero.busy")).to_be_visible()
    text.fill("Typed while it is made.")  # the page asks for the ad and is replaced until it is there
    expect(owner.locator("#ad .hero:not(.busy)")).to_be_visible()
    expect(text).to_have_value("Typed while it is made.")
    expect(text).to_be_focused()
    owner.locator("#post_send").click()
    expect(owner.locator("#post-text textarea", has_text="Typed while it is made.")).to_be_visible()


def test_nobody_leaves_what_they_typed_by_mistake(owner: Page, studio: Studio) -> None:
    open_an_ad(owner, studio)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    owner.on("dialog", stay)
    owner.get_by_role("textbox", name="Primary text").fill("Typed with care.")
    owner.get_by_role("link", name="Back to the run").click()
    expect(owner.get_by_role("textbox", name="Primary text")).to_have_value("Typed with care.")
    assert asked == ["beforeunload"]
    owner.locator("#post_send").click()
    expect(owner.locator("#post-text textarea", has_text="Typed with care.")).to_be_visible()
    owner.get_by_role("link", name="Back to the run").click()
    owner.wait_for_url(re.compile("/runs/"))
