"""Takes docs/screenshot.png of a studio that works on the demo brief; or pictures of every page, and checks them.

python scripts/screenshots.py                  # writes docs/screenshot.png, 1440 x 900
python scripts/screenshots.py --done --light other.png
python scripts/screenshots.py --pages          # docs/screenshots/NAME-WIDTH-COLOURS.webp; exit code 1 on any fault
python scripts/screenshots.py --pages --only library,ad --keep /tmp/looks
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.camera import Camera, Findings  # noqa: E402 (the path comes first)
from tests.browser.page_list import SHOTS  # noqa: E402
from tests.browser.processes import Studio, collect_static  # noqa: E402
from tests.browser.stage import furnished  # noqa: E402
from tests.browser.steps import open_demo_brief, sign_in  # noqa: E402

WIDTH, HEIGHT = 1440, 900
# The window of a large screen, scaled down: all ads of the first look and the second one under way.
ZOOM = 0.67
SECONDS_PER_STEP = 0.3  # slow enough to meet a run in the middle
PATIENCE = 120_000  # ms


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="adgen-screenshot-") as name:
        folder = Path(name)
        static = collect_static(folder / "static")
        if options.pages:
            sys.exit(_every_page(folder, static, options))
        studio = Studio(folder / "var", static, SIMULATOR_SECONDS_PER_STEP=SECONDS_PER_STEP).set_up().start()
        try:
            _photograph(studio, options)
        finally:
            studio.stop()
    print(f"Wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Takes a picture of a run of the demo brief.")
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "screenshot.png")
    parser.add_argument("--light", action="store_true", help="light colours instead of dark ones")
    parser.add_argument("--done", action="store_true", help="wait for the end instead of two thirds")
    parser.add_argument("--pages", action="store_true", help="every page instead, and what is wrong with it")
    parser.add_argument(
        "--only", default="", help="of the pages those whose names begin like this, by commas"
    )
    parser.add_argument(
        "--keep", type=Path, default=ROOT / "docs" / "screenshots", help="folder of the pages"
    )
    return parser.parse_args()


def _every_page(folder: Path, static: Path, options: argparse.Namespace) -> int:
    wanted = tuple(options.only.split(","))
    options.keep.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = _browser(playwright)
        with furnished(folder, static, browser) as stage:
            camera = Camera(browser, stage, options.keep)
            found = {shot.name: camera.take(shot) for shot in SHOTS if shot.name.startswith(wanted)}
        browser.close()
    _report(found)
    return int(any(one.words for one in found.values()))


def _report(found: dict[str, Findings]) -> None:
    print(f"{'page':<20} {'policy':>7} {'axe':>5} {'width':>6} {'console':>8}")
    for name, one in found.items():
        policy, axe, width, console = one.counts
        print(f"{name:<20} {policy:>7} {axe:>5} {width:>6} {console:>8}")
    for name, one in found.items():
        for words in one.words:
            print(f"{name}: {words}")


def _browser(playwright: Playwright) -> Browser:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


def _photograph(studio: Studio, options: argparse.Namespace) -> None:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = _browser(playwright)
        page = _page(browser, "light" if options.light else "dark")
        sign_in(page, studio.link)
        open_demo_brief(page, studio.url)
        page.get_by_role("button", name="Make").click()
        _wait(page, options.done)
        page.screenshot(path=options.out)
        browser.close()


def _page(browser: Browser, colours: Literal["light", "dark"]) -> Page:
    context = browser.new_context(
        viewport={"width": round(WIDTH / ZOOM), "height": round(HEIGHT / ZOOM)},
        device_scale_factor=ZOOM,
        color_scheme=colours,
    )
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def _wait(page: Page, for_the_end: bool) -> None:
    """Until everything is done; or until two thirds are, with a picture that can already be seen."""
    ready = page.locator(".shot.ready img")
    if for_the_end:
        expect(page.get_by_text("All done", exact=True)).to_be_visible()
    else:
        expect(ready.nth(15)).to_be_attached()
        expect(page.locator(".tile.rendering.b4 img, .tile.rendering .b4 img")).to_be_visible()
    for image in ready.all():
        image.evaluate("(image) => image.decode()")


if __name__ == "__main__":
    main()
