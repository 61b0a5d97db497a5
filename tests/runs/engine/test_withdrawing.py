"""What nobody waits for any more is taken off its server, even when that was away at the time."""

from uuid import UUID, uuid4

from runs import leases, lifecycle, withdrawals
from runs.comfyui import TEXT_TO_IMAGE, Comfy, Endpoint
from runs.engine import scheduler, servers
from runs.engine.database import rows
from runs.engine.supervisor import Engine
from runs.models import Generation, Run, Server, Withdrawal
from runs.simulator.server import Simulator
from runs.states import Status
from tests.conftest import begin, make_server
from tests.runs.engine.conftest import first_in, order, until

ONE = {"formats": ["meta_feed_square"]}


def _under_way(run: Run, server: Server) -> Generation:
    """Sent there by a worker that is gone since."""
    held = begin(run.generations.order_by("pk")[0], server)
    leases.note_prompt(held.pk, held.worker_id, uuid4())
    held.refresh_from_db()
    lifecycle.lose(held, "Its worker went silent.", keep_prompt=True)
    held.refresh_from_db()
    return held


def test_a_prompt_that_is_left_behind_is_remembered(run: Run) -> None:
    gone = make_server("gpu-1")
    left = _under_way(run, gone)
    make_server("gpu-2")
    Server.objects.filter(pk=gone.pk).update(state="down")
    scheduler.assign()
    assert Withdrawal.objects.values_list("server", "prompt_id").get() == (gone.pk, left.prompt_id)


def test_stopping_a_picture_between_two_workers_remembers_its_prompt(run: Run) -> None:
    left = _under_way(run, make_server("gpu-1"))
    lifecycle.cancel([left], actor="alice")
    assert Withdrawal.objects.get().prompt_id == left.prompt_id


async def test_a_server_that_is_back_is_freed_of_it(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    server, prompt_id = await rows(Server.objects.get), str(uuid4())
    graph = TEXT_TO_IMAGE.bind(
        checkpoint=server.checkpoints[0], positive="a can", negative="", width=64, height=64, seed=1
    )
    async with Comfy(Endpoint(simulator.url)) as client:
        await client.submit(graph, prompt_id=prompt_id, client_id="somebody")
        await rows(withdrawals.note, server, UUID(prompt_id))
        await servers.probe_all()
        simulator.release()
        await until(lambda: _idle(client))
    await servers.probe_all()
    assert await rows(Withdrawal.objects.count) == 0


async def _idle(client: Comfy) -> bool:
    queue = await client.queue()
    return not queue.running and not queue.pending


async def test_a_stop_that_the_server_missed_is_said_again(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    row = await first_in(run, Status.RENDERING)
    simulator.refuse(503)
    await rows(lifecycle.cancel_run, run, actor="alice")
    await first_in(run, Status.CANCELLED)
    assert (await rows(Withdrawal.objects.get)).prompt_id == row.prompt_id
    simulator.heal()
    simulator.release()
    await until(_withdrawn)


async def _withdrawn() -> bool:
    await servers.probe_all()
    return not await rows(Withdrawal.objects.exists)
