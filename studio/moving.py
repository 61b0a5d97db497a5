"""From one database to another, row by row: a studio that outgrew SQLite keeps everything it has.

All of it arrives in one transaction or none of it does. Files are not touched: rows name them by keys that are the
same in every storage.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import batched

import dj_database_url
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model

from accounts.models import User, Workspace

BATCH = 1000
TARGET = "target"
# Their rows are of one database alone: what is queued there, and what its own migrations wrote down.
LEFT_OUT = ("procrastinate",)


class CannotMove(Exception):
    """Nothing was moved; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    table: str
    rows: int


def move(url: str, tell: Callable[[Moved], None]) -> int:
    """Copy every row into the database at `url`, which has to be empty; how many they were. Raises CannotMove.

    `tell` hears of each table that is done. Whoever calls makes sure that nobody writes meanwhile.
    """
    _connect(url)
    _migrate(url)
    models = _models()
    with transaction.atomic(using=TARGET):
        _make_empty(models)
        total = 0
        for model in models:
            rows = _copy(model)
            tell(Moved(model._meta.db_table, rows))
            total += rows
        _count_on(models)
    return total


def _connect(url: str) -> None:
    try:
        found = dict(dj_database_url.parse(url))
    except ValueError:  # a scheme that is none
        found = {}
    if "postgres" not in str(found.get("ENGINE", "")) or not found.get("NAME"):
        words = "Name a PostgreSQL database, such as postgres://studio:password@db/studio."
        raise CannotMove(words)
    defaults = connections[DEFAULT_DB_ALIAS].settings_dict
    connections.settings[TARGET] = {**defaults, "OPTIONS": {}, **found, "ATOMIC_REQUESTS": False}


def _migrate(url: str) -> None:
    """In a process of its own: which tables there are is decided by the settings, and those of workers are new."""
    # Asked for beside PostgreSQL, and not used here.
    first = {"REDIS_URL": "redis://127.0.0.1/0", "TEST_MODE": "off"}
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "migrate",
        "--no-input",
        "--verbosity",
        "0",
    ]
    done = subprocess.run(
        command, env=first | os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise CannotMove(f"Its tables could not be made: {' '.join(last)}")


def _models() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT_OUT
    ]


def _make_empty(models: list[type[Model]]) -> None:
    """Take away what its own migrations wrote; refuse a database in which somebody works."""
    if User.objects.using(TARGET).exists() or Workspace.objects.using(TARGET).exists():
        raise CannotMove(
            "That database is not empty: there are people or workspaces in it. Name an empty one."
        )
    for model in reversed(models):
        model._base_manager.using(TARGET).all()._raw_delete(TARGET)


def _copy(model: type[Model]) -> int:
    """Foreign keys are looked at when the transaction ends, so that the order of the tables does not matter."""
    rows = 0
    for batch in batched(_rows(model), BATCH, strict=False):
        model._base_manager.using(TARGET).bulk_create(batch)
        rows += len(batch)
    there = model._base_manager.using(TARGET).count()
    if there != rows:
        raise CannotMove(f"{model._meta.db_table}: {there} of {rows} rows arrived. Nothing was saved.")
    return rows


def _rows(model: type[Model]) -> Iterator[Model]:
    return model._base_manager.using(DEFAULT_DB_ALIAS).order_by("pk").iterator(chunk_size=BATCH)


def _count_on(models: list[type[Model]]) -> None:
    """New rows get numbers after those that came with theirs."""
    connection = connections[TARGET]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
