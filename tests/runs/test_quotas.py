"""What a workspace may order, where several of its people order at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

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
