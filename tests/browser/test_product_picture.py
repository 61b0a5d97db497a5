"""The product's picture in a real browser: sent when it is chosen, looked at, used, left out."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.processes import ROOT, Studio
from tests.browser.steps import open_demo_brief
from tests.browser.watch import Watch, check_for_everybody

CAN = ROOT / "examples" / "cold-brew-can.png"


@pytest.mark.thorough
def test_a_photo_is_cut_out_looked_at_and_used(
    studio: Studio, owner: Page, watch: Watch, tmp_path: Path
) -> None:
    page = owner
    open_demo_brief(page, studio.url)
    product = page.get_by_role("group", name="Product 1")
    shown = wait_for_rail(page, {})

    product.get_by_role("button", name="Remove picture").click()
    expect(
        product.get_by_text("Without a picture, the product is drawn from your description.")
    ).to_be_visible()
    shown = wait_for_rail(page, shown)

    product.get_by_label("Product picture").set_input_files(on_white(tmp_path))
    expect(product.get_by_text("Is this only your product?")).to_be_visible()
    check_for_everybody(page)
    product.get_by_role("button", name="Use it", exact=True).click()
    expect(product.get_by_text("Your real product goes into the ad")).to_be_visible()
    wait_for_rail(page, shown)

    product.get_by_label("Product picture").set_input_files(busy(tmp_path))
    expect(product.get_by_text("the background is not plain")).to_be_visible()
    check_for_everybody(page)

    page.get_by_role("button", name="Add a product").click()
    second = page.get_by_role("group", name="Product 2")
    second.get_by_label("Product picture").set_input_files(CAN)
    expect(second.get_by_text("Your real product goes into the ad")).to_be_visible()


def wait_for_rail(page: Page, before: dict[str, str]) -> dict[str, str]:
    """Every size shows another picture than before, all of it."""
    rail = page.locator("#previews img")
    expect(rail).to_have_count(6)
    for figure in page.locator("#previews figure").all():
        image, old = figure.locator("img"), before.get(figure.get_attribute("id") or "")
        if old:
            expect(image).not_to_have_attribute("src", old)
        expect(image).to_have_js_property("complete", True)
        expect(image).not_to_have_js_property("naturalWidth", 0)
    return {
        str(figure.get_attribute("id")): str(figure.locator("img").get_attribute("src"))
        for figure in page.locator("#previews figure").all()
    }


def on_white(folder: Path) -> Path:
    photo = Image.new("RGB", (600, 900), (248, 248, 246))
    with Image.open(CAN) as can:
        photo.paste(can, (135, 55), can)
    photo.save(folder / "photo.jpg", quality=92)
    return folder / "photo.jpg"


def busy(folder: Path) -> Path:
    Image.effect_noise((400, 400), 90).convert("RGB").save(folder / "busy.png")
    return folder / "busy.png"
