"""An address that works without signing in: for the file it was made for, in that size, until its time is over."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from runs import passes, storage
from runs.models import Creative, Picture, Run
from tests.conftest import make_token


@pytest.fixture
def ad(finished: Run) -> Creative:
    return finished.creatives.order_by("pk")[0]


def status(kind: str, row: Any, sig: str, **query: str) -> int:
    return Client().get(f"/media/{kind}/{row.uid}", {"sig": sig, **query}).status_code


def test_an_ad_tells_an_address_that_opens_its_file_to_anybody(
    ad: Creative, workspace: Workspace, alice: User
) -> None:
    client = Client(headers={"Authorization": f"Bearer {make_token(workspace, alice)}"})
    url = client.get(f"/api/v1/creatives/{ad.uid}").json()["open_url"]
    answer = Client().get(url.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 200 and storage.digest(answer.content) == ad.sha256
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_it_opens_no_other_file_size_or_kind(ad: Creative, finished: Run) -> None:
    sig, other = passes.signature("ad", ad.uid), finished.creatives.order_by("pk")[1]
    picture = Picture.objects.get(pk=ad.picture_id)
    assert status("ad", ad, sig) == 200
    assert [status("ad", other, sig), status("picture", picture, sig)] == [404, 404]
    assert status("ad", ad, sig, size="small") == 404
    assert status("ad", ad, passes.signature("ad", ad.uid, small=True), size="small") == 200


def test_it_ends_with_its_time_which_nobody_can_put_off(ad: Creative) -> None:
    assert status("ad", ad, passes.signature("ad", ad.uid, life=-1)) == 404
    until, _, proof = passes.signature("ad", ad.uid).partition(".")
    assert status("ad", ad, f"{int(until) + 1}.{proof}") == 404


@pytest.mark.parametrize(
    "sig", ["", ".", "x.y", "9" * 400 + ".x", "²³.x", "1e9.x", "9999999999.", "9999999999.é"]
)
def test_a_made_up_one_opens_nothing(ad: Creative, sig: str) -> None:
    assert status("ad", ad, sig) == 404


def test_it_ends_when_the_key_of_the_studio_is_changed(ad: Creative, settings: Any) -> None:
    sig = passes.signature("ad", ad.uid)
    settings.SECRET_KEY = "another-key-for-tests-only-0123456789-0123456789"
    assert status("ad", ad, sig) == 404
