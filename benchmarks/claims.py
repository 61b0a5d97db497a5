"""Assignments and claims a second beside a million finished pictures, on a PostgreSQL of its own.

    python benchmarks/claims.py [--finished 1000000] [--claims 4000] [--workers 3]

A turn of the scheduler gives waiting pictures their seats and hands them to the task engine; several processes then
take their leases, as workers do. What a picture goes through after that is not timed: its row is set to done by SQL,
which frees the seat. Turns are timed in two ways: many seats free at once (a fleet of servers after a pause), and one
seat free at a time (each rendered picture asks for the next one). procrastinate's own delivery is not in it.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable
from multiprocessing.pool import Pool
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import bench  # noqa: E402 (the path comes first)

GOAL = 500  # a second
SERVERS, SEATS, WORKSPACES = 16, 16, 20


def finished(count: int) -> None:
    """Runs of a hundred pictures that ended long ago, each picture with two steps of its life."""
    from django.db import connection

    runs = max(1, count // 100)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO runs_run (uid, workspace_id, name, spec, workflow_id, status, pictures_total, ads_total, "
            "created_at, started_at, ended_at, simulated) "
            "SELECT gen_random_uuid(), (SELECT array_agg(id) FROM accounts_workspace)[1 + n %% %s], 'old', '{}', "
            "(SELECT min(id) FROM runs_workflow), 'done', 100, 100, now(), now(), now(), false "
            "FROM generate_series(1, %s) n",
            [WORKSPACES, runs],
        )
        cursor.execute(
            "INSERT INTO runs_generation (uid, run_id, workspace_id, product, look, shape, variation, seed, width, "
            "height, positive, negative, status, priority, attempt, tries, worker_id, checkpoint, cancel_requested, "
            "disturbed, progress, step, preview_version, error, created_at, ended_at, prompt_id) "
            "SELECT gen_random_uuid(), r.id, r.workspace_id, 0, 0, 'square', 0, n, 1024, 1024, "
            "repeat('a slim can on a podium, ', 8), 'text', 'done', 0, 0, 0, '', 'base.safetensors', false, false, "
            "1, '', 0, '', now(), now(), gen_random_uuid() "
            "FROM runs_run r, generate_series(1, 100) n WHERE r.name = 'old'"
        )
        cursor.execute(
            "INSERT INTO runs_transition (generation_id, run_id, before, after, event, attempt, server, actor, words, "
            "at) SELECT g.id, g.run_id, 'waiting', 'done', e, 0, 'gpu-1', '', '', now() "
            "FROM runs_generation g, unnest(ARRAY['assign', 'composed']) e"
        )
        cursor.execute("ANALYZE")


def furnish() -> None:
    """The servers and the workspaces, and the graph that runs name."""
    from accounts.models import Workspace
    from runs import ordering
    from runs.models import Server
    from runs.states import ServerState

    ordering.builtin_workflow()
    Workspace.objects.bulk_create([Workspace(name=f"Workspace {n}") for n in range(WORKSPACES)])
    facts = {"state": ServerState.UP, "checkpoints": ["base.safetensors"], "seats": SEATS}
    Server.objects.bulk_create(
        [Server(name=f"gpu-{n}", url=f"http://gpu-{n}.test", **facts) for n in range(SERVERS)]
    )


def order(pictures: int) -> None:
    """Runs that wait, one after the other from each workspace, as the API starts them."""
    from accounts.models import Workspace
    from runs import lifecycle
    from runs.brief import from_data

    looks = [{"name": f"Look {n}", "words": "on a podium"} for n in range(10)]
    products = [{"name": f"Can {n}"} for n in range(5)]
    spec = from_data(bench.brief(products=products, looks=looks))  # 50 pictures
    workspaces = list(Workspace.objects.all())
    for n in range(-(-pictures // 50)):
        lifecycle.start(workspaces[n % len(workspaces)], None, spec)


def become_worker() -> None:
    """A process of its own, with its own connections; the settings come with the environment."""
    import django

    django.setup()
    take([])


def take(pks: list[int]) -> int:
    """What a worker does with pictures that it is told of, one after the other; how many it got."""
    from runs import leases

    worker = multiprocessing.current_process().name
    return sum(leases.take(pk, worker) is not None for pk in pks)


def turn(workers: Pool, count: int, seats: int) -> float:
    """One turn of the scheduler and the claims that follow; how many seconds that took."""
    from runs.engine import scheduler

    before = time.perf_counter()
    given = scheduler.assign()
    assigned = time.perf_counter() - before
    if given < seats:
        raise SystemExit(f"only {given} of {seats} free seats were given")
    wanted = _delivered()
    shares = [wanted[n::count] for n in range(count)]
    before = time.perf_counter()
    taken = sum(workers.map(take, [share for share in shares if share], chunksize=1))
    claimed = time.perf_counter() - before
    if taken != given:
        raise SystemExit(f"{given} seats were given and {taken} leases taken")
    _end(wanted)
    return assigned + claimed


def _delivered() -> list[int]:
    """The pictures that the task engine would bring to the workers now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args -> 'args' ->> 0)::bigint FROM procrastinate_jobs WHERE args ->> 'path' LIKE '%.render'"
        )
        return [pk for (pk,) in cursor.fetchall()]


def _end(pks: list[int]) -> None:
    """The seats are free again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_generation SET status = 'done', worker_id = '' WHERE id = ANY(%s)", [pks])
        cursor.execute("DELETE FROM procrastinate_jobs")


def leave_one_seat() -> None:
    """All seats are taken by pictures under way but for one."""
    from django.db import connection

    from runs.engine import scheduler

    scheduler.assign()
    busy = "UPDATE runs_generation SET worker_id = 'busy', due_at = now() + '1 h' WHERE status = 'claimed' RETURNING id"
    with connection.cursor() as cursor:
        cursor.execute(busy)
        _end([cursor.fetchone()[0]])


def report(name: str, claims: int, seats: int, take_turn: Callable[[int], float]) -> float:
    count, took = 0, 0.0
    while count < claims:
        took += take_turn(seats)
        count += seats
    print(
        f"{count / took:7.0f} claims/s  {name} ({count} claims, {took / count * 1000:.2f} ms each)",
        flush=True,
    )
    return count / took


def measure(workers: Pool, options: argparse.Namespace) -> float:
    def take_turn(seats: int) -> float:
        return turn(workers, options.workers, seats)

    rate = report(f"{SERVERS * SEATS} seats free at once", options.claims, SERVERS * SEATS, take_turn)
    leave_one_seat()
    report("one seat free at a time", options.claims // 20, 1, take_turn)
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--claims", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=3)
    options = parser.parse_args()
    with bench.services() as (postgres, redis), bench.django(postgres, redis):
        furnish()
        begun = time.monotonic()
        finished(options.finished)
        order(int(options.claims * 1.3) + SERVERS * SEATS)
        print(
            f"{options.finished} finished pictures are there after {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        # Spawned: a connection to the database must not be shared.
        with multiprocessing.get_context("spawn").Pool(options.workers, become_worker) as workers:
            rate = measure(workers, options)
    if rate < GOAL:
        raise SystemExit(f"The goal is {GOAL} a second.")


if __name__ == "__main__":
    main()
