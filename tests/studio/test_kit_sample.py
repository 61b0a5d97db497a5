"""The sample ads of a brand kit: real ads, as the form stands before it is saved, for its own people alone."""

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from accounts.models import Workspace
from runs import assets
from studio import kits
from studio.models import BrandKit, Brief, Campaign
from tests.conftest import brief, make_png
from tests.studio.test_kits import kit_form
from tests.studio.test_rail import far, pictures, size

SIZES = {
    "meta_story": (335, 596),
    "meta_feed_square": (447, 447),
    "google_display_inline_rectangle": (300, 250),
    "google_display_leaderboard": (728, 90),
}


@pytest.fixture(autouse=True)
def empty() -> None:
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def kit(workspace: Workspace) -> BrandKit:
    return kits.make(workspace, "Nordlys 2026")


def look(client: Client, kit: BrandKit, **changes: Any) -> str:
    """What the kit's page is answered when something was changed."""
    answer = client.post(reverse("studio:kit_look", args=[kit.uid]), kit_form(**changes))
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_sample_is_a_picture_in_its_own_size(as_alice: Client, kit: BrandKit) -> None:
    html = as_alice.get(kit.get_absolute_url()).content.decode()
    assert {name: size(as_alice.get(url)) for name, url in pictures(html).items()} == SIZES


def test_a_logo_and_a_colour_show_before_they_are_saved(as_alice: Client, kit: BrandKit) -> None:
    plain = pictures(look(as_alice, kit))["google_display_leaderboard"]
    seen = as_alice.get(plain)
    coloured = pictures(look(as_alice, kit, accent="#ff0000"))["google_display_leaderboard"]
    assert far(as_alice.get(coloured), seen) > 0.5
    key = assets.store_logo(kit.workspace, make_png(90, 90, "#00ff00")).key
    with_logo = pictures(look(as_alice, kit, logo=key))["google_display_leaderboard"]
    assert far(as_alice.get(with_logo), seen) > 0.5
    kit.refresh_from_db()
    assert (kit.brand["accent"], kit.brand["logo"]) == ("#ffd84d", "")


def test_what_no_picture_shows_changes_none(as_alice: Client, kit: BrandKit) -> None:
    key = kit_form()["start_key"]
    before = pictures(look(as_alice, kit, start_key=key))
    after = look(as_alice, kit, start_key=key, tone="Loud.", more_banned="quiet")
    assert pictures(after) == before


def test_a_fault_is_said_and_the_samples_stay_as_the_kit_was(as_alice: Client, kit: BrandKit) -> None:
    html = look(as_alice, kit, primary="black")
    assert "Write a colour as # and six digits" in html and len(pictures(html)) == 4
    assert "errorlist" not in html


def test_the_samples_say_what_the_newest_brief_says(
    as_alice: Client, kit: BrandKit, campaign: Campaign
) -> None:
    before = pictures(look(as_alice, kit))
    spec = brief(messages=[{"headline": "Words of our own"}]).model_dump(mode="json")
    Brief.objects.create(workspace=kit.workspace, campaign=campaign, name="One", spec=spec)
    after = pictures(look(as_alice, kit))
    assert far(as_alice.get(after["meta_story"]), as_alice.get(before["meta_story"])) > 0.5


def test_a_sample_is_there_for_its_own_people_and_its_own_form(
    as_alice: Client, as_bob: Client, as_charlie: Client, kit: BrandKit
) -> None:
    url = pictures(look(as_alice, kit))["meta_story"]
    assert as_alice.get(url).status_code == 200
    assert as_charlie.get(url).status_code == 404
    assert Client().get(url).status_code == 302
    own = pictures(as_bob.get(kit.get_absolute_url()).content.decode())["meta_story"]
    assert as_bob.get(own).status_code == 200
