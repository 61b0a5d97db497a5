"""Watches the pages of a browser test: what a visitor would not see, and nobody may leave behind."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, WebError

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# To describe what is in order as well takes axe as long again.
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
# The browser tells a violation of the policy by an event; as an error on the console it is collected with the rest.
REPORT = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`The policy forbids ${event.violatedDirective}: ${event.blockedURI || event.sample}`);
}, true)
"""


# Ids, keys, ports and times: what differs between two studios that show the same.
OF_THIS_RUN = re.compile(r'[0-9a-f]{8}-[0-9a-f-]{27}|value="\w{64}"|127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[^"]+')
_clean: set[str] = set()


@dataclass
class Watch:
    """Collects console errors, broken scripts, violated policies and refused requests of a context."""

    faults: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT)
        context.on("console", self._console)
        context.on("weberror", self._broken)
        context.on("response", self._response)

    @contextmanager
    def expecting(self, *words: str) -> Iterator[None]:
        """Within, faults that hold any of these words are what the test wants to see; all must come."""
        before = len(self.faults)
        yield
        new = self.faults[before:]
        assert [word for word in words if not any(word in fault for fault in new)] == []
        self.faults[before:] = [fault for fault in new if not any(word in fault for word in words)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _broken(self, error: WebError) -> None:
        # The browser leaves out the fade between two pages where it is slow; nothing of ours is broken by that.
        if "Transition was skipped" not in str(error.error):
            self.faults.append(f"script: {error.error}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"status of {response.status} for {response.url}")


def check_for_everybody(page: Page) -> None:
    """No barrier that axe knows of, in both colour schemes. What looks as a page without any did is not asked again."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        look = f"{scheme} {page.viewport_size} {OF_THIS_RUN.sub('', page.content())}"
        if look not in _clean:
            found = Axe().run(page, options=ONLY_VIOLATIONS)
            assert found.violations_count == 0, f"{page.url} ({scheme}):\n{found.generate_report()}"
            _clean.add(look)


def check_width(page: Page) -> None:
    """Nothing sticks out to the right."""
    page.wait_for_load_state()  # between two pages there is no document to measure
    wide, seen = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen, f"{page.url}: {wide} px in a window of {seen}"
