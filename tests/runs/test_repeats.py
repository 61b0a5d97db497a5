"""An order that is sent again because its answer was lost, and one that goes beyond what the workspace may order."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User, Workspace
from runs import lifecycle, repeats
from runs.errors import BriefRefused
from runs.models import Generation, Run, WorkspacePolicy
from tests.conftest import brief, brief_data, make_server, make_token

RUNS = "/api/v1/runs"


@pytest.fixture
def client(workspace: Workspace, alice: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})


def send(client: Client, key: str | None = "spring-7", **changes: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(RUNS, brief_data(**changes), content_type="application/json", headers=headers)


def test_the_same_order_with_the_same_key_is_the_same_run(client: Client) -> None:
    first, again = send(client), send(client)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 1


def test_another_key_or_none_is_another_run(client: Client) -> None:
    ids = {send(client, key).json()["id"] for key in ("a", "b", None, None)}
    assert len(ids) == Run.objects.count() == 4


@pytest.mark.parametrize("changes", [{"name": "Hot brew"}, {"seed": 7}, {"variations": 2}])
def test_the_same_key_with_another_order_is_refused(client: Client, changes: dict[str, Any]) -> None:
    send(client)
    answer = send(client, **changes)
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "“spring-7” was already used for a different order. Use a new Idempotency-Key for each order."
    )
    assert Run.objects.count() == 1


def test_a_seed_that_was_chosen_is_kept_and_compared(client: Client) -> None:
    assert send(client, seed=7).json() == send(client, seed=7).json()
    assert Run.objects.get().spec["seed"] == 7
    assert send(client, seed=8).status_code == send(client).status_code == 409


def test_the_key_of_another_workspace_is_no_key_here(client: Client, charlie: User) -> None:
    theirs = charlie.workspaces.get()
    other = Client(headers={"Authorization": f"Bearer {make_token(theirs, charlie)}"})
    assert send(client).json()["id"] != send(other, name="Theirs").json()["id"]


def test_what_was_begun_stays_the_answer_though_the_model_is_gone(client: Client) -> None:
    server = make_server()
    picture = {"checkpoint": "base.safetensors"}
    first = send(client, picture=picture)
    server.checkpoints = ["other.safetensors"]
    server.save()
    assert send(client, picture=picture).json()["id"] == first.json()["id"]
    assert send(client, "another", picture=picture).status_code == 422


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a\tb", "clé"])
def test_a_key_that_is_none_is_refused_in_words(client: Client, key: str) -> None:
    answer = send(client, key)
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "Send an Idempotency-Key of 1 to 200 printable characters, such as a UUID."
    )
    assert not Run.objects.exists()


def test_the_longest_key_is_taken(client: Client) -> None:
    assert send(client, "~" * 200).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_of_the_same_in_the_same_moment_are_one_run(workspace: Workspace, alice: User) -> None:
    token = make_token(workspace, alice)

    def order(_: int) -> Any:
        try:
            return send(Client(headers={"Authorization": f"Bearer {token}"}))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(order, range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["id"] for answer in answers}) == Run.objects.count() == 1
    assert Generation.objects.count() == 2


def test_the_key_is_in_the_description_of_the_api(client: Client) -> None:
    call = client.get("/api/v1/openapi.json").json()["paths"][RUNS]["post"]
    assert [(place["in"], place["name"]) for place in call["parameters"]] == [("header", "Idempotency-Key")]
    assert {"409", "429", "503"} <= call["responses"].keys()


# --- More than the workspace may order -----------------------------------------------------------------------


def test_an_order_beyond_the_limit_is_refused_in_words(client: Client, settings: Settings) -> None:
    settings.QUOTA_PER_DAY = 3
    assert send(client, None).status_code == 201
    answer = send(client, None)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert answer.json()["detail"].startswith(
        "This workspace can make 3 pictures in 24 hours. It has used 2, and this brief needs 2."
    )
    assert Run.objects.count() == 1


def test_a_repeat_is_no_new_order(client: Client, settings: Settings) -> None:
    settings.QUOTA_PER_DAY = 2
    assert send(client).status_code == send(client).status_code == 201


def test_a_workspace_may_have_a_limit_of_its_own(
    client: Client, workspace: Workspace, settings: Settings
) -> None:
    settings.QUOTA_PER_DAY = 1
    WorkspacePolicy.objects.create(workspace=workspace, most_a_day=2)
    assert send(client, None).status_code == 201


def test_a_double_start_that_meets_itself_gives_the_first_run(workspace: Workspace, alice: User) -> None:
    """What the studio's button does; its key is that of the form."""
    spec = brief(seed=7)
    first = lifecycle.start(workspace, alice, spec, uid=repeats.uuid5(workspace.uid, "form"))
    assert repeats.start(workspace, alice, spec, uid=first.uid) == first


# --- The same brief with another seed ---


def test_again_is_the_same_brief_with_another_seed(finished: Run, alice: User) -> None:
    new = repeats.again(finished, alice, "key")
    assert new.pk != finished.pk and new.spec["seed"] != finished.spec["seed"]
    assert new.brief.model_copy(update={"seed": 1}) == finished.brief.model_copy(update={"seed": 1})
    assert (new.pictures_total, new.started_by) == (finished.pictures_total, alice)


def test_pressed_twice_it_is_one_run_and_pressed_anew_another(finished: Run, alice: User) -> None:
    first = repeats.again(finished, alice, "a")
    assert repeats.again(finished, alice, "a") == first
    assert repeats.again(finished, alice, "b") != first
    assert len({run.spec["seed"] for run in Run.objects.all()}) == Run.objects.count() == 3


def test_again_belongs_to_the_same_campaign(finished: Run, alice: User) -> None:
    finished.origin, finished.group, finished.group_name = uuid4(), uuid4(), "Summer"
    finished.save()
    new = repeats.again(finished, alice, "a")
    assert (new.origin, new.group, new.group_name) == (finished.origin, finished.group, "Summer")


def test_again_with_a_word_that_is_banned_since_is_refused_at_its_field(finished: Run, alice: User) -> None:
    finished.spec["brand"]["banned"] = ["brewed"]
    finished.save()
    with pytest.raises(BriefRefused) as refused:
        repeats.again(finished, alice, "a")
    assert refused.value.faults[0].field == "messages.0.headline"
    assert Run.objects.count() == 1


def test_again_without_a_size_that_is_offered_says_what_to_do(finished: Run, alice: User) -> None:
    finished.spec["formats"] = ["gone_long_ago"]
    finished.save()
    with pytest.raises(BriefRefused, match="Open the brief and choose others"):
        repeats.again(finished, alice, "a")


def test_the_page_opens_the_new_run(as_alice: Client, finished: Run) -> None:
    page = f"/runs/{finished.uid}/"
    html = as_alice.get(page).content.decode()
    assert "Run again with a new seed?" in html and "<b>2 ads</b> from 2 pictures" in html
    answers = [as_alice.post(f"{page}again/", {"key": "k"}) for _ in range(2)]
    new = Run.objects.exclude(pk=finished.pk).get()
    assert {answer.headers["Location"] for answer in answers} == {f"/runs/{new.uid}/"}


def test_the_page_says_why_it_cannot_be_run_again(as_alice: Client, finished: Run) -> None:
    WorkspacePolicy.objects.create(workspace=finished.workspace, most_a_day=3)
    answer = as_alice.post(f"/runs/{finished.uid}/again/", {"key": "k"}, follow=True)
    assert "can make 3 pictures in 24 hours" in answer.content.decode()
    assert Run.objects.count() == 1


def test_programs_run_again_too(client: Client, finished: Run) -> None:
    ids = set()
    for _ in range(2):
        answer = client.post(f"{RUNS}/{finished.uid}/again", headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201
        ids.add(answer.json()["id"])
    assert len(ids) == 1 and str(finished.uid) not in ids
    assert client.post(f"{RUNS}/{finished.uid}/again", headers={"Idempotency-Key": "\t"}).status_code == 400
