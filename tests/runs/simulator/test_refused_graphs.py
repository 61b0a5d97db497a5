"""What the simulator says to a graph, compared with what the real servers said to it (facts 21 to 24; D14 to D17)."""

import json
from typing import Any

import pytest

from runs.comfyui.protocol import Dialect
from tests.runs.comfyui import traces

from .conftest import Meet
from .speaking import Talk, graph, node, tiny

CHECKPOINTS = ("corrupt", "random-sd15-micro", "random-sd15-tiny", "random-sd15")
# Prose of the real server: the simulator's node data have none of it. Tracebacks hold the lines of its code.
LEFT_OUT = ("tooltip", "traceback")


def asks(version: str, *names: str) -> list[Any]:
    """The POSTs of a trace that had a JSON body, by their notes."""
    return [
        pytest.param(Dialect(version), ask, id=f"{version} {ask['note'][:60]}")
        for name in names
        for ask in traces.trace(version, name)["http"]
        if ask["request"]["method"] == "POST" and ask["request"].get("json") is not None and _is_known(ask)
    ]


def _is_known(ask: dict[str, Any]) -> bool:
    """Whether the graph holds no class that the simulator leaves out or that was made for the recording."""
    return not any(
        name in str(ask["request"]["json"]) for name in ("Lab", "ConditioningAverage ", "SaveLatent")
    )


def comparable(value: Any) -> Any:
    match value:
        case dict():
            return {key: comparable(part) for key, part in value.items() if key not in LEFT_OUT}
        case [kind, dict() as options] if options.keys() <= {"tooltip"}:
            return [kind]  # nothing but prose: the same as no options
        case [kind, dict() as options]:
            return [kind, comparable(options)]
        case list():
            return [comparable(part) for part in value]
        case _:
            return value


def sorted_errors(body: dict[str, Any]) -> dict[str, Any]:
    """The server looks at a node's inputs in the order of a set."""
    for one in body.get("node_errors", {}).values():
        one["errors"].sort(key=str)
    return body


ALL = [*asks("0.3.64", "c01"), *asks("0.33", "c01", "n07")]


@pytest.mark.parametrize(("dialect", "ask"), ALL)
async def test_a_graph_is_answered_as_the_real_server_did(
    meet: Meet, dialect: Dialect, ask: dict[str, Any]
) -> None:
    talk = await meet(dialect=dialect, checkpoints=[f"{name}.safetensors" for name in CHECKPOINTS])
    answer = await talk.http.post(ask["request"]["path"], json=ask["request"]["json"])
    assert answer.status_code == ask["status"]
    if ask["status"] == 500 or "json" not in ask:
        assert answer.text == ask.get("text", "")
    elif ask["status"] == 200:
        said = {key: value for key, value in answer.json().items() if key not in ("prompt_id", "number")}
        wanted = {key: value for key, value in ask["json"].items() if key not in ("prompt_id", "number")}
        assert comparable(said) == comparable(wanted)
    else:
        assert comparable(sorted_errors(answer.json())) == comparable(sorted_errors(ask["json"]))


def test_there_is_something_to_replay() -> None:
    assert len(ALL) > 60


BROKEN_BODIES = [
    ("/prompt", b"{", 500), ("/prompt", b"", 500), ("/queue", b"", 500), ("/history", b"{", 500),
    ("/interrupt", b"", 200), ("/interrupt", b"[1]", 500), ("/prompt", b"null", 500),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "status"), BROKEN_BODIES)
async def test_a_body_that_cannot_be_read_is_500_but_for_interrupt(
    talk: Talk, path: str, body: bytes, status: int
) -> None:
    answer = await talk.http.post(path, content=body)
    assert answer.status_code == status
    if status == 500:
        assert answer.text == "500 Internal Server Error\n\nServer got itself in trouble"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_content_type_of_a_prompt_does_not_matter(talk: Talk) -> None:
    answer = await talk.http.post(
        "/prompt", content=json.dumps({"prompt": tiny()}), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 200


async def test_one_good_output_is_enough_and_the_bad_one_does_not_run(talk: Talk) -> None:
    nodes = graph() | {"20": node("SaveImage", images=["99", 0], filename_prefix="x")}
    answer = (await talk.post(nodes)).json()
    assert list(answer["node_errors"]) == ["20"]
    entry = await talk.entry(answer["prompt_id"])
    assert list(entry["outputs"]) == ["9"]
    assert entry["prompt"][4] == ["9"]
    assert entry["status"]["status_str"] == "success"


async def test_a_numeric_string_is_cast_in_the_queued_graph(talk: Talk) -> None:
    nodes = graph()
    nodes["3"]["inputs"]["steps"] = "2"
    assert (await talk.run(nodes))["prompt"][2]["3"]["inputs"]["steps"] == 2


async def test_a_list_of_up_to_twenty_choices_is_named_and_a_longer_one_is_not(meet: Meet) -> None:
    for count, named in ((20, True), (21, False)):
        talk = await meet(checkpoints=[f"model-{i:02}.safetensors" for i in range(count)])
        error = (await talk.post(graph())).json()["node_errors"]["4"]["errors"][0]
        assert (error["extra_info"]["input_config"] is not None) == named
        assert ("(list of length 21)" in error["details"]) != named


async def test_a_save_prefix_that_leads_out_is_taken_and_fails_when_it_runs(talk: Talk) -> None:
    status = (await talk.run(graph(prefix="../../evil")))["status"]
    assert status["messages"][-1][0] == "execution_error"
    assert status["messages"][-1][1]["node_type"] == "SaveImage"


async def test_an_unknown_choice_of_a_dynamic_input_fails_only_when_it_runs(newer: Talk) -> None:
    nodes = {
        "1": node("EmptyImage", width=64, height=64, batch_size=1, color=5),
        "2": node("ResizeImageMaskNode", input=["1", 0], resize_type="nope", scale_method="area"),
        "3": node("PreviewImage", images=["2", 0]),
    }
    assert (await newer.run(nodes))["status"]["messages"][-1][0] == "execution_error"


async def test_targets_choose_among_the_outputs(talk: Talk) -> None:
    nodes = tiny() | {"3": node("SaveImage", images=["1", 0], filename_prefix="lab/p")}
    assert list((await talk.run(nodes, partial_execution_targets=["3"]))["outputs"]) == ["3"]
    assert (await talk.post(nodes, partial_execution_targets=[])).json()["error"][
        "type"
    ] == "prompt_no_outputs"
    assert len((await talk.run(nodes, partial_execution_targets=None))["outputs"]) == 2


async def test_the_older_server_lists_cached_outputs_that_were_not_asked_for(talk: Talk) -> None:
    nodes = tiny() | {"3": node("SaveImage", images=["1", 0], filename_prefix="lab/p")}
    await talk.run(nodes)
    outputs = (await talk.run(nodes, partial_execution_targets=["3"]))["outputs"]
    assert set(outputs) == ({"3"} if talk.newer else {"2", "3"})


async def test_a_body_over_the_limit_is_413_with_the_limit_in_words(meet: Meet) -> None:
    talk = await meet(max_upload_size=2000)
    for path, body in (("/prompt", b"x" * 2001), ("/upload/image", b"x" * 300_000)):
        answer = await talk.http.post(path, content=body)
        assert (answer.status_code, answer.text) == (413, "Maximum request body size 2000 exceeded.")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await talk.get("/features"))["max_upload_size"] == 2000
