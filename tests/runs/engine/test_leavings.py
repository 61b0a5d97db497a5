"""What is left on a GPU server is taken off it; what others sent and what is at work there stays."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from runs import lifecycle
from runs.comfyui import TEXT_TO_IMAGE, Comfy, Endpoint
from runs.engine import leavings
from runs.engine.database import rows
from runs.models import Generation, Run, Server
from runs.simulator.server import Simulator
from runs.states import Event
from tests.conftest import begin, make_server
from tests.runs.engine.conftest import until


async def _sent(client: Comfy) -> str:
    prompt_id = str(uuid4())
    what = {"positive": "a boat", "negative": "", "width": 64, "height": 64, "seed": 1}
    graph = TEXT_TO_IMAGE.bind(checkpoint=(await client.checkpoints())[0], **what)
    await client.submit(graph, prompt_id=prompt_id, client_id="a test")
    return prompt_id


def _ours(run: Run, server: Server, over: str, busy: str | None = None) -> None:
    """The run's first picture failed, the second is at work."""
    first, second = run.generations.all()[:2]
    for row, prompt in ((first, over), (second, busy)):
        Generation.objects.filter(pk=begin(row, server).pk).update(prompt_id=prompt)
    lifecycle.advance(Generation.objects.get(pk=first.pk), Event.FAIL, words="No.", error="No.")


@pytest.mark.django_db(transaction=True)
async def test_only_what_is_ours_and_over_is_taken_off(simulator: Simulator, run: Run) -> None:
    simulator.hold()
    server = await rows(make_server, url=simulator.url)
    async with Comfy(Endpoint(simulator.url)) as client:
        over, busy, theirs = [await _sent(client) for _ in range(3)]
        await rows(_ours, run, server, over, busy)
        [told] = await leavings._all(dry_run=True)
        assert (told.queued, told.others) == ((over,), 1)
        [done] = await leavings._all(dry_run=False)
        assert done == told
        queue = await client.queue()
        assert {item.prompt_id for item in (*queue.running, *queue.pending)} == {busy, theirs}
    simulator.release()


@pytest.mark.django_db(transaction=True)
async def test_the_history_of_what_is_over_is_forgotten(simulator: Simulator, run: Run) -> None:
    server = await rows(make_server, url=simulator.url)
    async with Comfy(Endpoint(simulator.url)) as client:
        over, theirs = [await _sent(client) for _ in range(2)]
        await until(lambda: _are_over(client, over, theirs))
        await rows(_ours, run, server, over)
        [told] = await leavings._all(dry_run=False)
        assert (told.queued, told.ended) == ((), (over,))
        assert await client.ended(10) == [theirs]


async def _are_over(client: Comfy, *prompts: str) -> bool:
    return set(await client.ended(10)) == set(prompts)


@pytest.mark.django_db(transaction=True)
def test_a_server_that_does_not_answer_is_told_of() -> None:
    make_server(url="http://127.0.0.1:9")
    out = StringIO()
    with pytest.raises(CommandError, match="Not reached: gpu-1"):
        call_command("prune_servers", "--dry-run", stdout=out)
    assert "ComfyUI has no way to delete one" in out.getvalue()
