"""Uploads that nothing names go after a while; those that a brief, a run or an ad names stay."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User, Workspace
from runs import assets, lifecycle, recompose
from runs.models import Asset, Removal, Run
from runs.recompose import Change
from runs.unused import UNUSED, UnusedUpload, remove, unused
from studio.models import BrandKit, Brief, Campaign
from tests.conftest import brief, brief_data, make_png

pytestmark = pytest.mark.django_db(transaction=True)


def upload(workspace: Workspace, kind: str = assets.LOGO) -> Asset:
    """One that lay about for long enough."""
    asset = assets.store(workspace, kind, make_png(40, 20))
    Asset.objects.update(created_at=timezone.now() - UNUSED - timedelta(hours=1))
    return asset


def found() -> list[UnusedUpload]:
    return list(unused(timezone.now()))


def test_what_nothing_names_goes_with_its_file(workspace: Workspace) -> None:
    asset = upload(workspace)
    out = StringIO()
    call_command("prune", stdout=out)
    assert (
        "(logo nobody uses)" in out.getvalue()
        and "1 unused uploads and 0 deleted records removed" in out.getvalue()
    )
    assert not Asset.objects.exists() and not default_storage.exists(asset.key)


def test_a_dry_run_only_tells(workspace: Workspace) -> None:
    asset = upload(workspace)
    out = StringIO()
    call_command("prune", "--dry-run", stdout=out)
    assert "1 unused uploads and 0 deleted records would be removed" in out.getvalue()
    assert default_storage.exists(asset.key)


def test_a_new_upload_is_left_alone(workspace: Workspace) -> None:
    upload(workspace)
    Asset.objects.update(created_at=timezone.now() - UNUSED + timedelta(hours=1))
    assert found() == []


def test_what_a_run_names_stays(workspace: Workspace, alice: User) -> None:
    logo, can = upload(workspace), upload(workspace, assets.CUTOUT)
    products = [{"name": "Can", "cutout": can.key}]
    lifecycle.start(workspace, alice, brief(brand={"logo": logo.key}, products=products))
    assert found() == []


def test_what_a_brief_names_stays_until_the_brief_is_gone(workspace: Workspace, alice: User) -> None:
    asset = upload(workspace)
    campaign = Campaign.objects.create(workspace=workspace, name="Summer", created_by=alice)
    spec = brief_data(brand={"logo": asset.key})
    kept = Brief.objects.create(workspace=workspace, campaign=campaign, name="Cold brew", spec=spec)
    assert found() == []
    kept.delete()
    assert [upload.key for upload in found()] == [asset.key]


def test_what_a_changed_ad_names_stays(finished: Run, workspace: Workspace) -> None:
    asset = upload(workspace)
    ad = finished.creatives.all()[:1]
    recompose.order(ad, Change(brand=recompose.brand_from({"logo": asset.key})), actor="alice")
    assert found() == []


def test_what_is_named_after_the_plan_stays(workspace: Workspace, alice: User) -> None:
    asset = upload(workspace)
    [planned] = found()
    lifecycle.start(workspace, alice, brief(brand={"logo": asset.key}))
    assert remove(planned) == "Something uses it by now."
    assert default_storage.exists(asset.key)


def test_what_a_changed_ad_names_after_the_plan_stays(finished: Run, workspace: Workspace) -> None:
    asset = upload(workspace)
    [planned] = found()
    ad = finished.creatives.all()[:1]
    recompose.order(ad, Change(brand=recompose.brand_from({"logo": asset.key})), actor="alice")
    assert remove(planned) == "Something uses it by now."


def test_what_another_workspace_names_does_not_keep_it(workspace: Workspace, charlie: User) -> None:
    asset = upload(workspace)
    elsewhere = charlie.memberships.get().workspace
    lifecycle.start(elsewhere, charlie, brief(brand={"logo": asset.key}))
    assert [upload.key for upload in found()] == [asset.key]


def test_the_row_goes_first_and_what_the_storage_keeps_is_noted(workspace: Workspace) -> None:
    asset = upload(workspace)
    file = Path(settings.MEDIA_ROOT) / asset.key
    file.unlink()
    (file / "in-the-way").mkdir(parents=True)
    [planned] = found()
    with pytest.raises(OSError, match="not empty"):
        remove(planned)
    assert not Asset.objects.exists() and Removal.objects.get().keys == [asset.key]


@pytest.mark.skipif(settings.POSTGRES, reason="SQLite limits the parameters of a statement")
def test_more_uploads_are_named_than_a_statement_takes(workspace: Workspace) -> None:
    named, stray = [upload(workspace) for _ in range(20)], upload(workspace)
    BrandKit.objects.bulk_create(
        BrandKit(workspace=workspace, name="Nordlys", brand={"logo": asset.key}) for asset in named
    )
    before = connection.connection.setlimit(SQLITE_LIMIT_VARIABLE_NUMBER, 10)
    try:
        assert [upload.key for upload in found()] == [stray.key]
    finally:
        connection.connection.setlimit(SQLITE_LIMIT_VARIABLE_NUMBER, before)
