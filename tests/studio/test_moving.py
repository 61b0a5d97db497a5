"""A studio moves house with everything it has: to PostgreSQL, or into a backup and out of it again."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from studio.backup import back_up, copy_database, copy_files
from studio.moving import CannotMove, move
from tests import services

ROOT = Path(__file__).resolve().parents[2]
MAKE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from studio.demo import ensure_demo
from runs import lifecycle
from studio.models import Brief
from runs.brief import from_stored
from tests.conftest import finish
user = ensure_demo()
brief = Brief.objects.get()
spec = from_stored(brief.spec)
spec = spec.model_copy(update={"formats": ("meta_story",), "looks": spec.looks[:1]})
finish(lifecycle.start(brief.workspace, user, spec, origin=brief.uid))
"""
LOOK = """
import django; django.setup()
from django.core.files.storage import default_storage
from django.db import transaction
from runs import lifecycle
from runs.models import Creative, Run
from accounts.models import User
assert User.objects.get(email="owner@studio.example").memberships.get().workspace.name == "Nordlys Coffee"
ads = list(Creative.objects.all())
assert ads and all(default_storage.open(ad.key).read() for ad in ads)
old = Run.objects.get()
new = lifecycle.start(old.workspace, old.started_by, old.brief)
assert new.pk > old.pk and new.generations.count() == 1
print("as it was")
"""


def python(code: str, folder: Path, **knobs: str) -> str:
    """As `manage.py` does it, in a process of its own."""
    return run([sys.executable, "-c", code], folder, **knobs)


def manage(*words: str, folder: Path, **knobs: str) -> str:
    return run([sys.executable, "manage.py", *words], folder, **knobs)


def run(command: list[str], folder: Path, **knobs: str) -> str:
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "adgen.settings", "VAR_DIR": str(folder)}
    env |= {"SECRET_KEY": "a-key-for-tests-only-0123456789" * 2, **knobs}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else f"FAILED {done.stdout}{done.stderr}"


@pytest.mark.thorough
def test_everything_moves_to_postgresql_and_goes_on_there(
    tmp_path: Path, postgres: services.Postgres
) -> None:
    python(MAKE, tmp_path)
    url = postgres.create("house")
    there = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "TEST_MODE": "off"}
    told = manage("move_database", url, folder=tmp_path)
    assert "rows moved. Set DATABASE_URL to the new database" in told, told
    with closing(sqlite3.connect(tmp_path / "studio.sqlite3")) as before, psycopg.connect(url) as after:
        for table in (
            "runs_transition",
            "runs_creative",
            "studio_brief",
            "accounts_user_groups",
            "django_session",
        ):
            count = f"SELECT count(*) FROM {table}"
            assert before.execute(count).fetchone() == after.execute(count).fetchone(), table
    assert python(LOOK, tmp_path, **there) == "as it was\n"
    again = manage("move_database", url, folder=tmp_path)
    assert "That database is not empty" in again


@pytest.mark.thorough
def test_a_backup_is_taken_while_the_studio_writes_and_comes_back_whole(tmp_path: Path) -> None:
    house, copy, new = tmp_path / "house", tmp_path / "copy", tmp_path / "new"
    python(MAKE, house)
    with closing(sqlite3.connect(house / "studio.sqlite3")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert "Copied to" in manage("backup", str(copy), folder=house)
        writer.rollback()
    again = manage("backup", str(copy), folder=house)
    assert " 0 files," in again, again
    new.mkdir()
    (copy / "studio.sqlite3").rename(new / "studio.sqlite3")
    (copy / "media").rename(new / "media")
    clean = manage("prune_orphans", "--dry-run", folder=new)
    assert "0 files without rows" in clean and "0 rows without files" in clean, clean
    assert python(LOOK, new) == "as it was\n"


@pytest.mark.parametrize("url", ["sqlite:////tmp/other.sqlite3", "postgres://db", "nonsense"])
def test_an_address_that_is_no_postgresql_database_is_refused(url: str) -> None:
    with pytest.raises(CannotMove, match="Name a PostgreSQL database"):
        move(url, print)


def test_a_copy_that_breaks_off_leaves_the_one_before(tmp_path: Path) -> None:
    live, folder = tmp_path / "live.sqlite3", tmp_path / "copy"
    with closing(sqlite3.connect(live)) as database:
        database.execute("CREATE TABLE kept (n)")
        database.commit()
    copy_database(live, folder)
    live.write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        copy_database(live, folder)
    with closing(sqlite3.connect(folder / "studio.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_only_files_that_are_new_are_copied(tmp_path: Path) -> None:
    media, folder = tmp_path / "media", tmp_path / "copy"
    (media / "a").mkdir(parents=True)
    (media / "a" / "one.png").write_bytes(b"one")
    assert copy_files(media, folder) == (1, 0)
    (media / "two.png").write_bytes(b"two")
    assert copy_files(media, folder) == (1, 1)
    assert (folder / "media" / "a" / "one.png").read_bytes() == b"one"


def test_what_is_removed_during_a_backup_is_in_it(tmp_path: Path) -> None:
    """Somebody deletes an ad, row and file, as soon as the database is copied; other files are still to come."""
    live, media, folder = tmp_path / "live.sqlite3", tmp_path / "media", tmp_path / "copy"
    with closing(sqlite3.connect(live)) as database:
        database.execute("CREATE TABLE ad (key)")
        database.execute("INSERT INTO ad VALUES ('gone.png')")
        database.commit()
    media.mkdir()
    for name in ("gone.png", *(f"{n}.png" for n in range(1000))):
        (media / name).write_bytes(b"ad")

    def remove() -> None:
        while not (folder / "studio.sqlite3").exists():
            pass
        (media / "gone.png").unlink()

    somebody = threading.Thread(target=remove)
    somebody.start()
    assert back_up(live, media, folder) == (1001, 0)
    somebody.join()
    assert (folder / "media" / "gone.png").read_bytes() == b"ad"


def test_half_a_file_is_not_copied_and_nobody_else_reads_the_database(tmp_path: Path) -> None:
    live, media = tmp_path / "live.sqlite3", tmp_path / "media"
    sqlite3.connect(live).close()
    media.mkdir()
    (media / ".part-x1y2").write_bytes(b"ha")
    assert back_up(live, media, tmp_path / "copy") == (0, 0)
    assert (tmp_path / "copy" / "studio.sqlite3").stat().st_mode & 0o777 == 0o600


def test_a_backup_into_the_files_it_copies_is_refused(settings: Any) -> None:
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="Choose one outside"):
        call_command("backup", Path(settings.MEDIA_ROOT) / "backup")
