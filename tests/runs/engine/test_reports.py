"""Progress of many pictures is written down together, and never holds up who reports it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from runs import leases, lifecycle, signals
from runs.engine import reports
from runs.models import Generation, Run
from runs.states import Event, Status
from tests.conftest import begin, make_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(run: Run) -> list[Generation]:
    """Both pictures of the run, held by one worker."""
    server = make_server()
    return [begin(generation, server) for generation in run.generations.order_by("pk")]


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What pages are told, one entry for each time."""
    heard: list[Any] = []

    def hear(**words: Any) -> None:
        heard.append(words["run"])

    signals.run_changed.connect(hear)
    yield heard
    signals.run_changed.disconnect(hear)


def report(generation: Generation, progress: float) -> leases.Report:
    return leases.Report.of(
        generation, generation.worker_id, progress=progress, step="1 of 2", preview_version=1
    )


async def written() -> None:
    while any(task.get_name() == "reports" for task in asyncio.all_tasks()):
        await asyncio.sleep(0.01)


async def test_what_gathers_while_one_is_written_is_written_together(
    held: list[Generation], run: Run, told: list[Any]
) -> None:
    for n in range(50):
        for generation in held:
            reports.put(report(generation, n / 100))
    await written()
    rows = await sync_to_async(lambda: list(run.generations.values_list("progress", "step")))()
    assert rows == [(0.49, "1 of 2")] * 2
    assert told == [run.uid]


async def test_a_report_that_fails_stops_none_that_come_later(
    held: list[Generation], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        # As when the database is away for a moment.
        broken.setattr(leases, "_REPORT", "UPDATE nothing SET nothing = %s")
        reports.put(report(held[0], 0.3))
        await written()
    reports.put(report(held[0], 0.4))
    await written()
    await sync_to_async(held[0].refresh_from_db)()
    assert held[0].progress == 0.4


def test_a_late_report_does_not_take_a_finished_picture_back(held: list[Generation]) -> None:
    late = report(held[0], 0.5)
    lifecycle.advance(held[0], Event.RENDERED, worker=held[0].worker_id)
    leases.report(late)
    held[0].refresh_from_db()
    assert (held[0].status, held[0].progress) == (Status.COMPOSING, 0.92)
