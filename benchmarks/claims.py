"""Assignments and claims a second beside a million finished pictures, on a PostgreSQL of its own.

    python benchmarks/claims.py [--finished 1000000] [--claims 4000] [--workers 2]

One process decides turn after turn of the scheduler: waiting pictures get seats and are handed to the task engine. At
the same time workers in processes of their own fetch what was handed over, at most twenty at once as `run_worker` does,
and take the leases. What a picture goes through after that is not measured: its row is set to done by SQL, which frees
the seat for the next turn. A second number says how long a single turn takes when one seat of all is free, which is
how it is while servers paint.
"""

import argparse
import multiprocessing
import sys
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import bench  # noqa: E402 (the path comes first)

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Event

GOAL = 500  # a second
SERVERS, SEATS, WORKSPACES = 16, 16, 20
PICK_UP = 0.012  # seconds until procrastinate brings the next call for a turn


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


def claim_until(end: "Event", claimed: "Queue[int]") -> None:
    """A worker: fetch, take, and set to done what was taken."""
    import django

    django.setup()
    from runs import leases

    worker = multiprocessing.current_process().name
    claimed.put(0)  # it is there
    while not end.is_set():
        pks = [row.pk for row in leases.take_all(fetch(), worker)]
        if pks:
            free(pks)
            claimed.put(len(pks))
        else:
            time.sleep(0.005)


def fetch() -> list[int]:
    """Pictures that were handed over, for this worker alone."""
    from django.db import connection

    some = "SELECT id FROM procrastinate_jobs WHERE args ->> 'path' LIKE '%.render' LIMIT 20 FOR UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM procrastinate_jobs WHERE id IN ({some}) RETURNING (args -> 'args' ->> 0)::bigint"
        )
        return [pk for (pk,) in cursor.fetchall()]


def free(pks: list[int]) -> None:
    """Their seats are free again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_generation SET status = 'done', worker_id = '' WHERE id = ANY(%s)", [pks])


def many(postgres: int, claims: int, workers: int) -> float:
    """Claims a second, while turns are decided and leases taken at the same time."""
    from runs.engine import scheduler

    spawned = multiprocessing.get_context("spawn")  # a connection to the database must not be shared
    end, claimed = spawned.Event(), spawned.Queue()
    processes = [spawned.Process(target=claim_until, args=(end, claimed)) for _ in range(workers)]
    for process in processes:
        process.start()
    for _ in processes:
        claimed.get()
    everybody = [multiprocessing.current_process().pid or 0, postgres]
    spent = sum(map(bench.processor, everybody))
    begun, count, given = time.perf_counter(), 0, 0
    while count < claims:
        given += scheduler.assign()
        time.sleep(PICK_UP)
        with suppress(Empty):
            while count < claims:
                count += claimed.get_nowait()
    took = time.perf_counter() - begun
    each = (sum(map(bench.processor, everybody)) - spent) / count * 1000
    end.set()
    for process in processes:
        process.join()
    print(
        f"{count / took:7.0f} claims/s, {given / took:.0f} assignments/s ({SERVERS} servers of {SEATS} seats)"
    )
    print(f"{each:7.2f} ms of processor each, PostgreSQL's included", flush=True)
    return count / took


def one(turns: int) -> None:
    """Turns in which one seat of all is free."""
    from django.db import connection

    from runs.engine import scheduler

    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_generation SET status = 'done' WHERE status = 'claimed'")
        scheduler.assign()
        cursor.execute(
            "UPDATE runs_generation SET worker_id = 'busy', due_at = now() + '1 h' WHERE status = 'claimed'"
        )
        cursor.execute("SELECT id FROM runs_generation WHERE status = 'claimed' LIMIT %s", [turns])
        seated = [pk for (pk,) in cursor.fetchall()]
    took = 0.0
    for pk in seated:
        free([pk])
        before = time.perf_counter()
        given = scheduler.assign()
        took += time.perf_counter() - before
        if given != 1:
            raise SystemExit(f"{given} seats were given where one was free")
    print(f"{took / len(seated) * 1000:7.1f} ms for a turn in which one seat is free")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--claims", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=2)
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
        rate = many(postgres.pid, options.claims, options.workers)
        one(turns=100)
    if rate < GOAL:
        raise SystemExit(f"The goal is {GOAL} a second.")


if __name__ == "__main__":
    main()
