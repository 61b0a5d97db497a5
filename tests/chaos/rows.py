"""What the database of a stage says, read past the studio's own code: plain SQL on either kind of database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

FINAL = ("done", "failed", "cancelled")
HELD = "worker_id <> '' AND status NOT IN ('done', 'failed', 'cancelled')"


@dataclass(frozen=True, slots=True)
class Row:
    """A generation as it is now."""

    pk: int
    uid: str
    status: str
    worker: str
    server: str
    prompt_id: str
    attempt: int

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


class Rows:
    def __init__(self, address: str | Path) -> None:
        """The URL of a PostgreSQL database, or the file of a SQLite one."""
        self._address = address

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection of its own, with a transaction that is rolled back in the end."""
        if isinstance(self._address, Path):
            with closing(sqlite3.connect(self._address, timeout=20, isolation_level=None)) as lite:
                yield lite
        else:
            with psycopg.connect(self._address, connect_timeout=5) as post:
                yield post
                post.rollback()

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection() as connection:
            return list(connection.execute(self._worded(sql), values).fetchall())

    def change(self, sql: str, *values: object) -> None:
        with self.connection() as connection:
            connection.execute(self._worded(sql), values)
            connection.commit()

    @contextmanager
    def nobody_steps(self) -> Iterator[None]:
        """Hold what every step of life needs: the lock on the runs; on SQLite the one on all writing."""
        with self.connection() as connection:
            if isinstance(self._address, Path):
                connection.execute("BEGIN IMMEDIATE")
            else:
                connection.execute("SELECT id FROM runs_run FOR UPDATE")
            yield
            connection.rollback()

    def _worded(self, sql: str) -> str:
        return sql.replace("%s", "?") if isinstance(self._address, Path) else sql

    def generations(self, where: str = "1 = 1", *values: object) -> list[Row]:
        """Those for which this is true, the oldest first."""
        columns = "g.id, g.uid, g.status, g.worker_id, s.name, g.prompt_id, g.attempt"
        found = self.ask(
            f"SELECT {columns} FROM runs_generation g LEFT JOIN runs_server s ON s.id = g.server_id "
            f"WHERE {where} ORDER BY g.id",
            *values,
        )
        return [
            Row(pk, _uuid(uid), status, worker, server or "", _uuid(prompt_id), attempt)
            for pk, uid, status, worker, server, prompt_id, attempt in found
        ]

    def held(self) -> list[Row]:
        """Those that a worker holds."""
        return self.generations(HELD)

    def unfinished(self) -> int:
        return int(self.ask(f"SELECT count(*) FROM runs_generation WHERE status NOT IN {FINAL}")[0][0])

    def counts(self) -> dict[str, int]:
        return dict(self.ask("SELECT status, count(*) FROM runs_generation GROUP BY status"))

    def steps(self, pk: int) -> list[tuple[str, str]]:
        """The steps of one generation's life: event and who took it."""
        return self.ask("SELECT event, actor FROM runs_transition WHERE generation_id = %s ORDER BY id", pk)

    def timed_steps(self, pk: int) -> list[tuple[float, str]]:
        """When each step was taken, and everything that is known of it."""
        columns = "at, event, attempt, server, actor, words"
        found = self.ask(f"SELECT {columns} FROM runs_transition WHERE generation_id = %s ORDER BY id", pk)
        return [(_seconds(at), f"   {' '.join(map(str, rest))}") for at, *rest in found]


def _seconds(value: object) -> float:
    """SQLite keeps times as words, in UTC."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(f"{value}+00:00")
    return at.timestamp()


def _uuid(value: object) -> str:
    """SQLite keeps them as hexadecimal, PostgreSQL as what they are."""
    return str(UUID(str(value))) if value else ""
