"""GPU servers in the admin: an address is asked before it is kept, a token is typed and never shown."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Audit
from runs import leases, lifecycle
from runs.engine import servers
from runs.models import Run, Server
from runs.states import Event, ServerState
from tests.conftest import begin, make_server

from .admin_pages import act, page, trail
from .far_ends import FarEnd, add, change, faults, fields


def test_a_server_that_is_off_is_kept_and_the_page_says_so(admin: Client, nobody: str) -> None:
    answer = add(admin, url=nobody, token="hush-hush")
    assert "It is saved, and checked again every few seconds." in answer.content.decode()
    server = Server.objects.get()
    assert (server.url, server.token, server.enabled, server.configured) == (nobody, "hush-hush", True, False)
    assert trail() == [("chief@example.com", "server.add", "server gpu-7")]


def test_a_server_that_answers_is_kept_with_its_token_sent_along(admin: Client, comfy: str) -> None:
    answer = add(admin, url=f"{comfy}/", token="hush-hush")
    assert "ComfyUI 0.33.1 answers there, with 2 models." in answer.content.decode()
    assert Server.objects.get().url == comfy
    assert set(FarEnd.asked) == {"Bearer hush-hush"}


def test_an_address_that_answers_html_is_refused_at_its_field(admin: Client, web_page: str) -> None:
    told = faults(add(admin, url=web_page))
    assert list(told) == ["url"]
    assert "ComfyUI" in told["url"][0] and "Check" in told["url"][0]
    assert Server.objects.count() == 0
    assert trail() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("gpu-7:8188", "Write it as http://host:port"),
        ("ftp://gpu-7", "Write it as http://host:port"),
        ("http://gpu 7", "Write it as http://host:port"),
        ("http://me:secret@gpu-7", "in their own fields"),
        ("", "required"),
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(admin: Client, typed: str, words: str) -> None:
    told = faults(add(admin, url=typed))
    assert list(told) == ["url"] and words in told["url"][0]
    assert Server.objects.count() == 0


@pytest.mark.parametrize("seats", ["0", "-1", "17", "many"])
def test_seats_that_make_no_sense_are_refused(admin: Client, nobody: str, seats: str) -> None:
    assert list(faults(add(admin, url=nobody, seats=seats))) == ["seats"]


def test_the_name_of_the_simulator_cannot_be_taken(admin: Client, nobody: str) -> None:
    assert list(faults(add(admin, url=nobody, name="Simulator"))) == ["name"]


def test_a_token_is_never_shown_again(admin: Client, onlooker: Client) -> None:
    server = make_server(token="hush-hush")
    for client in (admin, onlooker):
        for url in (page("server", server), page("server"), page("server", server) + "history/"):
            assert "hush-hush" not in client.get(url).content.decode()


@pytest.mark.parametrize("facts", [{"configured": True}, {"name": "Simulator", "simulated": True}])
def test_the_token_of_a_fixed_row_is_not_shown_either(
    admin: Client, onlooker: Client, facts: dict[str, Any]
) -> None:
    server = make_server(**({"name": "gpu-1"} | facts), token="hush-hush")
    for client in (admin, onlooker):
        assert "hush-hush" not in client.get(page("server", server)).content.decode()


def test_an_empty_token_keeps_the_stored_one_and_asks_nobody(admin: Client, web_page: str) -> None:
    server = make_server(url=web_page, token="hush-hush")
    change(admin, server, seats="3")
    assert (server.token, server.seats) == ("hush-hush", 3)
    assert FarEnd.asked == []
    assert Audit.objects.get().words == "seats"


def test_a_stored_token_is_removed_on_request(admin: Client, nobody: str) -> None:
    server = make_server(url=nobody, token="hush-hush")
    change(admin, server, forget_token="on")
    assert server.token == ""


def test_a_stored_token_is_not_sent_to_another_address(admin: Client, nobody: str, web_page: str) -> None:
    server = make_server(url=nobody, token="hush-hush")
    data = fields(name=server.name, url=web_page)
    told = faults(admin.post(page("server", server), data))
    assert "Enter it again" in told["token"][0]
    assert FarEnd.asked == []


def test_who_may_only_look_makes_nobody_ask_an_address(onlooker: Client, web_page: str) -> None:
    assert onlooker.post(reverse("admin:runs_server_add"), fields(url=web_page)).status_code == 403
    assert onlooker.post(page("server", make_server()), fields(url=web_page)).status_code == 403
    assert FarEnd.asked == []


def test_a_configured_server_keeps_name_address_and_token(admin: Client) -> None:
    server = make_server(configured=True, token="hush-hush")
    before = (server.name, server.url)
    data = fields(name="other", url="http://evil.test", token="mine", seats="5", enabled="")
    admin.post(page("server", server), {name: value for name, value in data.items() if value})
    server.refresh_from_db()
    assert (server.name, server.url, server.token) == (*before, "hush-hush")
    assert (server.seats, server.enabled) == (5, False)


def test_the_simulator_cannot_be_changed_switched_or_deleted(admin: Client) -> None:
    server = make_server("Simulator", simulated=True)
    assert admin.post(page("server", server), fields()).status_code == 403
    assert "is switched by TEST_MODE" in act(admin, "server", "switch_off", server)
    assert (
        admin.post(reverse("admin:runs_server_delete", args=[server.pk]), {"post": "yes"}).status_code == 403
    )
    server.refresh_from_db()
    assert server.enabled and server.name == "Simulator"
    assert trail() == []


def test_a_server_is_switched_off_and_on(admin: Client) -> None:
    server = make_server()
    assert "Switched off: gpu-1." in act(admin, "server", "switch_off", server)
    server.refresh_from_db()
    assert not server.enabled
    act(admin, "server", "switch_on", server)
    server.refresh_from_db()
    assert server.enabled
    assert [action for _, action, _ in trail()] == ["server.switch_off", "server.switch_on"]


def test_a_configured_server_that_was_switched_off_stays_off_at_the_next_start(
    admin: Client, settings: Any
) -> None:
    settings.COMFYUI_URLS = ["http://gpu-1.test/"]
    servers.register_configured()
    server = Server.objects.get()
    assert server.enabled and server.configured
    act(admin, "server", "switch_off", server)
    servers.register_configured()
    server.refresh_from_db()
    assert not server.enabled


def test_a_configured_server_that_comes_back_to_the_list_is_switched_on(settings: Any, db: None) -> None:
    settings.COMFYUI_URLS = ["http://gpu-1.test"]
    servers.register_configured()
    settings.COMFYUI_URLS = []
    servers.register_configured()
    assert not Server.objects.get().enabled
    settings.COMFYUI_URLS = ["http://gpu-1.test"]
    servers.register_configured()
    assert Server.objects.get().enabled


def test_a_server_with_work_is_not_deleted(admin: Client, run: Run) -> None:
    server = make_server()
    url = reverse("admin:runs_server_delete", args=[server.pk])
    begin(run.generations.all()[0], server)
    assert admin.post(url, {"post": "yes"}).status_code == 403
    lifecycle.advance(run.generations.all()[0], Event.FAIL)
    admin.post(url, {"post": "yes"})
    assert Server.objects.count() == 0
    assert trail() == [("chief@example.com", "server.delete", "server gpu-1")]


def test_a_server_that_may_still_have_a_prompt_of_ours_is_not_deleted(admin: Client, run: Run) -> None:
    """It was cut off: what it painted meanwhile would be painted, and paid for, once more elsewhere."""
    held = begin(run.generations.all()[0], make_server(), "me")
    leases.note_prompt(held.pk, "me", uuid4())
    lifecycle.lose(held, "It does not answer.", worker="me", keep_prompt=True)
    server = Server.objects.get()
    url = reverse("admin:runs_server_delete", args=[server.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 403
    lifecycle.cancel_run(run, actor="alice")
    admin.post(url, {"post": "yes"})
    assert not Server.objects.exists()


def test_what_a_server_says_of_itself_is_read_only(admin: Client) -> None:
    server = make_server(version="0.33.0", state=ServerState.DOWN, reason="It burns.")
    change(admin, server, state="up", version="9", reason="", checkpoints="[]", simulated="on")
    assert (server.state, server.version, server.reason) == (ServerState.DOWN, "0.33.0", "It burns.")
    assert not server.simulated
