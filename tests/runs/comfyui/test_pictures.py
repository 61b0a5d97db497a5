"""Pictures fetched and uploaded, and what a server says it has."""

import pytest

from runs.comfyui import (
    BadOutput,
    ImageRef,
    OutputMissing,
    OversizedAnswer,
    ServerUnreachable,
    TooLarge,
    UnsafeName,
)

from . import traces
from .far_end import OLD, Reply
from .talking import submit, talk

PICTURE = ImageRef("a b&c.png", "lab", "temp")


async def test_fact_47_a_picture_is_asked_for_by_name_folder_and_type() -> None:
    async with talk({"GET /view": Reply(body=b"pixels", content_type="image/png")}) as (comfy, far):
        assert await comfy.view(PICTURE) == b"pixels"
        assert far.last("GET /view").query == {"filename": "a b&c.png", "subfolder": "lab", "type": "temp"}


async def test_fact_17_a_picture_that_is_gone_is_missing() -> None:
    async with talk({"GET /view": Reply(404)}) as (comfy, _):
        with pytest.raises(OutputMissing, match="Make the picture again"):
            await comfy.view(PICTURE)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"", content_type="image/png"),
        Reply(body=b"<html>Sign in</html>", content_type="text/html; charset=utf-8"),
        Reply(json={"error": "no"}),
    ],
    ids=str,
)
async def test_what_is_no_picture_is_bad_output(reply: Reply) -> None:
    async with talk({"GET /view": reply}) as (comfy, _):
        with pytest.raises(BadOutput):
            await comfy.view(PICTURE)


async def test_a_picture_over_the_cap_is_not_read_to_its_end() -> None:
    async with talk({"GET /view": Reply(body=b"x" * 300_000, content_type="image/png")}) as (comfy, _):
        assert len(await comfy.view(PICTURE, max_bytes=300_000)) == 300_000
        with pytest.raises(OversizedAnswer):
            await comfy.view(PICTURE, max_bytes=299_999)


async def test_a_picture_that_breaks_off_is_a_lost_connection() -> None:
    async with talk({"GET /view": Reply(body=b"x" * 5000, content_type="image/png", cut=True)}) as (comfy, _):
        with pytest.raises(ServerUnreachable):
            await comfy.view(PICTURE)


async def test_fact_44_an_upload_is_used_under_the_name_the_server_gave() -> None:
    stored = Reply(json={"name": "up (1).png", "subfolder": "", "type": "input"})
    async with talk({"POST /upload/image": stored}) as (comfy, far):
        assert await comfy.upload("up.png", b"pixels") == "up (1).png"
        sent = far.last("POST /upload/image").body
        assert b'name="image"; filename="up.png"' in sent and b"pixels" in sent
        assert b"overwrite" not in sent
        await comfy.upload("up.png", b"pixels", overwrite=True)
        assert b'name="overwrite"\r\n\r\ntrue' in far.last("POST /upload/image").body


@pytest.mark.parametrize("name", ["../up.png", "a/up.png", "a\\up.png", "", "/up.png"])
async def test_fact_45_an_unsafe_name_is_not_uploaded(name: str) -> None:
    async with talk({}) as (comfy, far):
        with pytest.raises(UnsafeName):
            await comfy.upload(name, b"pixels")
        assert far.asked == []


async def test_fact_46_a_name_that_leads_out_is_not_taken_from_the_server() -> None:
    stored = Reply(json={"name": "../../x.png", "subfolder": "", "type": "input"})
    async with talk({"POST /upload/image": stored}) as (comfy, _):
        with pytest.raises(UnsafeName):
            await comfy.upload("x.png", b"pixels")


async def test_fact_24_a_body_over_the_limit_is_too_large() -> None:
    refused = Reply(413, body=b"Maximum request body size 104857600 exceeded.", content_type="text/plain")
    async with talk(OLD, {"POST /upload/image": refused, "POST /prompt": refused}) as (comfy, _):
        with pytest.raises(TooLarge, match="max-upload-size"):
            await comfy.upload("x.png", b"pixels")
        with pytest.raises(TooLarge):
            await submit(comfy)


@pytest.mark.parametrize("version", traces.VERSIONS)
async def test_checkpoints_are_sorted_by_name(version: str) -> None:
    node = traces.object_info(version)["CheckpointLoaderSimple"]
    node["input"]["required"]["ckpt_name"][0] = ["b.safetensors", "a.safetensors"]
    script = {"GET /object_info/CheckpointLoaderSimple": Reply(json={"CheckpointLoaderSimple": node})}
    async with talk(script) as (comfy, _):
        assert await comfy.checkpoints() == ("a.safetensors", "b.safetensors")


async def test_a_node_that_is_not_installed_is_none_and_so_are_its_checkpoints() -> None:
    async with talk({"GET /object_info/CheckpointLoaderSimple": Reply(json={})}) as (comfy, _):
        assert await comfy.object_info("CheckpointLoaderSimple") is None
        assert await comfy.checkpoints() == ()
