"""The way of somebody who never saw the studio: few presses, minutes, and no picture painted twice."""

import io
import re
import time
import zipfile
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.processes import OWNER, Simulator, Studio
from tests.browser.steps import wait_for_end

pytestmark = pytest.mark.thorough

MOST_PRESSES = 12
MOST_SECONDS = 300
ROWS = "".join(f"Tin {number % 4 + 1}\t€{number % 4 + 5}\tTea number {number}\n" for number in range(20))


@dataclass
class Hand:
    """Presses and counts; whatever is typed is no press."""

    page: Page
    presses: int = 0

    def press(self, place: Locator) -> None:
        self.presses += 1
        place.click()

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name).first)

    def link(self, name: str) -> None:
        self.press(self.page.get_by_role("main").get_by_role("link", name=name).first)

    def download(self, name: str) -> zipfile.ZipFile:
        with self.page.expect_download() as waiting:
            self.link(name)
        return zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes()))


def prompts(simulator: Simulator) -> int:
    """How many were ever sent to it."""
    return len(httpx.get(f"{simulator.url}/history", timeout=30).json())


def headlines(bundle: zipfile.ZipFile) -> set[str]:
    table = bundle.read("copy.csv").decode("utf-8-sig")
    return set(re.findall(r"Steeped overnight|Steeped since Sunday", table))


def begin(hand: Hand, studio: Studio) -> None:
    hand.page.goto(studio.signin_link())
    hand.button(f"Sign in as {OWNER}")
    main = hand.page.get_by_role("navigation", name="Main", exact=True)
    hand.press(main.get_by_role("link", name="Campaigns"))
    hand.link("New campaign")
    hand.page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Autumn teas")
    hand.press(hand.page.get_by_role("dialog").get_by_role("button", name="Create"))
    hand.link("New brief")


def test_a_stranger_gets_to_a_zip_and_to_a_new_headline_without_a_new_picture(
    studio: Studio, simulator: Simulator, page: Page
) -> None:
    started, hand = time.monotonic(), Hand(page)
    begin(hand, studio)
    page.get_by_label("Brief name").fill("Tea for long evenings")
    page.get_by_role("group", name="Product 1").get_by_label("Name").fill("Smoked black tea")
    page.get_by_label("Headline", exact=True).first.fill("Steeped overnight")
    hand.button("Meta everywhere")
    hand.button("Make 5 ads")
    wait_for_end(page)
    assert headlines(hand.download("Download 5 ads")) == {"Steeped overnight"}
    assert hand.presses <= MOST_PRESSES and time.monotonic() - started < MOST_SECONDS
    say_it_anew(hand, simulator)


def say_it_anew(hand: Hand, simulator: Simulator) -> None:
    """To all ads, within a minute, and without a prompt."""
    started, painted = time.monotonic(), prompts(simulator)
    hand.link("Edit text")
    hand.page.get_by_label("Headline", exact=True).first.fill("Steeped since Sunday")
    hand.button("Update ads")
    expect(hand.page.get_by_text("Updating 5 ads").first).to_be_visible()
    hand.page.reload()
    wait_for_end(hand.page)
    assert headlines(hand.download("Download 5 ads")) == {"Steeped since Sunday"}
    assert time.monotonic() - started < 60
    assert prompts(simulator) == painted > 0


def test_one_paste_is_two_hundred_ads(studio: Studio, page: Page) -> None:
    hand = Hand(page)
    begin(hand, studio)
    page.get_by_label("Brief name").fill("Tins of autumn")
    hand.button("Meta everywhere")
    hand.button("Google starter")
    hand.press(page.locator("label.chip", has=page.locator("[value=meta_reels]")))
    hand.button("Paste a table")
    page.get_by_label("Table", exact=True).fill(f"Product\tPrice\tHeadline\n{ROWS}")
    expect(page.locator("#table-check")).to_contain_text("20 messages and 4 new products")
    hand.button("Add to brief")
    expect(page.locator("#estimate")).to_contain_text("20 messages × 10 sizes = 200 ads")
    hand.button("Make 200 ads")
    expect(page.locator("#run-head .pills")).to_contain_text("All done", timeout=MOST_SECONDS * 1000)
    page.reload()
    with hand.download("Download 200 ads") as bundle:
        ads = [name for name in bundle.namelist() if name.endswith((".jpg", ".png"))]
    assert len([name for name in ads if not name.startswith("contact-sheet")]) == 200
