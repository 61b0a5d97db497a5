"""Logs: one JSON object a line, found by request, run and picture; and nothing in them of what somebody wrote."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import httpx
import pytest
from django.urls import reverse

from adgen.logs import Json, Requests, Text
from adgen.settings import LOGGING
from adgen.watchers import without_secrets
from runs import lifecycle, marks
from runs.engine.supervisor import Engine
from runs.models import Run
from tests.conftest import brief_data
from tests.runs.engine.conftest import *  # noqa: F403 - its engine and simulator
from tests.runs.engine.conftest import ended, order


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What a studio with LOG_FORMAT=json writes."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Json())
    loggers = [logging.getLogger(name) for name in ("", "adgen.logs", "runs.trail")]
    before = [one.level for one in loggers]
    loggers[0].addHandler(handler)
    for one in loggers:
        one.setLevel(logging.INFO)
    yield out
    loggers[0].removeHandler(handler)
    for one, level in zip(loggers, before, strict=True):
        one.setLevel(level)


def read(out: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def answer(scope: Any, receive: Any, send: Any) -> None:
    logging.getLogger("runs.tests").info("Looked at\nit")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": marks.request.get().encode()})


async def ask(path: str = "/runs/", **headers: str) -> httpx.Response:
    application: Any = Requests(answer)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://studio.test") as client:
        return await client.get(path, headers=headers)


# --- Requests ------------------------------------------------------------------------------------------------


async def test_a_request_keeps_the_id_that_its_proxy_gave(lines: StringIO) -> None:
    got = await ask(**{"X-Request-ID": "edge-42.a"})
    assert got.headers["X-Request-ID"] == got.text == "edge-42.a"
    assert {line["request"] for line in read(lines) if line["logger"] != "httpx"} == {"edge-42.a"}


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, '{"a":1}', "-x", "a;b"])
async def test_an_id_that_could_be_mistaken_is_replaced(given: str) -> None:
    got = await ask(**({"X-Request-ID": given} if given else {}))
    assert len(got.headers["X-Request-ID"]) == 32 and got.text == got.headers["X-Request-ID"]


async def test_two_requests_have_two_ids_and_none_stays() -> None:
    assert (await ask()).text != (await ask()).text
    assert marks.request.get() == ""


async def test_an_answer_is_told_with_its_path_and_without_its_query(lines: StringIO) -> None:
    await ask("/library/?q=secret+launch")
    (line,) = [line for line in read(lines) if line["logger"] == "adgen.logs"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/library/", 200)
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize(
    "page", ["account_reset_password_from_key", "accounts:invited", "accounts:signin_link"]
)
async def test_no_link_that_lets_somebody_in_is_in_the_log(lines: StringIO, page: str) -> None:
    given = {"uidb36": "3", "key": "hush-hush"} if page.startswith("account_") else {"secret": "hush-hush"}
    await ask(reverse(page, kwargs=given))
    assert "/accounts/" in lines.getvalue() and "hush" not in lines.getvalue()


def test_no_link_that_lets_somebody_in_is_sent_to_sentry() -> None:
    address = "https://studio.test/accounts/link/hush-hush/?sig=hush"
    request = {
        "url": address,
        "query_string": "sig=hush",
        "headers": {"Referer": address, "Host": "studio.test"},
    }
    sent: dict[str, Any] = without_secrets({"request": request})
    assert sent["request"] == {
        "url": "https://studio.test/accounts/link/…/",
        "headers": {"Host": "studio.test"},
    }
    assert without_secrets({"message": "no request"}) == {"message": "no request"}


async def test_what_is_asked_all_the_time_is_not_told(lines: StringIO) -> None:
    for path in ("/health/live", "/metrics", "/static/css/base.css"):
        await ask(path)
    assert [line for line in read(lines) if line["logger"] == "adgen.logs"] == []


# --- Lines ---------------------------------------------------------------------------------------------------


def test_an_event_is_one_line_whatever_is_in_it(lines: StringIO) -> None:
    logging.getLogger("runs.tests").warning("One\nand %s", "two “ü”", extra={"server": "gpu-1"})
    (line,) = read(lines)
    assert (line["message"], line["level"], line["server"]) == ("One\nand two “ü”", "WARNING", "gpu-1")


def test_a_line_for_people_is_one_line_too() -> None:
    said = {"msg": "%s failed", "args": ("/runs/x\n2026-11-27 INFO accounts: signed in\x1b[2J\u2028",)}
    text = Text("{levelname} {message}", style="{").format(
        logging.makeLogRecord(said | {"levelname": "ERROR"})
    )
    assert text == "ERROR /runs/x\\n2026-11-27 INFO accounts: signed in\\x1b[2J\\u2028 failed"
    formatters: Any = LOGGING["formatters"]
    assert formatters["text"]["()"] == "adgen.logs.Text"


def test_a_fault_brings_its_traceback_in_the_same_line(lines: StringIO) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("runs.tests").exception("Failed")
    (line,) = read(lines)
    assert line["traceback"].endswith("ValueError: no")


@pytest.mark.django_db(transaction=True)
def test_many_pictures_that_take_a_step_together_are_one_line(lines: StringIO, run: Run) -> None:
    lifecycle.cancel_run(run, actor="alice")
    steps = [line for line in read(lines) if line["logger"] == "runs.trail"]
    assert [(line["event"], line["pictures"]) for line in steps] == [("create", 2), ("cancel", 2)]


async def test_a_run_is_told_step_by_step_and_nothing_of_its_words(engine: Engine, lines: StringIO) -> None:
    words = {"description": "zebrafish-shaped bottle"}
    data = brief_data(
        name="Kolibri launch",
        products=[{"name": "Quokkacan", **words}],
        messages=[{"headline": "Wombat fresh.", "button": "Try it"}],
        looks=[{"name": "Axolotl", "words": "a narwhal at dusk"}],
        formats=["meta_feed_square"],
    )
    run = await ended(await order(**{key: value for key, value in data.items() if key != "picture"}))
    told = read(lines)
    steps = [line for line in told if line["logger"] == "runs.trail" and line["run_number"] == run.pk]
    assert [line["event"] for line in steps][-1] == "composed"
    assert all(len(line["generation"]) == 36 for line in steps if line["event"] == "composed")
    assert {line["run"] for line in steps if "run" in line} == {str(run.uid)}
    text = lines.getvalue().lower()
    spoken = ("zebrafish", "quokkacan", "wombat", "narwhal", "kolibri", "axolotl")
    assert [word for word in spoken if word in text] == []
