"""Every page, one by one: whose it is not, for them it is not there; who may only look changes nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User, Workspace
from runs import deleting
from runs.export import of_run, record
from runs.models import Asset, Decision, Generation, Picture, Run
from runs.states import RunStatus, Status
from studio import kits, urls
from studio.models import BrandKit, Brief, Campaign
from tests.conftest import brief

# What an address names beside the thing.
FURTHER = {"ad_change": ["copy"], "kit_file": ["logo"], "kit_do": ["archive"]}
FURTHER |= {"brief_form_drop": [str(UUID(int=1))]}
FURTHER |= {"campaign_do": ["archive"], "bring_back": ["campaign"]}
# Lists of one's own, and the page of the API.
OPEN = {"home", "docs", "campaigns", "deleted", "exports", "kits", "library", "runs", "workspace_new"}
# With whom they change: test_members.py and test_invitations.py.
MANAGES = {"member_change", "member_withdraw"}
# tests/studio/test_rail.py and test_kit_sample.py: they are there for a moment, and for one form
ELSEWHERE = MANAGES | {"brief_proof", "kit_proof"}
# tests/studio/test_suggestions.py: there where they are configured.
ELSEWHERE |= {"brief_suggest", "brief_suggestions"}
LOOKS = {
    "campaign": "campaign",
    "run": "run",
    "run_zip": "run",
    "run_sheet": "run",
    "ad": "ad",
    "picture": "picture",
}
LOOKS |= {"brief": "brief"}  # who may not change it reads it
LOOKS |= {"campaign_zip": "campaign", "export_zip": "export", "members": "workspace", "kit": "kit"}
FORMS = {"brief_new": "campaign", "brief_past": "campaign", "workspace_files": "workspace"}
FORMS |= {"campaign_edit": "campaign", "campaign_delete": "campaign"}
FORMS |= {"brief_delete": "brief", "kit_delete": "kit"}
FORMS |= {"run_words": "run"}
CHANGES = {
    "campaign_edit": "campaign",
    "campaign_do": "campaign",
    "campaign_delete": "campaign",
    "brief_delete": "brief",
    "kit_delete": "kit",
    "bring_back": "gone",
    "brief_new": "campaign",
    "brief_estimate": "campaign",
    "brief_posts": "campaign",
    "brief_table": "campaign",
    "brief_table_add": "campaign",
    "brief_form_drop": "campaign",
    "brief_cutout": "campaign",
    "ad_change": "ad",
    "ad_post": "ad",
    "ad_decide": "ad",
    "brief": "brief",
    "kit": "kit",
    "kit_look": "kit",
    "kit_file": "kit",
    "kit_do": "kit",
    "run_stop": "run",
    "run_retry": "run",
    "run_pause": "run",
    "run_go_on": "run",
    "run_pin": "run",
    "run_again": "run",
    "run_words": "run",
    "generation_stop": "generation",
    "generation_retry": "generation",
    "workspace_files": "workspace",
    "member_invite": "workspace",
    "workspace_rename": "workspace",
}
OWNERS = {"log": "workspace"}


@pytest.fixture
def things(finished: Run, alice: User) -> dict[str, Any]:
    """One of each kind, of Alice's workspace."""
    place = finished.workspace
    campaign = Campaign.objects.create(workspace=place, name="Summer", created_by=alice)
    spec = brief().model_dump(mode="json")
    written = Brief.objects.create(workspace=place, campaign=campaign, name="One", spec=spec)
    Run.objects.filter(pk=finished.pk).update(origin=written.uid)
    gone = Campaign.objects.create(workspace=place, name="Winter", deleted_at=timezone.now())
    export = record(of_run(finished), alice)
    return {
        "export": export,
        "workspace": place,
        "kit": kits.make(place, "Nordlys 2026"),
        "campaign": campaign,
        "gone": gone,
        "brief": written,
        "run": finished,
        "generation": finished.generations.first(),
        "ad": finished.creatives.first(),
        "picture": Picture.objects.filter(generation__run=finished).first(),
    }


def join(name: str, *places: tuple[Workspace, Role]) -> Client:
    user = User.objects.create_user(f"{name}@example.com")
    for workspace, role in places:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def address(name: str, things: dict[str, Any], kinds: dict[str, str]) -> str:
    return reverse(f"studio:{name}", args=[things[kinds[name]].uid, *FURTHER.get(name, [])])


def test_every_page_is_in_one_of_these_lists() -> None:
    names = {pattern.name for pattern in urls.urlpatterns}
    assert (
        names
        == OPEN
        | {"campaign_new", "kit_new", "steps_close", "workspace_enter"}
        | set(LOOKS)
        | set(FORMS)
        | set(CHANGES)
        | set(OWNERS)
        | ELSEWHERE
    )


@pytest.mark.parametrize("name", LOOKS)
def test_alice_and_bob_look(as_alice: Client, as_bob: Client, things: dict[str, Any], name: str) -> None:
    for client in (as_alice, as_bob):
        answer: Any = client.get(address(name, things, LOOKS))
        assert answer.status_code == 200
        for close in answer._resource_closers:  # the ZIP, which nobody reads here
            close()


@pytest.mark.parametrize("name", LOOKS)
def test_for_charlie_nothing_is_there_to_look_at(
    as_charlie: Client, things: dict[str, Any], name: str
) -> None:
    assert as_charlie.get(address(name, things, LOOKS)).status_code == 404
    nowhere = reverse(f"studio:{name}", args=[uuid4()])
    assert as_charlie.get(nowhere).status_code == 404


@pytest.mark.parametrize("kinds", [LOOKS, FORMS, CHANGES])
def test_of_a_deleted_run_no_page_is_left_to_anybody(
    as_alice: Client, things: dict[str, Any], kinds: dict[str, str]
) -> None:
    deleting.delete(things["run"], actor="chief@example.com")
    for name, kind in kinds.items():
        if kind in ("run", "generation", "ad", "picture"):
            ask = as_alice.post if kinds is CHANGES else as_alice.get
            assert ask(address(name, things, kinds)).status_code == 404, name
    for name in OPEN - {"docs", "workspace_new"}:
        shown = as_alice.get(reverse(f"studio:{name}")).content.decode()
        for thing in ("run", "generation", "ad", "picture"):
            assert str(things[thing].uid) not in shown, name


@pytest.mark.parametrize("name", CHANGES)
def test_for_charlie_nothing_is_there_to_change(
    as_charlie: Client, things: dict[str, Any], name: str
) -> None:
    before = _state()
    assert (
        as_charlie.post(
            address(name, things, CHANGES), {"action": "start", "decision": "approved"}
        ).status_code
        == 404
    )
    assert _state() == before


@pytest.mark.parametrize("name", FORMS)
def test_for_charlie_there_is_no_form(as_charlie: Client, things: dict[str, Any], name: str) -> None:
    assert as_charlie.get(address(name, things, FORMS)).status_code == 404


@pytest.mark.parametrize("name", CHANGES)
def test_bob_may_look_but_not_change(as_bob: Client, things: dict[str, Any], name: str) -> None:
    before = _state()
    answer = as_bob.post(address(name, things, CHANGES), {"action": "start", "decision": "approved"})
    assert answer.status_code == 403
    assert _state() == before


@pytest.mark.parametrize("name", OWNERS)
def test_what_owners_see_is_for_them_alone(
    as_alice: Client, as_bob: Client, as_charlie: Client, things: dict[str, Any], name: str
) -> None:
    url = address(name, things, OWNERS)
    assert [client.get(url).status_code for client in (as_alice, as_bob, as_charlie, Client())] == [
        200,
        403,
        404,
        302,
    ]


def test_bob_makes_no_campaign(as_bob: Client, things: dict[str, Any]) -> None:
    assert as_bob.post(reverse("studio:campaign_new"), {"name": "Mine"}).status_code == 403
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize("name", [*LOOKS, *FORMS])
def test_strangers_are_asked_to_sign_in(things: dict[str, Any], name: str) -> None:
    answer = Client().get(address(name, things, LOOKS | FORMS))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_bob_makes_no_brand_kit(as_bob: Client, things: dict[str, Any]) -> None:
    assert as_bob.post(reverse("studio:kit_new"), {"name": "Mine"}).status_code == 403
    assert BrandKit.objects.count() == 1


@pytest.mark.parametrize("name", ["campaigns", "deleted", "exports", "kits", "library", "runs"])
def test_lists_show_ones_own_alone(
    as_alice: Client, as_charlie: Client, things: dict[str, Any], name: str
) -> None:
    told = {"campaigns": "Summer", "kits": "Nordlys 2026", "deleted": "Winter"}
    told |= {"library": str(things["ad"].uid), "exports": str(things["export"].uid)}
    shown = told.get(name, str(things["run"].uid))
    assert shown in as_alice.get(reverse(f"studio:{name}")).content.decode()
    assert shown not in as_charlie.get(reverse(f"studio:{name}")).content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "\0", "²", "٣"])
def test_a_list_opens_whatever_stands_in_its_address(as_alice: Client, run: Run, before: str) -> None:
    assert as_alice.get("/runs/", {"before": before}).status_code == 200


@pytest.mark.parametrize("name", [page for page in CHANGES if page not in {*FORMS, *LOOKS, "brief_estimate"}])
def test_changes_are_never_made_by_opening_an_address(
    as_alice: Client, things: dict[str, Any], name: str
) -> None:
    before = _state()
    assert as_alice.get(address(name, things, CHANGES)).status_code in (302, 405)
    assert _state() == before


# --- Somebody with two workspaces ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANGES)
def test_who_owns_another_workspace_still_only_looks_here(
    workspace: Workspace, things: dict[str, Any], name: str
) -> None:
    """The role counts in the workspace of the thing, not in the one that somebody came from."""
    dora = join("dora", (Workspace.objects.create(name="Hers"), Role.OWNER), (workspace, Role.VIEWER))
    before = _state()
    assert (
        dora.post(address(name, things, CHANGES), {"action": "start", "decision": "approved"}).status_code
        == 403
    )
    assert _state() == before


def test_who_only_looks_elsewhere_still_changes_what_is_theirs(workspace: Workspace, run: Run) -> None:
    eve = join("eve", (Workspace.objects.create(name="Theirs"), Role.VIEWER), (workspace, Role.EDITOR))
    assert eve.post(reverse("studio:run_stop", args=[run.uid])).status_code == 302
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_a_run_belongs_to_the_workspace_of_its_brief(workspace: Workspace, things: dict[str, Any]) -> None:
    eve = join("eve", (Workspace.objects.create(name="Theirs"), Role.OWNER), (workspace, Role.EDITOR))
    form = {
        "action": "start",
        "start_key": str(uuid4()),
        "name": "Started by Eve",
        "languages": "en",
        "formats": ["meta_story"],
        "variations": "1",
        "products-TOTAL_FORMS": "1",
        "products-INITIAL_FORMS": "0",
        "products-0-name": "Can",
        "messages-TOTAL_FORMS": "1",
        "messages-INITIAL_FORMS": "0",
        "messages-0-headline": "Slow brewed.",
        "looks-TOTAL_FORMS": "0",
        "looks-INITIAL_FORMS": "0",
    }
    answer = eve.post(address("brief", things, LOOKS), form)
    assert answer.status_code == 302, answer.content
    assert Run.objects.get(name="Started by Eve").workspace == workspace


def test_who_belongs_to_no_workspace_is_shown_the_way_to_one(db: None) -> None:
    frank = join("frank")
    for name in ("campaigns", "home"):
        answer = frank.get(reverse(f"studio:{name}"))
        assert answer.status_code == 403
        assert "You’re not in a workspace" in answer.content.decode()
    assert frank.post(reverse("studio:workspace_new"), {"name": ""}).status_code == 422
    assert frank.post(reverse("studio:workspace_new"), {"name": "Mine"}).headers["Location"] == "/"
    assert "First steps" in frank.get("/").content.decode()


def _state() -> object:
    """All that a forbidden change could have changed."""
    runs = list(Run.objects.order_by("pk").values_list("status", flat=True))
    pictures = list(Generation.objects.order_by("pk").values_list("status", "cancel_requested", "attempt"))
    briefs = list(Brief.objects.order_by("pk").values_list("name", "updated_at"))
    assert Status.DONE in {status for status, *_ in pictures}
    kept = list(BrandKit.objects.order_by("pk").values_list("name", "brand", "archived_at", "updated_at"))
    named = list(Campaign.everything.order_by("pk").values_list("name", "archived_at", "deleted_at"))
    made = [model.objects.count() for model in (Brief, BrandKit, Decision, Asset)]
    return runs, pictures, briefs, kept, named, made
