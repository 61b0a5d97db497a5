"""Files by key, through Django storages. A key never changes its bytes and never comes from outside."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage

TRIES = 20  # to write into a folder that others remove
AWAY = 3  # faults in a row after which no further file is tried


class StorageFull(OSError):
    """Storage is full. Nothing was saved; ask your studio admin to make room."""


class StorageAway(OSError):
    """File storage is not responding. Nothing is lost: try again in a few seconds."""


class AtomicFileStorage(FileSystemStorage):
    """Writes beside the target, syncs, renames: no reader and no crash ever sees half a file."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # the key is the identity: writing it again writes the same bytes

    def _save(self, name: str, content: File | IO[Any]) -> str:
        target = Path(self.path(name))
        handle, temporary = _temporary(target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in File(content).chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return name

    def delete(self, name: str) -> None:
        """Remove the file, and its folder when nothing else is in it: each picture has one of its own."""
        super().delete(name)
        with suppress(OSError):
            Path(self.path(name)).parent.rmdir()


def _temporary(folder: Path) -> tuple[int, str]:
    """A file in there. Whoever removes the last one of the folder takes that along: then it is made again."""
    for _ in range(TRIES):
        with suppress(FileNotFoundError, FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.mkstemp(dir=folder, prefix=".part-")
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.mkstemp(dir=folder, prefix=".part-")


def put(key: str, data: bytes) -> str:
    """Store the bytes and return their sha256. Raises StorageFull, StorageAway."""
    try:
        with _asked():
            saved = default_storage.save(key, ContentFile(data))
    except OSError as fault:
        if fault.errno in (ENOSPC, EDQUOT):
            raise StorageFull(fault.errno, StorageFull.__doc__) from fault
        raise
    if saved != key:
        default_storage.delete(saved)
        raise OSError(f"The storage renamed {key} to {saved}; set it to overwrite.")
    return digest(data)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def get(key: str) -> bytes:
    """Raises FileNotFoundError, StorageAway."""
    with _asked(), default_storage.open(key, "rb") as file:
        return bytes(file.read())


@contextmanager
def _asked() -> Iterator[None]:
    """Whatever a bucket's library raises: it was tried again by then, and those who ask know one fault for it."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as fault:
        if not is_remote():
            raise
        raise StorageAway(StorageAway.__doc__) from fault


def get_if_there(key: str) -> bytes | None:
    try:
        return get(key)
    except FileNotFoundError:
        return None


def delete(keys: Iterable[str]) -> int:
    """Remove the files with their thumbnails; those already gone are no fault. Returns how many were there.

    One that cannot be removed does not keep the others; several in a row are a storage that is away. Raises its fault.
    """
    gone, faults, in_a_row = 0, list[Exception](), 0
    for key in keys:
        try:
            gone += _delete(key)
            in_a_row = 0
        except Exception as fault:
            faults, in_a_row = [*faults, fault], in_a_row + 1
            if in_a_row == AWAY:
                break
    if faults:
        raise faults[0]
    return gone


def _delete(key: str) -> bool:
    there = default_storage.exists(key)
    for file in (key, small_key(key)):
        with suppress(FileNotFoundError):
            default_storage.delete(file)
    return there


def is_remote() -> bool:
    return bool(settings.MEDIA_STORAGE != "files")


def url(key: str) -> str:
    """A short-lived signed address in the object storage."""
    return str(default_storage.url(key))


def small_key(key: str) -> str:
    return f"{key}.small.webp"


def original_key(key: str) -> str:
    """The key of which this is the thumbnail; itself where it is none."""
    return key.removesuffix(".small.webp")


def picture_key(workspace: object, generation: object, attempt: int) -> str:
    return f"w/{workspace}/g/{generation}/{attempt}.png"


def ad_key(workspace: object, generation: object, name: str, sha256: str, suffix: str) -> str:
    return f"w/{workspace}/a/{generation}/{name}-{sha256[:12]}.{suffix}"


def generation_folders(workspace: object) -> tuple[str, str]:
    """Where a workspace's pictures and ads lie: in each, one folder a generation, named by its uid."""
    return f"w/{workspace}/g", f"w/{workspace}/a"


def asset_key(workspace: object, asset: object, suffix: str = "png") -> str:
    return f"{asset_folder(workspace)}/{asset}.{suffix}"


def asset_folder(workspace: object) -> str:
    """Where a workspace's uploads lie."""
    return f"w/{workspace}/assets"
