"""Taking ads out of the studio: all, those that were ticked, a campaign, a contact sheet; and what files are called."""

import io
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from django.urls import reverse
from PIL import Image

from accounts.models import User, Workspace
from runs import lifecycle
from runs.choosing import decide
from runs.models import Delivery, Run, Verdict
from studio.models import Brief, Campaign
from tests.conftest import brief, finish


async def _download(user: User, url: str, data: dict[str, Any] | None) -> tuple[Any, bytes]:
    client = AsyncClient()
    await client.aforce_login(user)
    answer: Any = await (client.get(url) if data is None else client.post(url, data))
    return answer, b"".join([piece async for piece in answer])


def names(user: User, url: str, data: dict[str, Any] | None = None) -> list[str]:
    """The ads in the ZIP that comes."""
    _, content = async_to_sync(_download)(user, url, data)
    return [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "meta_" in name]


@pytest.fixture
def campaign(finished: Run, alice: User) -> Campaign:
    """With one brief, from which the finished run was started."""
    place = finished.workspace
    campaign = Campaign.objects.create(workspace=place, name="Spring / Summer", created_by=alice)
    spec = brief().model_dump(mode="json")
    written = Brief.objects.create(workspace=place, campaign=campaign, name="One", spec=spec)
    Run.objects.filter(pk=finished.pk).update(origin=written.uid)
    return campaign


def zip_of(run: Run) -> str:
    return reverse("studio:run_zip", args=[run.uid])


def test_only_the_ticked_ads_come(alice: User, finished: Run) -> None:
    ad = finished.creatives.get(format="meta_story")
    assert names(alice, zip_of(finished), {"ad": [str(ad.uid), "no id"]}) == [f"Meta/{ad.file_name}"]


def test_a_viewer_takes_ads_out_too(bob: User, finished: Run) -> None:
    assert len(names(bob, zip_of(finished))) == 2


def test_who_ticked_nothing_is_told(as_alice: Client, finished: Run) -> None:
    answer = as_alice.post(zip_of(finished), follow=True)
    assert "Choose the ads you want first." in answer.content.decode()


def test_every_ready_ad_on_the_run_s_page_can_be_ticked(as_alice: Client, finished: Run) -> None:
    html = as_alice.get(reverse("studio:run", args=[finished.uid])).content.decode()
    for ad in finished.creatives.all():
        assert f'name="ad" value="{ad.uid}" form="chosen"' in html
    assert 'id="chosen"' in html


def test_of_a_campaign_the_approved_come_alone(as_alice: Client, alice: User, campaign: Campaign) -> None:
    page = reverse("studio:campaign", args=[campaign.uid])
    assert "approved=1" not in as_alice.get(page).content.decode()
    ad = Run.objects.get().creatives.get(format="meta_story")
    decide(ad, Verdict.APPROVED, by=alice)
    assert "Export 1 approved" in as_alice.get(page).content.decode()
    url = reverse("studio:campaign_zip", args=[campaign.uid])
    assert names(alice, f"{url}?approved=1") == [f"Meta/{ad.file_name}"]


def test_a_campaign_comes_as_one_file(as_alice: Client, alice: User, campaign: Campaign) -> None:
    url = reverse("studio:campaign_zip", args=[campaign.uid])
    answer: Any = as_alice.get(url)
    assert 'filename="spring-summer.zip"' in answer.headers["Content-Disposition"]
    answer._resource_closers[-1]()
    assert len(names(alice, url)) == 2
    assert url in as_alice.get(campaign.get_absolute_url()).content.decode()


def test_files_may_carry_the_campaign_s_name(alice: User, finished: Run, campaign: Campaign) -> None:
    Delivery.objects.create(workspace=finished.workspace, file_names="{campaign}_{format}")
    finished.refresh_from_db()
    assert "Meta/Spring_-_Summer_meta_story.png" in names(alice, zip_of(finished))


def test_the_contact_sheet_is_a_picture(as_alice: Client, finished: Run) -> None:
    answer = as_alice.get(reverse("studio:run_sheet", args=[finished.uid]))
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"


def test_a_run_without_ads_has_no_contact_sheet(as_alice: Client, run: Run) -> None:
    assert as_alice.get(reverse("studio:run_sheet", args=[run.uid])).status_code == 404


@pytest.fixture
def page(workspace: Workspace) -> str:
    return reverse("studio:workspace_files", args=[workspace.uid])


def test_a_template_is_kept_and_shown_by_example(as_alice: Client, page: str) -> None:
    html = as_alice.post(page, {"file_names": "{campaign}_{n}"}, follow=True).content.decode()
    assert Delivery.objects.get().file_names == "{campaign}_{n}"
    assert "Meta/Spring_007.jpg" in html


def test_an_empty_template_brings_the_usual_names_back(
    as_alice: Client, page: str, workspace: Workspace
) -> None:
    Delivery.objects.create(workspace=workspace, file_names="{n}")
    as_alice.post(page, {"file_names": ""})
    assert Delivery.objects.get().file_names == ""


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("../{n}", "A file name cannot have /"),
        ("{price}", "There is no {price}."),
        ("{n", "There is a single brace."),
    ],
)
def test_a_bad_template_is_refused_in_words(as_alice: Client, page: str, template: str, words: str) -> None:
    answer = as_alice.post(page, {"file_names": template})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file_names"][0].startswith(words)
    assert Delivery.objects.count() == 0


def test_a_contact_sheet_of_several_pages_says_that_it_is_a_zip(
    as_alice: Client, finished: Run, workspace: Workspace, alice: User
) -> None:
    def page(run: Run) -> str:
        return as_alice.get(reverse("studio:run", args=[run.uid])).content.decode()

    assert "Contact sheet<" in page(finished)
    messages = [{"headline": f"Headline {number}"} for number in range(11)]
    many = finish(lifecycle.start(workspace, alice, brief(messages=messages)))
    assert "Contact sheets (ZIP)<" in page(many) and 'id="which-size"' in page(many)
