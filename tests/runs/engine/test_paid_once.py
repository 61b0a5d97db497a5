"""What was sent is paid for: a server or a proxy that answers badly for a moment costs no second prompt."""

import asyncio
from uuid import uuid4

import pytest

from accounts.models import Workspace
from runs import leases, lifecycle
from runs.engine import scheduler
from runs.engine.database import rows
from runs.engine.render import Stop
from runs.engine.supervisor import Engine
from runs.models import Generation, Run, Server, Withdrawal
from runs.simulator.server import Simulator
from runs.states import RunStatus, Status
from tests.conftest import begin, brief, make_server
from tests.runs.engine.conftest import ended, first_in, order, pictures

ONE = {"formats": ["meta_feed_square"]}


@pytest.mark.parametrize("path", ["/prompt", "/view"])
async def test_an_answer_that_a_proxy_spoils_costs_no_second_prompt(
    engine: Engine, simulator: Simulator, path: str
) -> None:
    simulator.spoil_answers(path, 504)
    run = await ended(await order(**ONE))
    assert run.status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


async def test_a_proxy_that_restarts_while_the_worker_changes_costs_no_second_prompt(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    painted = await first_in(run, Status.RENDERING)
    simulator.refuse(502)
    engine._jobs[painted.pk].stop(Stop.SHUTDOWN)
    await asyncio.sleep(0.5)
    simulator.heal()
    assert (await ended(run)).status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


async def test_words_that_no_database_takes_are_told_all_the_same(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.fail_on("KSampler", message="cannot open caf\udce9\0.safetensors")
    run = await ended(await order(**ONE))
    [failed] = await pictures(run)
    assert (failed.status, failed.tries) == (Status.FAILED, 0)
    assert "cannot open caf?.safetensors" in failed.error


async def test_a_fault_that_nobody_foresaw_counts_as_a_try(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    painted = await first_in(run, Status.RENDERING)
    away = {"url": simulator.url.replace("http:", "https:"), "ca": "/nowhere.pem"}
    await rows(Server.objects.update, **away)
    engine._jobs[painted.pk].stop(Stop.SHUTDOWN)  # whoever takes it now cannot even open a connection
    row = painted
    async with asyncio.timeout(20):
        while not row.tries:
            await asyncio.sleep(0.05)
            [row] = await pictures(run)
    assert row.prompt_id == painted.prompt_id


# --- What is left on a server when nobody comes back to it ---


@pytest.fixture
def sent(workspace: Workspace) -> Generation:
    """Held by a worker, with its prompt at the server."""
    run = lifecycle.start(workspace, None, brief(**ONE))
    held = begin(run.generations.get(), make_server(), "me")
    leases.note_prompt(held.pk, "me", uuid4())
    held.refresh_from_db()
    return held


def noted() -> list[object]:
    return list(Withdrawal.objects.values_list("prompt_id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_fails_after_its_tries_leaves_no_prompt(sent: Generation) -> None:
    Generation.objects.update(tries=Generation.MAX_TRIES - 1)
    lifecycle.lose(sent, "Its worker went silent.", worker="me", keep_prompt=True)
    sent.refresh_from_db()
    assert sent.status == Status.FAILED
    assert noted() == [sent.prompt_id]


@pytest.mark.django_db(transaction=True)
def test_a_prompt_that_is_given_up_for_another_is_taken_off(sent: Generation) -> None:
    lifecycle.lose(sent, "It failed.", worker="me")
    assert noted() == [sent.prompt_id]
    assert Generation.objects.get().prompt_id is None


@pytest.mark.django_db(transaction=True)
def test_a_wish_to_stop_outlives_the_worker_that_was_to_do_it(sent: Generation) -> None:
    lifecycle.cancel_run(sent.run, actor="alice")
    lifecycle.lose(sent, "It does not answer.", worker="me", keep_prompt=True, blame=False)
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert noted() == [sent.prompt_id]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_ends_what_a_dead_worker_was_to_stop(sent: Generation) -> None:
    lifecycle.cancel_run(sent.run, actor="alice")
    leases.end_all()
    scheduler.sweep()
    assert Run.objects.get().status == RunStatus.CANCELLED
    assert noted() == [sent.prompt_id]
