"""Files that broken attempts left are removed; every file that a row names stays."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F

from runs import lifecycle, storage
from runs.engine import supervisor, tasks, tidying
from runs.engine.database import aside, rows
from runs.models import Creative, Generation, Picture, Run
from tests.conftest import fail, keep_files_in

PATIENCE = 5.0  # seconds; only a bound

pytestmark = pytest.mark.django_db


def _disturb(run: Run, minutes: int = 5) -> Generation:
    """One picture of this run was not made at one go, and ended so long ago."""
    row = run.generations.order_by("pk")[0]
    ended = F("ended_at") - timedelta(minutes=minutes)
    Generation.objects.filter(pk=row.pk).update(disturbed=True, ended_at=ended)
    return row


def _strays(row: Generation) -> list[str]:
    """What an attempt leaves that stored its files and died before their rows."""
    workspace = row.workspace.uid
    keys = [storage.picture_key(workspace, row.uid, 7)]
    keys.append(storage.ad_key(workspace, row.uid, "meta_story-m1-en-r1", "f" * 64, "png"))
    for key in keys:
        storage.put(key, b"half a picture")
    return keys


def _named(run: Run) -> list[str]:
    pictures = Picture.objects.filter(generation__run=run).values_list("key", flat=True)
    return [*pictures, *Creative.objects.filter(run=run).values_list("key", flat=True)]


def test_what_no_row_names_goes_and_everything_else_stays(finished: Run) -> None:
    row = _disturb(finished)
    smaller = [storage.small_key(key) for key in _named(finished)]
    for key in smaller:
        storage.put(key, b"for lists")
    strays = _strays(row)
    assert tidying.tidy() == len(strays)
    assert not any(map(default_storage.exists, strays))
    assert all(map(default_storage.exists, [*_named(finished), *smaller]))


def test_the_files_of_a_picture_that_failed_go(run: Run) -> None:
    row = _disturb(fail(run))
    strays = _strays(row)
    assert tidying.tidy() == len(strays)


def test_one_look_is_enough(finished: Run) -> None:
    row = _disturb(finished)
    tidying.tidy()
    row.refresh_from_db()
    assert row.disturbed is False


def test_what_went_well_is_not_looked_at(finished: Run) -> None:
    row = _disturb(finished)
    Generation.objects.update(disturbed=False)
    strays = _strays(row)
    assert tidying.tidy() == 0
    assert all(map(default_storage.exists, strays))


def test_a_worker_that_may_still_write_is_waited_for(finished: Run) -> None:
    strays = _strays(_disturb(finished, minutes=0))
    assert tidying.tidy() == 0
    assert all(map(default_storage.exists, strays))


def test_what_is_tried_again_is_left_until_it_ends(run: Run) -> None:
    row = _disturb(fail(run))
    strays = _strays(row)
    lifecycle.retry([row], actor="alice")
    assert tidying.tidy() == 0
    assert all(map(default_storage.exists, strays))


class Slow(storage.AtomicFileStorage):
    """Something happens before its next folder is listed."""

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().listdir(path)


def test_what_is_tried_again_while_its_files_are_listed_keeps_the_new_ones(run: Run, settings: Any) -> None:
    row = _disturb(fail(run))
    key = storage.picture_key(row.workspace.uid, row.uid, row.attempt + 1)

    def try_again() -> None:
        assert lifecycle.retry([row], actor="alice")
        storage.put(key, b"its row comes next")

    Slow.meanwhile.append(try_again)
    keep_files_in(Slow, settings)
    assert tidying.tidy() == 0
    assert default_storage.exists(key)
    row.refresh_from_db()
    assert row.disturbed is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tidied", [supervisor._tidy, tasks.tidy.func], ids=["embedded", "worker"])
async def test_storage_that_is_slow_holds_up_no_other_rows(
    tidied: Callable[[], Awaitable[None]], run: Run, settings: Any
) -> None:
    await rows(lambda: _disturb(fail(run)))
    asked, answered = threading.Event(), threading.Event()
    Slow.meanwhile += [answered.wait, asked.set]  # the last goes first
    keep_files_in(Slow, settings)
    tidying_up = asyncio.ensure_future(tidied())
    try:
        assert await asyncio.to_thread(asked.wait, PATIENCE)
        assert await asyncio.wait_for(rows(Generation.objects.filter(disturbed=True).count), PATIENCE) == 1
    finally:
        answered.set()
        await tidying_up
    assert not await rows(Generation.objects.filter(disturbed=True).exists)


@pytest.mark.django_db(transaction=True)
async def test_what_takes_long_leaves_no_connection_open() -> None:
    def asks() -> BaseDatabaseWrapper:
        Generation.objects.count()
        return connections["default"]

    assert (await aside(asks)).connection is None
