"""Everything a server can do wrong fails every call with one of our errors, and nothing leaks."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from runs.comfyui import (
    AccessRefused,
    Comfy,
    ComfyError,
    Endpoint,
    ImageRef,
    NotComfyUI,
    ProtocolViolation,
    ServerFault,
    ServerTimeout,
    ServerUnreachable,
    Timeouts,
)

from .far_end import NEW, FarEnd, Reply, Script
from .talking import FAULT, ID, JOB, PATIENT, UNKNOWN_JOB, queue, submit, talk

PICTURE = ImageRef("a.png", "lab", "temp")
CALLS: list[Callable[[Comfy], Any]] = [
    lambda comfy: comfy.probe(),
    lambda comfy: comfy.system_stats(),
    lambda comfy: comfy.queue(),
    lambda comfy: comfy.history(ID),
    lambda comfy: comfy.find(ID),
    lambda comfy: comfy.cancel(ID),
    lambda comfy: comfy.interrupt(ID),
    lambda comfy: comfy.delete(ID),
    lambda comfy: comfy.forget(ID),
    lambda comfy: comfy.checkpoints(),
    lambda comfy: comfy.view(PICTURE),
    lambda comfy: comfy.upload("x.png", b""),
    lambda comfy: submit(comfy),
]


class Always(dict[str, Script]):
    """A script that has one answer to everything."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply

    def get(self, key: str, default: Any = None) -> Any:
        return self.reply


@asynccontextmanager
async def always(reply: Reply, timeouts: Timeouts = PATIENT) -> AsyncIterator[Comfy]:
    async with FarEnd({}) as far, Comfy(Endpoint(far.url), timeouts) as comfy:
        far.script = Always(reply)
        yield comfy


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), AccessRefused),
        (Reply(403), AccessRefused),
        (Reply(429), ServerFault),
        (FAULT, ServerFault),
        (Reply(502, body=b"<html>Bad Gateway</html>", content_type="text/html"), ServerFault),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
async def test_a_failing_server_fails_every_call_with_one_of_our_errors(
    reply: Reply, error: type[ComfyError]
) -> None:
    async with always(reply) as comfy:
        for call in CALLS:
            with pytest.raises(error):
                await call(comfy)


@pytest.mark.parametrize("call", CALLS)
async def test_a_server_that_is_down_fails_every_call_with_its_address(call: Callable[[Comfy], Any]) -> None:
    async with FarEnd({}) as far:
        url = far.url
    async with Comfy(Endpoint(url), PATIENT) as comfy:
        with pytest.raises(ServerUnreachable, match=url):
            await call(comfy)


@pytest.mark.parametrize("call", CALLS)
async def test_a_server_that_never_answers_is_given_up(call: Callable[[Comfy], Any]) -> None:
    async with always(Reply(hang=True), Timeouts(connect=2, answer=0.05, whole=2)) as comfy:
        with pytest.raises(ServerTimeout):
            await call(comfy)


async def test_an_answer_that_comes_too_slowly_as_a_whole_is_given_up() -> None:
    slow = Reply(json={"queue_running": [], "queue_pending": []}, drip=True)
    async with always(slow, Timeouts(answer=10, whole=0.2)) as comfy:
        with pytest.raises(ServerTimeout):
            await comfy.queue()


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 100_000])
async def test_an_answer_that_is_not_json_is_not_comfyui(body: bytes) -> None:
    async with always(Reply(body=body)) as comfy:
        with pytest.raises(NotComfyUI):
            await comfy.queue()


async def test_json_that_comfyui_does_not_send_is_a_violation() -> None:
    async with talk(NEW, {"GET /queue": Reply(json={"queue_running": 5}), JOB: Reply(json=[])}) as (comfy, _):
        with pytest.raises(ProtocolViolation):
            await comfy.queue()
        with pytest.raises(ProtocolViolation):
            await comfy.find(ID)


async def test_the_headers_of_a_server_are_sent_with_every_request_and_never_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with talk(NEW, {JOB: UNKNOWN_JOB}, headers={"Authorization": "Bearer s3cret"}) as (comfy, far):
        await comfy.find(ID)
        assert {ask.headers["authorization"] for ask in far.asked} == {"Bearer s3cret"}
        assert {ask.headers["accept-encoding"] for ask in far.asked} == {"identity"}  # a cap on memory too
        assert repr(comfy.endpoint) == f"Endpoint('{far.url}', headers: Authorization)"
    assert "s3cret" not in caplog.text


async def test_fact_53_no_browsers_header_is_sent() -> None:
    async with talk(NEW) as (comfy, far):
        await comfy.probe()
        assert all({"origin", "sec-fetch-site", "referer"}.isdisjoint(ask.headers) for ask in far.asked)


async def test_a_path_prefix_stands_before_every_route() -> None:
    async with FarEnd({"GET /comfy/queue": queue()}) as far, Comfy(Endpoint(f"{far.url}/comfy/")) as comfy:
        assert (await comfy.queue()).running == ()


async def test_the_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    # The environment is process-wide; there is no other way to set it for one test.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with talk({"GET /queue": queue()}) as (comfy, _):
        assert (await comfy.queue()).running == ()
