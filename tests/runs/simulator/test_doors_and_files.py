"""Doors, routes, uploads and downloads, replayed from what the real servers answered (facts 44 to 54; D29 to D38)."""

import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from runs.comfyui.protocol import Dialect
from runs.simulator.files import ROOM, Files
from tests.runs.comfyui import traces

from .speaking import CHECKPOINT, DATA, Talk, graph, ids_in, node, tiny

SAFETY = (
    "X-Content-Type-Options",
    "Vary",
    "Cache-Control",
    "Content-Disposition",
    "Content-Type",
    "Accept-Ranges",
)


def rows(dialect: Dialect, *chosen: str) -> list[dict[str, Any]]:
    """The recorded requests of some traces."""
    recorded = json.loads((DATA / f"doors-and-files-{dialect}.json").read_text())
    return [row for row in recorded if row["trace"] in chosen]


async def replayed(talk: Talk, row: dict[str, Any]) -> Any:
    port = talk.simulator.url.rpartition(":")[2]
    headers = {name: value.replace("PORT", port) for name, value in row["headers"].items()}
    return await talk.http.request(row["method"], row["path"], headers=headers, content=b"{}")


async def test_the_door_opens_and_closes_as_recorded(talk: Talk) -> None:
    doors = rows(talk.dialect, "a05", "n04")
    assert len(doors) >= 13
    for row in doors:
        answer = await replayed(talk, row)
        assert answer.status_code == row["status"], row["note"]
        assert row["status"] != 403 or answer.content == b"", row["note"]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Origin": "http://evil.example"}, {Dialect.V0_33, Dialect.V0_3_64}),
        ({"Sec-Fetch-Site": "cross-site"}, {Dialect.V0_33}),
    ],
)
async def test_the_websocket_has_the_same_door(
    talk: Talk, headers: dict[str, str], refused: set[Dialect]
) -> None:
    url = talk.simulator.url.replace("http", "ws", 1) + "/ws"
    if talk.dialect not in refused:
        async with connect(url, additional_headers=headers):
            return
    with pytest.raises(InvalidStatus) as closed:
        async with connect(url, additional_headers=headers):
            pass
    assert closed.value.response.status_code == 403


async def seen_before(talk: Talk, row: dict[str, Any]) -> dict[str, Any]:
    """The recorded request; a condition in it names the file as this server has it."""
    conditions = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
    for name, source in conditions.items():
        if name in row["headers"]:
            return row | {"headers": {name: (await talk.http.get(row["path"])).headers[source]}}
    return row


async def test_view_answers_as_recorded(talk: Talk) -> None:
    await talk.run(graph(prefix="lab/view"))
    for ending in ("svg", "html", "js", "css", "xml", "json", "txt", "pdf", "noext2"):
        await upload(talk, f"v.{ending}", b"<a/>")
    views = rows(talk.dialect, "a06", "n06")
    assert len(views) > 25
    for row in views:
        answer = await replayed(talk, await seen_before(talk, row))
        assert answer.status_code == row["status"], row["note"]
        said = {name: answer.headers[name] for name in SAFETY if name in answer.headers}
        assert said == row["answer_headers"], row["note"]
        if row["note"] == "Range":
            assert (len(answer.content), answer.headers["content-range"][:11]) == (100, "bytes 0-99/")


async def test_a_channel_of_a_picture_comes_without_its_graph(talk: Talk) -> None:
    image = (await talk.run(graph()))["outputs"]["9"]["images"][0]
    plain = Image.open(BytesIO((await talk.http.get("/view", params=image)).content))
    colours = Image.open(BytesIO((await talk.http.get("/view", params=image | {"channel": "rgb"})).content))
    alpha = Image.open(BytesIO((await talk.http.get("/view", params=image | {"channel": "a"})).content))
    assert ("prompt" in plain.info, "prompt" in colours.info) == (True, False)
    assert (plain.tobytes(), alpha.mode) == (colours.tobytes(), "RGBA")


async def upload(talk: Talk, name: str, data: bytes, **form: str) -> Any:
    return await talk.http.post("/upload/image", files={"image": (name, data)}, data=form)


def uploads(dialect: Dialect) -> list[dict[str, Any]]:
    """The recorded uploads that httpx can send as they were, in their order."""
    return [
        ask
        for ask in traces.trace(dialect, "h01")["http"]
        if ask["request"]["path"].endswith("/upload/image") and isinstance(ask["request"].get("data"), dict)
        and ask["note"] not in ("no file part", "unicode filename")
    ]  # fmt: skip


async def test_uploads_are_named_and_refused_as_recorded(talk: Talk) -> None:
    """One story: the names depend on what was uploaded before."""
    asks = uploads(talk.dialect)
    assert len(asks) > 25
    for ask in asks:
        sent = ask["request"]["data"]
        # The recording keeps the size of a file and not its bytes; other sizes are other contents.
        data = f"{sent['bytes']} {'0' if 'content, overwrite' not in ask['note'] else ask['note']}".encode()
        parts = {sent["field"]: (sent["filename"], data)}
        answer = await talk.http.post(ask["request"]["path"], files=parts, data=sent["form"])
        assert answer.status_code == ask["status"], ask["note"]
        if ask["status"] == 200 and not ask["note"].startswith(("overwrite=", "type=input explicit")):
            assert answer.json() == ask["json"], ask["note"]


@pytest.mark.parametrize(
    ("overwrite", "name"), [(None, "up (1).png"), ("true", "up.png"), ("1", "up.png"), ("True", "up (1).png")]
)
async def test_another_content_gets_another_name_unless_overwriting_is_asked_for(
    talk: Talk, overwrite: str | None, name: str
) -> None:
    await upload(talk, "up.png", b"one")
    form = {} if overwrite is None else {"overwrite": overwrite}
    assert (await upload(talk, "up.png", b"two", **form)).json() == {
        "name": name,
        "subfolder": "",
        "type": "input",
    }
    assert (await upload(talk, name, b"two")).json()["name"] == name  # the same content keeps its name


async def test_a_field_without_a_file_is_refused(talk: Talk) -> None:
    assert (await talk.http.post("/upload/image", data={"image": "text"})).status_code == 400
    assert (await talk.http.post("/upload/image", json={"image": "x"})).status_code == 400


def png(mode: str = "RGB", colour: Any = "red", size: int = 16) -> bytes:
    raw = BytesIO()
    Image.new(mode, (size, size), colour).save(raw, "PNG")
    return raw.getvalue()


async def test_a_mask_is_laid_into_its_original_and_a_missing_original_writes_nothing(talk: Talk) -> None:
    await upload(talk, "base.png", png())
    for base, status in (("base.png", 200), ("none.png", 404)):
        reference = json.dumps({"filename": base, "type": "input"})
        mask = {"image": (f"masked-{base}", png("RGBA", (0, 0, 0, 77)))}
        answer = await talk.http.post("/upload/mask", files=mask, data={"original_ref": reference})
        assert (answer.status_code, answer.json()["name"]) == (200, f"masked-{base}")
        stored = await talk.http.get("/view", params={"filename": f"masked-{base}", "type": "input"})
        assert stored.status_code == status
    assert Image.open(
        BytesIO((await talk.http.get("/view?filename=masked-base.png&type=input")).content)
    ).getpixel((1, 1)) == (255, 0, 0, 77)
    assert (await talk.http.post("/upload/mask", files=mask)).status_code == 500


async def test_load_image_takes_top_level_names_subfolders_and_annotations(talk: Talk) -> None:
    await upload(talk, "up.png", png(colour="#102030"))
    await upload(talk, "up.png", png(), subfolder="adgen/job")
    await upload(talk, "up.png", png(), type="temp")
    await upload(talk, "page.html", b"<p>")
    info = await talk.get("/object_info/LoadImage")
    assert info["LoadImage"]["input"]["required"]["image"][0] == ["up.png"]
    for name in ("up.png", "adgen/job/up.png", "up.png [temp]"):
        nodes = {"1": node("LoadImage", image=name), "2": node("PreviewImage", images=["1", 0])}
        assert (await talk.run(nodes))["outputs"]["2"]["images"][0]["type"] == "temp"


@pytest.mark.parametrize(
    "name", ["../output/lab/x.png", "sub/../up.png", "/etc/hostname", "up.png [bogus]", "none.png"]
)
async def test_load_image_refuses_what_is_not_in_its_folder(newer: Talk, name: str) -> None:
    nodes = {"1": node("LoadImage", image=name), "2": node("PreviewImage", images=["1", 0])}
    error = (await newer.post(nodes)).json()["node_errors"]["1"]["errors"][0]
    assert error["details"] == f"image - Invalid image file: {name}"


async def test_a_file_that_is_no_picture_fails_when_it_is_loaded(talk: Talk) -> None:
    await upload(talk, "fake.png", b"not an image")
    nodes = {"1": node("LoadImage", image="fake.png"), "2": node("PreviewImage", images=["1", 0])}
    error = (await talk.run(nodes))["status"]["messages"][-1][1]
    assert error["exception_message"].startswith("cannot identify image file")


async def test_the_names_of_saved_files_go_on_after_the_highest(talk: Talk) -> None:
    names = [(await talk.run(graph(seed=i)))["outputs"]["9"]["images"][0]["filename"] for i in range(2)]
    assert names == ["t2i_00001_.png", "t2i_00002_.png"]


async def test_a_preview_lies_in_temp_and_is_gone_after_a_restart(talk: Talk) -> None:
    image = (await talk.run(tiny()))["outputs"]["2"]["images"][0]
    assert image["filename"].startswith("ComfyUI_temp_")
    assert (image["subfolder"], image["type"]) == ("", "temp")
    assert (await talk.http.get("/view", params=image)).status_code == 200
    await talk.simulator.restart_empty()
    assert (await talk.http.get("/view", params=image)).status_code == 404


def test_the_oldest_pictures_give_way_when_there_is_no_more_room() -> None:
    files = Files()
    files.put("input", "", "mine.png", b"x" * 10)
    for index in range(3):
        files.put("output", "", f"{index}.png", bytes(ROOM // 2))
    assert [bool(files.get("output", "", f"{index}.png")) for index in range(3)] == [False, True, True]
    assert files.get("input", "", "mine.png")


# Pages and files of the real program that a client of the protocol does not ask for.
LEFT_OUT = (
    "/userdata",
    "/v2/",
    "/internal/",
    "/view_metadata",
    "/extensions",
    "/api/extensions",
    "/experiment/models/",
)


async def test_every_route_answers_with_the_recorded_status_and_type(talk: Talk) -> None:
    for _ in range(3):
        await talk.run(tiny())
    recorded = json.loads((DATA / f"catalogue-{talk.dialect}.json").read_text())
    asks = [ask for ask in recorded if not ask["path"].startswith(LEFT_OUT) and ask["path"] != "/"]
    assert len(asks) > 45
    for ask in asks:
        note = f"{ask['method']} {ask['path']}"
        answer = await talk.http.request(ask["method"], ask["path"])
        assert answer.status_code == ask["status"], note
        said = {
            name: answer.headers[name]
            for name in ("Content-Type", "Allow", "Transfer-Encoding")
            if name in answer.headers
        }
        assert said == ask["answer_headers"], note


async def test_routes_are_there_with_and_without_api_and_the_jobs_only_with_it(newer: Talk) -> None:
    async with connect(newer.simulator.url.replace("http", "ws", 1) + "/api/ws"):
        pass
    assert (await newer.http.get("/api/queue")).status_code == 200
    assert (await newer.http.get("/api/jobs")).status_code == 200
    assert (await newer.http.get("/api/api/jobs")).status_code == 200
    assert (await newer.http.get("/jobs")).status_code == 404
    refused = await newer.http.post("/jobs/1/cancel")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET,HEAD")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/assets"), ("GET", "/api/assets?limit=1"), ("POST", "/api/assets"), ("GET", "/api/tags"),
     ("GET", "/api/assets/6f0752e6-60a3-47f9-805d-1698fd646c24")],
)  # fmt: skip
async def test_assets_are_switched_off_in_the_newer_and_unknown_to_the_older_server(
    talk: Talk, method: str, path: str
) -> None:
    answer = await talk.http.request(method, path)
    if talk.newer:
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_DISABLED")
    else:
        assert answer.status_code == (404 if method == "GET" else 405)


@pytest.mark.parametrize("path", ["/node_replacements", "/global_subgraphs", "/api/jobs", "/api/tags"])
async def test_newer_routes_are_unknown_to_the_older_server(talk: Talk, path: str) -> None:
    assert ((await talk.http.get(path)).status_code != 404) == talk.newer


async def test_system_stats_has_the_recorded_fields_and_says_that_it_is_simulated(talk: Talk) -> None:
    stats = await talk.get("/system_stats")
    dialect = talk.dialect
    asks = traces.trace(dialect, "a04")["http"]
    recorded = next(ask["json"] for ask in asks if ask["request"]["path"] == "/system_stats")
    assert stats["system"].keys() == recorded["system"].keys() | {"simulated"}
    assert stats["system"]["simulated"] is True
    assert stats["system"]["comfyui_version"] == recorded["system"]["comfyui_version"]
    assert stats["system"]["os"] == recorded["system"]["os"]
    assert stats["devices"][0].keys() == recorded["devices"][0].keys()


async def test_model_folders_name_the_endings_they_take_in_the_newer_server(talk: Talk) -> None:
    assert ("extensions" in (await talk.get("/experiment/models"))[0]) == talk.newer
    assert CHECKPOINT in await talk.get("/models/checkpoints")


async def test_the_queue_of_one_is_not_the_queue_of_another(newer: Talk, older: Talk) -> None:
    newer.simulator.hold()
    prompt_id = await newer.submit(tiny())
    await newer.running()
    assert list(ids_in((await newer.get("/queue"))["queue_running"])) == [prompt_id]
    assert await older.get("/queue") == {"queue_running": [], "queue_pending": []}
