"""The dashboard of the admin: what it tells is what happened; who may see it; and it stays quick."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User, Workspace
from runs import lifecycle
from runs.models import Run
from runs.ops import make_group
from runs.states import ServerState
from tests.conftest import begin, brief, fail, finish, make_server

from .admin_pages import page

URL = "/admin/dashboard/"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.delete("usage")  # it is kept for ten minutes
    yield


@pytest.fixture
def ops(db: None) -> Client:
    """Looks after servers and runs, and belongs to no workspace."""
    user = User.objects.create_user("ops@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name="ops"))
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client) -> str:
    """Its words, one blank between them."""
    html = client.get(URL).content.decode().partition('class="dash"')[2]
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_an_empty_studio_has_a_dashboard(admin: Client) -> None:
    words = shown(admin)
    assert "Pictures waiting 0 queue is empty" in words and "No GPU servers yet." in words


def test_it_tells_the_queue_the_servers_and_what_they_work_on(admin: Client, run: Run) -> None:
    begin(run.generations.all()[0], make_server("gpu-1", pace=4.2))
    make_server("gpu-2", state=ServerState.DOWN, reason="gpu-2 does not answer.")
    words = shown(admin)
    assert "Pictures waiting 1" in words and "Active GPU servers 1 of 2" in words
    assert "Working Cold brew 4.2 s" in words
    assert "Not responding gpu-2 does not answer. Idle" in words


def test_a_server_that_is_switched_off_drains_and_is_then_gone(admin: Client, run: Run) -> None:
    server = make_server("gpu-1")
    held = begin(run.generations.all()[0], server)
    server.enabled = False
    server.save()
    assert "Draining" in shown(admin)
    lifecycle.lose(held, "Its worker went silent.")
    assert "gpu-1" not in shown(admin)


def test_faults_are_told_by_kind_and_files_by_workspace(admin: Client, finished: Run, alice: User) -> None:
    fail(lifecycle.start(finished.workspace, alice, brief()), "KSampler failed on gpu-1: out of memory")
    words = shown(admin)
    assert "Failed 2 of 4" in words and "Node failed 2" in words
    assert re.search(r"Nordlys \d+", words)


def test_its_chart_has_a_bar_a_minute(admin: Client, finished: Run) -> None:
    html = admin.get(URL).content.decode()
    assert html.count('class="ground"') == 15
    assert "<title>0 min ago: 2 done, 0 failed</title>" in html


def test_it_keeps_the_security_policy(admin: Client, finished: Run) -> None:
    answer = admin.get(URL)
    html = answer.content.decode()
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert " style=" not in html and "<style" not in html and "<script>" not in html


def test_it_asks_as_much_with_many_runs_as_with_one(
    admin: Client, finished: Run, workspace: Workspace, alice: User
) -> None:
    admin.get(URL)
    with CaptureQueriesContext(connection) as few:
        admin.get(URL)
    for _ in range(3):
        finish(lifecycle.start(workspace, alice, brief()))
    with CaptureQueriesContext(connection) as many:
        admin.get(URL)
    assert len(many) == len(few)


# --- Who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cast", ["as_alice", "as_charlie"])
def test_owners_of_a_workspace_do_not_see_it(cast: str, request: pytest.FixtureRequest) -> None:
    answer = request.getfixturevalue(cast).get(URL)
    assert answer.status_code == 302 and "/admin/login/" in answer.headers["Location"]


def test_staff_without_the_right_is_refused(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("staff@example.com", is_staff=True))
    assert client.get(URL).status_code == 403
    assert URL not in client.get(reverse("admin:index")).content.decode()


def test_ops_sees_dashboard_servers_and_runs(ops: Client, finished: Run) -> None:
    assert f'href="{URL}"' in ops.get(reverse("admin:index")).content.decode()
    for url in (
        URL,
        page("server"),
        page("run"),
        page("run", finished),
        reverse("admin:accounts_audit_changelist"),
    ):
        assert ops.get(url).status_code == 200


def test_ops_stops_a_run_and_adds_a_server(ops: Client, run: Run) -> None:
    ops.post(page("run"), {"action": "cancel", "_selected_action": [run.pk]})
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert ops.get(reverse("admin:runs_server_add")).status_code == 200


@pytest.mark.parametrize(
    "model", ["studio_brief", "studio_brandkit", "studio_campaign", "accounts_user", "auth_group"]
)
def test_ops_sees_no_brands_briefs_or_people(ops: Client, model: str) -> None:
    assert ops.get(reverse(f"admin:{model}_changelist")).status_code == 403


def test_the_group_is_made_whole_again_with_each_migration(db: None) -> None:
    from django.apps import apps

    group = Group.objects.get(name="ops")
    before = group.permissions.count()
    group.permissions.clear()
    make_group(apps.get_app_config("runs"))
    assert group.permissions.count() == before
