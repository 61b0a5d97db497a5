"""What the benchmarks share: a brief, a database of their own, and this process as one of a studio in several."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.chaos.processes import family  # noqa: E402 (the path comes first)
from tests.chaos.stage import Stage  # noqa: E402
from tests.services import Postgres, Redis  # noqa: E402

SECRET_KEY = "a-key-for-benchmarks-only-" + "x" * 40


def brief(**changes: Any) -> dict[str, Any]:
    """One picture, one small ad, unless changed."""
    return {
        "name": "Benchmark",
        "products": [{"name": "Can", "description": "a slim can"}],
        "messages": [{"headline": "Short", "button": "Go"}],
        "formats": ["google_display_small_square"],
        "picture": {"steps": 2, "pixels": 16384},
        **changes,
    }


def processor(pid: int) -> float:
    """Seconds of processor that a process and its children have used so far."""
    return sum(map(_spent, family(pid)))


def _spent(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has just ended
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def services() -> Iterator[tuple[Postgres, Redis]]:
    """PostgreSQL, which writes to the disk as a real one does, with an empty database `studio`; and Redis."""
    postgres, redis = Postgres(durable=True), Redis()
    try:
        postgres.start().create("studio")
        yield postgres, redis.start()
    finally:
        redis.close()
        postgres.close()


@contextmanager
def django(postgres: Postgres, redis: Redis, **knobs: str) -> Iterator[None]:
    """This process is one of the studio's, its database migrated. Import models only inside."""
    folder = tempfile.mkdtemp(prefix="adgen-bench-")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "adgen.settings", "VAR_DIR": folder, "LOG_LEVEL": "warning"}
    os.environ |= {"DATABASE_URL": postgres.url("studio"), "REDIS_URL": redis.url(), "SECRET_KEY": SECRET_KEY}
    os.environ |= {"TEST_MODE": "off"} | knobs
    from django import setup
    from django.core.management import call_command
    from django.db import connections

    setup()
    call_command("migrate", interactive=False, verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def stage(*, workers: int, simulators: int, webs: int = 1, pace: float = 0.5) -> Iterator[Stage]:
    """The studio in several processes; a simulated picture of two steps takes twice the pace."""
    folder = Path(tempfile.mkdtemp(prefix="adgen-bench-"))
    with services() as (postgres, redis):
        knobs = {"REDIS_URL": redis.url(), "TEST_MODE": "on", "LOG_LEVEL": "warning"}
        made = Stage(folder, postgres.url("studio"), **knobs)
        try:
            yield made.start(simulators=simulators, workers=workers, webs=webs, pace=pace)
        finally:
            made.close()
            shutil.rmtree(folder, ignore_errors=True)
