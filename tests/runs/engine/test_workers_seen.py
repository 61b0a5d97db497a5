"""A web process says how many workers showed themselves lately; only on PostgreSQL are there any."""

import pytest
from django.db import connection
from django.test import Client

from tests.conftest import make_server

pytestmark = pytest.mark.django_db


def seen(*seconds_ago: float) -> None:
    with connection.cursor() as cursor:
        for seconds in seconds_ago:
            row = (
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')"
            )
            cursor.execute(row, [seconds])


@pytest.mark.parametrize(
    ("ago", "status", "words"),
    [
        ((), 503, "no worker"),
        ((90,), 503, "no worker"),
        ((3,), 200, "1 worker"),
        ((3, 9, 90), 200, "2 workers"),
    ],
)
def test_work_needs_a_worker_that_was_seen_lately(ago: tuple[float, ...], status: int, words: str) -> None:
    make_server()
    seen(*ago)
    answer = Client().get("/health/work")
    assert (answer.status_code, answer.json()["engine"]) == (status, words)


def test_pages_need_none() -> None:
    make_server()
    assert Client().get("/health/ready").status_code == 200
