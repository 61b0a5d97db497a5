"""Single faults that need a scene of their own: a zombie, a poison, races, what is exhausted or locked."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.conftest import Raise, on_postgres, stages
from tests.chaos.count import settle
from tests.chaos.gate import Gate
from tests.chaos.processes import Engine, wait
from tests.chaos.rows import Row
from tests.chaos.stage import Stage, order
from tests.services import Postgres, Redis
from tests.studio import posting

pytestmark = pytest.mark.chaos

SOON = 30.0


def _holder(stage: Stage, row: Row) -> Engine | None:
    return next((one for one in stage.engines if one.runs and one.holds(row.worker)), None)


def _held(stage: Stage, where: str = "1 = 1") -> Row | None:
    return next((row for row in stage.rows.generations(where) if row.worker and not row.is_final), None)


def test_a_worker_that_wakes_after_its_lease_changes_nothing(several: Raise) -> None:
    stage = several(simulators=1, workers=2)
    stage.simulators[0].tell("hold")
    stage.start_run(order())
    row = wait(lambda: _held(stage, "g.status = 'rendering'"), SOON, "it is painted")
    sleeper = _holder(stage, row)
    assert sleeper is not None
    sleeper.freeze()
    wait(lambda: (now := _held(stage)) and now.worker != row.worker, SOON, "another one has it")
    owner = next(one for one in stage.engines if one is not sleeper)
    owner.freeze()  # so that it is not simply the faster one
    taken = stage.rows.generations()
    stage.simulators[0].tell("release")
    wait(lambda: not stage.simulators[0].running(), SOON, "it is painted")
    sleeper.thaw()
    time.sleep(5)
    assert stage.rows.generations() == taken, "the sleeper went on with what is not its own"
    owner.thaw()
    stage.finish(SOON)
    by_whom = {actor for event, actor in stage.rows.steps(row.pk) if event in ("rendered", "composed")}
    account = settle(stage)
    print(account)
    assert len(by_whom) == 1
    assert row.worker not in by_whom
    assert account.faults == {}
    assert account.bill.executed == 1


def test_a_picture_that_kills_every_worker_is_given_up_and_the_others_go_on(several: Raise) -> None:
    stage = several(simulators=2, workers=2, pace=1.5)
    poison = stage.start_run(order(picture={"pixels": 4096, "steps": 150}))
    mine = "g.run_id = (SELECT id FROM runs_run WHERE uid = %s)"
    (row,) = stage.rows.generations(mine, poison)
    other = stage.start_run(order(variations=20))
    deaths = 0
    while not (now := stage.rows.generations("g.id = %s", row.pk)[0]).is_final:
        if now.status == "rendering" and (killer := _holder(stage, now)):
            killer.kill()
            deaths += 1
            killer.begin()
        assert deaths <= 5, "it goes on for ever"
        time.sleep(0.3)
    stage.finish(120)
    ((error,),) = stage.rows.ask("SELECT error FROM runs_generation WHERE id = %s", row.pk)
    others = Counter(row.status for row in stage.rows.generations(mine, other))
    print(f"{deaths} workers died of it. It says: {error} The others: {dict(others)}")
    assert (now.status, deaths) == ("failed", 5)
    assert "tried 5 times" in error
    assert others == {"done": 20}


def test_a_stop_at_any_moment_has_one_end(several: Raise) -> None:
    stage = several(simulators=2, workers=2, pace=0.3)
    rng = random.Random(1)
    with stage.client() as client:
        for _ in range(25):
            run = stage.start_run(order())
            time.sleep(rng.random() * 1.5)
            client.post(f"/runs/{run}/cancel").raise_for_status()
    stage.finish(60)
    ends = [
        [event for event, _ in stage.rows.steps(row.pk) if event in ("composed", "cancel", "fail")]
        for row in stage.rows.generations()
    ]
    account = settle(stage)
    print(f"stopped or done, each once: {dict(Counter(end for found in ends for end in found))}")
    assert all(len(found) == 1 for found in ends)
    assert {"composed", "cancel"} == {end for found in ends for end in found}, "the moments were too alike"
    assert (account.damaged, account.strays, account.doubled, account.bill.wasted) == ([], [], [], [])
    assert all(simulator.running() == simulator.pending() == [] for simulator in stage.simulators)


@contextmanager
def _runs_locked(stage: Stage) -> Iterator[None]:
    with stage.rows.connection() as connection:
        connection.execute("LOCK TABLE runs_run IN ACCESS EXCLUSIVE MODE")
        yield


def test_a_pool_with_nothing_left_is_refused_soon(postgres: Postgres, redis_server: Redis) -> None:
    with stages(lambda path: on_postgres(path, postgres, redis_server, DATABASE_POOL=1)) as begin:
        stage = begin(simulators=1, webs=1)
        run = stage.start_run(order())
        answers: list[tuple[int, float]] = []

        def ask() -> None:
            begun = time.monotonic()
            with stage.client() as client:
                status = client.get(f"/runs/{run}").status_code
            answers.append((status, time.monotonic() - begun))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        with _runs_locked(stage):
            for thread in threads:
                thread.start()
            wait(lambda: len(answers) >= 5, SOON, "all but the one that has the connection are answered")
            refused = list(answers)
        for thread in threads:
            thread.join()
        print(f"refused: {[(status, round(took, 1)) for status, took in refused]}")
        assert {status for status, _ in refused} == {503}
        assert sorted(status for status, _ in answers) == [200, *[503] * 5]


def test_a_sqlite_that_is_locked_is_waited_for_and_then_says_so(single: Raise) -> None:
    stage = single(simulators=1)
    with stage.client() as client:
        client.timeout = httpx.Timeout(60)
        for seconds, status in ((8, 201), (25, 503)):
            with stage.rows.nobody_steps():
                answers: list[int] = []
                asking = threading.Thread(
                    target=lambda: answers.append(client.post("/runs", json=order()).status_code)  # noqa: B023
                )
                asking.start()
                time.sleep(seconds)
            asking.join()
            print(f"locked for {seconds} s: {answers}")
            assert answers == [status]
    stage.finish(60)
    assert settle(stage).faults == {}


@pytest.fixture
def two_webs(postgres: Postgres, redis_server: Redis, static_files: Path) -> Iterator[Stage]:
    with stages(lambda path: on_postgres(path, postgres, redis_server, STATIC_ROOT=static_files)) as begin:
        yield begin(simulators=1, workers=1, webs=2)


def _twice(stage: Stage, client: httpx.Client, path: str, **order: Any) -> httpx.Response:
    """Send it to one that dies between its commit and its answer, then to the other; that one's answer."""
    gate = Gate(stage.webs[0].port)
    gate.hold_answer(f"POST {path}")

    def send() -> None:
        with pytest.raises(httpx.TransportError):
            client.post(f"{gate.url}{path}", **order)

    with closing(gate):
        first = threading.Thread(target=send)
        first.start()
        assert gate.held.wait(SOON)
        stage.webs[0].kill()
        gate.drop()
        first.join()
    assert len(stage.rows.ask("SELECT 1 FROM runs_run")) == 1, "it died before its commit"
    return client.post(f"{stage.webs[1].url}{path}", **order)


def _one_run(stage: Stage) -> str:
    ((run,),) = stage.rows.ask("SELECT uid FROM runs_run")
    stage.finish(60)
    assert settle(stage).faults == {}
    return str(run)


def test_a_form_whose_answer_was_lost_can_be_sent_again(two_webs: Stage) -> None:
    ((campaign,),) = two_webs.rows.ask("SELECT uid FROM studio_campaign")
    with closing(two_webs.sign_in(two_webs.webs[0].url)) as browser:
        token = {"csrfmiddlewaretoken": browser.cookies["adgen_csrf"]}
        form = posting.form(steps="1", formats=["google_display_small_square"]) | token
        again = _twice(two_webs, browser, f"/campaigns/{campaign}/briefs/new/", data=form)
    assert (again.status_code, again.headers.get("Location")) == (302, f"/runs/{_one_run(two_webs)}/")


def test_an_order_whose_answer_was_lost_can_be_sent_again(two_webs: Stage) -> None:
    headers = {"Authorization": f"Bearer {two_webs.token}", "Idempotency-Key": "order-1"}
    with httpx.Client(headers=headers, timeout=30) as program:
        again = _twice(two_webs, program, "/api/v1/runs", json=order())
    assert (again.status_code, again.json().get("id")) == (201, _one_run(two_webs))
