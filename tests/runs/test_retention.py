"""Old runs go, whole; what is not finished stays, whatever its age."""

import json
import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User, Workspace
from runs import lifecycle, retention, storage
from runs.keeping import Policy
from runs.models import Creative, Generation, Picture, Run
from runs.retention import FromRun
from runs.states import RunStatus
from tests.conftest import brief, fail, finish, make_png

# Files go after the commit: without real transactions they would stay.
pytestmark = pytest.mark.django_db(transaction=True)


def aged(run: Run, days: float) -> Run:
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=days))
    run.refresh_from_db()
    return run


def keys_of(run: Run) -> list[str]:
    ads = Creative.objects.filter(run=run).values_list("key", flat=True)
    pictures = Picture.objects.filter(generation__run=run).values_list("key", flat=True)
    return [*ads, *pictures]


def make_old(path: Path) -> Path:
    then = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(path, (then, then))
    return path


def prune(*args: str) -> str:
    out = StringIO()
    call_command("prune", *args, stdout=out)
    return out.getvalue()


def pruned(*args: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(prune("--json", *args))
    return told


def decide(days: int = 0, **rules: Any) -> list[FromRun]:
    planned = retention.plan(timezone.now(), Policy(run_days=days, **rules))
    return [what for what in planned if isinstance(what, FromRun)]


def test_a_run_older_than_the_limit_is_planned_with_its_weight(finished: Run) -> None:
    aged(finished, 40)
    (old,) = decide(30)
    size = sum(default_storage.size(key) for key in keys_of(finished))
    assert (old.uid, old.days, old.reason) == (finished.uid, 40, "ended 40 days ago, kept for 30")
    assert (old.weight.pictures, old.weight.ads, old.weight.bytes) == (2, 2, size)


def test_a_younger_run_is_not_planned(finished: Run) -> None:
    aged(finished, 29.9)
    assert decide(30) == []


def test_planning_removes_nothing(finished: Run) -> None:
    aged(finished, 40)
    decide(1)
    assert all(default_storage.exists(key) for key in keys_of(finished))


def test_what_is_not_finished_stays_whatever_its_age(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=900))
    assert pruned("--days", "1")["entries"] == []
    assert Run.objects.filter(pk=run.pk).exists()


@pytest.mark.parametrize("ending", [finish, fail])
def test_finished_and_failed_runs_go_with_rows_and_files(run: Run, ending: Any) -> None:
    aged(ending(run), 31)
    keys = keys_of(run)
    prune("--days", "30")
    assert Run.objects.count() == Generation.objects.count() == Creative.objects.count() == 0
    assert not any(default_storage.exists(key) for key in keys)


def test_no_empty_folder_stays_behind(finished: Run) -> None:
    aged(finished, 31)
    folders = {(Path(settings.MEDIA_ROOT) / key).parent for key in keys_of(finished)}
    prune("--days", "30")
    assert len(folders) == 4
    assert not any(folder.exists() for folder in folders)


def test_thumbnails_go_with_their_originals(finished: Run) -> None:
    small = [storage.small_key(key) for key in keys_of(finished)]
    for key in small:
        storage.put(key, make_png())
    aged(finished, 31)
    prune("--days", "30")
    assert not any(default_storage.exists(key) for key in small)


def test_without_a_limit_it_says_so_and_keeps_every_run(finished: Run) -> None:
    aged(finished, 4000)
    assert settings.RETENTION_DAYS == 0
    assert "they are kept for ever. Set RETENTION_DAYS" in prune()
    assert "they are kept for ever" in pruned()["words"]
    assert Run.objects.count() == 1


def test_the_setting_decides_without_the_option(finished: Run, settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    aged(finished, 31)
    assert "1 runs, 0 interrupted removals, 0 unused uploads and 0 deleted records removed" in prune()
    assert Run.objects.count() == 0


def test_a_dry_run_only_tells(finished: Run) -> None:
    aged(finished, 31)
    told = prune("--days", "30", "--dry-run")
    assert "Cold brew" in told
    assert "1 runs, 0 interrupted removals, 0 unused uploads and 0 deleted records would be removed" in told
    assert Run.objects.count() == 1
    assert all(default_storage.exists(key) for key in keys_of(finished))


def test_the_json_names_every_run_with_its_bytes_and_reason(finished: Run) -> None:
    aged(finished, 31)
    told = pruned("--days", "30", "--dry-run")
    [entry] = told["entries"]
    assert (told["totals"]["runs"], told["dry_run"]) == (1, True)
    assert told["totals"]["bytes"] == entry["bytes"] > 0
    assert (entry["uid"], entry["workspace"]) == (str(finished.uid), "Nordlys")
    assert entry["reason"] == "ended 31 days ago, kept for 30"


@pytest.mark.parametrize("days", ["0", "-1", "soon", "1.5", "²"])
def test_a_number_of_days_that_makes_no_sense_is_refused(finished: Run, days: str) -> None:
    aged(finished, 31)
    with pytest.raises(CommandError, match="whole number from 1 to 36500"):
        prune(f"--days={days}")
    assert Run.objects.count() == 1


def test_a_run_that_was_tried_again_after_the_plan_stays(run: Run) -> None:
    aged(fail(run), 31)
    decided = decide(30)
    lifecycle.retry_failed(run, actor="alice")
    (outcome,) = retention.apply(decided, Policy(run_days=30))
    assert outcome.fault == "It was retried in the meantime, so it stays."
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING


def test_stopped_in_the_middle_it_goes_on_at_the_next_call(
    workspace: Workspace, alice: User, finished: Run
) -> None:
    aged(finished, 31)
    aged(finish(lifecycle.start(workspace, alice, brief())), 32)
    first = next(retention.apply(decide(30), Policy(run_days=30)))
    assert isinstance(first.what, FromRun) and first.what.days == 32  # the oldest first
    assert [old.uid for old in decide(30)] == [finished.uid]


def test_one_run_that_cannot_go_is_told_and_the_others_go(
    workspace: Workspace, alice: User, finished: Run, caplog: pytest.LogCaptureFixture
) -> None:
    aged(finished, 40)
    other = aged(finish(lifecycle.start(workspace, alice, brief())), 31)
    stuck = Path(settings.MEDIA_ROOT) / keys_of(finished)[0]
    stuck.unlink()
    (stuck / "in-the-way").mkdir(parents=True)
    out = StringIO()
    with pytest.raises(CommandError, match="1 could not be removed"):
        call_command("prune", "--days", "30", stdout=out)
    assert "NOT REMOVED. OSError" in out.getvalue()
    assert str(finished.uid) in caplog.text and finished.name not in caplog.text  # names are people's words
    assert "1 runs, 0 interrupted removals, 0 unused uploads and 0 deleted records removed" in out.getvalue()
    assert not any(default_storage.exists(key) for key in keys_of(other))
