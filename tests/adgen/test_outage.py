"""A database that does not answer: 503 in words, and nothing is asked of it for that."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client, RequestFactory
from procrastinate.exceptions import ConnectorException

from accounts.models import User, Workspace
from adgen.outage import OneLine, is_outage, unavailable
from runs.models import Run
from studio.models import Campaign
from tests.conftest import brief_data, make_token

HTML = {"Accept": "text/html,application/xhtml+xml"}


only_sqlite = pytest.mark.skipif(settings.POSTGRES, reason="locks SQLite's file")


@contextmanager
def locked() -> Iterator[None]:
    """Another process writes, for longer than anybody waits."""
    connection.close()
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    patience, options["timeout"] = options["timeout"], 0.1
    try:
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    finally:
        options["timeout"] = patience
        connection.close()


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_program_is_told_to_come_again(workspace: Workspace, alice: User) -> None:
    headers = {"Authorization": f"Bearer {make_token(workspace, alice)}"}
    client = Client(raise_request_exception=False, headers=headers)
    with locked():
        answer = client.post("/api/v1/runs", brief_data(), content_type="application/json")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("The database is not responding. Nothing is lost")
    assert not Run.objects.exists()
    answer = client.post("/api/v1/runs", brief_data(), content_type="application/json")
    assert answer.status_code == 201


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_person_reads_that_nothing_is_lost(as_alice: Client) -> None:
    as_alice.raise_request_exception = False
    with locked():
        answer = as_alice.post("/campaigns/new/", {"name": "Summer"}, headers=HTML)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Nothing is lost" in answer.text
    assert not Campaign.objects.exists()
    assert as_alice.post("/campaigns/new/", {"name": "Summer"}, headers=HTML).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/campaigns/", "/api/v1/runs"])
def test_saying_so_asks_the_database_nothing(path: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert unavailable(RequestFactory().get(path, headers=HTML)).status_code == 503


def test_an_outage_is_one_though_somebody_wrapped_it() -> None:
    wrapped = ConnectorException()
    wrapped.__cause__ = OperationalError("server closed the connection unexpectedly")
    assert is_outage(wrapped)
    assert is_outage(InterfaceError("connection already closed"))


@pytest.mark.parametrize(
    "fault",
    [OperationalError("no such table: runs_run"), ProgrammingError("relation does not exist"), ValueError()],
)
def test_a_fault_of_ours_is_no_outage(fault: Exception) -> None:
    assert not is_outage(fault)


def test_the_log_has_one_line_for_each_request() -> None:
    fault = OperationalError("connection refused\nIs the server running?")
    place = (type(fault), fault, fault.__traceback__)
    record = logging.LogRecord("django.request", 40, "", 1, "%s: %s", ("Not now", "/runs/"), place)
    assert OneLine().filter(record)
    assert (record.getMessage(), record.exc_info) == ("Not now: /runs/ (connection refused)", None)
