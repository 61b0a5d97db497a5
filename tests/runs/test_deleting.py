"""A run that somebody deletes: gone from everywhere at once, to be had back for a while, then gone with its files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, Workspace
from runs import (
    deleting,
    library,
    lifecycle,
    orphans,
    pausing,
    pinning,
    previews,
    quotas,
    recompose,
    retention,
)
from runs.brief import CopySpec
from runs.choosing import decide
from runs.errors import NotAllowed
from runs.library import Wanted
from runs.models import Creative, Generation, Picture, RetentionPolicy, Run, Verdict
from runs.passes import signature
from runs.recompose import Change
from runs.stored import total
from tests.conftest import brief, fail, finish, make_token
from tests.runs.admin_pages import act, page, trail
from tests.runs.test_api import bearer
from tests.runs.test_retention import aged, keys_of
from tests.runs.test_retention import decide as planned

# Files go after the commit: without real transactions they would stay.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deleted(finished: Run) -> Run:
    deleting.delete(finished, actor="chief@example.com")
    return finished


def deleted_before(run: Run, days: float) -> Run:
    Run.everything.filter(pk=run.pk).update(deleted_at=timezone.now() - timedelta(days=days))
    run.refresh_from_db()
    return run


def faults(*what: retention.FromRun) -> list[str]:
    return [outcome.fault for outcome in retention.apply(what)]


# --- What is seen of it --------------------------------------------------------------------------------------


def test_a_deleted_run_and_what_it_made_are_in_no_list(
    deleted: Run, workspace: Workspace, alice: User
) -> None:
    for model in (Run, Creative, Picture):
        assert not model.objects.exists()
    for rows in (Run.objects, Creative.objects, Picture.objects, Generation.objects):
        assert not rows.for_member(alice).exists()
    for words in ("", "brewed", "can"):
        assert library.ads(workspace, Wanted(words=words)).count(9) == 0
        assert library.pictures(workspace, Wanted(words=words)).count(9) == 0
    assert not workspace.runs.exists()


def test_no_address_of_its_files_opens(deleted: Run, as_alice: Client, alice: User, client: Client) -> None:
    rows: dict[str, Any] = {"ad": Creative.everything.all()[0], "picture": Picture.everything.all()[0]}
    program = bearer(make_token(deleted.workspace, alice))
    for kind, row in rows.items():
        address = reverse("runs:media", args=[kind, row.uid])
        for size in ("", "?size=small", "?download=1"):
            assert as_alice.get(address + size).status_code == 404
        assert program.get(address).status_code == 404
        assert client.get(address, {"sig": signature(kind, row.uid)}).status_code == 404
    generation = Generation.objects.all()[0]
    previews.put(generation.uid, b"\x89PNG")
    assert as_alice.get(reverse("runs:preview", args=[generation.uid])).status_code == 404


def test_programs_do_not_find_it(deleted: Run, alice: User) -> None:
    program = bearer(make_token(deleted.workspace, alice))
    ad = Creative.everything.all()[0]
    for address in (f"runs/{deleted.uid}", f"runs/{deleted.uid}/export.zip"):
        assert program.get(f"/api/v1/{address}").status_code == 404
    asks: dict[str, dict[str, Any]] = {
        f"runs/{deleted.uid}/retry": {},
        f"runs/{deleted.uid}/pin": {},
        f"ads/{ad.uid}/decision": {"decision": "rejected"},
        f"creatives/{ad.uid}/revisions": {"copy": {"headline": "Cold."}},
    }
    for address, body in asks.items():
        answer = program.post(f"/api/v1/{address}", body, content_type="application/json")
        assert answer.status_code == 404, address


def test_nothing_happens_to_it_any_more(deleted: Run, alice: User) -> None:
    """Whoever had its page open when it was deleted."""
    ad = Creative.everything.all()[0]
    for verb in (
        lambda: lifecycle.cancel_run(deleted, actor="alice"),
        lambda: lifecycle.retry_failed(deleted, actor="alice"),
        lambda: pausing.pause(deleted, actor="alice"),
        lambda: decide(ad, Verdict.APPROVED, by=alice),
        lambda: recompose.order([ad], Change(copy=CopySpec(headline="Cold.")), actor="alice"),
    ):
        with pytest.raises(Http404):
            verb()
    assert not pinning.pin(deleted)


# --- What stays of it ----------------------------------------------------------------------------------------


def test_it_comes_back_as_it_was(finished: Run, workspace: Workspace) -> None:
    keys, words = keys_of(finished), library.ads(workspace, Wanted(words="brewed")).count(9)
    assert deleting.delete(finished, actor="chief@example.com")
    assert not deleting.delete(finished, actor="somebody else")  # said twice it does no harm
    assert deleting.bring_back(finished)
    assert not deleting.bring_back(finished)
    assert keys_of(finished) == keys
    assert all(default_storage.exists(key) for key in keys)
    assert library.ads(workspace, Wanted(words="brewed")).count(9) == words == 2


def test_what_is_to_stay_is_not_deleted(finished: Run, alice: User) -> None:
    running = lifecycle.start(finished.workspace, None, brief())
    with pytest.raises(NotAllowed, match="still running"):
        deleting.delete(running, actor="chief")
    pinning.pin(finished)
    with pytest.raises(NotAllowed, match="is pinned"):
        deleting.delete(finished, actor="chief")
    pinning.unpin(finished)
    decide(finished.creatives.all()[0], Verdict.APPROVED, by=alice)
    with pytest.raises(NotAllowed, match="is approved"):
        deleting.delete(finished, actor="chief")
    assert Run.objects.count() == 2


def test_its_bytes_and_its_pictures_of_the_day_still_count(
    finished: Run, workspace: Workspace, settings: Any
) -> None:
    held = total(workspace.pk)
    settings.QUOTA_PER_DAY = 2
    deleting.delete(finished, actor="chief")
    assert total(workspace.pk) == held > 0
    with pytest.raises(quotas.QuotaReached):
        lifecycle.start(workspace, None, brief())


def test_nothing_of_it_is_taken_for_left_over(deleted: Run) -> None:
    assert list(orphans.find(timezone.now() + timedelta(days=9))) == []


def test_a_change_that_was_ordered_before_is_made(finished: Run) -> None:
    ads = list(finished.creatives.all())
    recompose.order(ads[:1], Change(copy=CopySpec(headline="Cold since Monday.")), actor="alice")
    deleting.delete(finished, actor="chief")
    assert recompose.is_due()
    assert len(recompose.take(5)) == 1


def test_the_same_order_once_more_is_one_new_run(finished: Run, workspace: Workspace) -> None:
    deleting.delete(finished, actor="chief")
    new = lifecycle.start(workspace, None, brief(), uid=finished.uid)
    assert new.uid != finished.uid
    assert lifecycle.start(workspace, None, brief(), uid=finished.uid) == new
    deleting.bring_back(finished)
    assert Run.objects.count() == 2


# --- The clean-up --------------------------------------------------------------------------------------------


def test_while_it_can_be_had_back_no_age_takes_it(deleted: Run) -> None:
    aged(deleted_before(deleted, 29.9), 900)
    assert planned(30) == []


def test_then_it_goes_with_its_files_whatever_the_rules(deleted: Run) -> None:
    keys = [
        *Creative.everything.values_list("key", flat=True),
        *Picture.everything.values_list("key", flat=True),
    ]
    [old] = planned_after(deleted, 30)
    assert old.reason == "deleted 30 days ago, kept for 30"
    assert faults(old) == [""]
    assert not Run.everything.exists() and len(keys) == 4
    assert not any(default_storage.exists(key) for key in keys)


def planned_after(run: Run, days: float) -> list[retention.FromRun]:
    deleted_before(run, days)
    return planned()


def test_the_window_is_as_the_settings_have_it(deleted: Run, settings: Any) -> None:
    settings.RETENTION_DELETED_DAYS = 7
    assert planned_after(deleted, 6.9) == []
    assert len(planned_after(deleted, 7)) == 1


def test_one_that_was_brought_back_meanwhile_stays(deleted: Run) -> None:
    [old] = planned_after(deleted, 31)
    deleting.bring_back(deleted)
    assert "restored it in the meantime" in faults(old)[0]
    assert Run.objects.exists()


def test_one_that_was_deleted_meanwhile_can_be_had_back(finished: Run) -> None:
    aged(finished, 40)
    [old] = planned(30)
    deleting.delete(finished, actor="chief")
    assert "Someone deleted" in faults(old)[0]
    assert deleting.bring_back(finished)


def test_over_the_ceiling_what_was_deleted_goes_first(finished: Run, workspace: Workspace) -> None:
    failed = aged(fail(lifecycle.start(workspace, None, brief())), 50)
    other = aged(finish(lifecycle.start(workspace, None, brief())), 40)
    deleting.delete(finished, actor="chief")
    RetentionPolicy.objects.create(workspace=workspace, ceiling=total(workspace.pk) - 1)
    assert [what.uid for what in planned()] == [finished.uid]
    RetentionPolicy.objects.update(ceiling=1)
    assert [what.uid for what in planned()] in (
        [finished.uid, other.uid],
        [finished.uid, failed.uid, other.uid],
    )


def test_it_is_not_among_the_last_of_its_brief(finished: Run, workspace: Workspace) -> None:
    older = aged(finish(lifecycle.start(workspace, None, brief(), origin=finished.uid)), 50)
    newer = finish(lifecycle.start(workspace, None, brief(), origin=finished.uid))
    assert [what.uid for what in planned(30, keep_last=1)] == [older.uid]
    deleting.delete(newer, actor="chief")
    assert planned(30, keep_last=1) == []


# --- The admin -----------------------------------------------------------------------------------------------


def test_it_moves_to_the_list_of_deleted_runs(admin: Client, finished: Run) -> None:
    assert "Restore within 30 days" in act(admin, "run", "delete_selected", finished, post="yes")
    for model in ("run", "generation", "creative", "picture", "transition"):
        assert "Cold brew" not in admin.get(page(model)).content.decode().split("messagelist")[-1]
    for row in (finished, Generation.objects.all()[0]):
        kind = "run" if isinstance(row, Run) else "generation"
        assert admin.get(page(kind, row), follow=True).redirect_chain
    shown = admin.get(page("deletedrun")).content.decode()
    assert "Cold brew" in shown and "chief@example.com" in shown
    assert admin.get(page("deletedrun", finished)).status_code == 200


def test_it_is_brought_back_in_the_admin(admin: Client, deleted: Run) -> None:
    assert "“Cold brew” restored." in act(admin, "deletedrun", "bring_back", deleted)
    assert Run.objects.count() == 1
    assert "Cold brew" not in admin.get(page("deletedrun")).content.decode()
    assert trail() == [("chief@example.com", "run.undelete", f"run {deleted.uid}")]


def test_its_room_can_be_had_at_once(admin: Client, deleted: Run) -> None:
    keys = list(Creative.everything.values_list("key", flat=True))
    assert "Pictures: 2" in act(admin, "deletedrun", "delete_selected", deleted)
    assert Run.everything.exists()
    assert "deleted permanently" in act(admin, "deletedrun", "delete_selected", deleted, post="yes")
    assert not Run.everything.exists()
    assert not any(default_storage.exists(key) for key in keys)
    assert trail() == [("chief@example.com", "run.remove", f"run {deleted.uid}")]


def test_who_may_only_look_brings_nothing_back(onlooker: Client, deleted: Run) -> None:
    for action in ("bring_back", "delete_selected"):
        act(onlooker, "deletedrun", action, deleted, post="yes")
    assert Run.everything.exists() and not Run.objects.exists()
