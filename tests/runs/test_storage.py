"""Files by key: whole or not there, the same bytes under the same key, gone with their thumbnails."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from runs import storage


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "runs.storage.AtomicFileStorage", "OPTIONS": {"location": tmp_path}}
    }
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class Breaking(ContentFile):
    """Content that ends in the middle, as an upload does when its sender is gone."""

    def read(self, size: int = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError("gone")
        return bytes(self.file.read(5))


def test_what_is_put_is_got_with_its_digest(folder: Path) -> None:
    assert storage.put("w/1/g/2/0.png", b"abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert storage.get("w/1/g/2/0.png") == b"abc"
    assert files(folder) == ["w/1/g/2/0.png"]


def test_putting_it_again_keeps_the_key_and_the_bytes(folder: Path) -> None:
    first = storage.put("a/1.png", b"abc")
    assert storage.put("a/1.png", b"abc") == first
    assert files(folder) == ["a/1.png"]


def test_a_write_that_fails_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ConnectionResetError):
        default_storage.save("a/1.png", Breaking(b"two halves"))
    assert files(folder) == []


def test_a_write_that_fails_leaves_the_older_file_whole(folder: Path) -> None:
    storage.put("a/1.png", b"abc")
    with pytest.raises(ConnectionResetError):
        default_storage.save("a/1.png", Breaking(b"two halves"))
    assert storage.get("a/1.png") == b"abc"
    assert files(folder) == ["a/1.png"]


def test_half_a_file_is_never_seen_under_its_key(folder: Path) -> None:
    seen: list[bool] = []

    class Slow(ContentFile):
        def read(self, size: int = -1) -> bytes:
            seen.append(default_storage.exists("a/1.png"))
            return bytes(self.file.read(5))

    default_storage.save("a/1.png", Slow(b"two halves"))
    assert seen == [False] * 3
    assert storage.get("a/1.png") == b"two halves"


@pytest.mark.parametrize("key", ["../outside.png", "/etc/outside.png", "a/../../outside.png"])
def test_a_key_never_leads_out_of_the_storage(folder: Path, key: str) -> None:
    for deed in (lambda: storage.put(key, b"x"), lambda: storage.get(key), lambda: storage.delete([key])):
        with pytest.raises(SuspiciousFileOperation):
            deed()
    assert not (folder.parent / "outside.png").exists()


def test_deleting_takes_the_thumbnail_along_and_counts_the_files(folder: Path) -> None:
    storage.put("a/1.png", b"abc")
    storage.put(storage.small_key("a/1.png"), b"small")
    storage.put("a/2.png", b"abc")
    assert storage.delete(["a/1.png", "a/none.png"]) == 1
    assert files(folder) == ["a/2.png"]


def test_deleting_what_is_gone_is_no_fault(folder: Path) -> None:
    assert storage.delete(["a/1.png"]) == 0


def test_the_folder_of_a_picture_goes_with_its_last_file(folder: Path) -> None:
    storage.put("w/1/g/2/0.png", b"a")
    storage.put("w/1/g/2/1.png", b"b")
    storage.delete(["w/1/g/2/0.png"])
    assert (folder / "w/1/g/2").is_dir()
    storage.delete(["w/1/g/2/1.png"])
    assert not (folder / "w/1/g/2").exists()


def test_what_may_be_missing_is_asked_for_softly() -> None:
    assert storage.get_if_there("a/1.png") is None
    with pytest.raises(FileNotFoundError):
        storage.get("a/1.png")


def test_a_storage_that_renames_is_refused(settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    storage.put("a/1.png", b"abc")
    with pytest.raises(OSError, match="set it to overwrite"):
        storage.put("a/1.png", b"abc")
    assert storages["default"].listdir("a") == ([], ["1.png"])


def test_keys_tell_workspace_and_generation_and_nothing_else() -> None:
    assert storage.picture_key("W", "G", 2) == "w/W/g/G/2.png"
    assert storage.ad_key("W", "G", "meta_story-m1-en-r1", "0123456789abcdef", "jpg") == (
        "w/W/a/G/meta_story-m1-en-r1-0123456789ab.jpg"
    )
    assert storage.asset_key("W", "A") == "w/W/assets/A.png"


def stuck(folder: Path, key: str) -> str:
    """A key at which something lies that no storage removes."""
    (folder / key / "in-the-way").mkdir(parents=True)
    return key


def test_a_file_that_cannot_be_removed_keeps_no_other(folder: Path) -> None:
    for key in ("a/1.png", "c/1.png"):
        storage.put(key, b"abc")
    with pytest.raises(OSError, match="not empty"):
        storage.delete(["a/1.png", stuck(folder, "b/1.png"), "c/1.png"])
    assert files(folder) == []


def test_a_storage_that_removes_nothing_is_not_asked_for_every_file(folder: Path) -> None:
    storage.put("z/1.png", b"abc")
    with pytest.raises(OSError, match="not empty"):
        storage.delete([*(stuck(folder, f"{n}/1.png") for n in range(3)), "z/1.png"])
    assert files(folder) == ["z/1.png"]


def test_a_folder_that_is_just_removed_loses_no_file_that_comes(folder: Path) -> None:
    """A clean-up removes the last upload of a folder while somebody uploads the next."""

    def come_and_go(key: str) -> None:
        for _ in range(400):
            storage.put(key, b"abc")
            storage.delete([key])

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(come_and_go, f"assets/{n}.png") for n in range(8)]:
            done.result()
    assert files(folder) == []
