"""Examines a deployment, for `manage.py doctor`: what a run needs besides its GPU servers. Leaves nothing behind."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from runs import health, usage
from runs.composition import fonts, found
from runs.engine import examining
from runs.findings import Finding, fault, note, ok

LITTLE, TOO_LITTLE = 5 * 1024**3, 1024**3  # bytes of free disk
CLOCKS_APART = 5.0  # seconds between the database's clock and ours
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def examine() -> Iterator[Finding]:
    """One after the other; a part that breaks in a way nobody foresaw is a fault of its own."""
    parts: tuple[Callable[[], Iterator[Finding]], ...]
    parts = (_settings, _database, _channels, _workers, _cache, _storage, _disk, _fonts)
    for part in parts:
        try:
            yield from part()
        except Exception as broken:
            about = part.__name__.strip("_").capitalize()
            yield fault(about, f"{type(broken).__name__}: {broken}", "Look at the whole message in the log.")


def _settings() -> Iterator[Finding]:
    wrong = [found for found in checks.run_checks() if found.is_serious()]
    for found_wrong in wrong:
        yield fault(
            "Settings", found_wrong.msg, found_wrong.hint or "Correct the setting; docs/settings.md has all."
        )
    if settings.DEBUG:
        yield fault("Settings", "DEBUG is on: strangers would see the code.", "Leave DEBUG out.")
    host = urlsplit(settings.PUBLIC_URL).hostname
    if not settings.HTTPS and host not in LOOPBACK:
        fix = "Put a proxy with TLS before it and set PUBLIC_URL to its https address."
        yield note(
            "Settings", f"{settings.PUBLIC_URL} is not encrypted: use it on a private network only.", fix
        )
    if not wrong:
        yield ok(
            "Settings", f"The settings are consistent. People reach the studio at {settings.PUBLIC_URL}."
        )


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CURRENT_TIMESTAMP")
            time = cursor.fetchone()[0]
    except DatabaseError as gone:
        fix = "Start it, or correct DATABASE_URL."
        yield fault("Database", f"It does not answer: {str(gone).strip().splitlines()[0]}", fix)
        return
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        names = f"{len(missing)} {'migration is' if len(missing) == 1 else 'migrations are'} missing."
        yield fault("Database", names, "Run `manage.py migrate`.")
    else:
        yield ok("Database", f"{connection.display_name} answers; all migrations are applied.")
    yield from _of_postgres(time) if connection.vendor == "postgresql" else _of_sqlite()


def _of_sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = str(cursor.fetchone()[0])
    if mode == "wal":
        yield ok("Database", "It writes ahead (WAL): pages are read while the engine writes.")
    else:
        fix = "Put the file on a local disk: network file systems cannot do it."
        yield fault("Database", f"Its journal mode is “{mode}” instead of WAL.", fix)


def _of_postgres(time: datetime) -> Iterator[Finding]:
    apart = abs((datetime.now(UTC) - time).total_seconds())
    if apart > CLOCKS_APART:
        fix = "Let both machines set their clocks by NTP."
        yield note("Clock", f"The database’s clock is {apart:.0f} s apart from ours.", fix)
    else:
        yield ok("Clock", "The database’s clock matches ours.")


def _channels() -> Iterator[Finding]:
    """A message from another process: that is what pages and workers tell each other by."""
    if not settings.REDIS_URL:
        if settings.ENGINE == "embedded":  # else that is told with the settings
            yield ok("Channels", "Pages and engine are one process; nothing has to be told across processes.")
        return
    if examining.hears_other_processes():
        yield ok("Channels", "Messages between processes arrive.")
    else:
        yield fault(
            "Channels", "A message to another process did not arrive.", "Start Redis, or correct REDIS_URL."
        )


def _workers() -> Iterator[Finding]:
    if settings.ENGINE != "workers" or not settings.POSTGRES:
        return
    try:
        told = health.workers()
    except DatabaseError:
        return  # told with the database
    if told == health.NO_WORKER:
        yield fault(
            "Workers",
            "No worker has reported lately, so no pictures are made.",
            "Start `manage.py run_worker`.",
        )
    else:
        yield ok("Workers", f"Seen lately: {told}.")


def _cache() -> Iterator[Finding]:
    key, word = f"doctor.{secrets.token_hex(4)}", secrets.token_hex(8)
    cache.set(key, word, 60)
    kept = cache.get(key)
    cache.delete(key)
    if kept == word:
        yield ok("Cache", "It stores and returns values.")
    else:
        fix = "Start Redis, or correct REDIS_URL."
        yield fault("Cache", "It does not store values: previews and limits are off.", fix)


def _storage() -> Iterator[Finding]:
    where = (
        settings.MEDIA_ROOT if settings.MEDIA_STORAGE == "files" else f"the bucket ({settings.MEDIA_STORAGE})"
    )
    word, begun = secrets.token_bytes(64), monotonic()
    try:
        name = default_storage.save(f"doctor-{secrets.token_hex(8)}.bin", ContentFile(word))
        try:
            with default_storage.open(name) as file:
                kept = file.read()
        finally:
            default_storage.delete(name)
    except Exception as refusal:  # each kind of storage has errors of its own
        fix = "Give the studio the right to write there, or name another place (MEDIA_ROOT, MEDIA_BUCKET)."
        yield fault("Files", f"{where} does not accept files: {refusal}", fix)
        return
    if kept != word or default_storage.exists(name):
        yield fault(
            "Files", f"{where} returned a different file than was stored.", "Look at the storage itself."
        )
    else:
        yield ok("Files", f"{where} stores and returns files ({(monotonic() - begun) * 1000:.0f} ms).")


def _disk() -> Iterator[Finding]:
    """That of the files, and that of a SQLite database where it is another."""
    if (disk := usage.disk()) is not None:
        yield of_disk(disk)
    folder = Path(connection.settings_dict["NAME"]).parent
    if connection.vendor == "sqlite" and (disk is None or not usage.on_one_disk(folder, settings.MEDIA_ROOT)):
        yield of_disk(usage.disk_of(folder), "Disk of the database", f"Make room where {folder} is.")


def of_disk(
    disk: usage.Disk, about: str = "Disk", fix: str = "Make room, or let `manage.py prune` remove old runs."
) -> Finding:
    """What its free room means."""
    words = f"{disk.free / 1024**3:.1f} GB are free."
    if disk.free < TOO_LITTLE:
        return fault(about, words, fix)
    if disk.free < LITTLE:
        return note(about, words, fix)
    return ok(about, words)


def _fonts() -> Iterator[Finding]:
    fonts.require("Ag 年 한 ب", "en")
    yield ok("Fonts", "The shipped fonts work.")
    if lacking := sorted({entry.package for entry in found.FURTHER if not entry.path}):
        fix = f"Only if you need them: install {', '.join(lacking)} (`manage.py fonts` lists all)."
        yield note("Fonts", "Copy in rarer scripts (Tamil, Georgian, …) cannot be shown here.", fix)
