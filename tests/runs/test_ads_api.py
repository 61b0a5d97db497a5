"""One ad by API: its report, its revisions, and how a program changes it."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Scope, User, Workspace
from runs import assets
from runs.models import Creative, Run
from tests.conftest import make_token
from tests.runs.composition.scenes import logo
from tests.runs.test_recompose import ads
from tests.runs.test_rules import report


@pytest.fixture
def client(workspace: Workspace, alice: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})


@pytest.fixture
def ad(finished: Run) -> Creative:
    row = ads(finished, format="meta_feed_square")[0]
    row.report = report(row.format)
    row.save()
    return row


def change(client: Client, ad: Creative, **what: Any) -> Any:
    address = f"/api/v1/creatives/{ad.uid}/revisions"
    return client.post(address, json.dumps(what), content_type="application/json")


def see(client: Client, uid: Any) -> Any:
    return client.get(f"/api/v1/creatives/{uid}").json()


def test_an_ad_tells_its_words_and_whose_each_rule_is(client: Client, ad: Creative) -> None:
    told = see(client, ad.uid)
    assert told["ad"]["id"] == str(ad.uid) and told["newest"]
    assert told["copy"]["headline"] == "Slow brewed. Fast gone." and told["focus"] == [0.5, 0.6]
    checks = {check["name"]: check for check in told["checks"]}
    assert {"pixels", "ratio", "bytes", "type_size", "contrast", "safe_zone", "palette"} <= checks.keys()
    assert checks["pixels"]["sources"][0]["name"] == "meta_dev_media"
    assert (
        checks["safe_zone"]["origin"] == "ours" and checks["contrast"]["sources"][0]["date"] == "2023-10-05"
    )


def test_other_words_are_answered_with_the_revision_that_is_made(client: Client, ad: Creative) -> None:
    answer = change(client, ad, copy={"headline": "Cold since Monday."})
    assert answer.status_code == 202
    [new] = answer.json()
    assert (new["state"], new["revision"]) == ("pending", 2)
    told = see(client, ad.uid)
    assert not told["newest"] and [row["revision"] for row in told["history"]] == [2, 1]
    assert told["history"][0]["id"] == new["id"] and told["history"][1]["url"].endswith(str(ad.uid))


def test_a_scope_changes_all_that_say_the_same_and_the_run_lists_the_newest(
    client: Client, ad: Creative
) -> None:
    assert len(change(client, ad, copy={"headline": "New"}, scope="message").json()) == 2
    listed = client.get(f"/api/v1/runs/{ad.run.uid}").json()
    assert [(row["revision"], row["state"]) for row in listed["ads"]] == [(2, "pending")] * 2
    assert (listed["status"], listed["ads_ready"]) == ("done", 0)


@pytest.mark.parametrize(
    "body",
    [
        {"copy": {"headline": ""}},
        {"copy": {"headline": "A", "colour": "red"}},
        {"focus": [0.5, 2]},
        {"focus": [0.5]},
        {"format": "meta_story"},
        {"language": "Klingon"},
        {"brand": {"primary": "red"}},
        {"scope": "everything"},
        {"words": "none"},
    ],
)
def test_what_cannot_be_is_refused_as_a_problem(client: Client, ad: Creative, body: dict[str, Any]) -> None:
    answer = change(client, ad, **body)
    assert answer.status_code == 422 and answer.json()["errors"]
    assert Creative.objects.count() == 2


def test_a_brand_names_no_file_that_is_not_its_workspaces(
    client: Client, ad: Creative, charlie: User
) -> None:
    """Its keys are paths in the storage: another's logo would come back inside an ad."""
    foreign = assets.store_logo(charlie.memberships.get().workspace, logo())
    own = assets.store_logo(ad.run.workspace, logo())
    for brand, fields in (
        ({"logo": foreign.key}, ["brand.logo"]),
        ({"logo": ad.picture.key}, ["brand.logo"]),
        ({"logo": "../../etc/passwd"}, ["brand.logo"]),
        ({"font": own.key, "font_licensed": True}, ["brand.font"]),
        ({"font": "w/x/assets/y.font"}, ["brand.font", "brand.font_licensed"]),
    ):
        answer = change(client, ad, brand=brand)
        assert answer.status_code == 422, brand
        assert [fault["field"] for fault in answer.json()["errors"]] == fields
    assert Creative.objects.count() == 2
    assert change(client, ad, brand={"logo": own.key}).status_code == 202


def test_what_is_not_yours_is_not_there(charlie: User, ad: Creative) -> None:
    secret = make_token(charlie.memberships.get().workspace, charlie)
    stranger = Client(headers={"Authorization": f"Bearer {secret}"})
    assert stranger.get(f"/api/v1/creatives/{ad.uid}").status_code == 404
    assert change(stranger, ad, copy={"headline": "Mine"}).status_code == 404
    assert Client().get(f"/api/v1/creatives/{ad.uid}").status_code == 401


def test_there_is_no_ad_with_a_made_up_id(client: Client, workspace: Workspace) -> None:
    assert client.get(f"/api/v1/creatives/{uuid4()}").status_code == 404


def test_a_token_that_may_only_read_changes_nothing(workspace: Workspace, alice: User, ad: Creative) -> None:
    reader = Client(headers={"Authorization": f"Bearer {make_token(workspace, alice, scope=Scope.READ)}"})
    assert change(reader, ad, copy={"headline": "New"}).status_code == 403
