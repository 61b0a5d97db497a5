"""The sockets to the GPU servers: one for each server in use, none to what is switched off."""

import asyncio

from runs.engine.database import rows
from runs.engine.supervisor import Engine
from runs.models import Server
from runs.simulator.server import Simulator
from runs.states import RunStatus, Status
from tests.runs.engine.conftest import ended, first_in, order, turn, until

ONE = {"formats": ["meta_feed_square"]}


async def _sockets(simulator: Simulator, wanted: int) -> bool:
    return len(simulator.sockets) == wanted


async def test_a_server_that_is_switched_off_is_left(engine: Engine, simulator: Simulator) -> None:
    await ended(await order(**ONE))
    assert len(simulator.sockets) == 1
    await rows(Server.objects.update, enabled=False)
    await turn(engine)
    await until(lambda: _sockets(simulator, 0))


async def test_a_new_token_does_not_cut_off_what_is_being_painted(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    await rows(Server.objects.update, token="another")
    server = await rows(Server.objects.get)
    await engine._link(server)
    await turn(engine)
    assert len(simulator.sockets) == 2
    simulator.release()
    assert (await ended(run)).status == RunStatus.DONE
    await turn(engine)
    await until(lambda: _sockets(simulator, 1))
    assert len(simulator.prompts_accepted) == 1


async def test_two_pictures_at_once_share_one_socket(engine: Engine, simulator: Simulator) -> None:
    server = await rows(Server.objects.get)
    one, other = await asyncio.gather(engine._link(server), engine._link(server))
    assert one is other
