"""A turn of the engine reads what is under way by its indexes: a million finished pictures must not slow it down."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from runs import leases, obstacles, vitals
from runs.engine import scheduler, servers, tidying
from runs.models import Run, WorkspacePolicy
from runs.recompose import is_due
from runs.states import Status
from tests.conftest import begin, make_server

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's planner tells it in other words"),
]

LARGE = ("runs_generation", "runs_run", "runs_creative", "runs_picture", "runs_transition")
FEW = ("generations_active", "generations_waiting", "generations_sent", "generations_disturbed", "runs_open")
TURNS: list[Callable[[], object]] = [
    scheduler.assign,
    scheduler.sweep,
    servers.to_ask,
    servers.retire_simulator,
    leases.end_all,
    tidying.tidy,
    is_due,
    vitals.queue,
]


def _plans(turn: Callable[[], object]) -> list[tuple[str, list[str]]]:
    """Each query with the steps of SQLite's plan; its values stay apart, as they are when it is asked."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        turn()
    with connection.cursor() as cursor:
        return [(sql, _steps(cursor, sql, params)) for sql, params in asked]


def _steps(cursor: Any, sql: str, params: Any) -> list[str]:
    cursor.execute("EXPLAIN QUERY PLAN " + sql, params)
    return [str(step[-1]) for step in cursor.fetchall()]


def _walks_through_all(plan: tuple[str, list[str]]) -> bool:
    """Also by an index that has a row for each picture. What a turn may walk through are the few that are not done."""
    sql, steps = plan
    walks = Counter(step.split()[1] for step in steps if step.startswith("SCAN") and not _of_few(step))
    # The database calls tables inside of a query U0, small ones too.
    small = Counter(alias for table, alias in re.findall(r'"(\w+)" "?(U\d+)', sql) if table not in LARGE)
    large = {alias for table, alias in re.findall(r'"(\w+)" "?(U\d+)', sql) if table in LARGE}
    return any(walks[name] > small[name] for name in {*LARGE, *large})


def _of_few(step: str) -> bool:
    return any(f"INDEX {few}" in step for few in FEW)


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"{turn.__module__}.{turn.__name__}")
def test_no_turn_of_the_engine_walks_through_all_pictures(turn: Callable[[], object], run: Run) -> None:
    begin(run.generations.all()[0], make_server("gpu-1"))
    plans = _plans(turn)
    assert plans
    assert list(filter(_walks_through_all, plans)) == []


def test_asking_why_a_run_waits_does_not_either(run: Run) -> None:
    WorkspacePolicy.objects.create(workspace=run.workspace, most_running=1)
    assert run.generations.filter(status=Status.WAITING).exists()
    assert list(filter(_walks_through_all, _plans(lambda: obstacles.held_back(run)))) == []
