"""Alive is not ready, and ready is not at work: what is wrong decides who has to do something about it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from runs import health, leaving
from runs.models import Server
from runs.states import ServerState
from tests.conftest import make_server


@pytest.mark.parametrize("path", ["/health/live", "/healthz"])
def test_the_process_is_alive_without_a_database(path: str) -> None:
    answer = Client().get(path)  # no database is allowed in this test
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert "no-store" in answer.headers["Cache-Control"]


def ready() -> tuple[int, dict[str, str]]:
    answer = Client().get("/health/ready")
    return answer.status_code, answer.json()


def work() -> tuple[int, dict[str, str]]:
    answer = Client().get("/health/work")
    return answer.status_code, answer.json()


@pytest.fixture
def elsewhere(settings: Any, db: None) -> None:
    """This process only serves pages; the engine runs in another one."""
    settings.ENGINE = "workers"


def test_with_database_engine_and_server_all_is_well(elsewhere: None) -> None:
    make_server()
    well = (200, {"status": "ok", "database": "ok", "engine": "elsewhere", "gpu_servers": "ok"})
    assert ready() == work() == well


def test_without_an_engine_that_should_be_here_it_is_not_ready(db: None) -> None:
    make_server()
    for status, told in (ready(), work()):
        assert (status, told["status"]) == (503, "not ready")
        assert told["engine"] == "not running in this process"


@pytest.mark.parametrize("state", [ServerState.DOWN, ServerState.UNKNOWN])
def test_without_a_server_that_answers_pages_are_served_all_the_same(
    elsewhere: None, state: ServerState
) -> None:
    make_server(state=state)
    assert (ready()[0], ready()[1]["gpu_servers"]) == (200, "none answers")
    assert (work()[0], work()[1]["status"]) == (503, "not ready")


@pytest.mark.parametrize(
    "facts",
    [
        {"checkpoints": []},
        {"missing_nodes": ["KSampler"]},
        {"paused_until": timezone.now() + timedelta(minutes=5)},
    ],
)
def test_a_server_that_answers_and_can_paint_nothing_does_not_count(
    elsewhere: None, facts: dict[str, Any]
) -> None:
    make_server(**facts)
    assert ready()[0] == 200
    assert (work()[0], work()[1]["gpu_servers"]) == (503, health.NOT_ABLE)
    make_server("gpu-2")
    assert work()[0] == 200


def test_a_server_that_is_switched_off_does_not_count(elsewhere: None) -> None:
    make_server(enabled=False)
    assert work()[0] == 503


def test_test_mode_is_at_work_and_says_so(elsewhere: None) -> None:
    make_server("Simulator", simulated=True)
    assert (work()[0], work()[1]["gpu_servers"]) == (200, "test mode")


def test_a_real_server_beside_the_simulator_is_not_called_test_mode(elsewhere: None) -> None:
    make_server("Simulator", simulated=True)
    make_server()
    assert ready()[1]["gpu_servers"] == "ok"


def test_a_simulator_is_no_help_while_the_real_server_is_down(elsewhere: None) -> None:
    make_server("Simulator", simulated=True)
    make_server(state=ServerState.DOWN)
    assert ready()[1]["gpu_servers"] == "none answers"


def test_a_missing_migration_is_told_with_what_to_do(
    elsewhere: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", False)  # an earlier request may have found all applied
    settings.MIGRATION_MODULES = {}  # the tests' own database was made without them
    make_server()
    status, told = ready()
    assert status == work()[0] == 503
    assert told["database"] == "migrations are missing: run `manage.py migrate`"


def test_a_database_that_fails_is_told_without_a_word_of_its_own(elsewhere: None) -> None:
    def broken(*args: Any) -> None:
        raise OperationalError("could not connect to db.internal as adgen")

    with connection.execute_wrapper(broken):
        status, told = ready()
        assert status == work()[0] == 503
    assert told["database"] == "does not answer: OperationalError"
    assert "db.internal" not in str(told)


@pytest.fixture
def told_to_end() -> Iterator[None]:
    leaving.told.set()
    yield
    leaving.told.clear()


def test_a_process_that_was_told_to_end_wants_no_more_requests(told_to_end: None) -> None:
    assert ready() == (503, {"status": "draining"})  # no database is allowed in this test
    assert Client().get("/health/live").status_code == 200


def test_health_is_only_read(db: None) -> None:
    assert Client().post("/health/ready").status_code == 405
    assert Server.objects.count() == 0


def test_health_is_not_led_to_https(elsewhere: None, settings: Any) -> None:
    """A redirect counts as well for some who ask, and as a fault for others."""
    settings.SECURE_SSL_REDIRECT = True
    assert (ready()[0], work()[0]) == (200, 503)
    assert Client().get("/health/live").status_code == Client().get("/healthz").status_code == 200
    assert Client().get("/accounts/login/").headers["Location"].startswith("https://")
