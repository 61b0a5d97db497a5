"""The rules of retention: what each of them keeps, and that a plan names exactly what all of them together let go."""

import random
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import ForeignObjectRel
from django.utils import timezone

from accounts.models import User, Workspace
from runs import deleting, export, lifecycle, pinning, recompose, removals, retention
from runs.brief import CopySpec
from runs.choosing import decide
from runs.errors import BriefRefused, NotAllowed
from runs.keeping import Part, Policy, policy_of
from runs.models import (
    Creative,
    Decision,
    Generation,
    Keyword,
    Picture,
    Removal,
    RetentionPolicy,
    Run,
    Transition,
    Verdict,
)
from runs.recompose import Change
from runs.retention import FromRun, Interrupted
from runs.states import AdState, RunStatus
from tests.conftest import brief, fail, finish
from tests.runs.test_retention import aged, keys_of
from tests.runs.test_retention import decide as decided

# Files go after the commit: without real transactions they would stay.
pytestmark = pytest.mark.django_db(transaction=True)


def carry_out(*planned: FromRun) -> list[str]:
    usual = planned[0].rules if planned else None
    return [outcome.fault for outcome in retention.apply(planned, usual)]


def parts(planned: list[FromRun]) -> list[tuple[str, str]]:
    return [(what.part, what.reason) for what in planned]


def test_a_workspace_has_rules_of_its_own_over_the_settings(workspace: Workspace, settings: Any) -> None:
    settings.RETENTION_DAYS, settings.RETENTION_KEEP_LAST = 30, 2
    assert policy_of(workspace) == Policy(run_days=30, keep_last=2)
    RetentionPolicy.objects.create(workspace=workspace, run_days=90, keep_approved=False)
    assert policy_of(workspace) == Policy(run_days=90, keep_last=2, keep_approved=False)


def test_the_rules_of_one_workspace_are_not_those_of_another(finished: Run, charlie: User) -> None:
    elsewhere = charlie.memberships.get().workspace
    other = aged(finish(lifecycle.start(elsewhere, charlie, brief())), 40)
    aged(finished, 40)
    RetentionPolicy.objects.create(workspace=elsewhere, run_days=90)
    assert [what.uid for what in decided(30)] == [finished.uid]
    RetentionPolicy.objects.update(run_days=10)
    assert [what.uid for what in decided()] == [other.uid]


def test_pictures_may_go_before_their_ads(finished: Run) -> None:
    aged(finished, 40)
    [pictures] = planned = decided(90, picture_days=30)
    assert parts(planned) == [(Part.PICTURES, "ended 40 days ago, pictures are kept for 30")]
    keys = list(Picture.objects.values_list("key", flat=True))
    assert pictures.bytes == sum(default_storage.size(key) for key in keys)
    assert carry_out(pictures) == [""]
    assert not any(default_storage.exists(key) for key in keys)
    assert all(default_storage.exists(ad.key) for ad in Creative.objects.all())
    assert decided(90, picture_days=30) == []


def test_an_ad_whose_picture_is_gone_stays_as_it_is(finished: Run) -> None:
    carry_out(*decided_after(finished, 40, 90, picture_days=30))
    other_words = Change(copy=CopySpec(headline="Cold since Monday."))
    with pytest.raises(BriefRefused, match="removed by a clean-up"):
        recompose.order(Creative.objects.all(), other_words, actor="alice")
    assert Creative.objects.count() == 2


def decided_after(run: Run, age: float, days: int, **rules: Any) -> list[FromRun]:
    aged(run, age)
    return decided(days, **rules)


def test_ads_may_go_before_their_pictures(finished: Run) -> None:
    [ads] = planned = decided_after(finished, 40, 90, ad_days=30)
    assert parts(planned) == [(Part.ADS, "ended 40 days ago, ads are kept for 30")]
    keys = list(Creative.objects.values_list("key", flat=True))
    assert carry_out(ads) == [""]
    assert Creative.objects.count() == 0 and not any(default_storage.exists(key) for key in keys)
    assert all(default_storage.exists(picture.key) for picture in Picture.objects.all())
    assert decided(90, ad_days=30) == []


def test_a_run_goes_when_nothing_of_it_is_to_stay_any_longer(finished: Run) -> None:
    assert [what.part for what in decided_after(finished, 40, 30, picture_days=90)] == [Part.ADS]
    assert [what.part for what in decided_after(finished, 91, 30, picture_days=90)] == [Part.RUN]
    assert [what.part for what in decided_after(finished, 900, 30, picture_days=0)] == [Part.ADS]


def test_failed_runs_may_go_first(run: Run) -> None:
    planned = decided_after(fail(run), 8, 90, failed_days=7)
    assert parts(planned) == [(Part.RUN, "failed 8 days ago, kept for 7")]


@pytest.mark.parametrize("kept", [True, False])
def test_a_pinned_run_stays_where_pinned_ones_are_kept(finished: Run, kept: bool) -> None:
    assert pinning.pin(finished) and not pinning.pin(finished)
    planned = decided_after(finished, 40, 30, keep_pinned=kept)
    assert bool(planned) != kept
    pinning.unpin(finished)
    assert len(decided(30)) == 1


def test_what_is_pinned_after_the_plan_stays(finished: Run) -> None:
    planned = decided_after(finished, 40, 30)
    pinning.pin(finished)
    assert carry_out(*planned) == ["It is pinned. It stays."]
    assert all(default_storage.exists(key) for key in keys_of(finished))


def test_approved_ads_go_where_nobody_wants_them_kept(finished: Run, alice: User, settings: Any) -> None:
    settings.RETENTION_KEEP_APPROVED = False
    decide(finished.creatives.all()[0], Verdict.APPROVED, by=alice)
    assert carry_out(*decided_after(finished, 40, 30, keep_approved=False)) == [""]
    assert Run.objects.count() == 0


def test_the_last_runs_of_each_brief_stay(workspace: Workspace, alice: User) -> None:
    origin = uuid4()
    made = [lifecycle.start(workspace, alice, brief(), origin=origin) for _ in range(3)]
    for run in made:
        aged(finish(run), 40)
    assert [what.uid for what in decided(30, keep_last=2)] == [made[0].uid]
    assert decided(30, keep_last=3) == []


def test_what_is_being_exported_stays(finished: Run, alice: User) -> None:
    export.record(export.of_run(finished), alice)
    assert decided_after(finished, 40, 30) == []


def test_over_the_ceiling_failed_runs_go_first_and_then_the_oldest(workspace: Workspace, alice: User) -> None:
    old, new, stopped = (finish(lifecycle.start(workspace, alice, brief())) for _ in range(3))
    for run, days in ((old, 9), (new, 5), (stopped, 1)):
        aged(run, days)
    Run.objects.filter(pk=stopped.pk).update(status=RunStatus.CANCELLED)
    size = retention.weigh([old])[old.pk].bytes
    assert [what.uid for what in decided(ceiling=size)] == [stopped.uid, old.uid]
    assert [what.uid for what in decided(ceiling=2 * size)] == [stopped.uid]
    assert decided(ceiling=3 * size) == []
    assert [what.uid for what in decided(7, ceiling=2 * size)] == [old.uid]  # its age has made room


@pytest.mark.parametrize(("days", "rules"), [(30, {}), (90, {"picture_days": 30}), (90, {"ad_days": 30})])
def test_what_somebody_is_changing_stays(finished: Run, days: int, rules: dict[str, int]) -> None:
    planned = decided_after(finished, 40, days, **rules)
    change = Change(copy=CopySpec(headline="Cold since Monday."))
    [new] = recompose.order(finished.creatives.all()[:1], change, actor="alice")
    assert carry_out(*planned) == ["Its ads are being changed. It stays."]
    assert decided(days, **rules) == []
    assert Creative.objects.filter(pk=new.pk).exists() and default_storage.exists(new.picture.key)


def test_a_removal_that_was_interrupted_is_finished_by_the_next(
    finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(finished, 40)
    keys = keys_of(finished)
    with monkeypatch.context() as killed:  # between the rows and the files; a moment that cannot be timed
        killed.setattr(removals, "finish", lambda pk: None)
        carry_out(*decided(30))
    assert Run.objects.count() == 0 and all(default_storage.exists(key) for key in keys)
    [left] = retention.plan(timezone.now())
    assert isinstance(left, Interrupted) and left.files == 4
    call_command("prune", stdout=StringIO())
    assert not any(default_storage.exists(key) for key in keys) and not Removal.objects.exists()


def test_every_table_that_hangs_on_a_run_is_emptied_with_it() -> None:
    """A new one belongs into `runs.removals` too."""
    found = {
        (relation.related_model.__name__, relation.field.name)
        for model in (Run, Generation, Picture, Creative)
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
    }
    assert found == {
        *((name, "run") for name in ("Generation", "Transition", "Creative")),
        *((name, "generation") for name in ("Picture", "Creative", "Transition")),
        *((name, "picture") for name in ("Creative", "Keyword")),
        ("Creative", "supersedes"),
        ("Decision", "creative"),
        ("Keyword", "ad"),
    }


def test_a_run_goes_with_decisions_and_revisions(finished: Run, alice: User) -> None:
    ads = list(finished.creatives.all())
    decide(ads[0], Verdict.REJECTED, by=alice)
    recompose.order(ads, Change(copy=CopySpec(headline="Cold since Monday.")), actor="alice")
    deleting.remove(finished)
    for table in (Run, Generation, Picture, Creative, Decision, Keyword, Transition):
        assert not table.objects.exists()


def test_people_delete_no_run_that_is_to_stay(finished: Run, alice: User) -> None:
    ad = finished.creatives.all()[0]
    pinning.pin(finished)
    with pytest.raises(NotAllowed, match="is pinned"):
        deleting.remove(finished)
    pinning.unpin(finished)
    decide(ad, Verdict.APPROVED, by=alice)
    with pytest.raises(NotAllowed, match="An ad of “Cold brew” is approved"):
        deleting.remove(finished)
    decide(ad, Verdict.UNDECIDED, by=alice)
    deleting.remove(finished)
    assert Run.objects.count() == 0


# --- Any history ---------------------------------------------------------------------------------------------


def any_history(dice: random.Random, workspace: Workspace, now: datetime) -> None:
    """Some fifty runs of a few briefs, with all that the rules ask about; rows alone."""
    template = lifecycle.start(workspace, None, brief())
    origins = [None, *(uuid4() for _ in range(4))]
    for number in range(50):
        status = dice.choice([*RunStatus])
        over = status not in (RunStatus.WAITING, RunStatus.RUNNING)
        run = Run(
            workspace=workspace,
            name=f"Run {number}",
            spec=template.spec,
            workflow=template.workflow,
            origin=dice.choice(origins),
            pinned=dice.random() < 0.1,
            ended_at=now - timedelta(days=dice.randrange(100)) if over else None,
        )
        setattr(run, "status", status)  # noqa: B010 (a row as it may lie there, not a step in its life)
        run.save()
        for _ in range(dice.randrange(3)):
            _painted(dice, run)


def _painted(dice: random.Random, run: Run) -> None:
    made = Generation.objects.create(
        run=run, workspace=run.workspace, product=0, look=0, shape="square", seed=1, width=8, height=8
    )
    facts = {"workspace": run.workspace, "generation": made, "simulated": False, "sha256": "0" * 64}
    picture = Picture.objects.create(
        **facts, attempt=0, key=f"p/{made.uid}", width=8, height=8, bytes=dice.randrange(1, 900)
    )
    Creative.objects.create(
        **facts,
        run=run,
        picture=picture,
        message=0,
        format="meta_story",
        language="en",
        copy={},
        brand={},
        focus=[0.5, 0.5],
        state=AdState.READY,
        key=f"a/{made.uid}",
        bytes=dice.randrange(1, 900),
        decision=dice.choice([Verdict.APPROVED, *[Verdict.UNDECIDED] * 6]),
    )


def should_go(rules: Policy, now: datetime) -> set[tuple[UUID, str]]:
    """The same rules written once more, run by run and without a thought for speed."""
    runs = list(Run.objects.order_by("ended_at", "pk"))
    gone, held, over = set(), 0, []
    for run in runs:
        ads, pictures = list(run.creatives.all()), list(Picture.objects.filter(generation__run=run))
        size = {"ads": sum(ad.bytes for ad in ads), "pictures": sum(row.bytes for row in pictures)}
        held += sum(size.values())
        of_brief = [other.pk for other in runs if run.origin and other.origin == run.origin]
        last = run.pk in sorted(of_brief)[::-1][: rules.keep_last]
        approved = any(ad.decision == Verdict.APPROVED for ad in ads) and rules.keep_approved
        if run.ended_at is None or (run.pinned and rules.keep_pinned) or approved or last:
            continue
        age, failed = (now - run.ended_at).days, run.status in ("failed", "cancelled")
        terms = {"ads": rules.ads, "pictures": rules.pictures}
        old = failed and rules.failed and age >= rules.failed
        if old or (rules.run_days and all(terms.values()) and age >= max(rules.run_days, *terms.values())):
            gone.add((run.uid, "run"))
            held -= sum(size.values())
            continue
        early = {part for part, term in terms.items() if term and age >= term and size[part]}
        gone |= {(run.uid, part) for part in early}
        held -= sum(size[part] for part in early)
        over.append(
            (not failed, run.ended_at, run.pk, run.uid, sum(size.values()) - sum(size[p] for p in early))
        )
    for *_, uid, size_left in sorted(over):
        if rules.ceiling and held > rules.ceiling and size_left:
            gone.add((uid, "run"))
            held -= size_left
    return gone


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(2, 12))])
def test_of_any_history_exactly_the_right_set_goes(workspace: Workspace, seed: int) -> None:
    dice, now = random.Random(seed), timezone.now()
    any_history(dice, workspace, now)
    for _ in range(6):
        terms = {name: dice.choice([None, 0, 20, 60]) for name in ("picture_days", "ad_days", "failed_days")}
        rules = Policy(
            run_days=dice.choice([0, 10, 40, 80]),
            keep_approved=dice.random() < 0.7,
            keep_pinned=dice.random() < 0.7,
            keep_last=dice.randrange(4),
            ceiling=dice.choice([0, 0, 3_000, 20_000]),
            **terms,
        )
        planned = [
            (what.uid, str(what.part)) for what in retention.plan(now, rules) if isinstance(what, FromRun)
        ]
        assert len(planned) == len(set(planned))
        assert set(planned) == should_go(rules, now), rules
