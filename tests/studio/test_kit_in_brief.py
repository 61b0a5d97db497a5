"""A brief chooses a brand kit: its values go into the brief and its run, its words are refused, its looks put in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Workspace
from runs import recompose
from runs.brief import BrandSpec
from runs.errors import BriefRefused
from runs.models import Run
from studio import kits
from studio.models import BrandKit, Brief, Campaign
from tests.conftest import brief, finish
from tests.studio.posting import ROW, form
from tests.studio.test_brief_form import words_at

TOLD = ["“Cheap” is a banned word for this brand. Use another."]


@pytest.fixture
def kit(workspace: Workspace) -> BrandKit:
    spec = BrandSpec(name="Nordlys", primary="#2a1a2e", accent="#00ff00", banned=("Cheap", "billig"))
    kit = kits.make(workspace, "Nordlys 2026", spec)
    kit.tone = "Calm and dry."
    kit.looks = [{"name": "Dusk", "words": "on wet slate", "palette": ["#5b2f3f", "#f0b27a"]}]
    kit.save()
    return kit


@pytest.fixture
def page(campaign: Campaign) -> str:
    return reverse("studio:brief_new", args=[campaign.uid])


def again(client: Client, **changes: Any) -> Any:
    """Save the only brief once more, as its own page sends it."""
    known = {f"{table}_INITIAL_FORMS": "1" for table in ROW}
    return client.post(Brief.objects.get().get_absolute_url(), form(action="save", **known, **changes))


def test_a_new_brief_begins_with_the_workspaces_kit(as_alice: Client, page: str, kit: BrandKit) -> None:
    kits.make(kit.workspace, "Another")
    html = as_alice.get(page).content.decode()
    assert f'<option value="{kit.uid}" selected>Nordlys 2026</option>' in html
    assert f'href="/brand-kits/{kit.uid}/">Edit brand kit' in html and "Calm and dry." in html


def test_the_kits_values_are_frozen_into_brief_and_run(as_alice: Client, page: str, kit: BrandKit) -> None:
    as_alice.post(page, form(kit=str(kit.uid)))
    run, kept = Run.objects.get(), Brief.objects.get()
    assert (run.brief.brand, kept.kit) == (kit.spec, kit)
    kit.brand |= {"accent": "#0000ff"}
    kit.save()
    run.refresh_from_db()
    assert run.brief.brand.accent == "#00ff00"
    again(as_alice, kit=str(kit.uid))
    assert Brief.objects.get().spec["brand"]["accent"] == "#0000ff"


def test_a_brief_of_before_keeps_the_brand_it_has_of_its_own(
    as_alice: Client, campaign: Campaign, kit: BrandKit
) -> None:
    spec = brief(brand={"name": "Old", "accent": "#123456"}).model_dump(mode="json")
    kept = Brief.objects.create(workspace=kit.workspace, campaign=campaign, name="One", spec=spec)
    html = as_alice.get(kept.get_absolute_url()).content.decode()
    assert '<option value="" selected>As saved with this brief</option>' in html
    again(as_alice, kit="")
    assert Brief.objects.get().spec["brand"] == spec["brand"]
    again(as_alice, kit=str(kit.uid))
    assert Brief.objects.get().spec["brand"]["accent"] == "#00ff00"


def test_a_brief_needs_no_kit(as_alice: Client, page: str) -> None:
    assert "None: plain text, no logo" in as_alice.get(page).content.decode()
    as_alice.post(page, form(kit=""))
    assert Run.objects.get().brief.brand == BrandSpec()


def test_a_kit_of_another_workspace_cannot_be_chosen(as_alice: Client, page: str, charlie: Any) -> None:
    theirs = kits.make(charlie.workspaces.get(), "Theirs")
    answer = as_alice.post(page, form(kit=str(theirs.uid)))
    assert words_at(answer, "kit") == ["This brand kit no longer exists. Choose another one."]
    assert not Brief.objects.exists()


def test_an_archived_kit_stays_with_its_brief_and_is_offered_to_no_other(
    as_alice: Client, page: str, kit: BrandKit
) -> None:
    as_alice.post(page, form(kit=str(kit.uid), action="save"))
    kits.archive(kit)
    assert again(as_alice, kit=str(kit.uid)).status_code == 302
    assert str(kit.uid) not in as_alice.get(page).content.decode()


# --- words ------------------------------------------------------------------------------------------------------

GERMAN = {"languages": "en de", "messages_0_de_headline": "Langsam"}


@pytest.mark.parametrize(
    ("changes", "place", "told"),
    [
        ({"products_0_name": "The cheap can"}, "products.0.name", TOLD),
        ({"messages_0_headline": "CHEAP. Fast."}, "messages.0.headline", TOLD),
        ({"messages_0_legal": "chéap"}, "messages.0.legal", TOLD),
        ({"messages_0_post_meta_headline": "So cheap"}, "messages.0.post_meta_headline", TOLD),
        (
            {**GERMAN, "messages_0_de_line": "Billig!"},
            "messages.0.de_line",
            ["“billig” is a banned word for this brand. Use another."],
        ),
        ({**GERMAN, "messages_0_de_post_x_post": "cheap"}, "messages.0.de_post_x_post", TOLD),
    ],
)
def test_a_banned_word_is_told_at_its_field_and_nothing_is_started(
    as_alice: Client, page: str, kit: BrandKit, changes: dict[str, str], place: str, told: list[str]
) -> None:
    answer = as_alice.post(page, form(kit=str(kit.uid), **changes))
    assert (answer.status_code, words_at(answer, place)) == (422, told)
    assert answer.content.decode().count('alt="Preview of') == 2  # it can still be looked at
    assert (Run.objects.count(), Brief.objects.count()) == (0, 0)


def test_a_word_that_only_contains_it_is_fine(as_alice: Client, page: str, kit: BrandKit) -> None:
    assert as_alice.post(page, form(kit=str(kit.uid), messages_0_line="Never cheapest.")).status_code == 302


def test_it_is_said_at_the_field_while_somebody_types(
    as_alice: Client, campaign: Campaign, kit: BrandKit
) -> None:
    address = reverse("studio:brief_estimate", args=[campaign.uid])
    html = as_alice.post(address, form(kit=str(kit.uid), messages_0_line="Cheap.")).content.decode()
    at = html.index('id="id_messages-0-line_fit"')
    assert TOLD[0] in html[at : html.index("</div>", at)]
    assert html.count('alt="Preview of') == 2


def test_a_word_that_was_banned_since_is_refused_on_finished_ads(
    as_alice: Client, page: str, kit: BrandKit
) -> None:
    as_alice.post(page, form(kit=str(kit.uid)))
    kit.brand |= {"banned": ["slow"]}
    kit.save()
    ad = finish(Run.objects.get()).creatives.first()
    assert ad is not None
    with pytest.raises(BriefRefused, match="“slow” is a banned word"):
        recompose.order([ad], recompose.Change(copy=recompose.copy_from({"headline": "Slow"})), actor="a")
    answer = as_alice.post(
        reverse("studio:ad_change", args=[ad.uid, "copy"]),
        {"headline": "Now cheap", "language": "en", "price": ""},
    )
    assert answer.context["forms"]["copy"].errors["headline"] == TOLD
    assert recompose.history(ad) == [ad]


# --- looks ------------------------------------------------------------------------------------------------------


def test_a_press_puts_a_look_of_the_kit_into_the_brief(as_alice: Client, page: str, kit: BrandKit) -> None:
    html = as_alice.get(page).content.decode()
    assert 'name="add_look" value="0"' in html and 'data-look="Dusk"' in html
    answer = as_alice.post(page, form(kit=str(kit.uid), add_look="0"))
    rows = [(row["name"].value(), row["palette"].value()) for row in answer.context["looks"].forms]
    assert rows == [("Warm podium", "#f6c9a8 #e8825b"), ("Dusk", "#5b2f3f #f0b27a")]
    assert (answer.status_code, Brief.objects.count(), 'id="faults"' in answer.content.decode()) == (
        200,
        0,
        False,
    )
    assert as_alice.post(page, form(kit=str(kit.uid), add_look="7")).context["looks"].total_form_count() == 1


def test_another_kit_brings_its_own_looks_and_tone(
    as_alice: Client, campaign: Campaign, kit: BrandKit
) -> None:
    other = kits.make(kit.workspace, "Other")
    address = reverse("studio:brief_estimate", args=[campaign.uid])
    mine, theirs = (as_alice.post(address, form(kit=str(each.uid))).content.decode() for each in (kit, other))
    assert 'data-look="Dusk"' in mine and "Calm and dry." in mine
    assert 'data-look="Dusk"' not in theirs and f"/brand-kits/{other.uid}/" in theirs
