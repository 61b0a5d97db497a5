"""The whole way of a marketer, from the printed link to the ZIP, under each of the two web servers."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from runs import formats
from tests.browser.processes import Studio
from tests.browser.steps import sign_in
from tests.browser.watch import Watch, check_for_everybody

META = ["meta_feed_square", "meta_feed_portrait", "meta_feed_landscape", "meta_story", "meta_reels"]
SIZES = [*META, "google_display_inline_rectangle"]
RECORDER = (Path(__file__).parent / "recorder.js").read_text()


def test_a_marketer_gets_from_the_printed_link_to_finished_ads(
    each_studio: Studio, page: Page, watch: Watch
) -> None:
    enter(page, each_studio.link)
    new_campaign(page)
    page.get_by_role("link", name="New brief").first.click()
    write_brief(page)
    forget_the_headline(page, watch)
    page.get_by_label("Headline", exact=True).first.fill("Steeped overnight")
    check_offer(page)
    follow_run(page)
    check_zip(page)
    check_ad_page(page)


def enter(page: Page, link: str) -> None:
    page.goto(link)
    check_for_everybody(page)
    sign_in(page, link)
    check_for_everybody(page)


def new_campaign(page: Page) -> None:
    main = page.get_by_role("navigation", name="Main", exact=True)
    main.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").first.click()
    dialog = page.get_by_role("dialog", name="New campaign")
    dialog.get_by_label("Name").fill("Autumn teas")
    dialog.get_by_label("Goal").fill("First tins sold in the shop")
    check_for_everybody(page)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Autumn teas", level=1)).to_be_visible()
    check_for_everybody(page)


def write_brief(page: Page) -> None:
    """Everything but the headline."""
    page.get_by_label("Brief name").fill("Tea for long evenings")
    product = page.get_by_role("group", name="Product 1")
    product.get_by_label("Name").fill("Smoked black tea")
    product.get_by_label("What the picture shows").fill("a round copper tea tin with a paper label")
    product.get_by_label("Price").fill("€9.50")
    page.get_by_label("Line", exact=True).first.fill("Pine smoke and orange peel.")
    page.get_by_label("Button", exact=True).first.fill("Order a tin")  # of the message; DV360 has one too
    page.locator("label", has_text="Soft sand").click()
    page.get_by_role("button", name="Meta everywhere").click()
    page.locator("label.chip", has_text="Inline rectangle").click()
    expect(page.get_by_label("Brand kit", exact=True)).to_have_value(re.compile("."))  # the workspace's own
    check_for_everybody(page)


def forget_the_headline(page: Page, watch: Watch) -> None:
    with watch.expecting("status of 422"):
        page.get_by_role("button", name="Make").click()
        summary = page.get_by_role("alert")
        expect(summary).to_contain_text("Message 1, headline: Write a headline.")
    headline = page.get_by_label("Headline", exact=True).first
    expect(headline).to_have_attribute("aria-invalid", "true")
    expect(headline).to_have_accessible_description("Write a headline.")
    check_nothing_is_lost(page)
    check_for_everybody(page)


def check_nothing_is_lost(page: Page) -> None:
    expect(page.get_by_label("Brief name")).to_have_value("Tea for long evenings")
    expect(page.get_by_role("group", name="Product 1").get_by_label("Price")).to_have_value("€9.50")
    expect(page.get_by_label("Line", exact=True).first).to_have_value("Pine smoke and orange peel.")
    expect(page.get_by_role("checkbox", name="Soft sand")).to_be_checked()
    checked = page.locator("input[name=formats]:checked")
    assert sorted(box.input_value() for box in checked.all()) == sorted(SIZES)


def check_offer(page: Page) -> None:
    """The sentence beside the button is there before anything is started; every size is drawn."""
    expect(page.locator("#estimate")).to_contain_text("1 look × 1 message × 6 sizes = 6 ads from 4 pictures")
    expect(page.locator("#previews figure")).to_have_count(len(SIZES))
    check_for_everybody(page)


def follow_run(page: Page) -> None:
    """From the button to the last ad in one page, without a reload."""
    page.get_by_role("button", name="Make 6 ads").click()
    page.wait_for_url(re.compile("/runs/"))
    page.evaluate(RECORDER)
    expect(page.locator("#run-state")).to_have_text("Live")
    expect(page.locator(".side .badge")).to_contain_text("1")
    check_for_everybody(page)
    expect(page.get_by_text("All done", exact=True)).to_be_visible()
    expect(page.locator(".shot.ready img")).to_have_count(len(SIZES))
    expect(page.locator(".side .badge")).to_have_count(0)  # the number of runs under way
    check_what_was_seen(page.evaluate("() => window.seen"))
    check_for_everybody(page)


def check_what_was_seen(seen: dict[str, Any]) -> None:
    assert seen["early"] == []
    pictures = [src.split("?")[0] for src in seen["previews"]]
    assert any(pictures.count(src) >= 2 for src in set(pictures)), "no preview moved"
    assert any(max(values) > min(values) for values in seen["progress"].values()), "no progress rose"
    assert seen["ready"] == sorted(seen["ready"]) and seen["ready"][-1] == len(SIZES)


def check_zip(page: Page) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download 6 ads").click()
    assert waiting.value.suggested_filename == "SAMPLE_tea-for-long-evenings.zip"
    with zipfile.ZipFile(waiting.value.path()) as bundle:
        told = {ad["format"]: ad for ad in json.loads(bundle.read("manifest.json"))["ads"]}
        assert sorted(told) == sorted(SIZES)
        beside = {"contact-sheet/page-001.png", "manifest.json", "manifest.csv", "copy.csv"}
        assert set(bundle.namelist()) == {ad["file"] for ad in told.values()} | beside
        for format_id, ad in told.items():
            assert format_id in ad["file"]
            size = formats.get(format_id)
            with Image.open(io.BytesIO(bundle.read(ad["file"]))) as image:
                assert image.size == (size.width, size.height)


def check_ad_page(page: Page) -> None:
    page.locator(".shot.ready a.fr").first.click()
    expect(page.get_by_role("heading", name="Checks")).to_be_visible()
    assert page.locator(".rules tbody tr").count() >= 10
    page.get_by_role("heading", name="Checks").click()  # folded, for all are met
    expect(page.locator(".rules tbody tr").first).to_be_visible()
    expect(page.get_by_text("Steeped overnight").first).to_be_visible()
    check_for_everybody(page)
    change_the_words(page)
    move_the_focus(page)


def change_the_words(page: Page) -> None:
    page.get_by_label("Headline", exact=True).first.fill("Steeped for days")
    page.get_by_role("button", name="Update ad").click()
    expect(page.locator(".head p")).to_contain_text("revision 2")
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.get_by_role("button", name="Update ad")).to_be_focused()
    check_for_everybody(page)


def move_the_focus(page: Page) -> None:
    """With the pointer, then with the keys; the fields follow."""
    point = page.get_by_role("slider", name="Focus point")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.7, steps=3)
    page.mouse.up()
    point.press("ArrowRight")
    point.press("Shift+ArrowUp")
    expect(page.get_by_label("From the left")).to_have_value("41")
    expect(page.get_by_label("From the top")).to_have_value("60")
    page.get_by_role("button", name="Move the focus").click()
    expect(page.locator(".head p")).to_contain_text("revision 3")
    expect(page.get_by_role("link", name="Download")).to_be_visible()


@pytest.mark.thorough
def test_a_run_goes_on_after_its_studio_was_stopped_in_the_middle(
    each_studio: Studio, page: Page, watch: Watch
) -> None:
    sign_in(page, each_studio.signin_link())
    page.goto(each_studio.start_run())
    expect(page.locator(".tile.rendering img")).to_be_visible()
    # The browser says that nobody is there, and htmx that its socket is gone; the page finds back by itself.
    with watch.expecting("ERR_CONNECTION_REFUSED", "htmx:ws:error"):
        assert each_studio.stop() == 0, each_studio.words
        expect(page.locator("#run-state")).to_have_text("Reconnecting…")
        each_studio.start()
        expect(page.get_by_text("All done", exact=True)).to_be_visible()
    expect(page.locator(".shot.ready img")).to_have_count(2)
