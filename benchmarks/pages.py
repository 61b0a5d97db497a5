"""How long each page takes, and how many queries it asks, in a workspace with 100,000 ads. Budget: 150 ms median.

python benchmarks/pages.py                  # --ads 1000000 --times 40 --only library
Pages are asked for in this process, from the embedded default's SQLite; the page list is that of the screenshots.
Also weighs styles and scripts: 40 KB and 70 KB, as a browser gets them (compressed) and as they lie there.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BUDGET = 0.150


class Measured(NamedTuple):
    """Seconds of the clock, and those that this process worked: on a busy machine the clock says little."""

    median: float
    late: float
    processor: float
    queries: int


STYLES, SCRIPTS = 40 * 1024, 70 * 1024


def main() -> None:
    options = _options()
    folder = tempfile.mkdtemp(prefix="adgen-bench-")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "adgen.settings", "VAR_DIR": folder, "LOG_LEVEL": "error"}
    os.environ |= {"SECRET_KEY": "a-key-for-benchmarks-only-" + "x" * 40, "DEBUG": "0"}
    try:
        slow = _ask(options)
        heavy = _weigh()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(int(slow or heavy))


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
    print(f"{'page':<20} {'median':>9} {'p95':>9} {'processor':>9} {'queries':>8}")
    slow = False
    for name, path in _pages(things, tuple(options.only.split(","))):
        found = _measure(client, path, options.times)
        times = " ".join(
            f"{seconds * 1000:>6.1f} ms" for seconds in (found.median, found.late, found.processor)
        )
        over = found.median > BUDGET
        print(f"{name:<20} {times} {found.queries:>8}{'  OVER' * over}", flush=True)
        slow = slow or over
    return slow


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
    return Measured(statistics.median(took), late, statistics.median(worked), queries)


def _weigh() -> bool:
    """Whether the files of the pages are over their budgets, as they travel."""
    print(f"\n{'':<20} {'lies':>9} {'travels':>9} {'budget':>8}")
    heavy = False
    for name, most, files in (("styles", STYLES, _styles()), ("scripts", SCRIPTS, _scripts())):
        data = [file.read_bytes() for file in files]
        travels = sum(len(zlib.compress(one, 9)) for one in data)
        lies = sum(map(len, data))
        print(f"{name:<20} {lies / 1024:>6.1f} KB {travels / 1024:>6.1f} KB {most / 1024:>5.0f} KB")
        heavy = heavy or travels > most
    return heavy


def _styles() -> list[Path]:
    return sorted((ROOT / "static" / "css").glob("*.css"))


def _scripts() -> list[Path]:
    return [*(ROOT / "static" / "js").glob("*.js"), *(ROOT / "static" / "vendor").glob("*.js")]


if __name__ == "__main__":
    main()
