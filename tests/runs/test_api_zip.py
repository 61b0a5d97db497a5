"""The ZIP of a run by API: sent in pieces, with every ad under its name and a word on those that are not in it."""

import io
import json
import zipfile
from inspect import getgeneratorstate
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient

from accounts.models import User, Workspace
from runs import downloads, storage
from runs.models import Creative, Run
from runs.states import AdState
from tests.conftest import finish, make_server, make_token

BESIDE = {"contact-sheet/page-001.png", "manifest.json", "manifest.csv", "copy.csv"}


async def download(secret: str, run: Run) -> tuple[Any, zipfile.ZipFile]:
    """The ZIP as the web server sends it: in pieces."""
    headers = {"Authorization": f"Bearer {secret}"}
    answer: Any = await AsyncClient().get(f"/api/v1/runs/{run.uid}/export.zip", headers=headers)
    data = b"".join([piece async for piece in answer])
    return answer, zipfile.ZipFile(io.BytesIO(data))


@pytest.fixture
def secret(workspace: Workspace, alice: User) -> str:
    return make_token(workspace, alice)


def test_the_zip_holds_every_ad_under_its_name_and_a_manifest(secret: str, finished: Run) -> None:
    answer, bundle = async_to_sync(download)(secret, finished)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cold-brew.zip"'
    ads = {f"Meta/{ad.file_name}": storage.get(ad.key) for ad in Creative.objects.all()}
    assert len(ads) == 2
    assert set(bundle.namelist()) == {*ads, *BESIDE}
    assert {name: bundle.read(name) for name in ads} == ads
    assert json.loads(bundle.read("manifest.json"))["ads_total"] == 2


def test_sample_ads_are_called_so_in_the_zip(secret: str, run: Run) -> None:
    finish(run, make_server("Simulator", simulated=True))
    answer, bundle = async_to_sync(download)(secret, run)
    assert 'filename="SAMPLE_cold-brew.zip"' in answer.headers["Content-Disposition"]
    assert all(name.startswith("Meta/SAMPLE_") for name in bundle.namelist() if name not in BESIDE)


@pytest.mark.parametrize("state", [AdState.FAILED, AdState.DOES_NOT_FIT])
def test_an_ad_that_is_not_ready_is_not_in_the_zip_but_told(
    secret: str, finished: Run, state: AdState
) -> None:
    left_out = Creative.objects.all()[0]
    Creative.objects.filter(pk=left_out.pk).update(state=state, words="Over its byte limit.")
    _, bundle = async_to_sync(download)(secret, finished)
    assert f"Meta/{left_out.file_name}" not in bundle.namelist()
    assert len(set(bundle.namelist()) - BESIDE) == 1
    told = {ad["file"]: ad for ad in json.loads(bundle.read("manifest.json"))["ads"]}
    assert told[f"Meta/{left_out.file_name}"]["words"] == "Over its byte limit."
    assert "key" not in told[f"Meta/{left_out.file_name}"]


def test_one_file_that_is_gone_does_not_cost_the_others(secret: str, finished: Run) -> None:
    gone = Creative.objects.all()[0]
    storage.delete([gone.key])
    _, bundle = async_to_sync(download)(secret, finished)
    assert f"Meta/{gone.file_name}" not in bundle.namelist()
    assert len(set(bundle.namelist()) - BESIDE) == 1
    told = {ad["file"]: ad["state"] for ad in json.loads(bundle.read("manifest.json"))["ads"]}
    assert told[f"Meta/{gone.file_name}"] == "missing"


def test_the_zip_of_a_run_without_ads_holds_its_tables_alone(secret: str, run: Run) -> None:
    _, bundle = async_to_sync(download)(secret, run)
    assert bundle.namelist() == ["manifest.json", "manifest.csv"]


async def read_one_piece(secret: str, run: Run) -> list[str]:
    """The states of the ZIP's maker around the moment in which whoever downloads goes away."""
    headers = {"Authorization": f"Bearer {secret}"}
    answer: Any = await AsyncClient().get(f"/api/v1/runs/{run.uid}/export.zip", headers=headers)
    owners = [getattr(closer, "__self__", None) for closer in answer._resource_closers]
    (maker,) = [owner._pieces for owner in owners if isinstance(owner, downloads._Pieces)]
    reader = aiter(answer.streaming_content)
    assert await anext(reader)
    states = [getgeneratorstate(maker)]
    await sync_to_async(answer.close)()
    return [*states, getgeneratorstate(maker)]


def test_a_zip_that_nobody_reads_to_its_end_leaves_nothing_open(secret: str, finished: Run) -> None:
    assert async_to_sync(read_one_piece)(secret, finished) == ["GEN_SUSPENDED", "GEN_CLOSED"]
