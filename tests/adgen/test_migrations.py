"""An empty database of either kind becomes the studio's, and no migration is missing."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import services

ROOT = Path(__file__).resolve().parents[2]
BOTH = "import django; django.setup(); from django.core.management import call_command as call; "
BOTH += "call('migrate', verbosity=0); call('makemigrations', check=True, dry_run=True)"


def migrate(folder: Path, **knobs: str) -> None:
    """In a process of its own: which apps there are is decided when the settings are read."""
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "adgen.settings", "VAR_DIR": str(folder)}
    env |= {"SECRET_KEY": "a-key-for-tests-only-0123456789" * 2, **knobs}
    done = subprocess.run([sys.executable, "-c", BOTH], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.thorough
def test_an_empty_sqlite_becomes_the_studios_and_knows_nothing_of_procrastinate(tmp_path: Path) -> None:
    migrate(tmp_path)
    with sqlite3.connect(tmp_path / "studio.sqlite3") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert "runs_generation" in tables
    assert not {name for name in tables if name.startswith("procrastinate")}


@pytest.mark.thorough
def test_an_empty_postgresql_becomes_the_studios_with_procrastinates_tables(
    tmp_path: Path, postgres: services.Postgres
) -> None:
    url = postgres.create("empty")
    migrate(tmp_path, DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0", TEST_MODE="off")
    with psycopg.connect(url) as database:
        found = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {"runs_generation", "procrastinate_jobs"} <= {name for (name,) in found}
