"""Photographs pages and notes what is wrong with each: the policy, barriers, width, the console."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Error, Page, Route

from tests.browser.page_list import Shot
from tests.browser.stage import Stage
from tests.browser.watch import ONLY_VIOLATIONS, SCHEMES, Watch

WINDOWS = {1440: 900, 390: 844}
TALLEST = 2200  # pixels of a page that are kept
QUALITY = 45


@dataclass
class Findings:
    """What is wrong with one page, in all of its looks."""

    policy: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    width: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return len(self.policy), len(self.axe), len(self.width), len(self.console)

    @property
    def words(self) -> list[str]:
        return [*self.policy, *self.axe, *self.width, *self.console]


@dataclass
class Camera:
    """`folder` None looks and keeps no picture."""

    browser: Browser
    stage: Stage
    folder: Path | None

    def take(self, shot: Shot) -> Findings:
        found = Findings()
        for width in WINDOWS:
            with self._page(shot, width, found) as page:
                try:
                    self._open(page, shot)
                except Error as fault:
                    found.console.append(f"{width}: the page did not open: {str(fault)[:300]}")
                    continue
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    self._look(page, f"{width} {scheme}", found, shot.excused)
                    if self.folder is not None:
                        _keep(page, width, self.folder / f"{shot.name}-{width}-{scheme}.webp")
        return found

    @contextmanager
    def _page(self, shot: Shot, width: int, found: Findings) -> Iterator[Page]:
        watch = Watch()
        context = self.browser.new_context(
            viewport={"width": width, "height": WINDOWS[width]},
            storage_state=self.stage.people.get(shot.who),
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)  # a machine that does much else is slow
        watch.over(context)
        yield context.new_page()
        context.close()
        for fault in watch.faults:
            if f"status of {shot.status}" in fault and shot.status != 200:
                continue
            (found.policy if "policy" in fault.lower() else found.console).append(f"{width}: {fault}")

    def _open(self, page: Page, shot: Shot) -> None:
        if shot.templates:
            self._draw(page, shot.templates[0])
        elif shot.path:
            page.goto(self.stage.studio.url + shot.path.format(**self.stage.things))
        if shot.act is not None:
            shot.act(page, self.stage)
        page.wait_for_load_state("load")
        # Pictures further down are fetched when they come into sight.
        page.evaluate(
            "() => document.querySelectorAll('img[loading=lazy]').forEach((i) => (i.loading = 'eager'))"
        )
        page.evaluate(
            "() => Promise.all([document.fonts.ready, ...[...document.images].map((i) => i.decode().catch(() => 0))])"
        )
        page.wait_for_timeout(350)

    def _draw(self, page: Page, template: str) -> None:
        """An error page that nothing but an error leads to, as the studio would send it."""
        code = f"from django.template.loader import render_to_string as r; print(r({template!r}))"
        html = self.stage.studio.manage("shell", "--no-imports", "-c", code)
        url = f"{self.stage.studio.url}/as-it-would-be"
        page.route(url, lambda route: _fulfil(route, html))
        page.goto(url)

    def _look(self, page: Page, where: str, found: Findings, excused: tuple[tuple[str, str], ...]) -> None:
        wide, seen = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        if wide > seen:
            found.width.append(f"{where}: {wide} px wide")
        for violation in Axe().run(page, options=ONLY_VIOLATIONS).response["violations"]:
            nodes = [str(node["target"][0]) for node in violation["nodes"]]
            known = tuple(start for rule, start in excused if rule == violation["id"])
            if left := [node[:80] for node in nodes if not node.startswith(known)]:
                found.axe.append(f"{where}: {violation['id']} at {', '.join(left[:3])}")


def _fulfil(route: Route, html: str) -> None:
    route.fulfill(body=html, content_type="text/html")


def _keep(page: Page, width: int, path: Path) -> None:
    tall = min(TALLEST, page.evaluate("() => document.documentElement.scrollHeight"))
    # A window as tall as the page: what sticks to its end would otherwise cover the middle of the picture.
    page.set_viewport_size({"width": width, "height": max(tall, WINDOWS[width])})
    data = page.screenshot()
    page.set_viewport_size({"width": width, "height": WINDOWS[width]})
    Image.open(io.BytesIO(data)).convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
