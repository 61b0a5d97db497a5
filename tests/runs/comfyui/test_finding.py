"""Where a prompt is and how it is cancelled, asked of a scripted far end in both dialects."""

from collections.abc import Mapping
from typing import Any

import pytest

from runs.comfyui import (
    Absent,
    Completed,
    Errored,
    ImageRef,
    Running,
    UnsafeName,
    Waiting,
    WasInterrupted,
)
from runs.comfyui.protocol import Outcome

from .far_end import GONE, NEW, OLD, Reply, Script
from .talking import CANCEL, FAULT, ID, IMAGES, JOB, OTHER, UNKNOWN_JOB, entry, job, queue, talk

STARTED = ["execution_start", {"prompt_id": ID, "timestamp": 1000}]
SUCCESS = ["execution_success", {"prompt_id": ID, "timestamp": 3500}]
STOPPED = [
    "execution_interrupted",
    {"prompt_id": ID, "node_id": "5", "node_type": "KSampler", "timestamp": 5},
]
FAILURE = {
    "prompt_id": ID,
    "node_id": "5",
    "node_type": "KSampler",
    "exception_message": "out of memory\n",
    "exception_type": "torch.OutOfMemoryError",
    "timestamp": 9,
}


@pytest.mark.parametrize(
    ("queued", "history", "state"),
    [
        (queue(), Reply(json={}), Absent()),
        (queue([OTHER], ["x", ID]), Reply(json={}), Waiting(2)),
        (queue([ID]), Reply(json={}), Running()),
        (
            queue(),
            entry(Outcome.SUCCESS, STARTED, SUCCESS),
            Completed((("7", ImageRef("a.png", "", "temp")),), 1000, 3500),
        ),
        (queue(), entry(Outcome.ERROR, STARTED, STOPPED), WasInterrupted()),
    ],
)
async def test_an_older_server_is_asked_for_the_queue_and_then_the_history(
    queued: Reply, history: Reply, state: Any
) -> None:
    async with talk(OLD, {"GET /queue": queued, f"GET /history/{ID}": history}) as (comfy, far):
        assert await comfy.find(ID) == state
        assert far.routes()[0] == "GET /queue"  # fact 50


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (UNKNOWN_JOB, Absent()),
        (job("pending"), Waiting(1)),
        (job("in_progress"), Running()),
        (
            job("completed", outputs=IMAGES, execution_start_time=1000, execution_end_time=3500),
            Completed((("7", ImageRef("a.png", "", "temp")),), 1000, 3500),
        ),
        (job("cancelled", outputs={}), WasInterrupted()),
    ],
)
async def test_d26_a_newer_server_is_asked_for_the_job_alone(reply: Reply, state: Any) -> None:
    async with talk(NEW, {JOB: reply, "GET /queue": queue([OTHER], [ID])}) as (comfy, far):
        assert await comfy.find(ID) == state
        assert far.routes() == ([JOB, "GET /queue"] if isinstance(state, Waiting) else [JOB])


@pytest.mark.parametrize(
    "script",
    [
        OLD
        | {"GET /queue": queue(), f"GET /history/{ID}": entry(Outcome.ERROR, ["execution_error", FAILURE])},
        NEW | {JOB: job("failed", execution_error=FAILURE, outputs=IMAGES)},
    ],
)
async def test_fact_26_a_failed_prompt_says_where_and_why_and_its_outputs_are_not_taken(
    script: Mapping[str, Script],
) -> None:
    async with talk(script) as (comfy, _):
        state = await comfy.find(ID)
    assert isinstance(state, Errored)
    assert (state.failure.node_type, state.failure.message) == ("KSampler", "out of memory")


async def test_a_failure_without_a_reason_is_still_one() -> None:
    async with talk(NEW, {JOB: job("failed")}) as (comfy, _):
        state = await comfy.find(ID)
    assert isinstance(state, Errored) and state.failure.message == "The server gave no reason."


async def test_d13_a_poisoned_job_is_found_in_the_queue() -> None:
    async with talk(NEW, {JOB: FAULT, "GET /queue": queue([ID])}) as (comfy, _):
        assert await comfy.find(ID) == Running()


async def test_an_older_server_in_the_place_of_a_newer_one_is_noticed() -> None:
    script = OLD | {"GET /api/jobs": [Reply(json={"jobs": []}), GONE], "GET /queue": queue([ID])}
    async with talk(script) as (comfy, far):
        await comfy.probe()
        assert await comfy.find(ID) == Running()
        await comfy.find(ID)
        assert far.routes() == [JOB, "GET /queue", "GET /queue"]


async def test_an_output_that_leads_out_of_the_folder_is_not_fetched() -> None:
    outputs = {"7": {"images": [{"filename": "../../.ssh/id_rsa", "subfolder": "", "type": "output"}]}}
    async with talk(NEW, {JOB: job("completed", outputs=outputs)}) as (comfy, _):
        with pytest.raises(UnsafeName):
            await comfy.find(ID)


def test_d7_the_pictures_of_one_node_are_chosen_by_its_id() -> None:
    ours, theirs = ImageRef("a.png"), ImageRef("b.png")
    assert Completed((("2", theirs), ("7", ours))).images("7") == (ours,)


async def test_d23_a_newer_server_cancels_in_one_call_and_is_asked_again() -> None:
    async with talk(NEW, {CANCEL: Reply(json={"cancelled": True}), JOB: job("in_progress")}) as (comfy, far):
        assert await comfy.cancel(ID) == Running()  # D25: sent is not stopped
        assert far.routes() == [CANCEL, JOB]


async def test_fact_29_an_older_server_deletes_then_interrupts_only_what_is_ours() -> None:
    script = OLD | {
        "POST /queue": Reply(),
        "POST /interrupt": Reply(),
        "GET /queue": [queue([ID]), queue()],
        f"GET /history/{ID}": entry(Outcome.ERROR, STOPPED),
    }
    async with talk(script) as (comfy, far):
        assert await comfy.cancel(ID) == WasInterrupted()
        expected = ["POST /queue", "GET /queue", "POST /interrupt", "GET /queue", f"GET /history/{ID}"]
        assert far.routes() == expected
        assert far.last("POST /queue").json() == {"delete": [ID]}
        assert far.last("POST /interrupt").json() == {"prompt_id": ID}


async def test_an_older_server_that_runs_somebody_elses_prompt_is_not_interrupted() -> None:
    script = OLD | {
        "POST /queue": Reply(),
        "GET /queue": queue([OTHER]),
        f"GET /history/{ID}": Reply(json={}),
    }
    async with talk(script) as (comfy, far):
        assert await comfy.cancel(ID) == Absent()
        assert "POST /interrupt" not in far.routes()


async def test_a_server_with_jobs_but_without_the_cancel_route_is_cancelled_the_older_way() -> None:
    script = NEW | {"POST /queue": Reply(), "GET /queue": queue(), JOB: UNKNOWN_JOB, CANCEL: Reply(405)}
    async with talk(script) as (comfy, far):
        assert await comfy.cancel(ID) == Absent()
        assert far.routes() == [CANCEL, "POST /queue", "GET /queue", JOB]


@pytest.mark.parametrize("verb", ["find", "cancel", "interrupt", "delete", "forget", "history"])
async def test_an_id_that_is_none_is_refused_before_anything_is_sent(verb: str) -> None:
    async with talk(NEW) as (comfy, far):
        with pytest.raises(ValueError, match="uuid4"):
            await getattr(comfy, verb)("../queue")
        assert far.asked == []


async def test_forgetting_deletes_one_history_entry() -> None:
    async with talk(OLD, {"POST /history": Reply()}) as (comfy, far):
        await comfy.forget(ID)
        assert far.last("POST /history").json() == {"delete": [ID]}
