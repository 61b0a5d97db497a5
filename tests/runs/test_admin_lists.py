"""What the admin's lists offer: rows as CSV that no sheet runs, filters by age and fault, pictures sent elsewhere."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Audit, User, Workspace
from runs import lifecycle
from runs.admin.orders import RunAdmin
from runs.export.tables import harmless
from runs.models import Generation, Run, Transition, Withdrawal
from runs.states import Status
from tests.conftest import begin, brief, fail, make_server

from .admin_pages import act, page, trail

# --- CSV -----------------------------------------------------------------------------------------------------


def saved(client: Client, model: str, *rows: Any) -> list[dict[str, str]]:
    answer: Any = client.post(
        page(model), {"action": "save_csv", "_selected_action": [row.pk for row in rows]}
    )
    assert "attachment" in answer.headers["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_chosen_rows_are_saved_with_the_columns_of_the_list(onlooker: Client, finished: Run) -> None:
    (row,) = saved(onlooker, "run", finished)
    assert (row["Name"], row["Status"], row["Workspace"]) == ("Cold brew", "done", "Nordlys")
    assert len(saved(onlooker, "creative", *finished.creatives.all())) == 2


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(admin: Client, finished: Run, name: str) -> None:
    Run.objects.update(name=name)
    assert saved(admin, "run", finished)[0]["Name"] == f"'{name}"


def test_what_is_no_formula_stays_as_it_is() -> None:
    assert [harmless(value) for value in ("1-1", None, 0, "Ü")] == ["1-1", "", "0", "Ü"]


def test_all_that_are_selected_are_all_that_the_page_counts(
    admin: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = (lifecycle.start(workspace, None, brief(name=f"Run {n}")) for n in range(3))
    monkeypatch.setattr(RunAdmin, "most_at_once", 2)  # as many rows as it takes would take minutes
    act(admin, "run", "cancel", others[0], select_across="1")
    status = dict(Run.objects.values_list("pk", "status"))
    assert [status[run.pk] for run in (first, *others)] == ["waiting", "cancelled", "cancelled"]


# --- Filters -------------------------------------------------------------------------------------------------


def rows(client: Client, model: str, **filters: str) -> int:
    return len(client.get(page(model, **filters)).context["cl"].result_list)


def test_a_thousand_workspaces_are_not_all_offered_beside_a_list(admin: Client, finished: Run) -> None:
    Workspace.objects.bulk_create([Workspace(name=f"Place {n}") for n in range(200)])
    mine = finished.workspace
    for url in (page("run"), page("transition"), reverse("admin:accounts_audit_changelist")):
        shown = admin.get(url).content.decode()
        assert shown.count("workspace__id__exact=") <= 50 and "Place 199" in shown and "Place 1<" not in shown
    chosen = admin.get(page("run", workspace__id__exact=str(mine.pk))).content.decode()
    assert f"workspace__id__exact={mine.pk}" in chosen and chosen.count('class="field-name') == 1
    for model, found in (("run", 1), ("generation", 2), ("transition", 8), ("picture", 2), ("creative", 2)):
        assert rows(admin, model, q=str(mine.uid)) == found


def test_rows_are_found_by_age(admin: Client, finished: Run) -> None:
    first, second = finished.generations.all()
    Generation.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=40))
    assert [rows(admin, "generation", age=age) for age in ("hour", "day", "week", "older")] == [1, 1, 1, 1]
    Generation.objects.filter(pk=second.pk).update(created_at=timezone.now() - timedelta(days=3))
    assert [rows(admin, "generation", age=age) for age in ("hour", "day", "week", "month", "older")] == [
        0,
        0,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize("model", ["runs_run", "runs_generation", "runs_creative", "accounts_audit"])
def test_a_list_of_one_age_begins_at_its_first_row(admin: Client, finished: Run, model: str) -> None:
    """The plan of the list itself, as SQLite has it: a walk along the keys from there on."""
    Audit.objects.create(actor="a", action="b")
    with CaptureQueriesContext(connection) as asked:
        answer = admin.get(reverse(f"admin:{model}_changelist"), {"age": "month"})
    assert len(answer.context["cl"].result_list) >= 1
    listed = [
        q["sql"]
        for q in asked.captured_queries
        if f'"{model}"."id" >= ' in q["sql"] and "LIMIT 50" in q["sql"]
    ]
    assert listed
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {listed[-1]}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert f"SEARCH {model} USING INTEGER PRIMARY KEY (rowid>?)" in plan and "TEMP B-TREE" not in plan


def test_age_is_found_by_keys_and_not_by_reading_the_table(admin: Client, finished: Run) -> None:
    with CaptureQueriesContext(connection) as asked:
        admin.get(page("transition", age="day"))
    looks = [query["sql"] for query in asked if '"at"' in query["sql"] and "WHERE" in query["sql"]]
    assert not [sql for sql in looks if '"at" >' in sql or '"at" <' in sql]


def test_steps_are_found_by_the_kind_of_their_fault(admin: Client, run: Run) -> None:
    fail(run, "http://gpu-1:8188 has no model “x”. Choose another.")
    assert rows(admin, "transition", fault="model missing") == 2
    assert rows(admin, "transition", fault="timeout") == 0
    assert rows(admin, "transition", fault="nonsense") == Transition.objects.count()


# --- Pictures that a person takes in hand --------------------------------------------------------------------


def sent(run: Run) -> Generation:
    held = begin(run.generations.all()[0], make_server())
    Generation.objects.filter(pk=held.pk).update(prompt_id="6f1c1f0e-8a4e-4f0c-9d2a-3b1f5e7a9c01")
    return held


def test_a_picture_is_sent_to_another_server(admin: Client, run: Run) -> None:
    held = sent(run)
    assert "1 picture taken off their servers." in act(admin, "generation", "elsewhere", held)
    held.refresh_from_db()
    assert (held.status, held.prompt_id, held.worker_id) == (Status.WAITING, None, "")
    assert held.tries == 0  # nobody's fault
    assert Withdrawal.objects.count() == 1  # its prompt is taken off the GPU
    assert trail() == [("chief@example.com", "generation.elsewhere", f"run {run.uid}")]


def test_what_is_at_no_server_cannot_be_sent_elsewhere(admin: Client, finished: Run) -> None:
    assert "Unchanged: 2." in act(admin, "generation", "elsewhere", *finished.generations.all())
    assert trail() == []


def test_a_picture_is_let_fail_only_with_words(admin: Client, run: Run) -> None:
    held = sent(run)
    assert "Reason</label>" in act(admin, "generation", "give_up", held)
    assert "Add a reason" in act(admin, "generation", "give_up", held, post="yes", words="  ")
    held.refresh_from_db()
    assert held.status == Status.CLAIMED
    act(admin, "generation", "give_up", held, post="yes", words="The model is banned.")
    held.refresh_from_db()
    assert (held.status, held.error) == (Status.FAILED, "The model is banned.")
    step = Transition.objects.filter(generation=held).last()
    assert step is not None and (step.actor, step.words) == ("chief@example.com", "The model is banned.")
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize(("rights", "left"), [(["change_run"], 1), (["change_run", "delete_run"], 0)])
def test_a_run_is_deleted_by_who_may_delete_runs(finished: Run, rights: list[str], left: int) -> None:
    user = User.objects.create_user("staff@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_run", *rights]))
    client = Client()
    client.force_login(user)
    act(client, "run", "delete_selected", finished, post="yes")
    assert Run.objects.count() == left


@pytest.mark.parametrize("action", ["elsewhere", "give_up"])
def test_who_may_only_look_takes_nothing_in_hand(onlooker: Client, run: Run, action: str) -> None:
    held = sent(run)
    onlooker.post(
        page("generation"), {"action": action, "_selected_action": [held.pk], "words": "x", "post": "yes"}
    )
    held.refresh_from_db()
    assert held.status == Status.CLAIMED
