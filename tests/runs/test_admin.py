"""The admin: everything can be read, nothing can be typed into a run, and every deed goes through lifecycle."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from json import dumps
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Audit, User, Workspace
from runs import leases, lifecycle
from runs.admin.record import FAR_ENOUGH, ShortCount
from runs.engine import servers
from runs.models import Creative, Generation, Picture, Run, Server, Transition
from runs.states import RunStatus, ServerState, Status
from studio.models import Brief, Campaign
from tests.conftest import begin, brief, fail, finish, make_server

RECORDS = ["run", "generation", "transition", "picture", "creative", "asset", "workflow"]


@pytest.fixture
def chief(db: None) -> User:
    return User.objects.create_superuser("chief@example.com")


@pytest.fixture
def admin(chief: User) -> Client:
    client = Client()
    client.force_login(chief)
    return client


@pytest.fixture
def onlooker(db: None) -> Client:
    """Staff who may look at everything and change nothing."""
    user = User.objects.create_user("onlooker@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user)
    return client


def page(model: str, row: Any = None, **query: Any) -> str:
    if row is None:
        return reverse(f"admin:runs_{model}_changelist", query=query)
    return reverse(f"admin:runs_{model}_change", args=[row.pk])


def act(client: Client, model: str, action: str, *rows: Any, **more: str) -> str:
    """Choose rows in the list, choose an action, press Go; returns the page that follows."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    answer = client.post(page(model), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def trail() -> list[tuple[str, str, str]]:
    return list(Audit.objects.order_by("pk").values_list("actor", "action", "target"))


# --- Looking -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*RECORDS, "server"])
def test_every_record_has_a_list(admin: Client, finished: Run, model: str) -> None:
    assert admin.get(page(model)).status_code == 200


@pytest.mark.parametrize("model", ["run", "generation", "transition", "picture", "creative", "workflow"])
def test_every_record_opens_and_none_can_be_saved(admin: Client, finished: Run, model: str) -> None:
    models: dict[str, Any] = {
        "run": Run,
        "generation": Generation,
        "transition": Transition,
        "picture": Picture,
        "creative": Creative,
        "workflow": type(finished.workflow),
    }
    row = models[model].objects.first()
    shown = admin.get(page(model, row)).content.decode()
    assert 'name="_save"' not in shown
    assert admin.post(page(model, row), {"name": "Other", "_save": "Save"}).status_code == 403


@pytest.mark.parametrize("model", RECORDS)
def test_records_are_neither_added_nor_deleted_by_hand(admin: Client, finished: Run, model: str) -> None:
    assert admin.get(reverse(f"admin:runs_{model}_add")).status_code == 403
    row = Run.objects.first() if model == "run" else None
    if row is not None:
        assert admin.post(reverse("admin:runs_run_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert Run.objects.count() == 1


def test_a_run_links_to_its_pictures_instead_of_holding_them(admin: Client, finished: Run) -> None:
    shown = admin.get(page("run", finished)).content.decode()
    link = f"{page('generation')}?run__id__exact={finished.pk}"
    assert f'href="{link}"' in shown
    assert shown.count("/admin/runs/generation/") == 2  # that link, and the one in the navigation
    assert admin.get(link).content.decode().count('class="field-__str__"') == 2


def test_a_picture_shows_every_step_of_its_life(admin: Client, finished: Run) -> None:
    generation = finished.generations.first()
    shown = admin.get(page("generation", generation)).content.decode()
    events = re.findall(r'<td class="field-event">\s*<p>(\w+)</p>', shown)
    assert events == ["create", "assign", "rendered", "composed"]


def test_the_list_of_ads_asks_for_no_row_twice(
    admin: Client, finished: Run, workspace: Workspace, alice: User
) -> None:
    with _queries() as few:
        admin.get(page("creative"))
    for _ in range(3):
        finish(lifecycle.start(workspace, alice, brief()))
    with _queries() as many:
        admin.get(page("creative"))
    assert len(many) == len(few)


def test_no_list_counts_its_whole_table(admin: Client, finished: Run) -> None:
    with _queries() as asked:
        for model in ("run", "generation", "transition", "picture", "creative"):
            admin.get(page(model))
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"].upper()]
    assert len(counts) == 5
    assert [sql for sql in counts if f"LIMIT {FAR_ENOUGH}" not in sql] == []


def test_a_short_count_never_goes_further_than_people_page(finished: Run) -> None:
    assert ShortCount(Generation.objects.order_by("-pk"), 1).count == 2


@pytest.mark.parametrize(
    ("model", "filters"),
    [
        ("run", {"status__exact": "done", "simulated__exact": "0"}),
        ("generation", {"status__exact": "done", "run__simulated__exact": "0"}),
        ("picture", {"simulated__exact": "0"}),
        ("creative", {"state__exact": "ready"}),
        ("transition", {"event": "composed"}),
    ],
)
def test_lists_are_filtered(admin: Client, finished: Run, model: str, filters: dict[str, str]) -> None:
    assert _rows(admin.get(page(model, **filters))) > 0
    nothing = {name: "1" if value == "0" else "failed" for name, value in filters.items()}
    nothing = {"event": "fail"} if model == "transition" else nothing
    assert _rows(admin.get(page(model, **nothing))) == 0


def test_pictures_are_filtered_by_server_and_workspace(admin: Client, finished: Run) -> None:
    server = Server.objects.get()
    other = make_server("gpu-2")
    assert _rows(admin.get(page("generation", server__id__exact=server.pk))) == 2
    assert _rows(admin.get(page("generation", server__id__exact=other.pk))) == 0
    assert _rows(admin.get(page("generation", workspace__id__exact=finished.workspace_id))) == 2


@pytest.mark.parametrize("model", ["run", "generation", "transition", "picture", "creative"])
def test_the_uid_of_a_run_finds_what_belongs_to_it(admin: Client, finished: Run, model: str) -> None:
    lifecycle.start(finished.workspace, None, brief(name="Another"))
    found = admin.get(page(model, q=str(finished.uid)))
    assert _rows(found) == {"run": 1, "generation": 2, "transition": 8, "picture": 2, "creative": 2}[model]


def test_a_run_is_found_by_its_name_and_by_the_brief_it_came_from(admin: Client, finished: Run) -> None:
    origin = lifecycle.start(finished.workspace, None, brief(name="Other"), origin=finished.uid)
    assert _rows(admin.get(page("run", q="old bre"))) == 1
    assert _rows(admin.get(page("run", q=str(origin.origin)))) == 2
    assert _rows(admin.get(page("run", q="nothing like it"))) == 0


def test_the_admin_keeps_the_security_policy(admin: Client, finished: Run) -> None:
    for url in (page("run"), page("run", finished), page("server"), reverse("admin:index")):
        answer = admin.get(url)
        html = answer.content.decode()
        assert "script-src 'self'; style-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "<style" not in html and " style=" not in html and "<script>" not in html
        assert "/static/css/admin.css" in html


@pytest.mark.parametrize("cast", ["as_alice", "as_charlie"])
def test_owners_of_a_workspace_are_not_let_into_the_admin(cast: str, request: Any) -> None:
    answer = request.getfixturevalue(cast).get(page("run"))
    assert answer.status_code == 302 and "/admin/login/" in answer.headers["Location"]


# --- Runs ----------------------------------------------------------------------------------------------------


def test_a_run_is_stopped_and_the_trail_says_by_whom(admin: Client, run: Run) -> None:
    assert "2 pictures stopped" in act(admin, "run", "cancel", run)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert trail() == [("chief@example.com", "run.cancel", f"run {run.uid}")]
    assert set(Transition.objects.filter(event="cancel").values_list("actor", flat=True)) == {
        "chief@example.com"
    }


def test_stopping_what_is_over_changes_and_notes_nothing(admin: Client, finished: Run) -> None:
    assert "was not running" in act(admin, "run", "cancel", finished)
    assert trail() == []


def test_failed_pictures_of_a_run_are_tried_again(admin: Client, run: Run) -> None:
    fail(run)
    assert "2 pictures tried again" in act(admin, "run", "retry", run)
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING
    assert trail() == [("chief@example.com", "run.retry", f"run {run.uid}")]


def test_deleting_asks_first_and_says_what_goes(admin: Client, finished: Run) -> None:
    shown = act(admin, "run", "delete_selected", finished)
    for part in ("Runs: 1", "Pictures: 2", "Ads: 2", "On the disk:", "Yes, I’m sure"):
        assert part in shown
    assert Run.objects.count() == 1


def test_deleting_takes_the_files_along(
    admin: Client, finished: Run, django_capture_on_commit_callbacks: Any
) -> None:
    keys = [*Creative.objects.values_list("key", flat=True), *Picture.objects.values_list("key", flat=True)]
    assert len(keys) == 4
    with django_capture_on_commit_callbacks(execute=True):
        act(admin, "run", "delete_selected", finished, post="yes")
    assert Run.objects.count() == Generation.objects.count() == 0
    assert not any(default_storage.exists(key) for key in keys)
    assert trail() == [("chief@example.com", "run.delete", f"run {finished.uid}")]


def test_a_running_run_is_not_deleted_and_the_page_says_why(admin: Client, run: Run) -> None:
    shown = act(admin, "run", "delete_selected", run, post="yes")
    assert "“Cold brew” is still running. Stop it first." in shown
    assert Run.objects.count() == 1
    assert trail() == []


def test_one_running_run_does_not_keep_the_others(admin: Client, finished: Run, run: Run) -> None:
    running = lifecycle.start(finished.workspace, None, brief(name="Running"))
    shown = act(admin, "run", "delete_selected", finished, running, post="yes")
    assert "“Running” is still running" in shown
    assert list(Run.objects.all()) == [running]


def test_a_workspace_with_runs_is_not_deleted_past_lifecycle(admin: Client, finished: Run) -> None:
    url = reverse("admin:accounts_workspace_delete", args=[finished.workspace_id])
    admin.post(url, {"post": "yes"})
    assert Workspace.objects.filter(pk=finished.workspace_id).exists()
    assert Run.objects.count() == 1


@pytest.mark.parametrize("action", ["cancel", "retry", "delete_selected"])
def test_who_may_only_look_has_no_actions(onlooker: Client, run: Run, action: str) -> None:
    assert onlooker.get(page("run", run)).status_code == 200
    act(onlooker, "run", action, run, post="yes")
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING
    assert trail() == []


def test_a_run_is_stopped_on_its_own_page_too(admin: Client, run: Run) -> None:
    data = {"CHANGE_FORM-action": "cancel", "_selected_action": run.pk}
    assert admin.post(page("run", run), data).status_code == 302
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


# --- Pictures ------------------------------------------------------------------------------------------------


def test_one_picture_is_stopped_and_the_run_goes_on(admin: Client, run: Run) -> None:
    first, second = run.generations.all()
    assert "1 picture stopped" in act(admin, "generation", "cancel", first)
    assert [row.status for row in run.generations.all()] == [Status.CANCELLED, Status.WAITING]
    assert trail() == [("chief@example.com", "generation.cancel", f"run {run.uid}")]
    assert second.status == Status.WAITING


def test_a_picture_on_a_gpu_is_left_to_its_worker(admin: Client, run: Run) -> None:
    first = run.generations.all()[0]
    begin(first, make_server())
    act(admin, "generation", "cancel", first)
    assert leases.to_cancel("test-worker") == [first.pk]


def test_failed_pictures_are_tried_again_and_finished_ones_left(
    admin: Client, finished: Run, workspace: Workspace
) -> None:
    failed = fail(lifecycle.start(workspace, None, brief()))
    shown = act(admin, "generation", "retry", *finished.generations.all(), *failed.generations.all())
    assert "2 pictures tried again. Left as they are: 2." in shown
    assert {row.status for row in failed.generations.all()} == {Status.WAITING}
    assert trail() == [("chief@example.com", "generation.retry", f"run {failed.uid}")]


# --- Servers -------------------------------------------------------------------------------------------------


class _FarEnd(BaseHTTPRequestHandler):
    """Answers every path with a web page, but for those it was given."""

    asked: ClassVar[list[str]] = []
    known: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization", ""))
        body = self.known.get(self.path.partition("?")[0])
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if body is None else "application/json")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A router</title>" if body is None else dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        """Not into the tests' output."""


@pytest.fixture
def web_page() -> Iterator[str]:
    """Something that answers, but is no ComfyUI."""
    _FarEnd.asked.clear()
    _FarEnd.known.clear()
    httpd = HTTPServer(("127.0.0.1", 0), _FarEnd)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def comfy(web_page: str) -> str:
    """A ComfyUI with two models."""
    loader = {"ckpt_name": [["base.safetensors", "turbo.safetensors"]]}
    node = {"name": "CheckpointLoaderSimple", "input": {"required": loader}, "output": []}
    _FarEnd.known |= {
        "/system_stats": {"system": {"comfyui_version": "0.33.1"}, "devices": []},
        "/api/jobs": {"jobs": []},
        "/object_info/CheckpointLoaderSimple": {"CheckpointLoaderSimple": node},
    }
    return web_page


@pytest.fixture
def nobody() -> str:
    """An address at which nothing listens."""
    httpd = HTTPServer(("127.0.0.1", 0), _FarEnd)
    httpd.server_close()
    return f"http://127.0.0.1:{httpd.server_port}"


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "gpu-7",
        "url": "http://gpu-7.test",
        "token": "",
        "enabled": "on",
        "seats": "2",
        **changes,
    }


def add(client: Client, **changes: Any) -> Any:
    return client.post(reverse("admin:runs_server_add"), fields(**changes), follow=True)


def change(client: Client, server: Server, **changes: Any) -> Any:
    data = fields(name=server.name, url=server.url, **changes)
    answer = client.post(page("server", server), data, follow=True)
    server.refresh_from_db()
    return answer


def faults(answer: Any) -> dict[str, list[str]]:
    form = answer.context["adminform"].form
    return {name: list(words) for name, words in form.errors.items()}


def test_a_server_that_is_off_is_kept_and_the_page_says_so(admin: Client, nobody: str) -> None:
    answer = add(admin, url=nobody, token="hush-hush")
    assert "It is kept and asked again every few seconds." in answer.content.decode()
    server = Server.objects.get()
    assert (server.url, server.token, server.enabled, server.configured) == (nobody, "hush-hush", True, False)
    assert trail() == [("chief@example.com", "server.add", "server gpu-7")]


def test_a_server_that_answers_is_kept_with_its_token_sent_along(admin: Client, comfy: str) -> None:
    answer = add(admin, url=f"{comfy}/", token="hush-hush")
    assert "ComfyUI 0.33.1 answers there, with 2 models." in answer.content.decode()
    assert Server.objects.get().url == comfy
    assert set(_FarEnd.asked) == {"Bearer hush-hush"}


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
        ("http://me:secret@gpu-7", "store a token instead"),
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
    assert _FarEnd.asked == []
    assert Audit.objects.get().words == "seats"


def test_a_stored_token_is_removed_on_request(admin: Client, nobody: str) -> None:
    server = make_server(url=nobody, token="hush-hush")
    change(admin, server, forget_token="on")
    assert server.token == ""


def test_a_stored_token_is_not_sent_to_another_address(admin: Client, nobody: str, web_page: str) -> None:
    server = make_server(url=nobody, token="hush-hush")
    data = fields(name=server.name, url=web_page)
    told = faults(admin.post(page("server", server), data))
    assert "Type it again" in told["token"][0]
    assert _FarEnd.asked == []


def test_who_may_only_look_makes_nobody_ask_an_address(onlooker: Client, web_page: str) -> None:
    assert onlooker.post(reverse("admin:runs_server_add"), fields(url=web_page)).status_code == 403
    assert onlooker.post(page("server", make_server()), fields(url=web_page)).status_code == 403
    assert _FarEnd.asked == []


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
    lifecycle.advance(run.generations.all()[0], lifecycle.Event.FAIL)
    admin.post(url, {"post": "yes"})
    assert Server.objects.count() == 0
    assert trail() == [("chief@example.com", "server.delete", "server gpu-1")]


def test_what_a_server_says_of_itself_is_read_only(admin: Client) -> None:
    server = make_server(version="0.33.0", state=ServerState.DOWN, reason="It burns.")
    change(admin, server, state="up", version="9", reason="", checkpoints="[]", simulated="on")
    assert (server.state, server.version, server.reason) == (ServerState.DOWN, "0.33.0", "It burns.")
    assert not server.simulated


# --- Campaigns and briefs ------------------------------------------------------------------------------------


def test_campaigns_and_briefs_are_listed_and_a_brief_leads_to_its_runs(
    admin: Client, workspace: Workspace
) -> None:
    campaign = Campaign.objects.create(workspace=workspace, name="Summer")
    row = Brief.objects.create(workspace=workspace, campaign=campaign, name="One", spec={})
    for model in ("campaign", "brief"):
        assert admin.get(reverse(f"admin:studio_{model}_changelist")).status_code == 200
    shown = admin.get(reverse("admin:studio_brief_change", args=[row.pk])).content.decode()
    assert f'href="{page("run")}?q={row.uid}"' in shown
    assert 'name="_save"' not in shown


def test_a_campaign_cannot_be_moved_to_another_workspace(admin: Client, workspace: Workspace) -> None:
    campaign = Campaign.objects.create(workspace=workspace, name="Summer")
    other = Workspace.objects.create(name="Elsewhere")
    url = reverse("admin:studio_campaign_change", args=[campaign.pk])
    admin.post(url, {"name": "Autumn", "goal": "", "workspace": other.pk})
    campaign.refresh_from_db()
    assert (campaign.name, campaign.workspace) == ("Autumn", workspace)


def _rows(answer: Any) -> int:
    assert answer.status_code == 200
    return len(answer.context["cl"].result_list)


def _queries() -> Any:
    return CaptureQueriesContext(connection)
