"""Who hears what, and how a run is stopped (facts 28 to 37, 49; D4, D25)."""

import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosedError

from .speaking import Talk, graph, kinds, tiny


async def test_execution_events_go_to_the_posting_client_and_status_to_all(talk: Talk) -> None:
    mine, other = await talk.listen(), await talk.listen()
    await mine.end_of(await talk.submit(graph(), mine.sid))
    await other.until("status", status={"exec_info": {"queue_remaining": 0}})
    assert {"execution_start", "progress", "executed"} <= set(kinds(mine.heard))
    assert set(kinds(other.heard)) == {"status"}


async def test_without_a_client_id_progress_is_heard_by_all_and_the_end_by_nobody(talk: Talk) -> None:
    ear = await talk.listen(flags={"supports_preview_metadata": True})
    await talk.run(graph())
    await ear.until("status", status={"exec_info": {"queue_remaining": 0}})
    assert await ear.is_quiet()
    heard = set(kinds(ear.heard)) - {"feature_flags"}
    # Never with metadata, whatever the flags.
    assert heard == {"status", "progress", "progress_state", "binary 1"}


async def test_an_interrupt_of_a_prompt_without_client_is_broadcast(talk: Talk) -> None:
    ear = await talk.listen()
    talk.simulator.hold()
    await talk.submit(graph())
    await talk.running()
    await talk.http.post("/interrupt")
    await ear.until("execution_interrupted")


async def test_who_comes_back_hears_which_node_runs_and_then_live_events(talk: Talk) -> None:
    first = await talk.listen("me")
    talk.simulator.hold()
    prompt_id = await talk.submit(graph(), "me")
    await first.until("executing")
    await first.socket.close()
    again = await talk.listen("me")
    assert (await again.until("executing"))["data"] == {"node": "4"}
    talk.simulator.release()
    await again.end_of(prompt_id)
    assert "execution_start" not in kinds(again.heard)  # nothing is replayed


async def test_closing_the_older_socket_of_an_id_makes_the_newer_one_deaf(talk: Talk) -> None:
    older, newer = await talk.listen("me"), await talk.listen("me")
    await older.socket.close()
    async with asyncio.timeout(5):
        while talk.simulator.sockets:
            await talk.get("/prompt")
    await talk.run(tiny(), client_id="me")
    assert await newer.is_quiet()


async def test_the_submitters_end_does_not_stop_the_prompt(talk: Talk) -> None:
    ear = await talk.listen("me")
    talk.simulator.hold()
    prompt_id = await talk.submit(graph(), "me")
    await ear.socket.close()
    talk.simulator.release()
    assert (await talk.entry(prompt_id))["status"]["completed"]


async def test_who_connects_late_hears_nothing_of_the_past(talk: Talk) -> None:
    await talk.run(tiny(), client_id="me")
    ear = await talk.listen("me")
    assert await ear.is_quiet()


@pytest.mark.parametrize("body", [None, {}, {"prompt_id": "its own"}])
async def test_an_interrupt_ends_the_running_prompt_as_an_error_without_success(
    talk: Talk, body: dict[str, str] | None
) -> None:
    ear = await talk.listen()
    talk.simulator.slow(100)
    prompt_id = await talk.submit(graph(steps=30), ear.sid)
    await ear.until("progress")
    if body:
        body = {"prompt_id": prompt_id}
    answer = await talk.http.post("/interrupt", content=b"" if body is None else json.dumps(body))
    assert (answer.status_code, answer.content) == (200, b"")
    message = (await ear.until("execution_interrupted"))["data"]
    await ear.end_of(prompt_id)
    assert (message["node_id"], message["node_type"]) == ("3", "KSampler")
    assert message["executed"] == ["4", "5", "6", "7"]
    status = (await talk.entry(prompt_id))["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)
    assert status["messages"][-1] == ["execution_interrupted", message]


async def test_an_interrupt_of_a_waiting_or_unknown_prompt_has_no_effect(talk: Talk) -> None:
    talk.simulator.hold()
    running, waiting = [await talk.submit(graph(seed=i)) for i in range(2)]
    await talk.running(running)
    for prompt_id in (waiting, "unknown"):
        assert (await talk.http.post("/interrupt", json={"prompt_id": prompt_id})).status_code == 200
    talk.simulator.release()
    assert (await talk.entry(running))["status"]["completed"]
    assert (await talk.entry(waiting))["status"]["completed"]


async def test_an_interrupt_while_idle_does_not_reach_the_next_prompt(talk: Talk) -> None:
    await talk.http.post("/interrupt")
    assert (await talk.run(tiny()))["status"]["completed"]


async def test_a_killed_server_leaves_sockets_without_a_close_frame(talk: Talk) -> None:
    ear = await talk.listen()
    await talk.simulator.stop()
    with pytest.raises(ConnectionClosedError) as ended:
        await ear.next()
    assert ended.value.rcvd is None  # 1006


async def test_after_a_restart_nothing_is_known_and_numbers_begin_anew(talk: Talk) -> None:
    ended = await talk.submit(graph())
    entry = await talk.entry(ended)
    talk.simulator.hold()
    running = await talk.submit(graph(seed=2))
    await talk.running(running)
    await talk.simulator.restart_empty()
    talk.simulator.release()
    for prompt_id in (ended, running):
        assert await talk.get(f"/history/{prompt_id}") == {}
    assert await talk.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert await talk.picture(entry)  # files of the output folder stay
    assert (await talk.post(tiny())).json()["number"] == 0


async def test_permessage_deflate_is_agreed_and_pings_are_answered_not_sent(talk: Talk) -> None:
    ear = await talk.listen()
    assert ear.socket.response is not None
    assert "permessage-deflate" in ear.socket.response.headers["Sec-WebSocket-Extensions"]
    await (await ear.socket.ping())
