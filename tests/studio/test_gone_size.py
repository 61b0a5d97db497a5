"""A size that left the catalogue after it was ordered: what was made is shown, and the brief can be mended."""

import io
import json
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from django.urls import reverse

from accounts.models import User, Workspace
from runs.brief import from_stored, plan_ads, plan_pictures
from runs.formats import Shape
from runs.manifest import manifest
from runs.models import Creative, Run
from studio.models import Brief, Campaign
from tests.conftest import brief_data, make_token
from tests.studio.posting import form

GONE = "gone_format_1"


def forgotten(spec: dict[str, Any]) -> dict[str, Any]:
    return spec | {"formats": [GONE, *spec["formats"][1:]]}


@pytest.fixture
def old(finished: Run) -> Run:
    """The run's first size is not offered any more; its ad was made."""
    finished.spec = forgotten(finished.spec)
    finished.save()
    Creative.objects.filter(run=finished, format="meta_feed_square").update(format=GONE)
    return finished


@pytest.fixture
def ad(old: Run) -> Creative:
    return old.creatives.get(format=GONE)


@pytest.fixture
def old_brief(campaign: Campaign, run: Run) -> Brief:
    return Brief.objects.create(
        workspace=campaign.workspace, campaign=campaign, name="Old", spec=forgotten(run.spec)
    )


def test_the_run_page_names_its_ad_by_its_id(as_alice: Client, old: Run, ad: Creative) -> None:
    html = as_alice.get(reverse("studio:run", args=[old.uid])).content.decode()
    assert GONE in html and f"/ads/{ad.uid}/" in html


def test_the_ad_keeps_the_name_and_pixels_it_noted(as_alice: Client, ad: Creative) -> None:
    ad.report = {"label": "Old wall 12:5", "width": 1200, "height": 500, "byte_limit": 150_000}
    ad.save()
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    assert "Old wall 12:5" in html and "1200 × 500" in html and "146 KB" in html


def test_an_ad_that_noted_nothing_has_the_pixels_of_its_picture(as_alice: Client, ad: Creative) -> None:
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    assert f"{ad.generation.width} × {ad.generation.height}" in html


@pytest.fixture
def headers(workspace: Workspace, alice: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(workspace, alice)}"}


def test_the_zip_holds_its_file(headers: dict[str, str], old: Run, ad: Creative) -> None:
    async def download() -> bytes:
        answer: Any = await AsyncClient().get(f"/api/v1/runs/{old.uid}/export.zip", headers=headers)
        return b"".join([piece async for piece in answer])

    with zipfile.ZipFile(io.BytesIO(async_to_sync(download)())) as bundle:
        assert f"other/{ad.file_name}" in bundle.namelist()


def test_the_api_tells_of_it(headers: dict[str, str], old: Run) -> None:
    client, url = Client(headers=headers), f"/api/v1/runs/{old.uid}"
    for answer in (client.get(url), client.post(f"{url}/retry")):
        assert answer.status_code == 200
        assert GONE in [ad["format"] for ad in answer.json()["ads"]]


def test_its_brief_opens_and_says_so_at_the_sizes(as_alice: Client, old_brief: Brief) -> None:
    html = as_alice.get(old_brief.get_absolute_url()).content.decode()
    assert f"The size “{GONE}” is no longer available." in html
    assert f'value="{GONE}"' not in html and 'value="meta_story" checked' in html


def test_the_next_save_lets_it_go(as_alice: Client, old_brief: Brief) -> None:
    kept = {f"{table}_INITIAL_FORMS": "1" for table in ("products", "messages", "looks")}
    sent = form(formats=["meta_story"], action="save", **kept)
    html = as_alice.post(old_brief.get_absolute_url(), sent, follow=True).content.decode()
    assert "no longer available" not in html
    old_brief.refresh_from_db()
    assert old_brief.spec["formats"] == ["meta_story"]


def test_a_size_that_goes_while_a_form_is_open_is_refused_at_its_field(
    as_alice: Client, old_brief: Brief
) -> None:
    answer = as_alice.post(old_brief.get_absolute_url(), form(formats=[GONE]))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert (
        f"The size “{GONE}” is no longer available. Choose another one." in html and "manage.py" not in html
    )


def test_a_run_under_way_makes_the_ads_of_its_other_sizes_and_tells_which_is_missing(run: Run) -> None:
    run.spec = forgotten(run.spec)
    run.save()
    assert [ad.format for ad in plan_ads(run.brief, 0, Shape.STORY)] == ["meta_story"]
    assert list(plan_ads(run.brief, 0, Shape.SQUARE)) == []
    assert manifest(run)["failures"] == [f"The size “{GONE}” is no longer available; it has no ads."]


def test_a_brief_with_no_size_left_plans_nothing() -> None:
    spec = from_stored(brief_data(formats=[GONE]))
    assert (list(plan_pictures(spec)), spec.count_ads()) == ([], 0)


def test_a_fault_of_ours_in_the_api_is_json_too(
    headers: dict[str, str], old: Run, caplog: pytest.LogCaptureFixture
) -> None:
    Run.objects.filter(pk=old.pk).update(spec={})
    answer = Client(headers=headers).get(f"/api/v1/runs/{old.uid}")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "KeyError" not in json.dumps(answer.json()) and "KeyError" in caplog.text
