"""From an order to its ads, and what happens when something on the way breaks."""

import asyncio
import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from runs import lifecycle, storage
from runs.comfyui import Comfy, Endpoint
from runs.engine import scheduler
from runs.engine.database import rows
from runs.engine.driver import Waits
from runs.engine.supervisor import Engine
from runs.models import Creative, Generation, Picture, Run, Transition
from runs.simulator.server import Simulator
from runs.states import AdState, RunStatus, Status
from runs.summary import summarise
from tests.runs.engine.conftest import ended, first_in, make_engine, order, pictures, turn, until

ONE = {"formats": ["meta_feed_square"]}


async def test_an_order_becomes_stored_ads(engine: Engine, simulator: Simulator) -> None:
    run = await ended(await order())
    ads: list[Creative] = await rows(lambda: list(Creative.objects.filter(run=run)))
    assert run.status == RunStatus.DONE
    assert [ad.state for ad in ads] == [AdState.READY] * 2
    assert all(hashlib.sha256(storage.get(ad.key)).hexdigest() == ad.sha256 for ad in ads)
    assert len(simulator.prompts_accepted) == 2


async def test_a_run_on_a_simulator_says_so(engine: Engine) -> None:
    run = await ended(await order(**ONE))
    ad = await rows(Creative.objects.select_related("generation").get, run=run)
    assert run.simulated is True
    assert ad.file_name.startswith("SAMPLE_")
    assert "meta_feed_square" in ad.file_name


async def test_the_picture_is_kept_without_its_prompt(engine: Engine) -> None:
    run = await ended(await order(**ONE))
    picture = await rows(Picture.objects.get, generation__run=run)
    data = storage.get(picture.key)
    assert data.startswith(b"\x89PNG")
    assert b"tEXt" not in data
    assert picture.sha256 == hashlib.sha256(data).hexdigest()


async def test_the_second_picture_waits_at_the_server_while_the_first_is_painted(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order()
    await until(lambda: _true(len(simulator.prompts_accepted) == 2))
    simulator.release()
    assert (await ended(run)).status == RunStatus.DONE


async def _idle(client: Comfy) -> bool:
    queue = await client.queue()
    return not queue.running and not queue.pending


async def _true(value: bool) -> bool:
    return value


async def test_a_cut_socket_changes_nothing(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    simulator.cut_sockets()
    simulator.release()
    assert (await ended(run)).status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


@pytest.mark.parametrize("waits", [Waits(silence=0.5)], ids=["hurried"])
async def test_a_silent_socket_is_no_reason_to_wait(engine: Engine, simulator: Simulator) -> None:
    simulator.go_silent()
    assert (await ended(await order(**ONE))).status == RunStatus.DONE


async def test_a_failing_node_fails_its_picture_with_words(engine: Engine, simulator: Simulator) -> None:
    simulator.fail_on("KSampler", message="CUDA out of memory")
    run = await ended(await order(**ONE))
    assert run.status == RunStatus.FAILED
    assert "CUDA out of memory" in (await pictures(run))[0].error


async def test_a_failed_picture_can_be_tried_again(engine: Engine, simulator: Simulator) -> None:
    simulator.fail_on("KSampler")
    run = await ended(await order(**ONE))
    simulator.heal()
    await rows(lifecycle.retry_failed, run, actor="alice")
    assert (await ended(run)).status == RunStatus.DONE


async def hurried(run: Run) -> Run:
    """Its end, where all that failed is tried again at once: the growing pause is not what is shown."""

    async def is_over() -> bool:
        await rows(run.generations.filter(status=Status.WAITING).update, due_at=None)
        await rows(scheduler.assign)
        await rows(run.refresh_from_db)
        return run.is_final

    await until(is_over)
    return run


async def test_a_prompt_the_server_lost_is_sent_once_more_under_a_new_id(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    await simulator.restart_empty()
    simulator.heal()
    run = await hurried(run)
    assert run.status == RunStatus.DONE
    assert (await pictures(run))[0].attempt == 1


async def test_a_broken_picture_is_painted_again_and_fails_in_words(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.corrupt_output()
    run = await hurried(await order(**ONE))
    picture = (await pictures(run))[0]
    assert picture.status == Status.FAILED
    assert "cannot be read" in picture.error
    assert not await rows(Picture.objects.filter(generation=picture).exists)


async def test_a_hostile_file_name_is_never_fetched(engine: Engine, simulator: Simulator) -> None:
    simulator.misname_outputs("../../etc/passwd")
    run = await ended(await order(**ONE))
    assert run.status == RunStatus.FAILED
    assert simulator.pictures_asked_for == ()
    picture = (await pictures(run))[0]
    steps = await rows(list, Transition.objects.filter(generation=picture, event="fail"))
    assert [step.words for step in steps] == [picture.error] and picture.error


async def test_stopping_takes_the_picture_off_the_gpu(engine: Engine, simulator: Simulator) -> None:
    simulator.slow(30)
    run = await order(picture={"steps": 100, "pixels": 65536})
    await first_in(run, Status.RENDERING)
    await rows(lifecycle.cancel_run, run, actor="alice")
    run = await ended(run)
    assert run.status == RunStatus.CANCELLED
    async with Comfy(Endpoint(simulator.url)) as client:
        await until(lambda: _idle(client))  # an interrupt is noticed at the next tick
    assert {row.status for row in await pictures(run)} == {Status.CANCELLED}


async def test_a_stopped_engine_hands_back_and_the_next_pays_nothing_twice(
    engine: Engine, simulator: Simulator
) -> None:
    simulator.hold()
    run = await order()
    await first_in(run, Status.RENDERING)
    await until(lambda: _true(len(simulator.prompts_accepted) == 2))
    await engine.stop()
    assert {row.worker_id for row in await pictures(run)} == {""}
    following = make_engine()
    await following.start()
    simulator.release()
    try:
        assert (await ended(run)).status == RunStatus.DONE
    finally:
        await following.stop()
    assert len(simulator.prompts_accepted) == 2


async def test_what_a_dead_worker_held_is_found_at_its_server(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    held = await first_in(run, Status.RENDERING)
    await engine.stop()
    # As kill -9 leaves it: the dead worker's name on the row, its lease run out.
    overdue = {"worker_id": "dead", "due_at": timezone.now() - timedelta(seconds=1)}
    await rows(Generation.objects.filter(pk=held.pk).update, **overdue)
    following = make_engine()
    await following.start()
    simulator.release()
    try:
        run = await ended(run)
    finally:
        await following.stop()
    assert run.status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1
    assert (await pictures(run))[0].tries == 1


async def test_a_picture_that_was_stored_is_not_painted_again(engine: Engine, simulator: Simulator) -> None:
    run = await ended(await order(**ONE))
    done = (await pictures(run))[0]
    # As a crash between storing the picture and the ads leaves it.
    await rows(Creative.objects.filter(run=run).delete)
    stuck = {"worker_id": "dead", "due_at": timezone.now() - timedelta(seconds=1)}
    await rows(_force_composing, done, stuck)
    run = await ended(run)
    assert run.status == RunStatus.DONE
    assert await rows(Creative.objects.filter(run=run).count) == 1
    assert len(simulator.prompts_accepted) == 1


def _force_composing(row: Generation, columns: dict[str, object]) -> None:
    Generation.objects.filter(pk=row.pk).update(**columns, status=Status.COMPOSING)
    Run.objects.filter(pk=row.run_id).update(status=RunStatus.RUNNING)


async def test_a_run_waits_for_a_server_that_is_down_and_says_why(
    engine: Engine, simulator: Simulator
) -> None:
    url, port = simulator.url, int(simulator.url.rsplit(":", 1)[1])
    await simulator.stop()
    await turn(engine)
    run = await order(**ONE)
    words = (await rows(summarise, run)).waits_for
    assert url in words
    assert "resumes by itself" in words
    async with Simulator(seconds_per_step=0.01, load_seconds=0) as again:
        await again.stop()
        await again.start(port=port)
        await turn(engine)
        assert (await ended(run)).status == RunStatus.DONE


async def test_a_server_that_blinks_is_not_paid_twice(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    simulator.refuse(503)
    simulator.cut_sockets()
    await asyncio.sleep(0.5)
    simulator.heal()
    run = await ended(run)
    assert run.status == RunStatus.DONE
    assert len(simulator.prompts_accepted) == 1


@pytest.mark.parametrize("waits", [Waits(outage=0.1, blink=0.1)], ids=["hurried"])
async def test_an_outage_is_nobodys_try(engine: Engine, simulator: Simulator) -> None:
    simulator.hold()
    run = await order(**ONE)
    await first_in(run, Status.RENDERING)
    port = int(simulator.url.rsplit(":", 1)[1])
    await simulator.stop()
    waiting = await first_in(run, Status.WAITING)
    assert waiting.tries == 0
    assert waiting.prompt_id is not None
    async with Simulator(seconds_per_step=0.01, load_seconds=0) as again:
        await again.stop()
        await again.start(port=port)
        assert (await ended(run)).status == RunStatus.DONE


async def test_an_unknown_model_leaves_the_run_waiting_with_the_servers_name(engine: Engine) -> None:
    run = await order(**ONE, picture={"checkpoint": "nope.safetensors"})
    assert "“nope.safetensors” is missing on" in (await rows(summarise, run)).waits_for


async def test_a_size_that_discourages_text_is_delivered_without_it_too(engine: Engine) -> None:
    run = await ended(await order(formats=["google_pmax_square"]))
    ad, twin = await rows(
        lambda: list(Creative.objects.filter(run=run).select_related("generation").order_by("twin"))
    )
    assert (ad.state, twin.state) == (AdState.READY, AdState.READY)
    assert twin.report["boxes"].keys() == {"picture"}
    assert {"headline", "picture"} <= ad.report["boxes"].keys()
    assert twin.file_name.endswith("google_pmax_square_notext.jpg") and twin.sha256 != ad.sha256
    summary = await rows(summarise, run)
    assert (summary.ads_total, summary.ads_ready) == (2, 2)
