"""Very many finished runs for `benchmarks/retention.py`, and what of them the rules let stay, reckoned apart.

The rows are written by SQL, each ad with a copy, a brand and a report as long as real ones; the files are small. There
are runs of each kind the rules know: failed, still running, pinned, with an approved ad, among the last of their brief,
being exported, and of a second workspace with rules of its own.
"""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PICTURES, ADS = 10, 5  # of a run, of a picture
LONG = "x" * 900  # of a report; a real one is as long
# The rules: of the settings, and what the second workspace has instead.
DAYS, FAILED_DAYS, KEEP_LAST = 60, 30, 2
OWN_DAYS, OWN_PICTURE_DAYS = 0, 45
KNOBS = {"RETENTION_DAYS": DAYS, "RETENTION_FAILED_DAYS": FAILED_DAYS, "RETENTION_KEEP_LAST": KEEP_LAST}
EXPORTED = range(50, 55)  # runs that are just being exported

_RUNS = """
INSERT INTO runs_run (uid, workspace_id, name, spec, workflow_id, origin, group_name, status, simulated, pictures_total,
    ads_total, created_at, ended_at, paused_by, rested, pinned)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
SELECT lower(hex(randomblob(16))), (SELECT CASE WHEN i %% 4 = 1 THEN max(id) ELSE min(id) END FROM accounts_workspace),
    'Run ' || i, '{"products": []}', (SELECT min(id) FROM runs_workflow), printf('%%032x', i / 20), '',
    CASE WHEN i %% 13 = 0 THEN 'running' WHEN i %% 11 = 0 THEN 'failed' ELSE 'done' END, 0, 10, 50,
    datetime('now', '-120 days'),
    CASE WHEN i %% 13 = 0 THEN NULL ELSE datetime('now', '-' || (25 + i %% 95) || ' days') END, '', 0, i %% 8 = 0 FROM n
"""
_GENERATIONS = """
INSERT INTO runs_generation (uid, run_id, workspace_id, product, look, shape, variation, seed, width, height, positive,
    negative, status, priority, paused, attempt, tries, worker_id, checkpoint, cancel_requested, disturbed, progress,
    step, preview_version, error, created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
SELECT lower(hex(randomblob(16))), r.id, r.workspace_id, 0, 0, 'square', i, 1, 64, 64, 'a slim can', '', 'done', 0, 0,
    0, 0, '', '', 0, 0, 1, '', 0, '', datetime('now') FROM runs_run r, n
"""
_PICTURES = """
INSERT INTO runs_picture (uid, workspace_id, generation_id, attempt, key, sha256, width, height, bytes, simulated,
    checkpoint, server, created_at)
SELECT lower(hex(randomblob(16))), workspace_id, id, 0, 'w/0/g/' || uid || '/0.png', '', 64, 64, 8, 0, '', 'gpu-1',
    datetime('now') FROM runs_generation
"""
_ADS = """
INSERT INTO runs_creative (uid, workspace_id, run_id, generation_id, picture_id, message, format, language, twin,
    revision, copy, brand, focus, state, words, key, sha256, bytes, mime, report, simulated, decision, made_by, tries,
    created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
SELECT lower(hex(randomblob(16))), p.workspace_id, g.run_id, g.id, p.id, n.i, 'meta_story', 'en', 0, 1,
    '{"headline": "Slow brewed. Fast gone.", "line": "18 hours cold."}', '{"name": "Nordlys", "primary": "#2a1a2e"}',
    '[0.5, 0.5]', 'ready', '', 'w/0/a/' || g.uid || '/' || n.i || '.png', '', 8, 'image/png', json_object('x', %s), 0,
    CASE WHEN g.run_id %% 5 = 0 AND g.variation = 1 THEN 'approved' ELSE 'undecided' END, '', 0, datetime('now')
FROM runs_picture p JOIN runs_generation g ON g.id = p.generation_id, n
"""


def furnish(ads: int) -> None:
    """So many ads in runs that ended three weeks to three months ago, in two workspaces."""
    from django.db import connection

    from accounts.models import Workspace
    from runs import ordering
    from runs.models import Export, RetentionPolicy

    first, second = (Workspace.objects.create(name=name) for name in ("Nordlys", "Fjordlys"))
    RetentionPolicy.objects.create(workspace=second, run_days=OWN_DAYS, picture_days=OWN_PICTURE_DAYS)
    ordering.builtin_workflow()
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, [ads // (PICTURES * ADS)])
        cursor.execute(_GENERATIONS, [PICTURES])
        cursor.execute(_PICTURES)
        cursor.execute(_ADS, [ADS, LONG])
        cursor.execute("ANALYZE")
    for place in (first, second):
        Export.objects.create(workspace=place, ads=[], runs={str(pk): 1 for pk in EXPORTED}, count=1, bytes=1)


def write_files(media: Path, database: Path) -> int:
    """A small file for each row that names one."""
    keys = sorted(named(database))
    for folder in {os.path.dirname(key) for key in keys}:
        (media / folder).mkdir(parents=True, exist_ok=True)
    for key in keys:
        (media / key).write_bytes(b"12345678")
    return len(keys)


# --- Reckoned without the studio -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """Which runs there are, and which files."""

    runs: frozenset[str]
    files: frozenset[str]


def there(media: Path, database: Path) -> Kept:
    found = (os.path.join(at, name) for at, _, names in os.walk(media) for name in names)
    files = frozenset(os.path.relpath(path, media) for path in found)
    return Kept(frozenset(uid for (uid,) in _rows(database, "SELECT uid FROM runs_run")), files)


def named(database: Path) -> frozenset[str]:
    """The files that rows name."""
    pictures = _rows(database, "SELECT key FROM runs_picture WHERE dropped_at IS NULL")
    ads = _rows(database, "SELECT key FROM runs_creative WHERE key != ''")
    return frozenset(key for (key,) in (*pictures, *ads))


def to_stay(database: Path, now: datetime) -> Kept:
    """What the rules let stay of what is there, run by run, as somebody would reckon it who knows the rules alone."""
    approved = {
        run for (run,) in _rows(database, "SELECT run_id FROM runs_creative WHERE decision = 'approved'")
    }
    of_brief: dict[str, list[int]] = {}
    rows = list(
        _rows(database, "SELECT id, uid, workspace_id, origin, status, ended_at, pinned FROM runs_run")
    )
    for pk, _, _, brief, *_ in rows:
        of_brief.setdefault(brief, []).append(pk)
    last = {pk for runs in of_brief.values() for pk in sorted(runs)[-KEEP_LAST:]}
    first_place = min(row[2] for row in rows)
    gone, without_pictures = set(), set()
    for pk, _, place, _, status, ended, pinned in rows:
        if ended is None or pinned or pk in approved or pk in last or pk in EXPORTED:
            continue
        age = now - datetime.fromisoformat(ended).replace(tzinfo=UTC)
        if (status == "failed" and age >= timedelta(days=FAILED_DAYS)) or (
            place == first_place and age >= timedelta(days=DAYS)
        ):
            gone.add(pk)
        elif place != first_place and age >= timedelta(days=OWN_PICTURE_DAYS):
            without_pictures.add(pk)
    ads = _rows(database, "SELECT run_id, key FROM runs_creative")
    pictures = _rows(
        database,
        "SELECT g.run_id, p.key FROM runs_picture p JOIN runs_generation g ON g.id = p.generation_id",
    )
    files = {key for run, key in ads if run not in gone}
    files |= {key for run, key in pictures if run not in gone | without_pictures}
    return Kept(frozenset(row[1] for row in rows if row[0] not in gone), frozenset(files))


def _rows(database: Path, question: str) -> Iterator[tuple[Any, ...]]:
    connection = sqlite3.connect(database)
    try:
        yield from connection.execute(question)
    finally:
        connection.close()
