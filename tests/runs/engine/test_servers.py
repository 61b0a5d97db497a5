"""GPU servers that are not ours alone, or not well: what is seen of them, and that pictures come out all the same."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from runs import leases, lifecycle, withdrawals
from runs.comfyui import TEXT_TO_IMAGE, Comfy, Endpoint, Queue
from runs.comfyui.prompt_queue import QueueItem
from runs.engine import scheduler, servers
from runs.engine.database import rows
from runs.engine.driver import Waits
from runs.engine.supervisor import Engine
from runs.models import Generation, Run, Server, Withdrawal
from runs.simulator.server import Simulator
from runs.states import Event, RunStatus, ServerState, Status
from tests.conftest import begin, make_server
from tests.runs.engine.conftest import ended, first_in, make_engine, order, pictures, turn, until

ONE = {"formats": ["meta_feed_square"]}


async def _as_a_stranger(client: Comfy) -> str:
    """Somebody else's prompt on the same server."""
    prompt_id = str(uuid4())
    what = {"positive": "a boat", "negative": "", "width": 64, "height": 64, "seed": 1}
    graph = TEXT_TO_IMAGE.bind(checkpoint=(await client.checkpoints())[0], **what)
    await client.submit(graph, prompt_id=prompt_id, client_id="a stranger")
    return prompt_id


async def _the_server() -> Server:
    return await rows(Server.objects.get)


async def test_a_strangers_prompt_is_told_as_load_and_outlives_our_stop(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    async with Comfy(Endpoint(simulator.url)) as client:
        theirs = await _as_a_stranger(client)
        run = await order(**ONE)
        await first_in(run, Status.QUEUED)
        await turn(engine)
        server = await _the_server()
        assert (server.others, server.reason) == (1, "Busy with 1 job from elsewhere.")
        await rows(lifecycle.cancel_run, run, actor="alice")
        assert (await ended(run)).status == RunStatus.CANCELLED
        queue = await client.queue()
        assert [item.prompt_id for item in (*queue.running, *queue.pending)] == [theirs]
    simulator.release()
    await until(lambda: _painted(simulator, theirs))


async def _painted(simulator: Simulator, prompt_id: str) -> bool:
    return simulator.machine.queue.remaining == 0 and prompt_id in simulator.executed


async def test_a_server_that_is_switched_off_is_left_to_finish_even_by_the_next_worker(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    held = await first_in(run, Status.RENDERING)
    await rows(Server.objects.update, enabled=False)
    await engine.stop()
    # As kill -9 leaves it: the dead worker's name on the row, its lease run out.
    gone = {"worker_id": "dead", "due_at": timezone.now() - timedelta(seconds=1)}
    await rows(Generation.objects.filter(pk=held.pk).update, **gone)
    later = await order(**ONE)
    # What the server says is for the worker that is gone; the next one asks, here a little sooner.
    following = make_engine(Waits(silence=0.3))
    await following.start()
    try:
        await rows(scheduler.sweep)
        simulator.release()
        assert (await ended(run)).status == RunStatus.DONE
    finally:
        await following.stop()
    assert len(simulator.prompts_accepted) == 1
    assert {row.status for row in await pictures(later)} == {Status.WAITING}


@pytest.mark.parametrize("waits", [Waits(silence=0.2)], ids=["hurried"])
async def test_a_deaf_socket_is_given_up_for_one_that_hears(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    deaf = simulator.sockets
    assert simulator.deaf_socket() == 1
    await until(lambda: _hears(simulator, deaf))
    simulator.release()
    assert (await ended(run)).status == RunStatus.DONE
    assert simulator.sockets == deaf, "the new socket was closed with the old one's id"
    assert len(simulator.prompts_accepted) == 1


async def _hears(simulator: Simulator, sockets: tuple[str, ...]) -> bool:
    return simulator.sockets == sockets


@pytest.fixture
async def zombie_and_well(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Engine, Simulator, Simulator]]:
    """Two servers; the first takes prompts and runs none."""
    monkeypatch.setattr("runs.engine.condition.STALLED_AFTER", 0.01)
    async with Simulator(seconds_per_step=0.01) as zombie, Simulator(seconds_per_step=0.01) as well:
        zombie.zombie_worker()
        settings.COMFYUI_URLS, settings.TEST_MODE = [zombie.url, well.url], "off"
        running = make_engine(Waits(silence=0.2))
        await running.start()
        yield running, zombie, well
        with suppress(Exception):
            await running.stop()


async def test_what_waits_at_a_stalled_server_is_made_elsewhere(
    zombie_and_well: tuple[Engine, Simulator, Simulator],
) -> None:
    engine, zombie, well = zombie_and_well
    run = await order(formats=["meta_feed_square"], variations=4)
    await until(lambda: _took(zombie, 1))
    while (await rows(Server.objects.get, url=zombie.url)).state != ServerState.STALLED:
        await turn(engine)
    assert (await ended(run)).status == RunStatus.DONE
    assert len(well.executed) == 4
    assert zombie.machine.queue.remaining == 0, "what it never began is still in its queue"


async def _took(simulator: Simulator, prompts: int) -> bool:
    return len(simulator.prompts_accepted) >= prompts


# --- What a probe writes down ---


def _probed(server: Server, **queue: list[str]) -> Server:
    items = {name: tuple(QueueItem(0, prompt) for prompt in prompts) for name, prompts in queue.items()}
    server.refresh_from_db()
    servers._note(server, {}, Queue(**items), 0.1)
    server.refresh_from_db()
    return server


def test_a_server_that_does_nothing_with_its_queue_is_stalled_after_a_while(run: Run) -> None:
    server = make_server()
    assert _probed(server, pending=["x"]).state == ServerState.UP
    Server.objects.update(quiet_since=timezone.now() - timedelta(seconds=25))
    assert _probed(server, pending=["x"]).state == ServerState.STALLED
    assert scheduler.assign() == 0
    assert _probed(server, running=["x"]).state == ServerState.UP, "it works again"
    assert scheduler.assign() == 2


def test_a_server_that_ignores_a_stop_is_noticed(run: Run) -> None:
    server = make_server()
    held = begin(run.generations.all()[0], server)
    prompt_id = uuid4()
    leases.note_prompt(held.pk, held.worker_id, prompt_id)
    lifecycle.advance(held, Event.CANCEL, worker=held.worker_id)
    assert _probed(server, running=[str(prompt_id)]).state == ServerState.UP, "a node ends at its next step"
    Generation.objects.filter(pk=held.pk).update(ended_at=timezone.now() - timedelta(seconds=40))
    probed = _probed(server, running=[str(prompt_id)])
    assert probed.state == ServerState.SLOW
    assert "ignores stop" in probed.reason
    assert _probed(server).state == ServerState.UP


def test_ours_and_theirs_are_told_apart(run: Run) -> None:
    server = make_server()
    held = begin(run.generations.all()[0], server)
    ours = uuid4()
    leases.note_prompt(held.pk, held.worker_id, ours)
    assert _probed(server, running=[str(ours)], pending=["theirs", str(uuid4())]).others == 2


# --- Which of them are asked ---


def test_a_server_that_is_switched_off_is_asked_while_a_picture_waits_for_its_prompt_there(run: Run) -> None:
    server = make_server()
    held = begin(run.generations.all()[0], server)
    leases.note_prompt(held.pk, held.worker_id, uuid4())
    Server.objects.update(enabled=False)
    lifecycle.lose(held, "gpu-1 does not answer.", worker=held.worker_id, keep_prompt=True, blame=False)
    assert servers.to_ask() == [server]


def test_a_server_that_is_switched_off_is_asked_until_it_is_free_of_what_nobody_wants(db: None) -> None:
    server = make_server(enabled=False)
    withdrawals.note(server, uuid4())
    assert servers.to_ask() == [server]
    Withdrawal.objects.update(created_at=timezone.now() - servers.FORGOTTEN)
    assert servers.to_ask() == []


def test_a_server_that_is_switched_off_is_left_alone_when_nothing_of_ours_is_there(run: Run) -> None:
    server = make_server()
    held = begin(run.generations.all()[0], server)
    leases.note_prompt(held.pk, held.worker_id, uuid4())
    Server.objects.update(enabled=False)
    lifecycle.advance(held, Event.FAIL, worker=held.worker_id)
    assert servers.to_ask() == []
