"""A worker takes what comes at once together; each row is still taken once, and by nobody who does not work on it."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from runs import leases, lifecycle
from runs.engine import servers
from runs.engine.taking import Taking
from runs.models import Generation, Run, Server
from runs.states import ServerState
from tests.conftest import brief, make_server

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [{"name": f"Look {n}", "words": "on a podium"} for n in range(3)]


def assigned(workspace: Any) -> list[int]:
    """Six pictures that were given seats, and nobody works on."""
    run, server = lifecycle.start(workspace, None, brief(looks=LOOKS)), make_server(seats=9)
    for generation in run.generations.all():
        lifecycle.assign(generation, server, "base.safetensors")
    return [generation.pk for generation in run.generations.all()]


def owners() -> dict[int, str]:
    return dict(Generation.objects.values_list("pk", "worker_id"))


def test_several_are_owned_together_and_those_of_others_left_alone(workspace: Any) -> None:
    pks = assigned(workspace)
    assert leases.take(pks[0], "other") is not None
    lifecycle.cancel(Generation.objects.filter(pk=pks[1]), actor="test")
    mine = leases.take_all(pks, "me")
    assert [row.pk for row in mine] == pks[2:]
    assert {row.worker_id for row in mine} == {"me"}
    assert owners() == {pks[0]: "other", pks[1]: "", **dict.fromkeys(pks[2:], "me")}


def test_what_is_taken_can_be_worked_on_without_another_question(
    workspace: Any, django_assert_num_queries: Any
) -> None:
    row = leases.take_all(assigned(workspace), "me")[0]
    with django_assert_num_queries(0):
        assert row.server is not None and row.server.url and row.run.workflow.graph and row.run.workspace.uid


async def test_all_that_are_told_at_once_are_taken(workspace: Any) -> None:
    pks = await sync_to_async(assigned)(workspace)
    taking = Taking("me")
    taken = await asyncio.gather(*map(taking.take, pks))
    assert [row.pk for row in taken if row] == pks


async def test_one_that_is_told_twice_is_taken_once(workspace: Any) -> None:
    pk, *_ = await sync_to_async(assigned)(workspace)
    taking = Taking("me")
    taken = await asyncio.gather(taking.take(pk), taking.take(pk))
    assert [row and row.pk for row in taken] == [pk, None]
    assert await taking.take(pk) is None


async def test_a_fault_reaches_all_who_asked_and_the_next_one_is_served(
    workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pks = await sync_to_async(assigned)(workspace)
    taking = Taking("me")

    def away(*_: Any) -> list[Generation]:
        raise OperationalError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(leases, "take_all", away)  # a database cannot be taken away for a moment in here
        told = await asyncio.gather(*map(taking.take, pks), return_exceptions=True)
    assert {type(answer) for answer in told} == {OperationalError}
    assert await taking.take(pks[0]) is not None


async def test_what_was_taken_for_somebody_who_is_gone_is_given_back(workspace: Any) -> None:
    pks = await sync_to_async(assigned)(workspace)
    taking = Taking("me")
    stays, goes = (asyncio.create_task(taking.take(pk)) for pk in pks[:2])
    await asyncio.sleep(0)  # both have asked
    goes.cancel()
    assert await stays is not None
    await asyncio.gather(goes, return_exceptions=True)
    while taking._turn is not None:
        await asyncio.sleep(0.01)
    assert (await sync_to_async(owners)())[pks[1]] == ""


def test_a_picture_without_a_seat_is_not_taken(run: Run) -> None:
    assert leases.take_all([], "me") == []
    # They wait: no seat, no lease.
    assert leases.take_all([row.pk for row in run.generations.all()], "me") == []


def test_only_who_holds_the_picture_may_say_that_its_server_is_down(workspace: Any) -> None:
    pk = assigned(workspace)[0]
    held = leases.take(pk, "me")
    assert held is not None
    servers.mark_down(held, "It does not answer.", "somebody who was away")
    assert Server.objects.get().state == ServerState.UP
    servers.mark_down(held, "It does not answer.", "me")
    assert Server.objects.get().state == ServerState.DOWN
