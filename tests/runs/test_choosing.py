"""What people decide about an ad: bound to its file, the newest counts, and what is approved is kept."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import Audit, Scope, User, Workspace
from runs import choosing, recompose, retention
from runs.brief import CopySpec
from runs.choosing import decide
from runs.errors import NotAllowed
from runs.export import of_run
from runs.keeping import Policy
from runs.models import Creative, Decision, Picture, Run, Verdict
from runs.recompose import Change
from runs.states import AdState
from runs.summary import summarise
from tests.conftest import finish, make_server, make_token
from tests.runs.test_recompose import ads, settled

MONTH = Policy(run_days=30)
OTHER_WORDS = Change(copy=CopySpec(headline="Cold since Monday."))


@pytest.fixture
def ad(finished: Run) -> Creative:
    return ads(finished, format="meta_feed_square")[0]


def test_the_newest_decision_counts_and_all_are_kept(ad: Creative, alice: User) -> None:
    for verdict in (Verdict.APPROVED, Verdict.REJECTED, Verdict.UNDECIDED, Verdict.APPROVED):
        decide(ad, verdict, by=alice)
    ad.refresh_from_db()
    assert ad.decision == Verdict.APPROVED
    assert [row.verdict for row in ad.decisions.all()] == ["approved", "rejected", "undecided", "approved"]
    newest = choosing.newest_of(ad)
    assert newest is not None and (newest.by, newest.who, newest.sha256) == (alice, "Alice", ad.sha256)


def test_saying_the_same_twice_is_one_decision(ad: Creative, alice: User) -> None:
    for _ in range(2):
        decide(ad, Verdict.APPROVED, by=alice)
    assert Decision.objects.count() == 1


def test_a_changed_ad_is_undecided_and_the_old_decision_stays_with_the_old_file(
    ad: Creative, alice: User, finished: Run
) -> None:
    decide(ad, Verdict.APPROVED, by=alice)
    [new] = recompose.order([ad], OTHER_WORDS, actor="alice")
    settled(new, key="w/x/new.png", sha256="0" * 64, bytes=1)
    assert Creative.objects.get(pk=new.pk).decision == Verdict.UNDECIDED
    assert Creative.objects.get(pk=ad.pk).decision == Verdict.APPROVED
    assert summarise(finished).ads_approved == 0 and list(of_run(finished, approved=True).ads()) == []


def test_who_looked_at_another_file_decides_nothing(ad: Creative, alice: User) -> None:
    with pytest.raises(NotAllowed, match="changed since you looked"):
        decide(ad, Verdict.APPROVED, by=alice, seen="f" * 64)
    assert Decision.objects.count() == 0


def test_an_earlier_revision_is_no_longer_decided_about(ad: Creative, alice: User) -> None:
    recompose.order([ad], OTHER_WORDS, actor="alice")
    with pytest.raises(NotAllowed, match="newer revision"):
        decide(ad, Verdict.REJECTED, by=alice)


def test_a_sample_cannot_be_approved_and_is_told_why(run: Run, alice: User) -> None:
    finish(run, make_server("sim", simulated=True))
    sample = ads(run)[0]
    with pytest.raises(NotAllowed, match="Samples show the layout"):
        decide(sample, Verdict.APPROVED, by=alice)
    assert decide(sample, Verdict.REJECTED, by=alice).decision == Verdict.REJECTED


def test_what_has_no_file_cannot_be_chosen(ad: Creative, alice: User) -> None:
    Creative.objects.filter(pk=ad.pk).update(state=AdState.DOES_NOT_FIT, key="", sha256="")
    with pytest.raises(NotAllowed, match="no file"):
        decide(ad, Verdict.APPROVED, by=alice)


def test_the_log_says_who_did_it(ad: Creative, alice: User) -> None:
    decide(ad, Verdict.APPROVED, by=alice)
    line = Audit.objects.get()
    assert (line.action, line.actor, line.workspace) == ("ad.approve", alice.email, ad.workspace)
    assert ad.sha256[:12] in line.words


def test_an_export_of_the_approved_holds_only_those(ad: Creative, alice: User, finished: Run) -> None:
    decide(ad, Verdict.APPROVED, by=alice)
    assert [row.pk for row in of_run(finished, approved=True).ads()] == [ad.pk]
    assert summarise(finished).ads_approved == 1


# --- Retention ------------------------------------------------------------------------------------------------


def _aged(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=400))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("changed_since", [False, True])
def test_retention_keeps_approved_ads_and_their_pictures(
    finished: Run, alice: User, changed_since: bool
) -> None:
    ad = ads(finished)[0]
    decide(ad, Verdict.APPROVED, by=alice)
    if changed_since:
        recompose.order([ad], OTHER_WORDS, actor="alice")
    _aged(finished)
    decided = list(retention.plan(timezone.now(), MONTH))
    assert decided == []
    picture = Picture.objects.get(pk=ad.picture_id)
    assert default_storage.exists(ad.key) and default_storage.exists(picture.key)


@pytest.mark.django_db(transaction=True)
def test_what_is_approved_between_plan_and_removal_is_kept(finished: Run, alice: User) -> None:
    _aged(finished)
    decided = list(retention.plan(timezone.now(), MONTH))
    decide(ads(finished)[0], Verdict.APPROVED, by=alice)
    [outcome] = retention.apply(decided, MONTH)
    assert outcome.fault == "It has an approved ad. It stays."
    assert default_storage.exists(ads(finished)[0].key)


@pytest.mark.django_db(transaction=True)
def test_a_rejected_ad_goes_as_any_other(finished: Run, alice: User) -> None:
    decide(ads(finished)[0], Verdict.REJECTED, by=alice)
    _aged(finished)
    list(retention.apply(retention.plan(timezone.now(), MONTH), MONTH))
    assert Run.objects.count() == Decision.objects.count() == 0


# --- By API ---------------------------------------------------------------------------------------------------


def _client(workspace: Workspace, user: User, **extra: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token(workspace, user, **extra)}"})


def _send(client: Client, ad: Creative, **body: Any) -> Any:
    url = f"/api/v1/ads/{ad.uid}/decision"
    return client.post(url, json.dumps(body), content_type="application/json")


def test_a_program_decides_and_reads_what_was_decided(
    workspace: Workspace, alice: User, ad: Creative
) -> None:
    client = _client(workspace, alice)
    answer = _send(client, ad, decision="approved", sha256=ad.sha256)
    assert (answer.status_code, answer.json()["decision"]) == (200, "approved")
    assert client.get(f"/api/v1/creatives/{ad.uid}").json()["ad"]["decision"] == "approved"
    listed = client.get(f"/api/v1/runs/{ad.run.uid}").json()["ads"]
    assert sorted(row["decision"] for row in listed) == ["approved", "undecided"]
    assert "With the token" in Audit.objects.get(action="ad.approve").words


def test_a_program_is_told_what_cannot_be(workspace: Workspace, alice: User, ad: Creative) -> None:
    client = _client(workspace, alice)
    assert _send(client, ad, decision="approved", sha256="f" * 64).status_code == 409
    assert _send(client, ad, decision="maybe").status_code == 422
    assert _send(client, ad, decision="approved", note="x").status_code == 422
    reader = _client(workspace, alice, scope=Scope.READ)
    assert _send(reader, ad, decision="approved").status_code == 403
    assert Decision.objects.count() == 0


def test_a_program_of_another_workspace_finds_no_ad(charlie: User, ad: Creative) -> None:
    stranger = _client(charlie.memberships.get().workspace, charlie)
    assert _send(stranger, ad, decision="approved").status_code == 404
