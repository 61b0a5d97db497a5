"""How soon work goes on when whoever did it is gone: the bounds that docs/reliability.md promises."""

import time

import pytest

from tests.chaos.conftest import Raise
from tests.chaos.count import settle
from tests.chaos.processes import Engine, wait
from tests.chaos.rows import Row
from tests.chaos.stage import Stage, order

pytestmark = pytest.mark.chaos

SOON = 30.0
WORKER_GONE, SERVER_GONE, TOLD_TO_STOP = 25.0, 30.0, 5.0  # seconds


def _busiest(stage: Stage) -> tuple[Engine, list[Row]]:
    """The process that holds most, once every seat is taken."""
    wait(lambda: len(stage.rows.held()) >= 2 * len(stage.simulators), SOON, "every seat is taken")
    held = stage.rows.held()
    of_each = [(engine, [row for row in held if engine.holds(row.worker)]) for engine in stage.engines]
    return max(of_each, key=lambda pair: len(pair[1]))


def _elsewhere(stage: Stage, held: list[Row], within: float) -> list[float]:
    """Seconds until each of these rows is in other hands, or its picture is safe."""
    begun, seconds, open_ = time.monotonic(), [], {row.pk: row for row in held}
    while open_:
        now = {row.pk: row for row in stage.rows.generations()}
        for pk, before in list(open_.items()):
            moved = now[pk].worker and (now[pk].worker, now[pk].prompt_id) != (
                before.worker,
                before.prompt_id,
            )
            if moved or now[pk].status in ("composing", "done"):
                del open_[pk]
                seconds.append(time.monotonic() - begun)
        assert time.monotonic() - begun < within, f"after {within} s still: {[now[pk] for pk in open_]}"
        time.sleep(0.1)
    return seconds


def _end(stage: Stage, pictures: int) -> None:
    stage.finish(90)
    account = settle(stage)
    print(account)
    assert account.pictures == pictures
    assert account.faults == {}


def test_the_work_of_a_killed_worker_goes_on_elsewhere(several: Raise) -> None:
    stage = several(simulators=2, workers=2, pace=8.0)
    stage.start_run(order(variations=6))
    worker, held = _busiest(stage)
    worker.kill()
    seconds = _elsewhere(stage, held, WORKER_GONE)
    print(f"kill -9 of a worker with {len(held)} pictures: elsewhere after {max(seconds):.1f} s")
    for simulator in stage.simulators:
        simulator.tell("slow", factor=0.01)
    _end(stage, 6)


def test_the_work_of_a_worker_that_is_told_to_stop_goes_on_at_once(several: Raise) -> None:
    stage = several(simulators=2, workers=2, pace=8.0)
    stage.start_run(order(variations=6))
    worker, held = _busiest(stage)
    begun = time.monotonic()
    assert worker.stop(within=20) == 0, worker.words
    print(f"SIGTERM to a worker with {len(held)} pictures: exit 0 after {time.monotonic() - begun:.1f} s")
    seconds = _elsewhere(stage, held, TOLD_TO_STOP)
    print(f"its pictures were elsewhere {max(seconds):.1f} s after that")
    assert stage.rows.ask("SELECT max(tries), max(attempt) FROM runs_generation") == [(0, 0)]
    for simulator in stage.simulators:
        simulator.tell("slow", factor=0.01)
    _end(stage, 6)
    assert stage.bill().executed == 6


def test_the_work_of_a_killed_server_goes_on_elsewhere(several: Raise) -> None:
    stage = several(simulators=2, workers=2, pace=2.0)
    stage.start_run(order(variations=8))
    _busiest(stage)
    server = stage.simulators[0]
    ids = [*wait(server.running, SOON, "it paints"), *server.pending()]
    held = [row for row in stage.rows.held() if row.prompt_id in ids]
    server.kill()
    seconds = _elsewhere(stage, held, SERVER_GONE)
    print(f"kill -9 of a server with {len(held)} pictures: elsewhere after {max(seconds):.1f} s")
    _end(stage, 8)


def test_a_studio_that_is_told_to_stop_goes_on_when_it_is_back(single: Raise) -> None:
    stage = single(simulators=2, pace=8.0)
    stage.start_run(order(variations=6))
    studio, held = _busiest(stage)
    begun = time.monotonic()
    assert studio.stop(within=20) == 0, studio.words
    print(f"SIGTERM to a studio with {len(held)} pictures: exit 0 after {time.monotonic() - begun:.1f} s")
    studio.start()
    seconds = _elsewhere(stage, held, TOLD_TO_STOP)
    print(f"its pictures went on {max(seconds):.1f} s after it was back")
    for simulator in stage.simulators:
        simulator.tell("slow", factor=0.01)
    _end(stage, 6)
    assert stage.bill().executed == 6


def test_a_studio_that_slept_longer_than_its_leases_goes_on(single: Raise) -> None:
    stage = single(simulators=2, pace=3.0)
    stage.start_run(order(variations=6))
    studio, held = _busiest(stage)
    studio.freeze()
    time.sleep(20)  # the servers come to the end of what they have; its leases are over
    studio.thaw()
    seconds = _elsewhere(stage, held, WORKER_GONE)
    print(f"a studio slept for 20 s; its {len(held)} pictures went on {max(seconds):.1f} s after it woke")
    _end(stage, 6)
    assert stage.bill().executed == 6
