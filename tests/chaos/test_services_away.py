"""PostgreSQL is away for a minute, Redis for as long as it likes: pages say so or go on, no work is lost."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.chaos.conftest import on_postgres, stages
from tests.chaos.count import settle
from tests.chaos.processes import family, send, wait
from tests.chaos.stage import Stage, order
from tests.services import Postgres, Redis

pytestmark = pytest.mark.chaos

SOON, MINUTE = 30.0, 60.0


@pytest.fixture
def stage(postgres: Postgres, redis_server: Redis, static_files: Path) -> Iterator[Stage]:
    with stages(lambda path: on_postgres(path, postgres, redis_server, STATIC_ROOT=static_files)) as begin:
        yield begin(simulators=2, workers=2, webs=1, pace=0.5)


def _under_way(stage: Stage) -> None:
    wait(lambda: len(stage.rows.held()) >= 4, SOON, "every seat is taken")


def _paths(run: str) -> list[str]:
    return [f"/api/v1/runs/{run}", f"/runs/{run}/", "/campaigns/"]


def test_without_postgres_pages_say_when_to_come_again_and_nothing_is_lost(
    stage: Stage, postgres: Postgres
) -> None:
    run = stage.start_run(order(variations=20))
    _under_way(stage)
    answers: Counter[int] = Counter()
    slowest = 0.0
    with closing(stage.sign_in(stage.webs[0].url)) as browser:
        browser.headers["Authorization"] = f"Bearer {stage.token}"
        postgres.stop()
        ends = time.monotonic() + MINUTE
        while time.monotonic() < ends:
            for path in _paths(run):
                begun = time.monotonic()
                answer = browser.get(path)
                slowest = max(slowest, time.monotonic() - begun)
                answers[answer.status_code] += 1
                assert answer.headers.get("Retry-After"), answer
            assert browser.get("/health/live").status_code == 200
            assert browser.get("/health/ready").status_code == 503
            time.sleep(2)
        postgres.start()
        begun = time.monotonic()
        wait(lambda: browser.get(f"/runs/{run}/").status_code == 200, SOON, "pages are back")
        back = time.monotonic() - begun
    assert all(worker.runs for worker in stage.workers)
    stage.finish(120)
    account = settle(stage)
    print(
        f"answers without PostgreSQL: {dict(answers)}, the slowest after {slowest:.1f} s; pages back after {back:.1f} s"
    )
    print(account)
    assert set(answers) == {503}
    assert account.pictures == 20
    assert account.faults == {}
    assert account.bill.executed == 20


def test_while_postgres_hangs_nobody_gets_an_error_and_nothing_is_lost(
    stage: Stage, postgres: Postgres
) -> None:
    run = stage.start_run(order(variations=20))
    _under_way(stage)
    answers: list[int] = []

    def ask(path: str) -> None:
        with closing(httpx.Client(base_url=stage.webs[0].url, timeout=60)) as client:
            client.headers["Authorization"] = f"Bearer {stage.token}"
            answers.append(client.get(path).status_code)

    frozen = family(postgres.pid)
    send(frozen, signal.SIGSTOP)
    asking = [threading.Thread(target=ask, args=(f"/api/v1/runs/{run}",)) for _ in range(20)]
    try:
        for thread in asking:
            thread.start()
            time.sleep(0.5)
    finally:
        send(frozen, signal.SIGCONT)
    for thread in asking:
        thread.join()
    during = Counter(answers)
    ask(f"/api/v1/runs/{run}")
    assert answers[-1] == 200, "it does not recover by itself"
    stage.finish(120)
    account = settle(stage)
    print(f"answers while PostgreSQL hung for 10 s: {dict(during)}")
    print(account)
    assert set(during) <= {200, 503}
    assert account.faults == {}
    assert account.bill.executed == 20


def test_without_redis_pages_and_work_go_on(stage: Stage, redis_server: Redis) -> None:
    run = stage.start_run(order(variations=20))
    _under_way(stage)
    redis_server.stop()
    answers: Counter[int] = Counter()
    try:
        with closing(stage.sign_in(stage.webs[0].url)) as browser:
            browser.headers["Authorization"] = f"Bearer {stage.token}"
            second = _order_again(browser)
            while stage.rows.unfinished():
                for path in (*_paths(run), *_paths(second)):
                    answers[browser.get(path).status_code] += 1
                time.sleep(0.5)
    finally:
        redis_server.start()
    account = settle(stage)
    print(f"answers without Redis: {dict(answers)}")
    print(account)
    assert set(answers) == {200}
    assert account.pictures == 22
    assert account.faults == {}
    assert account.bill.executed == 22


def _order_again(client: httpx.Client) -> str:
    answer = client.post("/api/v1/runs", json=order(variations=2))
    answer.raise_for_status()
    return str(answer.json()["id"])
