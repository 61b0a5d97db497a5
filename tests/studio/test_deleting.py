"""What people delete is gone at once, can be had back for 30 days, and goes for good after that."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Audit, User, Workspace
from runs import lifecycle, shelf, signals, unused
from runs.models import Asset, Run
from runs.states import RunStatus
from studio import deleting, kits
from studio.deleting import KINDS
from studio.models import BrandKit, Brief, Campaign
from tests.conftest import brief, finish
from tests.studio import posting

DELETE = {"campaign": "campaign_delete", "brief": "brief_delete", "kit": "kit_delete"}


@pytest.fixture
def written(campaign: Campaign) -> Brief:
    spec = brief().model_dump(mode="json")
    return Brief.objects.create(workspace=campaign.workspace, campaign=campaign, name="One", spec=spec)


@pytest.fixture
def things(campaign: Campaign, written: Brief) -> dict[str, Any]:
    return {"campaign": campaign, "brief": written, "kit": kits.make(campaign.workspace, "Nordlys 2026")}


def delete(client: Client, row: Any) -> Any:
    kind = deleting.kind_of(row).name
    return client.post(reverse(f"studio:{DELETE[kind]}", args=[row.uid]), follow=True)


def back(row: Any) -> str:
    return reverse("studio:bring_back", args=[row.uid, deleting.kind_of(row).name])


def aged(row: Any, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    type(row).everything.filter(pk=row.pk).update(deleted_at=then)


@pytest.mark.parametrize("kind", DELETE)
def test_what_is_deleted_is_gone_and_can_be_had_back(
    as_alice: Client, things: dict[str, Any], kind: str
) -> None:
    row = things[kind]
    answer = delete(as_alice, row)
    html = answer.content.decode()
    assert answer.status_code == 200 and f"“{row.name}” deleted." in html
    assert f'<form method="post" action="{back(row)}">' in html and "Undo" in html
    assert as_alice.get(row.get_absolute_url()).status_code == 404
    assert row.get_absolute_url() not in answer.content.decode()
    assert row.name in as_alice.get("/deleted/").content.decode()
    assert as_alice.post(back(row)).headers["Location"] == row.get_absolute_url()
    assert as_alice.get(row.get_absolute_url()).status_code == 200
    assert "Nothing deleted recently" in as_alice.get("/deleted/").content.decode()
    told = list(Audit.objects.order_by("pk").values_list("action", flat=True))
    assert told == [f"{kind}.delete", f"{kind}.undelete"]


@pytest.mark.parametrize("kind", DELETE)
def test_who_has_no_script_is_asked_first(as_alice: Client, things: dict[str, Any], kind: str) -> None:
    html = as_alice.get(reverse(f"studio:{DELETE[kind]}", args=[things[kind].uid])).content.decode()
    assert (
        f"Delete “{things[kind].name}”?" in html
        and "You can restore it from “Recently deleted” for 30 days" in html
    )
    assert not KINDS[kind].model.everything.filter(deleted_at__isnull=False).exists()


def test_a_brief_goes_and_comes_with_its_campaign(
    as_alice: Client, campaign: Campaign, written: Brief
) -> None:
    delete(as_alice, campaign)
    assert as_alice.get(written.get_absolute_url()).status_code == 404
    assert as_alice.post(reverse("studio:brief_delete", args=[written.uid])).status_code == 404
    as_alice.post(back(campaign))
    assert as_alice.get(written.get_absolute_url()).status_code == 200


def test_a_brief_deleted_before_its_campaign_does_not_come_with_it(
    as_alice: Client, campaign: Campaign, written: Brief
) -> None:
    delete(as_alice, written)
    delete(as_alice, campaign)
    assert as_alice.post(back(written)).status_code == 404
    as_alice.post(back(campaign))
    assert as_alice.get(written.get_absolute_url()).status_code == 404
    assert as_alice.post(back(written)).status_code == 302


def test_nobody_has_back_what_is_older_than_thirty_days(as_alice: Client, campaign: Campaign) -> None:
    aged(campaign, 30)
    assert as_alice.post(back(campaign)).status_code == 404
    assert "Summer" not in as_alice.get("/deleted/").content.decode()


def test_only_editors_see_what_was_deleted(
    as_bob: Client, as_charlie: Client, as_alice: Client, campaign: Campaign
) -> None:
    delete(as_alice, campaign)
    assert as_bob.get("/deleted/").status_code == 403
    assert "Recently deleted" not in as_bob.get("/campaigns/").content.decode()
    assert "Summer" not in as_charlie.get("/deleted/").content.decode()
    assert Client().get("/deleted/").status_code == 302
    assert "Recently deleted" in as_alice.get("/campaigns/").content.decode()


# --- What it was used for ------------------------------------------------------------------------------------


def test_a_run_of_a_deleted_brief_goes_on_and_its_page_stays(
    as_alice: Client, alice: User, written: Brief
) -> None:
    run = lifecycle.start(written.workspace, alice, brief(), origin=written.uid)
    shelf.label(run, group=written.campaign.uid, name="Summer")
    delete(as_alice, written)
    assert finish(run).status == RunStatus.DONE
    assert as_alice.get(reverse("studio:run", args=[run.uid])).status_code == 200
    ad = run.creatives.first()
    assert ad is not None
    html = as_alice.get(reverse("studio:ad", args=[ad.uid])).content.decode()
    assert written.get_absolute_url() not in html
    assert str(ad.uid) in as_alice.get("/library/").content.decode()


def test_the_library_offers_no_deleted_campaign(as_alice: Client, campaign: Campaign, finished: Run) -> None:
    delete(as_alice, campaign)
    for query in ({}, {"campaign": str(campaign.uid)}):
        answer = as_alice.get("/library/", query)
        assert answer.status_code == 200 and "Summer" not in answer.content.decode()


def test_the_default_kit_is_it_again(as_alice: Client, workspace: Workspace) -> None:
    first, second = kits.make(workspace, "First"), kits.make(workspace, "Second")
    delete(as_alice, first)
    as_alice.post(back(first))
    first.refresh_from_db()
    assert first.is_default
    delete(as_alice, first)
    kits.make_default(second)
    as_alice.post(back(first))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)


def test_a_brief_has_the_values_of_a_deleted_kit_for_its_own(
    as_alice: Client, written: Brief, workspace: Workspace
) -> None:
    kit = kits.make(workspace, "Nordlys 2026")
    Brief.objects.filter(pk=written.pk).update(kit=kit)
    delete(as_alice, kit)
    html = as_alice.get(written.get_absolute_url()).content.decode()
    assert "Nordlys 2026" not in html and kit.get_absolute_url() not in html


def test_words_of_a_deleted_kit_stay_banned(alice: User, written: Brief, workspace: Workspace) -> None:
    kit = kits.make(workspace, "Nordlys", brief().brand.model_copy(update={"banned": ("cheap",)}))
    Brief.objects.filter(pk=written.pk).update(kit=kit)
    deleting.delete(kit, alice)
    said = signals.words_banned.send(Run, workspace=workspace.pk, origin=written.uid)
    assert ["cheap"] in [words for _, words in said]


def test_the_form_of_a_deleted_brief_sent_once_more_brings_it_back(
    as_alice: Client, campaign: Campaign
) -> None:
    url, form = reverse("studio:brief_new", args=[campaign.uid]), posting.form(action="save")
    as_alice.post(url, form)
    delete(as_alice, Brief.objects.get())
    assert as_alice.post(url, form).status_code == 302
    assert Brief.objects.count() == Brief.everything.count() == 1


# --- For good ------------------------------------------------------------------------------------------------


def prune(*options: str) -> str:
    out = StringIO()
    call_command("prune", *options, stdout=out)
    return out.getvalue()


def test_prune_ends_what_was_deleted_thirty_days_ago(things: dict[str, Any], workspace: Workspace) -> None:
    other = Campaign.objects.create(workspace=workspace, name="Winter")
    aged(things["campaign"], 30)
    aged(things["kit"], 31)
    aged(other, 29)
    told = prune("--dry-run")
    assert "campaign Summer" in told and "deleted 30 days ago, kept for 30" in told
    assert Campaign.everything.count() == 2
    assert "2 deleted records removed" in prune()
    assert [row.name for row in Campaign.everything.all()] == ["Winter"]
    assert not Brief.everything.exists() and not BrandKit.everything.exists()


def test_prune_leaves_what_somebody_had_back_meanwhile(campaign: Campaign, alice: User) -> None:
    aged(campaign, 40)
    record = next(iter(deleting.to_forget(timezone.now())))
    Campaign.everything.update(deleted_at=None)
    deleting.forget(record)
    assert Campaign.objects.exists()


def test_runs_and_ads_outlive_the_campaign(campaign: Campaign, written: Brief, finished: Run) -> None:
    Run.objects.filter(pk=finished.pk).update(origin=written.uid)
    aged(campaign, 30)
    prune()
    assert Run.objects.get().creatives.count() == 2


def test_uploads_are_kept_as_long_as_somebody_may_want_the_brief_back(
    campaign: Campaign, written: Brief, workspace: Workspace, alice: User
) -> None:
    asset = Asset.objects.create(
        workspace=workspace, kind="cutout", key="w/x/a/1.png", sha256="0" * 64, width=1, height=1, bytes=1
    )
    Asset.objects.update(created_at=timezone.now() - timedelta(days=40))
    spec = brief().model_dump(mode="json")
    spec["products"][0]["cutout"] = asset.key
    Brief.objects.filter(pk=written.pk).update(spec=spec)
    deleting.delete(campaign, alice)
    assert list(unused.unused(timezone.now())) == []
    Brief.everything.all().delete()
    assert [upload.key for upload in unused.unused(timezone.now())] == [asset.key]
