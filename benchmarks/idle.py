"""What the studio in several processes costs while nobody orders anything: transactions, processor, memory.

    python benchmarks/idle.py [--seconds 60] [--web 2] [--workers 2] [--simulators 2]

Transactions are those that PostgreSQL counts itself (pg_stat_database), by all processes and its own housekeeping;
processor and memory are those of each process as Linux tells them (/proc).
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import bench  # noqa: E402 (the path comes first)
from tests.chaos.processes import Member  # noqa: E402
from tests.chaos.stage import Stage  # noqa: E402

SETTLING = 15.0  # seconds until what starts has started
PAGE = os.sysconf("SC_PAGE_SIZE")


def transactions(stage: Stage) -> int:
    told = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    ((count,),) = stage.rows.ask(told)
    return int(count)


def memory(member: Member) -> float:
    """Megabytes."""
    return int(Path(f"/proc/{member.pid}/statm").read_text().split()[1]) * PAGE / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--web", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--simulators", type=int, default=2)
    options = parser.parse_args()
    parts = {"workers": options.workers, "simulators": options.simulators, "webs": options.web}
    with bench.stage(**parts) as stage:
        time.sleep(SETTLING)
        members = [*stage.webs, *stage.workers]
        before, spent = transactions(stage), {member: bench.processor(member.pid) for member in members}
        time.sleep(options.seconds)
        rate = (transactions(stage) - before) / options.seconds
        print(f"{rate:.1f} transactions a second, all processes together")
        for member in members:
            share = (bench.processor(member.pid) - spent[member]) / options.seconds
            print(f"{member}: {share:.2%} of a core, {memory(member):.0f} MB")


if __name__ == "__main__":
    main()
