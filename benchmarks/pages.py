"""How long each page takes, and how many queries it asks, in a workspace with 100,000 ads. Budget: 150 ms median.

python benchmarks/pages.py                  # --ads 1000000 --times 40 --only library
Pages are asked for in this process, from the embedded default's SQLite; the page list is that of the screenshots.
Also weighs what each page brings along: at most 40 KB of styles and 70 KB of scripts, before any compression.
"""

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BUDGET = 0.150


STYLES, SCRIPTS = 40 * 1024, 70 * 1024


class Measured(NamedTuple):
    """Seconds of the clock, and those that this process worked: on a busy machine the clock says little."""

    median: float
    late: float
    processor: float
    queries: int
    styles: int
    scripts: int

    @property
    def over(self) -> bool:
        return self.median > BUDGET or self.styles > STYLES or self.scripts > SCRIPTS


def main() -> None:
    options = _options()
    folder = tempfile.mkdtemp(prefix="adgen-bench-")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "adgen.settings", "VAR_DIR": folder, "LOG_LEVEL": "error"}
    os.environ |= {"SECRET_KEY": "a-key-for-benchmarks-only-" + "x" * 40, "DEBUG": "0"}
    try:
        over = _ask(options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(int(over))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Asks for every page of a large workspace.")
    parser.add_argument("--ads", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20, help="each page is asked for so often")
    parser.add_argument("--only", default="", help="pages whose names begin like this, by commas")
    return parser.parse_args()


def _ask(options: argparse.Namespace) -> bool:
    """Whether a page is over its budget."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", interactive=False, verbosity=0)
    from benchmarks.many_ads import fill

    began = time.perf_counter()
    with transaction.atomic():
        client, things = fill(options.ads)
    print(f"{options.ads:,} ads, filled in {time.perf_counter() - began:.0f} s\n")
    print(
        f"{'page':<20} {'median':>9} {'p95':>9} {'processor':>9} {'queries':>8} {'styles':>8} {'scripts':>8}"
    )
    over = False
    for name, path in _pages(things, tuple(options.only.split(","))):
        found = _measure(client, path, options.times)
        times = " ".join(
            f"{seconds * 1000:>6.1f} ms" for seconds in (found.median, found.late, found.processor)
        )
        files = " ".join(f"{size / 1024:>5.1f} KB" for size in (found.styles, found.scripts))
        print(f"{name:<20} {times} {found.queries:>8} {files}{'  OVER' * found.over}", flush=True)
        over = over or found.over
    return over


def _pages(things: dict[str, str], wanted: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from tests.browser.page_list import STUDIO

    for shot in STUDIO:
        if shot.who == "owner" and shot.act is None and shot.name.startswith(wanted):
            yield shot.name, shot.path.format(**things)
    for name, asked in SEARCHES.items():
        if name.startswith(wanted):
            yield name, "/library/?" + asked.format(**things)


SEARCHES = {
    "library-deep": "before=50000",
    "library-rare": "q=number777",
    "library-parts": "q=umber+bre",
    "library-size": "size=meta_story&language=en&decision=approved",
    "library-campaign": "campaign={campaign}&q=brewed&days=30",
}


def _measure(client: Any, path: str, times: int) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
        queries = len(asked)
    assert answer.status_code == 200, (path, answer.status_code)
    took, worked = [], []
    for _ in range(times):
        began, busy = time.perf_counter(), time.process_time()
        client.get(path)
        took.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
    late = statistics.quantiles(took, n=20)[-1]
    weight = _weight(answer.content)
    return Measured(
        statistics.median(took), late, statistics.median(worked), queries, weight["css"], weight["js"]
    )


def _weight(page: bytes) -> dict[str, int]:
    """Bytes of our files that a page names, by their ending; what Swagger brings to /docs is its own."""
    named = set(re.findall(r'(?:href|src)="/static/((?:css|js|vendor)/[^"]+\.(css|js))"', page.decode()))
    weight = {"css": 0, "js": 0}
    for path, kind in named:
        weight[kind] += (ROOT / "static" / path).stat().st_size
    return weight


if __name__ == "__main__":
    main()
