"""An address that is only sent to, opened all the same: from the history, a bookmark, or with a reload."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.models import User, Workspace
from runs.brief import from_data
from runs.models import Run
from studio.models import Brief, Campaign
from tests.conftest import brief_data


def only_sent_to() -> list[URLPattern]:
    patterns = get_resolver("studio.urls").url_patterns
    return [one for one in patterns if isinstance(one, URLPattern) and hasattr(one.callback, "only_posted")]


def test_there_are_such_addresses() -> None:
    assert len(only_sent_to()) > 20


@pytest.mark.parametrize("pattern", only_sent_to(), ids=lambda pattern: str(pattern.name))
def test_whoever_opens_one_is_led_to_a_page_above_it(as_alice: Client, pattern: URLPattern) -> None:
    kinds = {"UUIDConverter": uuid4(), "IntConverter": 1, "SlugConverter": "x"}
    path = "/" + str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__
        prefix = kind.removesuffix("Converter").lower()
        path = path.replace(f"<{prefix}:{name}>", str(kinds[kind]))
    answer = as_alice.get(path)
    assert answer.status_code == 302
    above = answer.headers["Location"]
    assert path.startswith(above) and above.endswith("/")


def test_a_run_is_where_its_buttons_lead(as_alice: Client, run: Run) -> None:
    assert as_alice.get(f"/runs/{run.uid}/stop/").headers["Location"] == f"/runs/{run.uid}/"


def test_a_table_leads_back_to_its_brief(as_alice: Client, workspace: Workspace, alice: User) -> None:
    campaign = Campaign.objects.create(workspace=workspace, name="Summer", created_by=alice)
    spec = from_data(brief_data()).model_dump(mode="json")
    brief = Brief.objects.create(workspace=workspace, campaign=campaign, name="Cold brew", spec=spec)
    path = f"/campaigns/{brief.campaign.uid}/briefs/table/add/?brief={brief.uid}"
    assert as_alice.get(path).headers["Location"] == brief.get_absolute_url()


def test_whoever_is_signed_out_is_asked_to_sign_in_first(client: Client, run: Run) -> None:
    assert "/accounts/login/" in client.get(f"/runs/{run.uid}/stop/").headers["Location"]


def test_other_methods_are_refused(as_alice: Client, run: Run) -> None:
    assert as_alice.delete(f"/runs/{run.uid}/stop/").status_code == 405
