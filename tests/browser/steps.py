"""What visitors do again and again."""

from playwright.sync_api import Page, expect

from tests.browser.processes import OWNER


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name=f"Sign in as {OWNER}").click()
    expect(page.get_by_role("heading", name="Hello, Demo", level=1)).to_be_visible()


def open_demo_brief(page: Page, url: str) -> None:
    page.goto(f"{url}/campaigns/")
    page.get_by_role("main").get_by_role("link", name="Summer cold brew").click()
    page.get_by_role("table").get_by_role("link", name="Cold brew, warm nights", exact=True).click()
    page.wait_for_url("**/briefs/**")
    # As it was saved: what others typed into it and left is kept for them.
    page.goto(f"{page.url.partition('?')[0]}?saved")
    expect(page.get_by_role("heading", name="Cold brew, warm nights", level=1)).to_be_visible()


def wait_for_end(page: Page, words: str = "All done") -> None:
    expect(page.locator("#run-head .pills")).to_contain_text(words)
    expect(page.locator("#run-state")).to_have_text("Finished")
