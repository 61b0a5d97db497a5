"""Each fault does what it says, and healing undoes it."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from runs.simulator.errors import CannotListen, PortTaken
from runs.simulator.server import Simulator

from .conftest import Meet
from .speaking import Talk, graph, ids_in, tiny


async def test_fail_on_fails_one_class_until_it_is_healed(talk: Talk) -> None:
    talk.simulator.fail_on("VAEDecode", "no decoder")
    message = (await talk.run(graph()))["status"]["messages"][-1]
    assert (message[0], message[1]["exception_message"]) == ("execution_error", "no decoder\n")
    assert (await talk.run(tiny()))["status"]["completed"]
    talk.simulator.heal()
    assert (await talk.run(graph()))["status"]["completed"]


async def test_a_silent_server_works_on_and_says_nothing(talk: Talk) -> None:
    ear = await talk.listen()
    talk.simulator.go_silent()
    assert (await talk.run(graph(), client_id=ear.sid))["status"]["completed"]
    assert await ear.is_quiet()
    talk.simulator.heal()
    await ear.end_of(await talk.submit(tiny(), ear.sid))


async def test_a_slow_server_takes_so_many_times_as_long(meet: Meet) -> None:
    talk = await meet(seconds_per_step=0.01)
    spans = []
    for seed, factor in ((1, 1), (2, 20)):
        talk.simulator.slow(factor)
        messages = dict((await talk.run(graph(seed=seed, steps=3)))["status"]["messages"])
        spans.append(messages["execution_success"]["timestamp"] - messages["execution_start"]["timestamp"])
    assert spans[1] >= 600 > 30 <= spans[0]


async def test_a_lost_queue_leaves_neither_queue_nor_history(talk: Talk) -> None:
    talk.simulator.hold()
    ids = [await talk.submit(graph(seed=i)) for i in range(2)]
    await talk.running()
    await talk.simulator.lose_queue()
    talk.simulator.release()
    assert await talk.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert await talk.get("/history") == {}
    assert (await talk.run(tiny()))["status"]["completed"]
    assert talk.simulator.executed[0] == ids[0]


async def test_a_restart_cuts_the_sockets_and_keeps_the_address(talk: Talk) -> None:
    ear, url = await talk.listen(), talk.simulator.url
    await talk.simulator.restart_empty()
    with pytest.raises(ConnectionClosedError):
        await ear.next()
    assert talk.simulator.url == url
    assert (await talk.run(tiny()))["status"]["completed"]


async def test_a_corrupt_output_cannot_be_decoded_and_heals(talk: Talk) -> None:
    entry = await talk.run(graph())
    whole = await talk.picture(entry)
    talk.simulator.corrupt_output()
    half = await talk.picture(entry)
    assert half == whole[: len(whole) // 2]
    with pytest.raises(OSError, match="truncated"):
        Image.open(BytesIO(half)).load()
    talk.simulator.heal()
    assert await talk.picture(entry) == whole


async def test_a_deaf_socket_stays_open_and_hears_nothing_while_a_new_one_hears(talk: Talk) -> None:
    ear = await talk.listen("me")
    assert talk.simulator.deaf_socket() == 1
    await talk.run(tiny(), client_id="me")
    assert await ear.is_quiet()
    fresh = await talk.listen("other")
    await fresh.end_of(await talk.submit(tiny(2), "other"))
    await (await ear.socket.ping())


async def test_a_zombie_accepts_everything_and_runs_nothing(talk: Talk) -> None:
    talk.simulator.zombie_worker()
    prompt_id = await talk.submit(tiny())
    await asyncio.sleep(0.05)
    queue = await talk.get("/queue")
    assert (queue["queue_running"], list(ids_in(queue["queue_pending"]))) == ([], [prompt_id])
    assert (talk.simulator.prompts_accepted, talk.simulator.executed) == ((prompt_id,), ())
    talk.simulator.heal()
    assert (await talk.entry(prompt_id))["status"]["completed"]


async def test_cut_sockets_end_without_a_close_frame_and_http_goes_on(talk: Talk) -> None:
    ear = await talk.listen()
    assert talk.simulator.cut_sockets() == 1
    with pytest.raises(ConnectionClosedError) as ended:
        await ear.next()
    assert ended.value.rcvd is None
    assert (await talk.run(tiny()))["status"]["completed"]


async def test_a_refusing_server_answers_every_door_with_its_status(talk: Talk) -> None:
    talk.simulator.refuse(503)
    assert (await talk.http.get("/queue")).status_code == 503
    assert (await talk.post(tiny())).status_code == 503
    with pytest.raises(InvalidStatus) as closed:
        async with connect(talk.simulator.url.replace("http", "ws", 1) + "/ws"):
            pass
    assert closed.value.response.status_code == 503
    talk.simulator.heal()
    assert (await talk.http.get("/queue")).status_code == 200


async def test_a_lost_answer_leaves_the_prompt_queued(talk: Talk) -> None:
    talk.simulator.lose_answer()
    with pytest.raises(httpx.RemoteProtocolError):
        await talk.post(tiny())
    (prompt_id,) = talk.simulator.prompts_accepted
    assert (await talk.entry(prompt_id))["status"]["completed"]
    assert (await talk.post(tiny())).status_code == 200  # only the one answer was lost


async def test_misnamed_outputs_are_listed_under_another_name(talk: Talk) -> None:
    talk.simulator.misname_outputs("../../x.png")
    assert (await talk.run(tiny()))["outputs"]["2"]["images"][0]["filename"] == "../../x.png"


async def test_held_work_stops_before_the_next_step_until_it_is_released(talk: Talk) -> None:
    ear = await talk.listen()
    talk.simulator.slow(50)
    prompt_id = await talk.submit(graph(steps=4), ear.sid)
    await ear.until("progress", value=1)
    talk.simulator.hold()
    await ear.until("progress", value=2)  # the step that had begun
    while not await ear.is_quiet(0.3):
        pass
    assert ear.messages("progress")[-1]["data"]["value"] == 2
    assert await talk.get(f"/history/{prompt_id}") == {}
    talk.simulator.release()
    await ear.end_of(prompt_id)
    assert ear.messages("progress")[-1]["data"]["value"] == 4


@pytest.mark.parametrize("nodes", [graph(), tiny()], ids=["with steps", "without steps"])
async def test_a_held_prompt_can_be_interrupted(talk: Talk, nodes: dict[str, Any]) -> None:
    talk.simulator.hold()
    prompt_id = await talk.submit(nodes)
    await talk.running(prompt_id)
    await talk.http.post("/interrupt")
    assert (await talk.entry(prompt_id))["status"]["messages"][-1][0] == "execution_interrupted"


async def test_the_sockets_that_hear_are_listed(talk: Talk) -> None:
    await talk.listen("a")
    await talk.listen("b")
    assert set(talk.simulator.sockets) == {"a", "b"}


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"fault": "slow", "factor": 3}, 200),
        ({"fault": "fail_on", "node_class": "KSampler"}, 200),
        ({"fault": "restart_empty"}, 200),
        ({"fault": "slow"}, 400),
        ({"fault": "slow", "speed": 3}, 400),
        ({"fault": "slow", "factor": "much"}, 400),
        ({"fault": "stop"}, 400),
        ([], 400),
    ],
)
async def test_faults_can_be_ordered_over_http_where_they_are_allowed(
    meet: Meet, order: Any, status: int
) -> None:
    talk = await meet(faults=True)
    answer = await talk.http.post("/simulator/faults", json=order)
    assert answer.status_code == status
    assert (status == 400) == ("error" in (answer.json() if answer.content else {}))
    if order == {"fault": "slow", "factor": 3}:
        assert talk.simulator.machine.faults.slowness == 3


async def test_a_fault_says_how_much_it_hit(meet: Meet) -> None:
    talk = await meet(faults=True)
    await talk.listen("one")
    await talk.listen("two")
    hit = [
        (await talk.http.post("/simulator/faults", json={"fault": fault})).json()
        for fault in ("deaf_socket", "cut_sockets", "cut_sockets")
    ]
    assert hit == [{"hit": 2}, {"hit": 2}, {"hit": 0}]


async def test_the_faults_are_listed_with_what_they_take(meet: Meet) -> None:
    talk = await meet(faults=True)
    faults = (await talk.get("/simulator/faults"))["faults"]
    assert faults["slow"] == ["factor"]
    assert {"go_silent", "lose_queue", "zombie_worker", "hold", "release", "heal"} <= faults.keys()


async def test_faults_over_http_are_off_by_default(talk: Talk) -> None:
    assert (await talk.http.post("/simulator/faults", json={"fault": "go_silent"})).status_code == 404
    assert not talk.simulator.machine.faults.silent


async def test_a_taken_port_is_said_in_words(talk: Talk) -> None:
    port = int(talk.simulator.url.rpartition(":")[2])
    with pytest.raises(PortTaken, match=f"port {port}: another program does"):
        await Simulator().start(port=port)
    with pytest.raises(CannotListen, match="Cannot listen on"):
        await Simulator().start("203.0.113.1")


async def test_a_simulator_runs_once_at_a_time_and_can_start_again() -> None:
    simulator = Simulator()
    first = await simulator.start()
    with pytest.raises(RuntimeError, match="runs already"):
        await simulator.start()
    await simulator.stop()
    await simulator.stop()
    await simulator.start()
    assert simulator.url != first or simulator.prompts_accepted == ()
    await simulator.stop()


async def test_before_the_start_there_is_no_machine() -> None:
    with pytest.raises(RuntimeError, match="not been started"):
        _ = Simulator().sockets
