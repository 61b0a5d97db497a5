"""One clean-up at a time, whoever asks for it: a command, the admin or the clock, in this process or another.

The lock is the database's where several processes share one, else a file beside it. Both are free again when their
process dies, however it died.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from runs.errors import AlreadyCleaning

KEY = 7_305_120_031  # of PostgreSQL's lock; any number that nobody else here uses


@contextmanager
def alone() -> Iterator[None]:
    """Raises AlreadyCleaning while somebody else has it."""
    with _in_postgres() if connection.vendor == "postgresql" else _in_folder():
        yield


@contextmanager
def _in_postgres() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
        if not cursor.fetchone()[0]:
            raise AlreadyCleaning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])


@contextmanager
def _in_folder() -> Iterator[None]:
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "clean-up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyCleaning from None
        yield
