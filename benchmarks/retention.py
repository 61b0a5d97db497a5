"""How long a clean-up takes, and whether one that is killed again and again takes exactly what the rules let go.

    python benchmarks/retention.py [--planned 1000000] [--removed 100000] [--seed N]

Plans over so many ads, and over a tenth of them to see that memory stays. Then `manage.py prune` removes what of a
hundred thousand ads can go, with their files: it is killed with SIGKILL at three moments by chance, looked at each
time, and let go on. What is left then is compared, run by run and file by file, with what the rules say
(`benchmarks/many_runs.py` reckons it without the studio). On a SQLite file and a folder of their own.
"""

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from sqlite3 import connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import many_runs  # noqa: E402 (the path comes first)
from tests.chaos.processes import environment  # noqa: E402

GOAL = 10.0  # seconds on the clock for a plan of a million
FLAT = 25  # MB that ten times the rows may take more
KILLS = 3
MANAGE = [sys.executable, str(ROOT / "manage.py")]


@dataclass(frozen=True, slots=True)
class Planned:
    """One plan: how long it took, and the process's highest memory before and after, in MB."""

    runs: int
    seconds: float
    processor: float
    before: int
    after: int


def plan(ads: int) -> Planned:
    """In an empty studio of its own, in a process of its own: its memory is then its own."""
    with tempfile.TemporaryDirectory(prefix="adgen-retention-") as folder:
        os.environ |= _environment(folder) | {"DJANGO_SETTINGS_MODULE": "adgen.settings"}
        import django
        from django.core.management import call_command
        from django.utils import timezone

        django.setup()
        call_command("migrate", verbosity=0)
        from runs import retention

        many_runs.furnish(ads)
        before, begun, cpu = _peak(), time.perf_counter(), time.process_time()
        found = sum(1 for _ in retention.plan(timezone.now()))
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu
        return Planned(found, took, cpu, before, _peak())


def _environment(folder: str) -> dict[str, str]:
    own = {"VAR_DIR": folder, "SECRET_KEY": "a-key-for-benchmarks-only-" + "x" * 40, "DATABASE_URL": ""}
    return (
        own
        | {name: str(value) for name, value in many_runs.KNOBS.items()}
        | {"RETENTION_CEILING": str(10**9)}
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def plans(ads: int) -> bool:
    """Whether a plan is made in time, and takes no more memory for ten times as many."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as alone:
        small, large = alone.map(plan, (ads // 10, ads))
    for many, made in ((ads // 10, small), (ads, large)):
        print(
            f"plan    {many:>9} ads  {made.runs:>6} entries  {made.seconds:5.1f} s on the clock, "
            f"{made.processor:4.1f} of processor  memory {made.before} → {made.after} MB"
        )
    return _say(large.seconds <= GOAL, f"{ads} ads are planned in {GOAL:.0f} s on the clock") & _say(
        large.after - small.after <= FLAT,
        f"memory is flat: {large.after - small.after:+d} MB for ten times the rows",
    )


# --- Killed in the middle ------------------------------------------------------------------------------------


class House:
    """A studio in a folder of its own, spoken to by its commands alone."""

    def __init__(self, folder: str) -> None:
        self.media, self.database = Path(folder) / "media", Path(folder) / "studio.sqlite3"
        self._env = environment(**_environment(folder) | {"RETENTION_CEILING": "0"})

    def manage(self, *words: str) -> str:
        done = subprocess.run([*MANAGE, *words], env=self._env, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}"[-3000:])
        return done.stdout

    def prune_and_kill(self, lines: int, pause: float) -> None:
        """SIGKILL so long after it has told of so many: in the middle of the next one's rows or files."""
        with subprocess.Popen([*MANAGE, "prune"], env=self._env, stdout=subprocess.PIPE, text=True) as prune:
            assert prune.stdout is not None
            for _ in range(lines):
                prune.stdout.readline()
            time.sleep(pause)
            prune.send_signal(signal.SIGKILL)
            if prune.wait() != -signal.SIGKILL:
                raise SystemExit("prune was over before it could be killed: try it with more ads.")

    def notes(self) -> int:
        """Removals that were stopped between their rows and their files."""
        with closing(connect(self.database)) as rows:
            return int(rows.execute("SELECT count(*) FROM runs_removal").fetchone()[0])

    def lost(self) -> tuple[int, int]:
        """Rows without files, and files without rows."""
        files, named = many_runs.there(self.media, self.database).files, many_runs.named(self.database)
        return len(named - files), len(files - named)


def removes(ads: int, seed: int) -> bool:
    """Whether exactly what can go is gone after three kills, and rows and files agree."""
    with tempfile.TemporaryDirectory(prefix="adgen-retention-") as folder:
        house = House(folder)
        house.manage("migrate", "--verbosity=0")
        house.manage("shell", "--no-imports", "-c", f"from benchmarks.many_runs import *; furnish({ads})")
        files = many_runs.write_files(house.media, house.database)
        to_stay = many_runs.to_stay(house.database, datetime.now(UTC))
        entries = len(house.manage("prune", "--dry-run").splitlines()) - 2
        print(f"remove  {ads:>9} ads  {entries:>6} entries  {files} files; killed by chance, --seed {seed}")
        good = _killed(house, entries, random.Random(seed))
        begun = time.perf_counter()
        print("        " + house.manage("prune").splitlines()[-1])
        print(f"        the rest in {time.perf_counter() - begun:.1f} s on the clock")
        return _judged(house, to_stay) & good


def _killed(house: House, entries: int, chance: random.Random) -> bool:
    good = True
    for _ in range(KILLS):
        lines, pause = chance.randint(2, entries // (KILLS + 1)), chance.uniform(0, 0.05)
        house.prune_and_kill(lines, pause)
        without_files, without_rows = house.lost()
        words = f"killed {pause * 1000:.0f} ms after {lines - 1} entries: {without_files} rows without files"
        words += f", {house.notes()} notes of {without_rows} files that have to go"
        good &= _say(not without_files and bool(house.notes()) == bool(without_rows), words)
    return good


def _judged(house: House, to_stay: many_runs.Kept) -> bool:
    left = many_runs.there(house.media, house.database)
    without_files, without_rows = house.lost()
    again = house.manage("prune").splitlines()[-1]
    wrong = len(left.runs ^ to_stay.runs), len(left.files ^ to_stay.files)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"        highest memory of a command {peak} MB")
    return (
        _say(
            wrong == (0, 0),
            f"{len(left.runs)} runs and {len(left.files)} files are left: {wrong[0]} and {wrong[1]} wrong",
        )
        & _say(
            not without_files and not without_rows,
            f"{without_files} rows without files, {without_rows} files without rows",
        )
        & _say(again.startswith("0 runs, 0 interrupted removals"), "another prune finds nothing")
    )


def _say(good: bool, words: str) -> bool:
    print(f"{'PASS' if good else 'FAIL'}    {words}", flush=True)
    return good


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--planned", type=int, default=1_000_000)
    parser.add_argument("--removed", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    good = plans(options.planned) & removes(options.removed, options.seed)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
