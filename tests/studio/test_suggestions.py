"""Suggestions for copy: whatever the service answers is bounded text, and no page waits for it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from studio import kits
from studio.copywriter import MOST, MOST_BYTES
from studio.models import Campaign
from tests.studio.posting import form

GOOD = [
    {"headline": f"Cold idea {number}", "line": "Slow brewed.", "button": "Try it"} for number in range(9)
]


class Service(BaseHTTPRequestHandler):
    """Speaks chat completions, well or badly."""

    orders: ClassVar[list[dict[str, Any]]] = []
    keys: ClassVar[list[str]] = []
    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""
    gate: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        self.keys.append(self.headers.get("Authorization", ""))
        self.orders.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.gate.wait(10)
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: Any) -> None:
        """Not into the tests' output."""


def says(content: object) -> bytes:
    words = content if isinstance(content, str) else json.dumps(content)
    return json.dumps({"choices": [{"message": {"content": words}}]}).encode()


@pytest.fixture
def service(settings: Any) -> Iterator[type[Service]]:
    Service.orders, Service.keys, Service.status, Service.body = [], [], 200, says(GOOD)
    Service.gate.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.COPY_API_URL = f"http://127.0.0.1:{server.server_port}/v1"
    settings.COPY_API_KEY = "of-the-tests"
    cache.clear()
    yield Service
    Service.gate.set()
    server.shutdown()
    server.server_close()


def ask(client: Client, campaign: Campaign, **changes: Any) -> Any:
    answer = client.post(reverse("studio:brief_suggest", args=[campaign.uid]), form(**changes))
    return answer.context["suggested"]


def wait_for(client: Client, campaign: Campaign, key: str) -> Any:
    url = reverse("studio:brief_suggestions", args=[campaign.uid, key])
    for _try in range(100):
        suggested = client.get(url).context["suggested"]
        if not suggested.waiting:
            return suggested
        threading.Event().wait(0.02)
    raise AssertionError("nothing came of it")


def asked(client: Client, campaign: Campaign, **changes: Any) -> Any:
    return wait_for(client, campaign, ask(client, campaign, **changes).key)


def test_suggestions_are_made_of_the_brief_and_come_later(
    as_alice: Client, campaign: Campaign, service: type[Service]
) -> None:
    service.gate.clear()
    first = ask(as_alice, campaign)
    assert first.waiting and not first.suggestions
    service.gate.set()
    assert [one.headline for one in wait_for(as_alice, campaign, first.key).suggestions] == [
        f"Cold idea {number}" for number in range(MOST)
    ]
    (order,) = service.orders
    task, told = (message["content"] for message in order["messages"])
    assert "English" in task and "a slim can" in told and "people who are up late" in told
    assert service.keys == ["Bearer of-the-tests"]


def test_a_brief_without_a_message_can_ask_for_one(
    as_alice: Client, campaign: Campaign, service: type[Service]
) -> None:
    assert asked(as_alice, campaign, messages_0_headline="", name="").suggestions


def test_words_that_the_brand_bans_are_not_suggested(
    as_alice: Client, campaign: Campaign, service: type[Service]
) -> None:
    kit = kits.make(campaign.workspace, "Nordlys")
    kit.brand |= {"banned": ["idea 1"]}
    kit.save()
    told = [one.headline for one in asked(as_alice, campaign, kit=str(kit.uid)).suggestions]
    assert "Cold idea 1" not in told and "Cold idea 2" in told
    assert "idea 1" in service.orders[0]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("content", "headlines"),
    [
        ('Sure!\n```json\n[{"headline": "“Quoted”", "line": "a\\nb"}]\n```', ["Quoted"]),
        ({"messages": [{"headline": "Inside"}], "tags": ["short"]}, ["Inside"]),
        ('Three [short] ideas: [{"headline": "After words"}] [1]', ["After words"]),
        (
            [{"headline": "x" * 301}, {"headline": 7}, {"line": "none"}, "words", {"headline": "Good"}],
            ["Good"],
        ),
        ([{"headline": "<script>alert(1)</script>"}], ["<script>alert(1)</script>"]),
    ],
)
def test_only_what_a_message_may_be_is_taken_from_the_answer(
    as_alice: Client, campaign: Campaign, service: type[Service], content: object, headlines: list[str]
) -> None:
    service.body = says(content)
    assert [one.headline for one in asked(as_alice, campaign).suggestions] == headlines


def test_a_script_in_an_answer_is_words(as_alice: Client, campaign: Campaign, service: type[Service]) -> None:
    service.body = says([{"headline": "<script>alert(1)</script>"}])
    key = asked(as_alice, campaign).key
    url = reverse("studio:brief_suggestions", args=[campaign.uid, key])
    html = as_alice.get(url).content.decode()
    assert "<script>" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"", "rejected its key"),
        (429, b"", "is busy"),
        (500, b"", "returned an error (500)"),
        (302, b"", "returned an error (302)"),
        (200, b"<html>", "uses a different protocol"),
        (200, b'{"choices": []}', "uses a different protocol"),
        (200, b"[" * 100_000, "uses a different protocol"),
        (200, says("I cannot do that."), "nothing usable"),
        (200, says("[" * 50_000 + "]"), "nothing usable"),
        (200, b" " * (MOST_BYTES + 1), "too much"),
    ],
)
def test_a_service_that_fails_is_told_in_words(
    as_alice: Client, campaign: Campaign, service: type[Service], status: int, body: bytes, words: str
) -> None:
    service.status, service.body = status, body
    suggested = asked(as_alice, campaign)
    assert words in suggested.fault and not suggested.suggestions


def test_a_service_that_is_not_there_is_told_in_words(
    as_alice: Client, campaign: Campaign, service: type[Service], settings: Any
) -> None:
    settings.COPY_API_URL = "http://127.0.0.1:9/v1"
    assert "can’t be reached" in asked(as_alice, campaign).fault


def test_nobody_asks_without_end(as_alice: Client, campaign: Campaign, service: type[Service]) -> None:
    told = [ask(as_alice, campaign) for _number in range(7)]
    assert [one.waiting for one in told] == [True] * 6 + [False]
    assert told[6].fault.startswith("Too many requests.")


def test_suggestions_are_for_whoever_asked(
    as_alice: Client, as_bob: Client, as_charlie: Client, campaign: Campaign, service: type[Service]
) -> None:
    key = asked(as_alice, campaign).key
    url = reverse("studio:brief_suggestions", args=[campaign.uid, key])
    assert (as_bob.get(url).status_code, as_charlie.get(url).status_code) == (403, 404)
    order = reverse("studio:brief_suggest", args=[campaign.uid])
    assert (as_bob.post(order, form()).status_code, as_charlie.post(order, form()).status_code) == (403, 404)
    gone = reverse("studio:brief_suggestions", args=[campaign.uid, uuid4()])
    assert "have expired" in as_alice.get(gone).context["suggested"].fault


def test_without_a_service_the_button_is_absent_and_its_address_too(
    as_alice: Client, campaign: Campaign, service: type[Service], settings: Any
) -> None:
    page = reverse("studio:brief_new", args=[campaign.uid])
    assert "Suggest copy" in as_alice.get(page).content.decode()
    settings.COPY_API_URL = ""
    assert "Suggest copy" not in as_alice.get(page).content.decode()
    assert as_alice.post(reverse("studio:brief_suggest", args=[campaign.uid]), form()).status_code == 404
