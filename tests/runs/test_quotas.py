"""What a workspace may order, where several of its people order at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Workspace
from runs import lifecycle
from runs.errors import QuotaReached
from runs.models import Generation
from tests.conftest import brief

AT_ONCE = 4


@pytest.mark.django_db(transaction=True)
def test_orders_at_the_same_moment_do_not_go_over_the_quota_together(
    workspace: Workspace, settings: Any
) -> None:
    settings.QUOTA_PER_DAY = 3
    ready = Barrier(AT_ONCE)

    def order(_: int) -> bool:
        ready.wait(30)
        try:
            lifecycle.start(workspace, None, brief())  # two pictures
        except QuotaReached:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        assert sum(crowd.map(order, range(AT_ONCE))) == 1
    assert Generation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_presses_in_one_moment_are_one_order_though_the_quota_has_room_for_one(
    workspace: Workspace, settings: Any
) -> None:
    settings.QUOTA_PER_DAY = 3
    ready, uid = Barrier(2), uuid4()

    def press(_: int) -> int:
        ready.wait(30)
        try:
            return lifecycle.start(workspace, None, brief(), uid=uid).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as crowd:
        first, second = crowd.map(press, range(2))
    assert first == second
