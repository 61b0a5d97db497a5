"""The queue, its numbers, the history and what is kept of a prompt (facts 5 to 8, 31, 39 to 43, 51; D9 to D13)."""

import json
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from .speaking import Talk, graph, ids_in, node, tiny

NIL = "00000000-0000-0000-0000-000000000000"


async def test_an_accepted_prompt_gets_a_uuid_and_a_number_that_counts_from_zero(talk: Talk) -> None:
    answers = [(await talk.post(tiny(i))).json() for i in range(2)]
    assert [answer["number"] for answer in answers] == [0, 1]
    assert UUID(answers[0]["prompt_id"]).version == 4
    assert answers[0]["node_errors"] == {}


async def test_the_number_also_rises_for_refused_prompts(talk: Talk) -> None:
    await talk.post({})
    await talk.http.post("/prompt", json={})
    assert (await talk.post(tiny())).json()["number"] == 2


async def test_a_queue_item_is_a_5_tuple(talk: Talk) -> None:
    talk.simulator.hold()
    running, waiting = [await talk.submit(graph(seed=i), "me") for i in range(2)]
    await talk.running()
    queue = await talk.get("/queue")
    for (number, prompt_id, nodes, extra, outputs), expected in zip(
        queue["queue_running"] + queue["queue_pending"], (running, waiting), strict=True
    ):
        assert prompt_id == expected
        assert number in (0, 1)
        assert nodes.keys() == graph().keys()
        assert extra["client_id"] == "me"
        assert ("create_time" in extra) == talk.newer
        assert outputs == ["9"]


async def test_the_history_of_an_unknown_waiting_or_running_prompt_is_empty(talk: Talk) -> None:
    talk.simulator.hold()
    running, waiting = [await talk.submit(graph(seed=i)) for i in range(2)]
    await talk.running()
    for prompt_id in (running, waiting, NIL):
        assert await talk.get(f"/history/{prompt_id}") == {}


async def test_a_history_entry_has_the_recorded_parts(talk: Talk) -> None:
    prompt_id = await talk.submit(graph(), "me")
    entry = await talk.entry(prompt_id)
    assert entry["prompt"][1] == prompt_id
    image = {"filename": "t2i_00001_.png", "subfolder": "lab", "type": "output"}
    assert entry["outputs"] == {"9": {"images": [image]}}
    assert [kind for kind, _ in entry["status"]["messages"]] == [
        "execution_start", "execution_cached", "execution_success",
    ]  # fmt: skip
    assert all(data["prompt_id"] == prompt_id for _, data in entry["status"]["messages"])
    assert entry["meta"] == {
        "9": {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}
    }


async def test_history_gives_the_newest_in_the_order_of_their_ends(talk: Talk) -> None:
    ids = [await talk.submit(tiny(i)) for i in range(4)]
    await talk.entry(ids[-1])
    assert list(await talk.get("/history", max_items=2)) == ids[2:]
    assert list(await talk.get("/history", max_items=1, offset=1)) == [ids[1]]
    assert list(await talk.get("/history")) == ids
    assert await talk.get("/history", max_items=0) == {}
    assert (await talk.http.get("/history", params={"max_items": "abc"})).status_code == 500


async def test_the_history_keeps_10001_entries_and_drops_the_oldest(newer: Talk) -> None:
    first = await newer.submit(tiny())
    await newer.entry(first)
    history = newer.simulator.machine.queue.history
    for _ in range(9_999):
        history[str(uuid4())] = history[first]
    for kept in (True, False):
        await newer.entry(await newer.submit(tiny()))
        assert len(history) == 10_001
        assert (first in history) == kept


RUN_ORDER = [
    "front2",
    "front1",
    "number=-5",
    "number=0.5",
    "front with number",
    "plain1",
    "plain2",
    "plain3",
    "number=1e9",
]


async def test_prompts_run_by_number_and_the_queue_is_a_heap(talk: Talk) -> None:
    talk.simulator.hold()
    talk.simulator.machine.number = 4  # so that no counter is below the number 3 given by hand
    blocker = await talk.submit(tiny(99))
    await talk.running(blocker)
    ways: dict[str, dict[str, Any]] = {
        "plain1": {}, "plain2": {}, "front1": {"front": True}, "front2": {"front": True}, "number=-5": {"number": -5},
        "number=0.5": {"number": 0.5}, "number=1e9": {"number": 1e9}, "front with number": {"front": True, "number": 3},
        "plain3": {},
    }  # fmt: skip
    names = {await talk.submit(tiny(i), **way): name for i, (name, way) in enumerate(ways.items())}
    heap = [names[one] for one in ids_in((await talk.get("/queue"))["queue_pending"])]
    assert heap == [
        "front2", "front1", "number=0.5", "front with number", "number=-5", "plain1", "number=1e9", "plain2", "plain3",
    ]  # fmt: skip
    talk.simulator.release()
    for prompt_id in names:
        await talk.entry(prompt_id)
    assert [names[one] for one in talk.simulator.executed[1:]] == RUN_ORDER


@pytest.mark.parametrize(("number", "status"), [("7", 200), ("abc", 500), (None, 500), (0.5, 200)])
async def test_a_number_may_be_numeric_text_and_nothing_else(talk: Talk, number: Any, status: int) -> None:
    assert (await talk.post(tiny(), number=number)).status_code == status


ODD_IDS = [
    "my job 1",
    12345,
    "",
    "a/b",
    {"a": 1},
    True,
    NIL.upper().replace("0", "A"),
    NIL.replace("-", ""),
    f" {NIL}",
]


@pytest.mark.parametrize("given", ODD_IDS, ids=str)
async def test_only_the_newer_server_insists_on_a_canonical_uuid(talk: Talk, given: Any) -> None:
    answer = await talk.post(tiny(), prompt_id=given)
    if not talk.newer:
        assert answer.json()["prompt_id"] == str(given)
        return
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_prompt_id"
    assert (await talk.post(tiny())).json()["number"] == 1


async def test_a_bad_id_is_refused_before_the_graph_is_looked_at(newer: Talk) -> None:
    answer = await newer.post({"1": node("NoSuchNode")}, prompt_id="x")
    assert answer.json()["error"]["type"] == "invalid_prompt_id"


async def test_the_id_null_means_the_servers_own_only_in_the_newer_one(talk: Talk) -> None:
    said = (await talk.post(tiny(), prompt_id=None)).json()["prompt_id"]
    assert (said == "None") == (not talk.newer)


async def test_an_id_used_twice_runs_twice_and_history_keeps_the_last(talk: Talk) -> None:
    talk.simulator.hold()
    await talk.submit(tiny(9))
    await talk.running()
    for colour in (1, 2):
        await talk.submit(tiny(colour), prompt_id=NIL)
    assert list(ids_in((await talk.get("/queue"))["queue_pending"])) == [NIL, NIL]
    talk.simulator.release()
    last = await talk.submit(tiny(3))
    await talk.entry(last)
    assert (await talk.entry(NIL))["prompt"][2]["1"]["inputs"]["color"] == 2
    assert talk.simulator.executed.count(NIL) == 2


async def test_deleting_takes_out_pending_prompts_one_entry_each(talk: Talk) -> None:
    talk.simulator.hold()
    running = await talk.submit(tiny(9))
    await talk.running()
    for colour in (1, 2):
        await talk.submit(tiny(colour), prompt_id=NIL)
    ear = await talk.listen()
    answer = await talk.http.post("/queue", json={"delete": [NIL, running, "unknown"]})
    assert (answer.status_code, answer.content) == (200, b"")
    await ear.until("status")
    assert (await talk.get("/prompt"))["exec_info"]["queue_remaining"] == 2
    assert await ear.is_quiet()  # no event but the count
    await talk.http.post("/queue", json={"clear": True})
    queue = await talk.get("/queue")
    assert queue["queue_pending"] == []
    assert list(ids_in(queue["queue_running"])) == [running]
    assert await talk.get(f"/history/{NIL}") == {}


async def test_history_entries_can_be_deleted(talk: Talk) -> None:
    first, second = [await talk.submit(tiny(i)) for i in range(2)]
    await talk.entry(second)
    assert (await talk.http.post("/history", json={"delete": [first, "unknown"]})).status_code == 200
    assert list(await talk.get("/history")) == [second]
    await talk.http.post("/history", json={"clear": True})
    assert await talk.get("/history") == {}


async def test_secrets_are_hidden_in_history_and_by_the_newer_server_in_the_queue(talk: Talk) -> None:
    extra = {"auth_token_comfy_org": "secret", "api_key_comfy_org": "key", "own": 1}
    talk.simulator.hold()
    prompt_id = await talk.submit(tiny(), "me", extra_data=extra)
    await talk.running()
    shown = (await talk.get("/queue"))["queue_running"][0][3]
    assert ("auth_token_comfy_org" in shown) != talk.newer
    talk.simulator.release()
    kept = (await talk.entry(prompt_id))["prompt"][3]
    assert kept.keys() - {"create_time"} == {"own", "client_id"}


async def test_the_usage_source_is_kept_by_the_newer_server(talk: Talk) -> None:
    answer = await talk.http.post(
        "/prompt", json={"prompt": tiny()}, headers={"Comfy-Usage-Source": "adtest"}
    )
    kept = (await talk.entry(answer.json()["prompt_id"]))["prompt"][3]
    assert kept.get("comfy_usage_source") == ("adtest" if talk.newer else None)


async def test_a_saved_picture_tells_its_graph_and_whatever_was_sent_along(talk: Talk) -> None:
    entry = await talk.run(graph(), extra_data={"extra_pnginfo": {"workflow": {"id": "wf"}, "note": "mine"}})
    picture = Image.open(BytesIO(await talk.picture(entry)))
    assert json.loads(picture.info["prompt"]).keys() == graph().keys()
    assert json.loads(picture.info["workflow"]) == {"id": "wf"}
    assert json.loads(picture.info["note"]) == "mine"


@pytest.mark.parametrize("extra", [None, "text", [1]])
async def test_the_newer_server_refuses_extra_data_that_is_no_object(newer: Talk, extra: Any) -> None:
    assert (await newer.post(tiny(), extra_data=extra)).status_code == 500
    assert (await newer.run(tiny()))["status"]["completed"]


async def test_null_as_extra_data_kills_the_older_servers_worker(older: Talk) -> None:
    assert (await older.post(tiny(), extra_data=None)).status_code == 200
    waiting = await older.submit(tiny(2))
    await older.running()
    assert list(ids_in((await older.get("/queue"))["queue_pending"])) == [waiting]
    assert older.simulator.executed == ()


async def test_the_same_number_and_id_twice_is_500_and_kills_the_worker(talk: Talk) -> None:
    talk.simulator.hold()
    first = await talk.submit(tiny(9))
    await talk.running()
    answers = [await talk.post(tiny(colour), prompt_id=NIL, number=9000) for colour in (1, 2)]
    assert [answer.status_code for answer in answers] == [200, 500]
    assert list(ids_in((await talk.get("/queue"))["queue_pending"])) == [NIL, NIL]  # queued all the same
    lost = await talk.submit(tiny(3))
    talk.simulator.release()
    await talk.entry(first)
    after = await talk.submit(tiny(4))
    queue = await talk.get("/queue")
    assert queue["queue_running"] == []
    assert after in ids_in(queue["queue_pending"])
    assert lost not in [*ids_in(queue["queue_pending"]), *await talk.get("/history")]
    await talk.http.post("/queue", json={"clear": True})
    await talk.submit(tiny(5))
    assert talk.simulator.executed == (first,)
