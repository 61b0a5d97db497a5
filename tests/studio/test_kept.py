"""What is typed into a brief is kept, for whoever typed it, until it is saved or thrown away."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User, Workspace
from runs.brief import from_data
from runs.models import Run
from runs.unused import UNUSED
from studio import answers
from studio.models import Brief, Campaign, KeptForm
from tests.conftest import brief_data, make_server
from tests.studio.posting import form


@pytest.fixture
def written(campaign: Campaign, workspace: Workspace) -> Brief:
    spec = from_data(brief_data()).model_dump(mode="json")
    return Brief.objects.create(workspace=workspace, campaign=campaign, name="Cold brew", spec=spec)


@pytest.fixture
def as_editor(workspace: Workspace) -> Client:
    """Somebody else who may change the workspace's briefs."""
    user = User.objects.create_user("eve@example.com")
    Membership.objects.create(workspace=workspace, user=user, role=Role.EDITOR)
    client = Client()
    client.force_login(user)
    return client


def new(campaign: Campaign) -> str:
    return reverse("studio:brief_new", args=[campaign.uid])


def type_in(client: Client, campaign: Campaign, brief: Brief | None = None, **changes: Any) -> Any:
    """As the page does while somebody types."""
    url = reverse("studio:brief_estimate", args=[campaign.uid])
    return client.post(f"{url}?brief={brief.uid}" if brief else url, form(touched="1", **changes))


def seen(brief: Brief) -> str:
    return brief.updated_at.isoformat()


def test_a_brief_that_was_begun_opens_again_as_it_was(as_alice: Client, campaign: Campaign) -> None:
    answer = type_in(as_alice, campaign, name="Half", messages_0_headline="")
    page = as_alice.get(answer.headers["HX-Replace-Url"])
    html = page.content.decode()
    assert page.context["form"]["name"].value() == "Half" and "unsaved draft from last time" in html
    assert 'id="faults"' not in html and "Write a headline." not in html.split('id="estimate"')[0]


def test_the_page_says_that_it_is_kept(as_alice: Client, campaign: Campaign) -> None:
    assert "Draft saved <time" in type_in(as_alice, campaign).content.decode()


def test_a_new_brief_offers_those_that_were_begun(as_alice: Client, campaign: Campaign) -> None:
    type_in(as_alice, campaign, name="Half")
    assert "You have an unsaved draft, “Half”." in as_alice.get(new(campaign)).content.decode()


def test_changes_of_a_brief_are_there_when_it_is_opened_again(as_alice: Client, written: Brief) -> None:
    type_in(as_alice, written.campaign, written, name="Changed")
    assert as_alice.get(written.get_absolute_url()).context["form"]["name"].value() == "Changed"
    saved = as_alice.get(f"{written.get_absolute_url()}?saved")
    assert saved.context["form"]["name"].value() == "Cold brew"


def test_nobody_else_is_given_what_somebody_typed(
    as_alice: Client, as_editor: Client, written: Brief
) -> None:
    answer = type_in(as_alice, written.campaign, name="Half")
    type_in(as_alice, written.campaign, written, name="Changed")
    assert as_editor.get(written.get_absolute_url()).context["form"]["name"].value() == "Cold brew"
    assert as_editor.get(answer.headers["HX-Replace-Url"]).context["form"]["name"].value() is None


def test_what_was_saved_is_not_given_back(as_alice: Client, campaign: Campaign) -> None:
    key = str(uuid4())
    type_in(as_alice, campaign, start_key=key)
    as_alice.post(new(campaign), form(start_key=key, action="save"))
    late = type_in(as_alice, campaign, start_key=key, name="Too late")  # was on its way meanwhile
    assert "HX-Replace-Url" not in late.headers
    page = as_alice.get(f"{new(campaign)}?form={key}")
    assert page.status_code == 302 and page.headers["Location"] == Brief.objects.get().get_absolute_url()
    assert as_alice.get(page.headers["Location"]).context["left"] is None


def test_what_is_refused_is_still_kept(as_alice: Client, campaign: Campaign) -> None:
    key = str(uuid4())
    type_in(as_alice, campaign, start_key=key, messages_0_headline="")
    assert as_alice.post(new(campaign), form(start_key=key, messages_0_headline="")).status_code == 422
    assert KeptForm.objects.filter(done=False).exists()


def test_what_is_thrown_away_is_gone(as_alice: Client, written: Brief) -> None:
    key = str(uuid4())
    type_in(as_alice, written.campaign, written, start_key=key, name="Changed")
    url = reverse("studio:brief_form_drop", args=[written.campaign.uid, key])
    assert as_alice.post(url, {"brief": str(written.uid)}).headers["Location"] == written.get_absolute_url()
    assert as_alice.get(written.get_absolute_url()).context["form"]["name"].value() == "Cold brew"


def test_a_brief_that_somebody_saved_meanwhile_is_not_overwritten_unasked(
    as_alice: Client, written: Brief
) -> None:
    opened = seen(written)
    Brief.objects.update(name="By somebody else", updated_at=timezone.now())
    sent = form(name="Mine", action="save", seen=opened)
    answer = as_alice.post(written.get_absolute_url(), sent)
    html = answer.content.decode()
    assert answer.status_code == 422 and "This brief was saved elsewhere after you opened it." in html
    assert "Overwrite with mine" in html and answer.context["form"]["name"].value() == "Mine"
    written.refresh_from_db()
    assert written.name == "By somebody else"
    assert as_alice.post(written.get_absolute_url(), sent | {"over": "yes"}).status_code == 302
    written.refresh_from_db()
    assert written.name == "Mine"


def test_saving_twice_from_one_page_is_no_conflict(as_alice: Client, written: Brief) -> None:
    for name in ("First", "Second"):
        opened = as_alice.get(written.get_absolute_url()).context["form"]["seen"].value()
        sent = form(name=name, action="save", seen=opened)
        assert as_alice.post(written.get_absolute_url(), sent).status_code == 302
        written.refresh_from_db()


def test_pictures_in_a_form_that_is_kept_are_not_tidied_away(
    as_alice: Client, campaign: Campaign, workspace: Workspace
) -> None:
    type_in(as_alice, campaign, products_0_cutout="a/used", products_0_proposed="a/proposed")
    assert answers._of_forms(workspace.pk) == {"a/used", "a/proposed"}


def test_what_nobody_comes_back_for_is_forgotten(as_alice: Client, campaign: Campaign) -> None:
    type_in(as_alice, campaign)
    call_command("prune")
    assert KeptForm.objects.count() == 1
    KeptForm.objects.update(kept_at=timezone.now() - UNUSED)
    call_command("prune")
    assert KeptForm.objects.count() == 0


def test_a_form_larger_than_any_brief_is_not_kept(as_alice: Client, campaign: Campaign) -> None:
    type_in(as_alice, campaign, audience="x" * 1_000_001)
    assert not KeptForm.objects.exists()


def test_a_new_brief_can_begin_as_one_from_before(as_alice: Client, written: Brief) -> None:
    listed = as_alice.get(reverse("studio:brief_past", args=[written.campaign.uid]), {"q": "cold"})
    address = f"{new(written.campaign)}?past={written.uid}"
    assert address in listed.content.decode()
    page = as_alice.get(address)
    assert page.context["form"]["name"].value() == "Cold brew (copy)"
    sent = form(past=page.context["form"]["past"].value(), name="Cold brew (copy)", action="save")
    assert as_alice.post(new(written.campaign), sent).status_code == 302
    written.refresh_from_db()
    assert Brief.objects.count() == 2 and written.name == "Cold brew"


def test_no_brief_of_another_workspace_is_offered_or_copied(
    as_charlie: Client, charlie: User, written: Brief
) -> None:
    theirs = charlie.memberships.get().workspace
    campaign = Campaign.objects.create(workspace=theirs, name="Theirs")
    listed = as_charlie.get(reverse("studio:brief_past", args=[campaign.uid])).content.decode()
    assert "Cold brew" not in listed
    page = as_charlie.get(f"{new(campaign)}?past={written.uid}")
    assert page.context["form"]["name"].value() is None


def test_the_sentence_foretells_the_time_from_what_pictures_took(
    as_alice: Client, campaign: Campaign, finished: Run
) -> None:
    finished.generations.update(
        rendered_at=timezone.now(), rendering_at=timezone.now() - timedelta(seconds=45)
    )
    html = type_in(as_alice, campaign, formats=["meta_feed_square", "meta_story"]).content.decode()
    assert "from 2 pictures, about 2 min" in html


def test_a_page_that_only_looks_keeps_nothing(as_alice: Client, written: Brief) -> None:
    url = reverse("studio:brief_estimate", args=[written.campaign.uid])
    assert as_alice.post(f"{url}?brief={written.uid}", form()).status_code == 200
    assert not KeptForm.objects.exists()


def test_what_was_typed_before_somebody_else_saved_is_offered_not_shown(
    as_alice: Client, written: Brief
) -> None:
    type_in(as_alice, written.campaign, written, name="An hour of typing")
    Brief.objects.update(name="By somebody else", updated_at=timezone.now())
    page = as_alice.get(written.get_absolute_url())
    (offered,) = page.context["begun"]
    assert page.context["left"] is None and page.context["form"]["name"].value() == "Cold brew"
    again = as_alice.get(offered.get_absolute_url())
    assert again.context["form"]["name"].value() == "An hour of typing"


def test_a_save_in_one_window_loses_nothing_of_another(as_alice: Client, written: Brief) -> None:
    type_in(as_alice, written.campaign, written, name="In the first window")
    sent = form(name="In the second", action="save", seen=seen(written))
    assert as_alice.post(written.get_absolute_url(), sent).status_code == 302
    assert [kept.name for kept in as_alice.get(written.get_absolute_url()).context["begun"]] == [
        "In the first window"
    ]


def test_the_same_form_sent_twice_stands_in_nobodys_way(as_alice: Client, written: Brief) -> None:
    make_server()
    sent = form(name="Mine", seen=seen(written))
    answers = [as_alice.post(written.get_absolute_url(), sent) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"] and Run.objects.count() == 1


def test_a_form_of_a_new_brief_sent_once_more_does_not_undo_a_colleague(
    as_alice: Client, campaign: Campaign
) -> None:
    sent = form(name="Mine", action="save")
    as_alice.post(new(campaign), sent)
    Brief.objects.update(name="By somebody else", updated_at=timezone.now())
    answer = as_alice.post(new(campaign), sent | {"name": "Mine, once more"})
    assert answer.status_code == 422 and answer.context["overtaken"]
    assert Brief.objects.get().name == "By somebody else"
    again = as_alice.post(
        Brief.objects.get().get_absolute_url(), sent | {"seen": answer.context["form"]["seen"].value()}
    )
    assert again.status_code == 422  # still unasked
    assert f'action="{Brief.objects.get().get_absolute_url()}"' in answer.content.decode()


def test_a_row_that_was_removed_stays_removed(as_alice: Client, written: Brief) -> None:
    removed = {"messages_TOTAL_FORMS": "2", "messages_1_headline": "Removed one", "messages_1_DELETE": "on"}
    type_in(as_alice, written.campaign, written, **removed)
    html = as_alice.get(written.get_absolute_url()).content.decode()
    assert html.count('<fieldset class="msg" data-row hidden>') == 1


def test_enter_saves_and_nothing_else(as_alice: Client, written: Brief) -> None:
    html = as_alice.get(written.get_absolute_url()).content.decode()
    first = html[html.index('type="submit" form="brief"') :]
    assert first.startswith('type="submit" form="brief" name="action" value="save"')


def test_a_form_that_was_saved_says_that_it_is_not_kept_any_more(
    as_alice: Client, campaign: Campaign
) -> None:
    key = str(uuid4())
    as_alice.post(new(campaign), form(start_key=key, action="save"))
    assert "Draft not saved. Press Save." in type_in(as_alice, campaign, start_key=key).content.decode()


def test_no_zero_byte_reaches_the_database(as_alice: Client, campaign: Campaign) -> None:
    type_in(as_alice, campaign, name="a\0b")
    assert KeptForm.objects.get().name == "ab"
    assert as_alice.get(reverse("studio:brief_past", args=[campaign.uid]), {"q": "a\0"}).status_code == 200


def test_a_campaign_lists_what_is_not_saved_and_lets_go_of_it(as_alice: Client, campaign: Campaign) -> None:
    for name in ("First", "Second", ""):
        type_in(as_alice, campaign, name=name, start_key=str(uuid4()))
    here = campaign.get_absolute_url()
    html = as_alice.get(here).content.decode()
    assert html.count("Continue editing") == 3 and "You have an unsaved draft, “First”." in html
    row = KeptForm.objects.get(sent__name=["First"])
    as_alice.post(reverse("studio:brief_form_drop", args=[campaign.uid, row.key]))
    html = as_alice.get(here).content.decode()
    assert html.count("Continue editing") == 2 and "“First”" not in html


def test_of_several_unsaved_briefs_the_newest_is_shown_and_the_others_are_folded(
    as_alice: Client, campaign: Campaign
) -> None:
    for name in ("First", "Second", "Third"):
        type_in(as_alice, campaign, name=name, start_key=str(uuid4()))
    shown, folded = as_alice.get(new(campaign)).content.decode().split("2 more unsaved drafts")
    assert "“Third”" in shown and "“Second”" not in shown and "“First”" in folded
