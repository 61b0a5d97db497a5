"""kill -9 of whoever works, at each point of a picture's way. Nothing is painted twice, stored twice or left over.

The points are reached from outside: a gate before the server holds requests and answers, the server holds its work,
a lock in the database holds steps of life. After the kill the rows, files and ledgers must show that it hit there.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.chaos.conftest import on_postgres, on_sqlite, stages
from tests.chaos.count import settle
from tests.chaos.processes import Engine, wait
from tests.chaos.rows import Row
from tests.chaos.stage import Stage, order
from tests.services import Postgres, Redis

pytestmark = pytest.mark.chaos

SOON = 30.0
MANY_ADS: dict[str, Any] = {
    "messages": [{"headline": f"Still here {n}"} for n in range(20)],
    "formats": ["meta_story"],
}

type Proof = Callable[[], None]
type Point = Callable[[Stage], AbstractContextManager[Proof]]


def _only(stage: Stage) -> Row:
    """The generation that is under way."""
    unfinished = [row for row in stage.rows.generations() if not row.is_final]
    assert len(unfinished) == 1, unfinished
    return unfinished[0]


def _is(stage: Stage, *statuses: str) -> bool:
    return _only(stage).status in statuses


def _events(stage: Stage, prompt_id: str) -> list[str]:
    """How far the server has come with a prompt."""
    found = [prompt for prompt in stage.prompts() if prompt.prompt_id == prompt_id]
    if not found:
        return []
    times = {"accepted": found[0].accepted, "started": found[0].started, "ended": found[0].ended}
    return [event for event, at in times.items() if at is not None]


@contextmanager
def before_the_post(stage: Stage) -> Iterator[Proof]:
    """The prompt's id is written down, the request never arrives."""
    stage.gates[0].hold_request("POST /prompt")
    stage.start_run(order())
    assert stage.gates[0].held.wait(SOON)

    def proof() -> None:
        row = _only(stage)
        assert (row.status, _events(stage, row.prompt_id)) == ("claimed", [])
        assert row.prompt_id

    yield proof
    stage.gates[0].drop()


@contextmanager
def between_post_and_commit(stage: Stage) -> Iterator[Proof]:
    """The server has accepted it and nobody knows."""
    stage.gates[0].hold_answer("POST /prompt")
    stage.start_run(order())
    assert stage.gates[0].held.wait(SOON)

    def proof() -> None:
        row = _only(stage)
        assert row.status == "claimed"
        assert "accepted" in _events(stage, row.prompt_id)

    yield proof
    stage.gates[0].drop()


@contextmanager
def while_queued(stage: Stage) -> Iterator[Proof]:
    """It waits behind another one."""
    stage.simulators[0].tell("hold")
    stage.start_run(order(variations=2))
    wait(lambda: {"queued", "rendering"} == _statuses(stage), SOON, "one is painted, one waits")

    def proof() -> None:
        queued = [row for row in stage.rows.generations() if row.status == "queued"]
        assert [_events(stage, row.prompt_id) for row in queued] == [["accepted"]]

    yield proof
    stage.simulators[0].tell("release")


def _statuses(stage: Stage) -> set[str]:
    return {row.status for row in stage.rows.generations() if not row.is_final}


@contextmanager
def while_rendering(stage: Stage) -> Iterator[Proof]:
    """It is being painted."""
    stage.simulators[0].tell("hold")
    stage.start_run(order())
    wait(lambda: _is(stage, "rendering"), SOON, "it is painted")

    def proof() -> None:
        row = _only(stage)
        assert (row.status, _events(stage, row.prompt_id)) == ("rendering", ["accepted", "started"])

    yield proof
    stage.simulators[0].tell("release")


@contextmanager
def while_fetching(stage: Stage) -> Iterator[Proof]:
    """It is painted, and on its way to us."""
    stage.gates[0].hold_answer("GET /view")
    stage.start_run(order())
    assert stage.gates[0].held.wait(SOON)

    def proof() -> None:
        row = _only(stage)
        assert (row.status, _events(stage, row.prompt_id)[-1]) == ("rendering", "ended")
        assert _files_of(stage, row) == 0

    yield proof
    stage.gates[0].drop()


def _files_of(stage: Stage, row: Row) -> int:
    """Whole files; one that is being written has another name."""
    return sum(row.uid in key and "/.part-" not in key for key in stage.files())


@contextmanager
def while_storing_the_picture(stage: Stage) -> Iterator[Proof]:
    """Its file is there, its row is not."""
    stage.gates[0].hold_answer("GET /view")
    stage.start_run(order())
    assert stage.gates[0].held.wait(SOON)
    row = _only(stage)
    with stage.rows.nobody_steps():
        stage.gates[0].let_go()
        wait(lambda: _files_of(stage, row), SOON, "the file is stored")

        def proof() -> None:
            assert _only(stage).status == "rendering"
            assert (_pictures(stage, row), _files_of(stage, row)) == (0, 1)

        yield proof


def _pictures(stage: Stage, row: Row) -> int:
    return len(stage.rows.ask("SELECT 1 FROM runs_picture WHERE generation_id = %s", row.pk))


def _ads(stage: Stage, row: Row) -> int:
    return len(stage.rows.ask("SELECT 1 FROM runs_creative WHERE generation_id = %s", row.pk))


@contextmanager
def while_composing(stage: Stage) -> Iterator[Proof]:
    """Its picture is stored; some of its ads are made, none has a row."""
    stage.start_run(order(**MANY_ADS))
    wait(lambda: _is(stage, "composing"), SOON, "its ads are made", pause=0.02)
    row = _only(stage)
    wait(lambda: 1 < _files_of(stage, row) < 21, SOON, "some ads have files", pause=0.02)

    def proof() -> None:
        assert _only(stage).status == "composing"
        assert (_pictures(stage, row), _ads(stage, row)) == (1, 0)
        assert 1 < _files_of(stage, row) < 21

    yield proof


@contextmanager
def while_storing_the_ads(stage: Stage) -> Iterator[Proof]:
    """All its files are there, the ads' rows are not."""
    stage.start_run(order(**MANY_ADS))
    wait(lambda: _is(stage, "composing"), SOON, "its ads are made", pause=0.02)
    row = _only(stage)
    with stage.rows.nobody_steps():
        wait(lambda: _files_of(stage, row) == 21, SOON, "all ads have files")

        def proof() -> None:
            assert _only(stage).status == "composing"
            assert (_pictures(stage, row), _ads(stage, row)) == (1, 0)

        yield proof


POINTS = [
    before_the_post,
    between_post_and_commit,
    while_queued,
    while_rendering,
    while_fetching,
    while_storing_the_picture,
    while_composing,
    while_storing_the_ads,
]


def _kill_who_works(stage: Stage) -> list[Engine]:
    """Whoever holds a row."""
    holders = {row.worker for row in stage.rows.held()}
    engines = [one for one in stage.engines if any(one.holds(id) for id in holders)]
    assert engines, f"nobody holds anything: {stage.rows.generations()}"
    for engine in engines:
        engine.kill()
    return engines


def _survive(stage: Stage, point: Point) -> None:
    with point(stage) as proof:
        killed = _kill_who_works(stage)
        proof()
    begun = time.monotonic()
    for engine in killed:
        engine.start()
    stage.finish(90)
    took = time.monotonic() - begun
    account = settle(stage)
    print(f"{point.__name__}: done {took:.0f} s later. {account}")
    assert account.faults == {}
    assert account.bill.executed == account.pictures


@pytest.fixture(scope="module")
def workers(postgres: Postgres, redis_server: Redis) -> Iterator[Stage]:
    """Two workers, one of which is killed at each point."""
    with stages(lambda path: on_postgres(path, postgres, redis_server)) as begin:
        yield begin(simulators=1, workers=2, gates=True)


@pytest.fixture(scope="module")
def studio() -> Iterator[Stage]:
    """The studio in one process, killed and started again at each point."""
    with stages(on_sqlite) as begin:
        yield begin(simulators=1, gates=True)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.__name__)
def test_a_kill_of_a_worker_costs_nothing(workers: Stage, point: Point) -> None:
    _survive(workers, point)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.__name__)
def test_a_kill_of_the_studio_costs_nothing(studio: Stage, point: Point) -> None:
    _survive(studio, point)
