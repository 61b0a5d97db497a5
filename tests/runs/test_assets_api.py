"""Uploads by API: a program sends a picture, and names it in its brief."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Scope, User, Workspace
from runs import storage
from runs.models import Asset
from tests.conftest import brief_data, make_png, make_token
from tests.runs.composition.test_typeface import INTER

EXAMPLES = Path(__file__).parents[2] / "examples"
CAN = (EXAMPLES / "cold-brew-can.png").read_bytes()


@pytest.fixture
def client(workspace: Workspace, alice: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})


def send(client: Client, kind: str, data: bytes, **fields: Any) -> Any:
    return client.post(
        "/api/v1/assets", {"kind": kind, "file": SimpleUploadedFile("picture.png", data), **fields}
    )


def test_a_product_picture_is_cut_out_kept_and_named_by_a_brief(client: Client, workspace: Workspace) -> None:
    answer = send(client, "cutout", CAN)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    asset = Asset.objects.get(workspace=workspace)
    assert (told["key"], told["kind"], told["ground"]) == (asset.key, "cutout", "transparent")
    assert storage.digest(storage.get(asset.key)) == told["sha256"]
    order = brief_data(products=[{"name": "Can", "cutout": told["key"]}])
    started = client.post("/api/v1/runs", json.dumps(order), content_type="application/json")
    assert started.status_code == 201, started.content


def test_a_logo_is_kept_as_a_logo(client: Client, workspace: Workspace) -> None:
    told = send(client, "logo", make_png(64, 32)).json()
    assert (told["kind"], told["width"], told["height"], told["ground"]) == ("logo", 64, 32, None)


@pytest.mark.parametrize(
    ("kind", "data", "field", "words"),
    [
        ("cutout", b"<svg/>", "file", "is not PNG, JPEG or WebP"),
        ("logo", b"nothing", "file", "PNG"),
        ("font", b"nothing", "licence", "licence=true"),
        ("film", CAN, "kind", "cutout"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field_and_not_kept(
    client: Client, kind: str, data: bytes, field: str, words: str
) -> None:
    answer = send(client, kind, data)
    assert answer.status_code == 422, answer.content
    [fault] = answer.json()["errors"]
    assert fault["field"] == field and words in fault["words"]
    assert not Asset.objects.exists()


def test_a_font_that_is_none_says_what_to_send(client: Client) -> None:
    [fault] = send(client, "font", b"nothing", licence="true").json()["errors"]
    assert fault["field"] == "file"


def test_an_upload_without_a_file_says_so(client: Client) -> None:
    answer = client.post("/api/v1/assets", {"kind": "logo"})
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "file"


def test_who_may_only_read_uploads_nothing(workspace: Workspace, alice: User, bob: User) -> None:
    for token in (make_token(workspace, bob), make_token(workspace, alice, scope=Scope.READ)):
        client = Client(headers={"Authorization": f"Bearer {token}"})
        assert send(client, "logo", make_png()).status_code == 403
    assert not Asset.objects.exists()


def test_a_font_is_no_picture_of_a_product(client: Client) -> None:
    font = send(client, "font", INTER, licence="true").json()["key"]
    order = brief_data(products=[{"name": "Can", "cutout": font}])
    answer = client.post("/api/v1/runs", json.dumps(order), content_type="application/json")
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["products.0.cutout"]


def test_another_workspaces_upload_cannot_be_named(client: Client, charlie: User) -> None:
    elsewhere = charlie.memberships.get().workspace
    token = make_token(elsewhere, charlie)
    theirs = send(Client(headers={"Authorization": f"Bearer {token}"}), "cutout", CAN).json()["key"]
    order = brief_data(products=[{"name": "Can", "cutout": theirs}])
    answer = client.post("/api/v1/runs", json.dumps(order), content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "products.0.cutout"
