"""Files that no row names go, and rows whose file is gone say so; what is being made is left alone."""

import json
import os
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Workspace
from runs import assets, orphans, storage
from runs.models import Asset, Creative, Picture, Run
from runs.orphans import LeftOver
from runs.states import AdState
from tests.conftest import keep_files_in, make_png
from tests.runs.test_retention import keys_of

# Files go after the commit: without real transactions they would stay.
pytestmark = pytest.mark.django_db(transaction=True)


def make_old(path: Path) -> Path:
    then = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(path, (then, then))
    return path


def left_over(workspace: Workspace, name: str = "0.png") -> Path:
    """A file of a picture that nobody knows any more."""
    key = f"w/{workspace.uid}/g/6f1c2a52-0000-4000-8000-00000000dead/{name}"
    storage.put(key, make_png())
    return make_old(Path(settings.MEDIA_ROOT) / key)


def prune_orphans(*args: str) -> str:
    out = StringIO()
    call_command("prune_orphans", *args, stdout=out)
    return out.getvalue()


def settled(*args: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(prune_orphans("--json", *args))
    return told


def left(*args: str) -> list[list[str]]:
    return [entry["keys"] for entry in settled(*args)["entries"] if "keys" in entry]


def test_files_whose_run_is_gone_are_removed(finished: Run, workspace: Workspace) -> None:
    file = left_over(workspace)
    assert left() == [[str(file.relative_to(settings.MEDIA_ROOT))]]
    assert not file.parent.exists()
    assert all(default_storage.exists(key) for key in keys_of(finished))


def test_old_files_of_a_run_that_is_kept_stay(finished: Run) -> None:
    for key in keys_of(finished):
        make_old(Path(settings.MEDIA_ROOT) / key)
    assert left() == []
    assert all(default_storage.exists(key) for key in keys_of(finished))


def test_half_a_file_beside_one_that_is_kept_is_removed(finished: Run) -> None:
    key = keys_of(finished)[0]
    half = (Path(settings.MEDIA_ROOT) / key).parent / ".part-x1y2"
    half.write_bytes(b"half")
    make_old(half)
    assert len(left()) == 1
    assert not half.exists() and default_storage.exists(key)


def test_what_is_still_being_made_is_left_alone(run: Run) -> None:
    generation = run.generations.all()[0]
    key = storage.picture_key(run.workspace.uid, generation.uid, 0)
    storage.put(key, make_png())
    make_old(Path(settings.MEDIA_ROOT) / key)
    assert left() == []


def test_an_upload_that_no_row_names_is_removed(workspace: Workspace) -> None:
    kept, stray = (assets.store(workspace, assets.LOGO, make_png(40, n)) for n in (20, 30))
    Asset.objects.filter(pk=stray.pk).delete()
    for asset in (kept, stray):
        make_old(Path(settings.MEDIA_ROOT) / asset.key)
    assert left() == [[stray.key]]
    assert default_storage.exists(kept.key)


def test_rows_whose_file_is_gone_name_it_no_more(finished: Run) -> None:
    for key in keys_of(finished):
        default_storage.delete(key)
    assert "4 rows without files would be settled" in prune_orphans("--dry-run")
    words = "0 files without rows removed, 0.0 MB; 4 rows without files settled."
    assert words in prune_orphans("--believe-it")
    assert set(Creative.objects.values_list("state", "key")) == {(AdState.FAILED, "")}
    assert not Picture.objects.filter(dropped_at=None).exists()
    assert settled()["entries"] == []


def test_a_disk_that_is_not_mounted_costs_no_row_its_file(finished: Run) -> None:
    here = Path(settings.MEDIA_ROOT)
    away = here.rename(here.with_name("elsewhere"))
    try:
        with pytest.raises(CommandError, match="4 of 4 files checked are missing"):
            prune_orphans()
    finally:
        away.rename(here)
    assert all(default_storage.exists(key) for key in keys_of(finished))
    assert settled()["entries"] == []


def test_a_few_files_that_are_gone_are_believed(finished: Run) -> None:
    for key in keys_of(finished)[:2]:
        default_storage.delete(key)
    assert settled()["totals"]["rows"] == 2


def test_an_upload_whose_file_is_gone_is_only_told(workspace: Workspace) -> None:
    asset = assets.store(workspace, assets.LOGO, make_png(40, 20))
    default_storage.delete(asset.key)
    with pytest.raises(CommandError, match="1 could not be settled"):
        prune_orphans("--believe-it")
    assert Asset.objects.filter(pk=asset.pk).exists()


def test_a_file_that_was_only_just_written_is_not_left_over(workspace: Workspace) -> None:
    file = left_over(workspace)
    file.touch()
    assert left() == []
    assert file.exists()


def test_files_of_a_workspace_that_this_database_does_not_know_stay(workspace: Workspace) -> None:
    file = left_over(Workspace(uid="6f1c2a52-0000-4000-8000-00000000beef", name="of another database"))
    assert left() == []
    assert file.exists()


def test_a_dry_run_keeps_left_over_files(workspace: Workspace) -> None:
    file = left_over(workspace)
    (entry,) = orphans.find(timezone.now())
    assert isinstance(entry, LeftOver) and entry.bytes == file.stat().st_size
    assert "1 files without rows would be removed" in prune_orphans("--dry-run")
    assert file.exists()


class Contended(storage.AtomicFileStorage):
    """Another prune is a moment faster: of what was listed one file is not there any more."""

    fault: ClassVar[type[OSError]] = FileNotFoundError

    def get_modified_time(self, name: str) -> datetime:
        if name.endswith("0.png"):
            raise self.fault(name)
        return super().get_modified_time(name)


class Forbidden(Contended):
    fault = PermissionError


@pytest.mark.parametrize("files", [Contended, Forbidden])
def test_a_file_that_goes_between_listing_and_looking_costs_the_others_nothing(
    workspace: Workspace, settings: Any, files: type[Contended]
) -> None:
    left_over(workspace, "0.png")
    kept = left_over(workspace, "1.png")
    keep_files_in(files, settings)
    assert left("--dry-run") == [[str(kept.relative_to(settings.MEDIA_ROOT))]]
