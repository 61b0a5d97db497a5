"""Runs by API: an order is answered at once; what is wrong with a brief is told with its place."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Membership, Role, User, Workspace
from runs import lifecycle, storage
from runs.brief import from_data, from_toml
from runs.errors import BriefRefused
from runs.models import Asset, Run
from runs.states import RunStatus, ServerState, Status
from tests.conftest import brief, brief_data, fail, make_server, make_token

RUNS = "/api/v1/runs"


def bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def client(workspace: Workspace, alice: User) -> Client:
    return bearer(make_token(workspace, alice))


@pytest.fixture
def elsewhere(charlie: User) -> Client:
    """A program of another workspace."""
    return bearer(make_token(charlie.memberships.get().workspace, charlie))


def send(client: Client, **changes: Any) -> Any:
    return client.post(RUNS, json.dumps(brief_data(**changes)), content_type="application/json")


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {fault["field"]: fault["words"] for fault in answer.json()["errors"]}


# --- Starting ------------------------------------------------------------------------------------------------


def test_an_order_is_answered_at_once_with_its_id(client: Client, workspace: Workspace, alice: User) -> None:
    answer = send(client)
    assert answer.status_code == 201
    body = answer.json()
    run = Run.objects.get(uid=UUID(body["id"]))
    assert (run.workspace, run.started_by) == (workspace, alice)
    assert (body["status"], body["pictures_total"], body["ads_total"]) == ("waiting", 2, 2)
    assert body["url"].endswith(f"/api/v1/runs/{run.uid}")


def test_the_order_is_kept_word_for_word(client: Client) -> None:
    send(client, seed=7)
    assert Run.objects.get().brief == brief(seed=7)


BAD = [
    ({"products": []}, "products"),
    ({"formats": []}, "formats"),
    ({"formats": ["meta_billboard"]}, "formats.0"),
    ({"messages": [{"headline": ""}]}, "messages.0.headline"),
    ({"messages": [{"headline": 5}]}, "messages.0.headline"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**53}, "seed"),
    ({"seed": True}, "seed"),
    ({"variations": 0}, "variations"),
    ({"variations": 500}, "variations"),
    ({"variations": "two"}, "variations"),
    ({"picture": {"steps": 0}}, "picture.steps"),
    ({"brand": {"primary": "red"}}, "brand.primary"),
    ({"languages": ["english"]}, "languages.0"),
    ({"headlines": ["x"]}, "headlines"),
    ({"products": [{"name": "Can", "colour": "red"}]}, "products.0.colour"),
    ({"name": "two\nlines"}, "name"),
]


@pytest.mark.parametrize(("changes", "field"), BAD, ids=[f"{field}-{i}" for i, (_, field) in enumerate(BAD)])
def test_a_bad_brief_is_refused_at_its_field_and_nothing_is_made(
    client: Client, changes: dict[str, Any], field: str
) -> None:
    told = faults(send(client, **changes))
    assert list(told) == [field]
    assert told[field].endswith((".", "?"))
    assert Run.objects.count() == 0


@pytest.mark.parametrize("changes", [changes for changes, _ in BAD])
def test_the_api_says_the_very_words_that_a_file_gets(client: Client, changes: dict[str, Any]) -> None:
    with pytest.raises(BriefRefused) as refusal:
        from_data(brief_data(**changes))
    assert faults(send(client, **changes)) == {fault.field: fault.words for fault in refusal.value.faults}


def test_a_file_is_refused_in_the_same_words() -> None:
    with pytest.raises(BriefRefused) as by_file:
        from_toml('name = "x"\nformats = ["meta_story"]\nvariations = "two"\n')
    with pytest.raises(BriefRefused) as by_data:
        from_data({"name": "x", "formats": ["meta_story"], "variations": "two"})
    assert by_file.value.faults == by_data.value.faults


def test_every_fault_is_told_at_once(client: Client) -> None:
    told = faults(send(client, name="", variations=0, formats=["nope"]))
    assert set(told) == {"name", "variations", "formats.0"}


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"], ids=["half a letter", "nul"])
def test_text_that_no_database_holds_is_refused(client: Client, text: str) -> None:
    assert list(faults(send(client, name=text))) == ["name"]


def test_a_model_that_no_server_has_is_refused_before_anything_is_made(client: Client) -> None:
    make_server(checkpoints=["base.safetensors"])
    told = faults(send(client, picture={"checkpoint": "dream.safetensors"}))
    assert told == {
        "picture.checkpoint": (
            "The model “dream.safetensors” is not on any GPU server. Choose one of: base.safetensors."
        )
    }
    assert Run.objects.count() == 0


def test_a_server_that_is_down_is_no_reason_to_refuse(client: Client) -> None:
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer.")
    answer = send(client, picture={"checkpoint": "dream.safetensors"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"languages": ["en", "de"]}, "messages.0.translations.de"),
        ({"formats": ["meta_story", "meta_story"]}, "formats"),
        ({"products": [{"name": "A"}, {"name": "A"}]}, "products"),
    ],
)
def test_what_hangs_together_wrongly_is_told_at_its_field(
    client: Client, changes: dict[str, Any], field: str
) -> None:
    answer = send(client, **changes)
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_post_text_that_a_platform_refuses_is_told_at_its_field(client: Client) -> None:
    message = {"headline": "Cold.", "post": {"snapchat": {"headline": "x" * 35}}}
    answer = send(client, messages=[message], formats=["snapchat_full"])
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["field"]) == (422, "messages.0.post.snapchat.headline")
    assert "allows at most 34" in fault["words"]
    assert Run.objects.count() == 0


def _asset(workspace: Workspace, key: str) -> Asset:
    storage.put(key, b"logo")
    facts = {"kind": "logo", "sha256": "", "width": 1, "height": 1, "bytes": 4}
    return Asset.objects.create(workspace=workspace, key=key, **facts)


def test_a_logo_of_the_workspace_is_taken(client: Client, workspace: Workspace) -> None:
    asset = _asset(workspace, f"w/{workspace.uid}/assets/{uuid4()}.png")
    assert send(client, brand={"logo": asset.key}).status_code == 201


@pytest.mark.parametrize("logo", ["../../etc/passwd", "/etc/passwd", "w/nowhere/assets/1.png", "secret_key"])
def test_a_logo_that_was_not_uploaded_is_refused(client: Client, logo: str) -> None:
    assert (
        "Upload it, in the studio or by POST /api/v1/assets"
        in faults(send(client, brand={"logo": logo}))["brand.logo"]
    )
    assert Run.objects.count() == 0


def test_the_logo_of_another_workspace_is_not_there(client: Client, charlie: User) -> None:
    theirs = charlie.memberships.get().workspace
    asset = _asset(theirs, f"w/{theirs.uid}/assets/{uuid4()}.png")
    assert list(faults(send(client, brand={"logo": asset.key}))) == ["brand.logo"]


# --- Looking -------------------------------------------------------------------------------------------------


def test_a_run_tells_where_it_stands_with_every_picture_and_ad(client: Client, finished: Run) -> None:
    body = client.get(f"{RUNS}/{finished.uid}").json()
    assert (body["status"], body["simulated"]) == ("done", False)
    assert (body["pictures_done"], body["pictures_total"]) == (2, 2)
    assert (body["ads_ready"], body["ads_total"]) == (2, 2)
    assert [row["status"] for row in body["generations"]] == ["done", "done"]
    assert {ad["format"] for ad in body["ads"]} == {"meta_feed_square", "meta_story"}
    assert [row["look"] for row in body["generations"]] == ["Studio", "Studio"]


def test_every_ad_has_an_address_from_which_the_token_fetches_its_bytes(
    client: Client, finished: Run
) -> None:
    for ad in client.get(f"{RUNS}/{finished.uid}").json()["ads"]:
        fetched = client.get(ad["url"])
        assert fetched.status_code == 200
        assert storage.digest(fetched.content) == ad["sha256"]
        assert len(fetched.content) == ad["bytes"]


def test_a_run_that_waits_is_told_too(client: Client, run: Run) -> None:
    body = client.get(f"{RUNS}/{run.uid}").json()
    assert (body["status"], body["simulated"], body["ads"]) == ("waiting", None, [])
    assert body["started_at"] is None


# --- Stopping and trying again -------------------------------------------------------------------------------


def test_a_run_is_stopped_and_stopping_twice_does_no_harm(client: Client, run: Run) -> None:
    for _ in range(2):
        answer = client.post(f"{RUNS}/{run.uid}/cancel")
        assert answer.status_code == 200
        assert answer.json()["status"] == "cancelled"
    assert {row.status for row in run.generations.all()} == {Status.CANCELLED}


def test_failed_pictures_are_tried_again(client: Client, run: Run) -> None:
    fail(run)
    body = client.post(f"{RUNS}/{run.uid}/retry").json()
    assert body["status"] == "waiting"
    assert [row["attempt"] for row in body["generations"]] == [1, 1]


def test_trying_a_finished_run_again_changes_nothing(client: Client, finished: Run) -> None:
    assert client.post(f"{RUNS}/{finished.uid}/retry").json()["status"] == "done"


# --- Who may -------------------------------------------------------------------------------------------------

CALLS = [("get", ""), ("post", "/cancel"), ("post", "/retry"), ("get", "/export.zip")]


@pytest.mark.parametrize(("method", "call"), CALLS)
def test_the_run_of_another_workspace_is_not_there(
    elsewhere: Client, run: Run, method: str, call: str
) -> None:
    answer = getattr(elsewhere, method)(f"{RUNS}/{run.uid}{call}")
    nobodys = getattr(elsewhere, method)(f"{RUNS}/{uuid4()}{call}")
    assert answer.status_code == nobodys.status_code == 404
    assert answer.content == nobodys.content
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING


def test_a_token_to_read_reads_and_does_not_write(workspace: Workspace, alice: User, run: Run) -> None:
    reader = bearer(make_token(workspace, alice, scope="read"))
    assert reader.get(f"{RUNS}/{run.uid}").status_code == 200
    for answer in (send(reader), reader.post(f"{RUNS}/{run.uid}/cancel")):
        assert answer.status_code == 403
        assert "is read-only" in answer.json()["detail"]
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
    ],
    ids=["expired", "revoked"],
)
def test_a_token_that_is_over_opens_nothing(client: Client, run: Run, change: dict[str, Any]) -> None:
    assert client.get(f"{RUNS}/{run.uid}").status_code == 200
    ApiToken.objects.update(**change)
    assert client.get(f"{RUNS}/{run.uid}").status_code == 401


def test_a_token_that_has_not_expired_yet_is_good(workspace: Workspace, alice: User, run: Run) -> None:
    secret = make_token(workspace, alice, expires_at=timezone.now() + timedelta(hours=1))
    assert bearer(secret).get(f"{RUNS}/{run.uid}").status_code == 200


def test_the_token_of_somebody_who_left_the_workspace_opens_nothing(
    client: Client, run: Run, alice: User
) -> None:
    Membership.objects.filter(user=alice).delete()
    assert client.get(f"{RUNS}/{run.uid}").status_code == 401


def test_the_token_of_somebody_who_was_locked_out_opens_nothing(
    client: Client, run: Run, alice: User
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(f"{RUNS}/{run.uid}").status_code == 401


def test_the_token_of_somebody_who_may_only_look_does_not_write(
    client: Client, run: Run, alice: User
) -> None:
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)
    assert client.get(f"{RUNS}/{run.uid}").status_code == 200
    assert send(client).status_code == 403
    assert client.post(f"{RUNS}/{run.uid}/cancel").status_code == 403
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING


def test_the_last_use_of_a_token_is_noted_at_most_once_a_minute(client: Client, run: Run) -> None:
    client.get(f"{RUNS}/{run.uid}")
    first = ApiToken.objects.get().last_used_at
    client.get(f"{RUNS}/{run.uid}")
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


def test_a_run_started_by_token_names_who_owns_it(client: Client, alice: User) -> None:
    send(client)
    run = Run.objects.get()
    lifecycle.cancel_run(run, actor="x")
    assert run.started_by == alice
