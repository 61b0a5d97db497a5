"""A brief as those see it who may only look, and a page whose reader was signed out in another tab."""

import pytest
from django.test import Client

from accounts.models import Workspace
from runs.brief import from_data
from runs.models import Run
from studio.models import Brief, Campaign
from tests.conftest import brief_data

HTMX = {"HX-Request": "true"}


@pytest.fixture
def written(workspace: Workspace) -> Brief:
    campaign = Campaign.objects.create(workspace=workspace, name="Summer")
    german = {"de": {"headline": "Langsam gebraut."}}
    messages = [{"headline": "Slow brewed.", "button": "Try it", "translations": german}]
    spec = from_data(brief_data(messages=messages, languages=["en", "de"])).model_dump(mode="json")
    return Brief.objects.create(workspace=workspace, campaign=campaign, name="Cold brew", spec=spec)


def test_bob_reads_what_it_says(as_bob: Client, written: Brief) -> None:
    html = as_bob.get(written.get_absolute_url()).content.decode()
    assert "Slow brewed." in html and "Langsam gebraut." in html and "German" in html
    assert "Meta" in html and 'id="brief"' not in html and "Save" not in html


def test_bob_cannot_send_it(as_bob: Client, written: Brief) -> None:
    assert as_bob.post(written.get_absolute_url(), {"action": "save"}).status_code == 403


def test_it_leads_to_its_latest_run(as_bob: Client, written: Brief, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(origin=written.uid)
    assert f"/runs/{run.uid}/" in as_bob.get(written.get_absolute_url()).content.decode()


def test_alice_writes_in_it(as_alice: Client, written: Brief) -> None:
    assert 'id="brief"' in as_alice.get(written.get_absolute_url()).content.decode()


def test_a_part_of_a_page_is_no_sign_in_page(client: Client, written: Brief) -> None:
    url = f"/campaigns/{written.campaign.uid}/briefs/estimate/"
    answer = client.post(url, headers=HTMX)
    assert (answer.status_code, answer.content) == (401, b"")
    assert client.post(url).status_code == 302
