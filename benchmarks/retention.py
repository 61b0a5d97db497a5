"""How long a clean-up takes: planning over a million ads, and removing a hundred thousand with their files.

    python benchmarks/retention.py [--planned 1000000] [--removed 100000]

On a SQLite file and a folder of their own. The rows are written by SQL, each ad with a copy, a brand and a report as
long as real ones; the files are small. Half of the runs have an approved ad, are pinned, or belong to a brief whose
last runs are kept, so that each rule has to be asked. Memory is the process's highest, before and after.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PICTURES, ADS = 10, 5  # of a run, of a picture
GOAL = 10.0  # seconds of processor for a plan of a million; beside others the clock on the wall says more
LONG = "x" * 900  # of a report; a real one is as long

_RUNS = """
INSERT INTO runs_run (uid, workspace_id, name, spec, workflow_id, origin, group_name, status, simulated, pictures_total,
    ads_total, created_at, ended_at, paused_by, rested, pinned)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
SELECT lower(hex(randomblob(16))), (SELECT min(id) FROM accounts_workspace), 'Run ' || i, '{"products": []}',
    (SELECT min(id) FROM runs_workflow), printf('%%032x', i / 20), '', 'done', 0, 10, 50,
    datetime('now', '-90 days'), datetime('now', '-' || (40 + i %% 60) || ' days'), '', 0, i %% 8 = 0 FROM n
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
    """So many ads in runs that ended one to three months ago."""
    from django.db import connection

    from accounts.models import Workspace
    from runs import ordering

    Workspace.objects.create(name="Nordlys")
    ordering.builtin_workflow()
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, [ads // (PICTURES * ADS)])
        cursor.execute(_GENERATIONS, [PICTURES])
        cursor.execute(_PICTURES)
        cursor.execute(_ADS, [ADS, LONG])
        cursor.execute("ANALYZE")


def write_files() -> int:
    """A small file for each row that names one."""
    from django.conf import settings

    from runs.models import Creative, Picture

    count = 0
    for table in (Picture.objects, Creative.objects):
        for key in table.values_list("key", flat=True).iterator():
            path = settings.MEDIA_ROOT / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"12345678")
            count += 1
    return count


def plan(ads: int) -> None:
    from django.utils import timezone

    from runs import retention
    from runs.keeping import Policy

    furnish(ads)
    rules = Policy(run_days=30, keep_last=2, ceiling=10**9)
    before, begun, cpu = peak(), time.perf_counter(), time.process_time()
    found = sum(1 for _ in retention.plan(timezone.now(), rules))
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(
        f"plan       {ads:>9} ads  {found:>7} runs can go  {took:6.1f} s ({cpu:.1f} of processor)"
        f"  memory {before} → {peak()} MB"
    )
    print("met" if cpu <= GOAL else f"MISSED: a plan is to take {GOAL:.0f} s of processor at most")


def remove(ads: int) -> None:
    from runs import cleaning
    from runs.keeping import Policy

    furnish(ads)
    files = write_files()
    before, begun, cpu = peak(), time.perf_counter(), time.process_time()
    gone = [outcome.fault for outcome in cleaning.clean("benchmark", usual=Policy(run_days=30, keep_last=2))]
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(
        f"remove     {ads:>9} ads  {len(gone):>7} runs went    {took:6.1f} s ({cpu:.1f} of processor)"
        f"  memory {before} → {peak()} MB"
    )
    print(f"left       {lost(files)}")


def lost(files: int) -> str:
    """Whether rows and files still agree."""
    from django.conf import settings

    from runs.models import Creative, Picture

    named = {key for table in (Picture, Creative) for key in table.objects.values_list("key", flat=True)}
    there = {str(path.relative_to(settings.MEDIA_ROOT)) for path in settings.MEDIA_ROOT.rglob("*.png")}
    return (
        f"{len(there)} of {files} files; {len(named - there)} rows without files, "
        f"{len(there - named)} files without rows"
    )


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--planned", type=int, default=1_000_000)
    parser.add_argument("--removed", type=int, default=100_000)
    options = parser.parse_args()
    for work, ads in ((plan, options.planned), (remove, options.removed)):
        # A process each: its memory is then its own.
        child = multiprocessing.get_context("spawn").Process(target=alone, args=(work, ads))
        child.start()
        child.join()


def alone(work: Callable[[int], None], ads: int) -> None:
    """On an empty studio of its own."""
    with tempfile.TemporaryDirectory(prefix="adgen-retention-") as folder:
        os.environ |= {"VAR_DIR": folder, "SECRET_KEY": "a-key-for-benchmarks-only-" + "x" * 40}
        os.environ.pop("DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "adgen.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        work(ads)


if __name__ == "__main__":
    main()
