"""Before and while a prompt is sent: which server answers, what is sent to it, and what it refuses."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from runs.comfyui import (
    Dialect,
    MissingModel,
    MissingNode,
    NotComfyUI,
    PromptRefused,
    UnsupportedVersion,
)

from . import traces
from .far_end import NEW, OLD, FarEnd, Reply, Script
from .talking import (
    ACCEPTED,
    CANCEL,
    FAULT,
    GRAPH,
    ID,
    JOB,
    OTHER,
    UNKNOWN_JOB,
    both_dialects,
    queue,
    submit,
    talk,
)


@pytest.mark.parametrize("version", traces.VERSIONS)
async def test_a_probe_of_a_recorded_server_tells_its_dialect(version: str) -> None:
    asked = traces.trace(version, "a04")["http"]
    recorded = {
        f"GET {ask['request']['path'].split('?')[0]}": Reply(ask["status"], json=ask.get("json"))
        for ask in asked
        if ask["request"]["method"] == "GET"
    }
    async with talk(recorded) as (comfy, _):
        info = await comfy.probe()
    assert info.version.startswith(version)
    assert (info.jobs_api, info.dialect) == (version == "0.33", Dialect(version))
    assert info.devices[0].name == "cpu"
    assert not info.simulated


async def test_d27_the_job_list_is_asked_for_one_job_alone() -> None:
    async with talk(NEW) as (comfy, far):
        await comfy.probe()
        assert far.last("GET /api/jobs").query == {"limit": "1"}


async def test_d13_a_poisoned_job_list_is_a_job_list_all_the_same() -> None:
    async with talk(NEW, {"GET /api/jobs": FAULT}) as (comfy, _):
        assert (await comfy.probe()).jobs_api


async def test_a_page_for_unknown_paths_is_no_job_list() -> None:
    page = Reply(body=b"<html>", content_type="text/html")
    async with talk(OLD, {"GET /api/jobs": page}) as (comfy, _):
        assert (await comfy.probe()).dialect is Dialect.V0_3_64


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>It works!</html>", content_type="text/html"),
        Reply(json={"hello": "world"}),
        Reply(json=[]),
        Reply(json={"system": {"comfyui_version": 3}, "devices": []}),
        Reply(404, body=b"not found"),
        Reply(302, headers={"Location": "https://login.example/"}),
        Reply(418),
    ],
    ids=str,
)
async def test_what_is_not_comfyui_is_called_so_with_its_address(reply: Reply) -> None:
    async with talk({"GET /system_stats": reply}) as (comfy, far):
        with pytest.raises(NotComfyUI, match=far.url):
            await comfy.probe()


async def test_a_redirect_is_not_followed_so_that_no_token_goes_elsewhere() -> None:
    async with FarEnd(NEW) as elsewhere:
        moved = Reply(307, headers={"Location": f"{elsewhere.url}/system_stats"})
        async with talk({"GET /system_stats": moved}, headers={"X-Key": "t0ken"}) as (comfy, _):
            with pytest.raises(NotComfyUI):
                await comfy.probe()
        assert elsewhere.asked == []


@both_dialects
async def test_fact_39_a_prompt_is_queued_under_our_own_id(dialect: Mapping[str, Script]) -> None:
    async with talk(dialect, {"POST /prompt": ACCEPTED}) as (comfy, far):
        assert (await submit(comfy)).prompt_id == ID
        sent = far.last("POST /prompt").json()
    assert (sent["prompt"], sent["prompt_id"], sent["client_id"]) == (GRAPH, ID, "c")
    assert "number" not in sent and "front" not in sent  # fact 40, D18


async def test_d5_a_newer_server_is_asked_for_previews_prompt_by_prompt() -> None:
    async with talk(NEW, {"POST /prompt": ACCEPTED}) as (comfy, far):
        for previews, method in ((True, "latent2rgb"), (False, "none")):
            await submit(comfy, previews=previews)
            assert far.last("POST /prompt").json()["extra_data"] == {"preview_method": method}


async def test_fact_41_an_older_server_is_sent_no_extra_data() -> None:
    async with talk(OLD, {"POST /prompt": ACCEPTED}) as (comfy, far):
        await submit(comfy)
        assert "extra_data" not in far.last("POST /prompt").json()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": ["c"]}, TypeError),  # D19: this ends the whole server
        ({"client_id": {}}, TypeError),
        ({"client_id": None}, TypeError),  # fact 33: our events would go to everybody
        ({"client_id": ""}, TypeError),
        ({"prompt_id": ID.upper()}, ValueError),  # D9
        ({"prompt_id": ID.replace("-", "")}, ValueError),
        ({"prompt_id": "mine"}, ValueError),
        ({"prompt_id": None}, ValueError),
        ({"extra_data": []}, TypeError),  # D12
        ({"extra_data": {"extra_pnginfo": None}}, ValueError),  # D13: poisons everybody's job list
    ],
)
@both_dialects
async def test_what_takes_a_server_down_is_never_sent(
    dialect: Mapping[str, Script], changes: dict[str, Any], error: type[Exception]
) -> None:
    async with talk(dialect, {"POST /prompt": ACCEPTED}) as (comfy, far):
        with pytest.raises(error):
            await submit(comfy, **changes)
        assert far.routes() == []


@pytest.mark.parametrize("version", traces.VERSIONS)
async def test_a_missing_model_is_refused_with_the_choices_of_the_server(version: str) -> None:
    refusal = Reply(400, json=traces.noted(version, "c01", "checkpoint not in list")["json"])
    async with talk(NEW, {"POST /prompt": refusal}) as (comfy, far):
        with pytest.raises(MissingModel, match=r"nope\.safetensors.*random-sd15") as caught:
            await submit(comfy)
    assert "random-sd15-micro.safetensors" in caught.value.choices
    assert caught.value.node_errors[0].input_name == "ckpt_name"
    assert far.url in str(caught.value)


async def test_choices_that_a_refusal_left_out_are_asked_for() -> None:
    body = json.loads(json.dumps(traces.noted("0.33", "c01", "checkpoint not in list")["json"]))
    body["node_errors"]["4"]["errors"][0]["extra_info"]["input_config"] = None  # as for over 20 of them
    names = [f"model-{number:02}.safetensors" for number in range(25)]
    node = {"name": "CheckpointLoaderSimple", "input": {"required": {"ckpt_name": [names, {}]}}}
    described = Reply(json={"CheckpointLoaderSimple": node})
    script = {"POST /prompt": Reply(400, json=body), "GET /object_info/CheckpointLoaderSimple": described}
    async with talk(NEW, script) as (comfy, _):
        with pytest.raises(MissingModel, match="and 20 more") as caught:
            await submit(comfy)
    assert caught.value.choices == tuple(names)


@pytest.mark.parametrize("version", traces.VERSIONS)
async def test_d14_a_missing_node_is_named(version: str) -> None:
    refusal = Reply(400, json=traces.noted(version, "c01", "unknown node class")["json"])
    async with talk(OLD, {"POST /prompt": refusal}) as (comfy, _):
        with pytest.raises(MissingNode, match="NoSuchNode"):
            await submit(comfy)


@both_dialects
async def test_fact_22_an_acceptance_with_errors_is_a_refusal_and_is_taken_back(
    dialect: Mapping[str, Script],
) -> None:
    body = traces.noted("0.33", "c01", "one good and one bad output")["json"] | {"prompt_id": ID}
    script = {
        "POST /prompt": Reply(json=body),
        "POST /queue": Reply(),
        CANCEL: Reply(json={"cancelled": True}),
        "GET /queue": queue(),
        JOB: UNKNOWN_JOB,
        f"GET /history/{ID}": Reply(json={}),
    }
    async with talk(dialect, script) as (comfy, far):
        with pytest.raises(PromptRefused) as caught:
            await submit(comfy)
        assert far.routes()[1] in (CANCEL, "POST /queue")
    assert [error.node_id for error in caught.value.node_errors] == ["20"]


async def test_a_server_that_does_not_keep_our_id_is_too_old_and_the_prompt_is_taken_back() -> None:
    script: dict[str, Script] = {
        "POST /prompt": Reply(json={"prompt_id": OTHER, "number": 1, "node_errors": {}}),
        "GET /queue": [queue(running=[OTHER]), queue()],
        f"GET /history/{OTHER}": Reply(json={}),
        "POST /queue": Reply(),
        "POST /interrupt": Reply(),
    }
    async with talk(OLD, script) as (comfy, far):
        with pytest.raises(UnsupportedVersion, match="Update ComfyUI"):
            await submit(comfy)
        assert far.last("POST /queue").json() == {"delete": [OTHER]}
        assert far.last("POST /interrupt").json() == {"prompt_id": OTHER}


async def test_a_prompt_with_what_utf8_cannot_carry_is_sent_all_the_same() -> None:
    graph = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "half a \ud83d smiley"}}}
    async with talk(NEW, {"POST /prompt": ACCEPTED}) as (comfy, far):
        await submit(comfy, graph=graph)
        assert far.last("POST /prompt").json()["prompt"] == graph
