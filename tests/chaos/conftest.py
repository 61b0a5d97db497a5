"""Stages for the chaos tests. `make chaos` runs them; an ordinary run leaves them out."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.stage import Stage
from tests.services import Postgres, Redis

type Raise = Callable[..., Stage]


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="adgen-chaos-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def stages(make: Callable[[Path], Stage]) -> Iterator[Raise]:
    """Start stages of one kind, as many members of each sort as are asked for; all end with the block."""
    with ExitStack() as closing:

        def begin(**numbers: Any) -> Stage:
            stage = make(closing.enter_context(folder()))
            closing.callback(stage.close)
            return stage.start(**numbers)

        yield begin


@pytest.fixture
def several(postgres: Postgres, redis_server: Redis) -> Iterator[Raise]:
    """The studio in several processes, on PostgreSQL and Redis."""
    with stages(lambda path: on_postgres(path, postgres, redis_server)) as begin:
        yield begin


@pytest.fixture
def single() -> Iterator[Raise]:
    """The studio in one process, on SQLite."""
    with stages(on_sqlite) as begin:
        yield begin


def on_postgres(path: Path, postgres: Postgres, redis: Redis, **knobs: object) -> Stage:
    return Stage(path, postgres.create(path.name), REDIS_URL=redis.url(), TEST_MODE="on", **knobs)


def on_sqlite(path: Path) -> Stage:
    return Stage(path, path / "studio.sqlite3")
