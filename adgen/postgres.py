"""Connections to PostgreSQL that give up. Only imported where the database is PostgreSQL.

A server that is frozen, or behind a cable that was pulled, keeps its connections open and says nothing: without a
limit whoever asks waits for ever, and with it the thread of the request.
"""

from typing import Any, ClassVar

import psycopg
from psycopg.abc import PQGen
from psycopg_pool import ConnectionPool

INTERVAL = 0.1  # seconds between two looks at the clock
CHECK = 2.0  # seconds for the sign of life before a connection is handed out
WEB = 10.0  # seconds for an answer that a page waits for


class Impatient(psycopg.Connection[Any]):
    # No limit where nobody waits for a page: a migration, or a worker's count over many rows, may take its time.
    limit: ClassVar[float | None] = None

    _own_limit: float | None = None

    def wait[R](self, gen: PQGen[R], interval: float = INTERVAL, timeout: float | None = None) -> R:
        """Every question and its answer goes through here."""
        limit = self._own_limit or self.limit
        if timeout is not None or limit is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, limit)
        except psycopg.errors._WaitTimeout:
            # Its answer may come yet, as that to the next question: this one is of no use any more.
            self.pgconn.finish()
            raise psycopg.OperationalError(f"PostgreSQL did not answer within {limit:.0f} s.") from None

    def check(self) -> None:
        """Raises OperationalError unless the server answers at once."""
        self._own_limit = CHECK
        try:
            ConnectionPool.check_connection(self)
        finally:
            self._own_limit = None


def for_pages() -> None:
    """This process answers requests: none of them waits for long."""
    Impatient.limit = WEB
