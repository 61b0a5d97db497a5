"""Runs ordered over HTTP at an even pace, at several web processes in turn, while a worker paints: errors and waits.

    python benchmarks/submit.py [--runs 1000] [--seconds 60] [--web 2] [--workers 1]

Each POST is sent at its own moment, whatever became of those before it, by one client on this same machine; each run
is one picture. Every answer has to be 201, and every run has to be in the database afterwards, once.
"""

import argparse
import asyncio
import itertools
import sys
import time
from pathlib import Path
from statistics import quantiles

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import bench  # noqa: E402 (the path comes first)
from tests.chaos.stage import Stage, order  # noqa: E402


async def submit(stage: Stage, runs: int, seconds: float) -> tuple[list[float], list[str]]:
    """How long each answer took, and what went wrong."""
    took: list[float] = []
    faults: list[str] = []
    webs = itertools.cycle(stage.webs)
    headers = {"Authorization": f"Bearer {stage.token}"}

    async def one(http: httpx.AsyncClient, url: str, after: float) -> None:
        await asyncio.sleep(after)
        begun = time.perf_counter()
        try:
            answer = await http.post(f"{url}/api/v1/runs", json=order(), headers=headers)
        except httpx.HTTPError as fault:
            faults.append(repr(fault))
            return
        took.append(time.perf_counter() - begun)
        if answer.status_code != 201:
            faults.append(f"{answer.status_code} {answer.text[:100]}")

    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=200)) as http:
        waits = (n * seconds / runs for n in range(runs))
        await asyncio.gather(*(one(http, next(webs).url, after) for after in waits))
    return took, faults


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--web", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with bench.stage(workers=options.workers, simulators=1, webs=options.web, pace=0.5) as stage:
        begun = time.monotonic()
        took, faults = asyncio.run(submit(stage, options.runs, options.seconds))
        whole = time.monotonic() - begun
        ((stored,),) = stage.rows.ask("SELECT count(*) FROM runs_run")
    cuts = quantiles(took, n=100)
    print(
        f"{options.runs} runs ordered in {whole:.1f} s at {options.web} web processes, {len(faults)} errors"
    )
    print(
        f"{stored} runs stored; answers: median {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, "
        f"slowest {max(took) * 1000:.0f} ms"
    )
    if faults or stored != options.runs or whole > options.seconds * 1.1:
        raise SystemExit(f"Not as it should be. {faults[:3]}")


if __name__ == "__main__":
    main()
