"""How to get in at a GPU server: typed once in the admin, sent along, and never shown again."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import Audit
from runs.engine import servers
from runs.models import Run, Server
from runs.states import ServerState
from tests.conftest import begin, make_server

from .admin_pages import act, page
from .far_ends import FarEnd, add, as_comfy, change, faults, fields

CA = (Path(__file__).parents[1] / "data" / "ca.pem").read_text()
HUSH = {"user": "hush-user", "password": "hush-word", "headers": "X-Key: hush-key\nX-Team: hush-team\n"}
STORED: dict[str, Any] = {"user": "hush-user", "password": "hush-word", "headers": {"X-Key": "hush-key"}}


def test_user_password_and_headers_are_sent_to_the_server(admin: Client, comfy: str) -> None:
    add(admin, url=comfy, **HUSH)
    server = Server.objects.get()
    assert server.headers == {"X-Key": "hush-key", "X-Team": "hush-team"}
    assert set(FarEnd.asked) == {"Basic aHVzaC11c2VyOmh1c2gtd29yZA=="}
    assert {heard["X-Key"] for heard in FarEnd.heard} == {"hush-key"}
    assert servers.endpoint(server).headers["X-Team"] == "hush-team"


def test_a_path_before_comfyui_is_kept(admin: Client, web_page: str) -> None:
    FarEnd.known |= as_comfy("/gpu-7")
    answer = add(admin, url=f"{web_page}/gpu-7/")
    assert "ComfyUI 0.33.1 answers there" in answer.content.decode()
    assert Server.objects.get().url == f"{web_page}/gpu-7"


def test_a_ca_is_kept_without_the_words_around_it(admin: Client) -> None:
    add(admin, url="https://nobody.invalid", ca=f"Certificate:\n  Issuer: me\n{CA}")
    assert Server.objects.get().ca == CA.strip()


def test_none_of_it_is_ever_shown_or_logged(
    admin: Client, onlooker: Client, caplog: pytest.LogCaptureFixture, nobody: str
) -> None:
    answer = add(admin, url=nobody, token="", **HUSH)
    server = Server.objects.get()
    act(admin, "server", "ask_again", server)
    shown = [answer.content.decode(), caplog.text]
    for client in (admin, onlooker):
        for url in (page("server", server), page("server"), page("server", server) + "history/"):
            shown.append(client.get(url).content.decode())
    shown += [str(list(LogEntry.objects.values())), str(list(Audit.objects.values()))]
    assert not [text for text in shown if "hush-" in text]


def test_a_form_with_a_fault_does_not_send_back_what_was_typed(admin: Client) -> None:
    answer = add(admin, url="no address", **HUSH | {"headers": ""})
    assert "hush-" not in answer.content.decode()


def test_the_page_says_what_is_stored(admin: Client) -> None:
    server = make_server(**STORED, ca=CA, url="https://gpu-1.test")
    shown = admin.get(page("server", server)).content.decode()
    assert "user and password, headers, a CA" in shown
    assert "forget_login" in shown and "forget_token" not in shown


def test_what_is_left_empty_stays(admin: Client, nobody: str) -> None:
    server = make_server(url=nobody, **STORED)
    change(admin, server, seats="3")
    assert (server.user, server.password, server.headers) == tuple(STORED.values())
    assert server.seats == 3


@pytest.mark.parametrize("kind", ["login", "headers"])
def test_one_of_them_is_removed_on_request(admin: Client, nobody: str, kind: str) -> None:
    server = make_server(url=nobody, **STORED)
    change(admin, server, **{f"forget_{kind}": "on"})
    assert bool(server.user) == bool(server.password) == (kind != "login")
    assert bool(server.headers) == (kind != "headers")


def test_another_address_wants_all_of_it_typed_again(admin: Client, nobody: str, web_page: str) -> None:
    server = make_server(url=nobody, **STORED)
    told = faults(admin.post(page("server", server), fields(name=server.name, url=web_page)))
    assert {"user", "headers"} <= told.keys() and "Enter it again" in told["user"][0]
    assert FarEnd.asked == []
    change_to = fields(name=server.name, url=web_page, forget_login="on", forget_headers="on")
    admin.post(page("server", server), change_to)
    assert set(FarEnd.asked) == {""}


def test_another_address_is_not_trusted_with_what_the_old_one_was(admin: Client, nobody: str) -> None:
    server = make_server(url="http://gpu-1.test", state=ServerState.UP)
    data = fields(name=server.name, url=nobody)
    admin.post(page("server", server), data)
    server.refresh_from_db()
    assert (server.url, server.state) == (nobody, ServerState.UNKNOWN)


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"user": "me"}, "password", "Enter both user and password."),
        ({"password": "hush-word"}, "password", "Enter both user and password."),
        ({"headers": "hush-key"}, "headers", "Line 1 is not a header."),
        ({"headers": "X-A: 1\nX-a: 2"}, "headers", "A header is listed twice."),
        ({"headers": "Host: elsewhere"}, "headers", "The header Host cannot be set"),
        ({"headers": "X-A: hush–key"}, "headers", "characters that HTTP does not carry"),
        ({"ca": "/etc/passwd"}, "ca", "This is not a PEM certificate"),
        (
            {"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
            "ca",
            "not a PEM certificate",
        ),
        ({"ca": CA.replace("CERTIFICATE", "PRIVATE KEY")}, "ca", "contains a private key"),
        ({"ca": CA}, "ca", "begins with https://"),
        ({"token": "t", "user": "u", "password": "p"}, "user", "Use only one"),
        ({"token": "t", "headers": "authorization: Key k"}, "headers", "Use only one"),
    ],
)
def test_what_cannot_work_is_refused_at_its_field(
    admin: Client, nobody: str, typed: dict[str, str], field: str, words: str
) -> None:
    told = faults(add(admin, url=nobody, **typed))
    assert field in told and words in told[field][0]
    assert "hush-" not in str(told)
    assert Server.objects.count() == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:8188", "http://10.0.0.7", "http://169.254.169.254/latest"])
def test_an_address_inside_the_network_is_refused_with_what_to_set(
    admin: Client, settings: Any, url: str
) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = []
    told = faults(add(admin, url=url))
    assert "COMFYUI_ALLOWED_HOSTS=" in told["url"][0]
    assert Server.objects.count() == 0


def test_an_address_that_is_not_allowed_is_not_asked(admin: Client, settings: Any, web_page: str) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = []
    add(admin, url=web_page)
    act(admin, "server", "ask_again", make_server(url=web_page))
    assert FarEnd.asked == []


def test_one_that_is_switched_off_is_not_asked_either(admin: Client, settings: Any, web_page: str) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = []
    act(admin, "server", "ask_again", make_server(url=web_page, enabled=False))
    assert FarEnd.asked == []


def test_one_that_left_comfyui_urls_is_not_asked_at_an_address_typed_here(
    admin: Client, settings: Any, nobody: str
) -> None:
    server = make_server(was_configured=True)
    admin.post(page("server", server), fields(name=server.name, url=nobody))
    settings.COMFYUI_ALLOWED_HOSTS = []
    assert "COMFYUI_ALLOWED_HOSTS=" in act(admin, "server", "ask_again", server)


def test_a_listed_host_is_allowed(admin: Client, settings: Any, comfy: str) -> None:
    settings.COMFYUI_ALLOWED_HOSTS = ["127.0.0.0/8"]
    assert "answers there" in add(admin, url=comfy).content.decode()


def test_asked_again_a_server_says_at_once_how_it_is(admin: Client, comfy: str, nobody: str) -> None:
    up, down = make_server(url=comfy, state=ServerState.DOWN), make_server("gpu-2", url=nobody)
    FarEnd.known["/queue"] = {"queue_running": [[0, "somebody-elses", {}, {}, []]], "queue_pending": []}
    shown = act(admin, "server", "ask_again", up, down)
    assert (
        "Checked gpu-1: it is responding." in shown and f"Checked gpu-2: {nobody} does not answer." in shown
    )
    up.refresh_from_db()
    down.refresh_from_db()
    assert (up.state, up.others, up.reason) == (ServerState.UP, 1, "Busy with 1 job from elsewhere.")
    assert down.state == ServerState.DOWN and down.reason


def test_the_list_says_how_busy_each_server_is(admin: Client, run: Any) -> None:
    server = make_server(pace=4.26, others=3, reason="Busy with 3 jobs from elsewhere.")
    begin(run.generations.all()[0], server)
    shown = admin.get(page("server")).content.decode()
    for words in ("1 of 2", "4.3 s a picture", "Busy with 3 jobs from elsewhere."):
        assert words in shown


def test_the_list_says_how_long_a_server_pauses(admin: Client, db: None) -> None:
    server = make_server()
    for _ in range(servers.TOO_MANY):
        servers.note_failure(server, "It failed.")
    assert "s more" in admin.get(page("server")).content.decode()


def test_who_may_only_look_sees_no_field_to_type_into(onlooker: Client) -> None:
    server = make_server(**STORED)
    shown = onlooker.get(page("server", server)).content.decode()
    assert 'name="password"' not in shown and "user and password, headers" in shown
    assert onlooker.get(reverse("admin:runs_server_add")).status_code == 403


def test_nobody_adds_or_changes_a_workflow(admin: Client, run: Run) -> None:
    """A graph may name any node a server has: shells, files, paid services. The studio's own are read-only."""
    assert admin.get("/admin/runs/workflow/add/").status_code == 403
    url = f"/admin/runs/workflow/{run.workflow.pk}/change/"
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"name": "mine", "definition": "{}"}).status_code == 403


@pytest.mark.parametrize("field", ["token", "user", "password", "headers", "ca"])
def test_how_to_get_in_is_not_guessed_by_filtering(onlooker: Client, field: str) -> None:
    make_server(token="hush-token", ca=CA, **STORED)
    for lookup in ("startswith", "regex", "isnull"):
        answer = onlooker.get(page("server", **{f"{field}__{lookup}": "h"}))
        assert (answer.status_code, "gpu-1.test" in answer.content.decode()) == (400, False)
