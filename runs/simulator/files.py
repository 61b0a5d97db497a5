"""The simulator's disk: output, temp and input folders in memory, with ComfyUI's rules for names (facts 44 to 48)."""

from __future__ import annotations

import mimetypes
import posixpath
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

FOLDERS = ("output", "temp", "input")
ROOM = 256 * 2**20  # bytes of pictures that are kept; a disk has more, memory has not
_TYPES = mimetypes.MimeTypes()
_ANNOTATED = re.compile(r"^(.*) \[(input|output|temp)\]$", re.DOTALL)


class OutsideFolder(Exception):
    """The path leads out of its folder."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file's bytes and when it was written, in nanoseconds."""

    name: str
    data: bytes
    written: int

    @property
    def etag(self) -> str:
        """As ComfyUI makes it: time and size in hexadecimal."""
        return f'"{self.written:x}-{len(self.data):x}"'

    @property
    def mime(self) -> str:
        """By its name alone; nobody looks at the content (fact 45)."""
        return _TYPES.guess_type(self.name)[0] or "application/octet-stream"


class Files:
    """Three folders. A path is `subfolder/name` in normal form."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], StoredFile] = {}
        # Beside the three folders lies the server's own data, which no route and no picture should ever show (fact 46).
        self.put("user", "", "comfyui.db", b"SQLite format 3\x00")
        self._letters: dict[str, str] = {}

    def get(self, folder: str, subfolder: str, name: str) -> StoredFile | None:
        """The file there, or None."""
        return self._files.get((folder, posixpath.normpath(posixpath.join(subfolder, name))))

    def put(self, folder: str, subfolder: str, name: str, data: bytes) -> None:
        """Write a file; raises OutsideFolder."""
        path = contained(subfolder, name)
        self._files.pop((folder, path), None)
        self._files[folder, path] = StoredFile(name, data, time.time_ns())
        if folder in ("output", "temp"):
            self._make_room()

    def _make_room(self) -> None:
        """Drop the oldest pictures over the limit; whoever wanted them has fetched them long ago."""
        made = [key for key in self._files if key[0] in ("output", "temp")]
        size = sum(len(self._files[key].data) for key in made)
        for key in made[:-1]:
            if size <= ROOM:
                return
            size -= len(self._files.pop(key).data)

    def next_names(self, folder: str, prefix: str, count: int) -> tuple[str, list[str]]:
        """The subfolder and the names for so many pictures: the counter goes on after the highest one that is there.

        Raises OutsideFolder for a prefix that leads out; such a prompt passes validation and fails here (c01).
        """
        path = posixpath.normpath(prefix)
        if path.startswith(("..", "/")):
            raise OutsideFolder(path)
        subfolder, stem = posixpath.split(path)
        pattern = re.compile(re.escape(stem) + r"_(\d+)_?\.")
        numbers = [int(match[1]) for name in self._names(folder, subfolder) if (match := pattern.match(name))]
        first = max(numbers, default=0) + 1
        return subfolder, [f"{stem}_{first + i:05}_.png" for i in range(count)]

    def temp_prefix(self, node_id: str) -> str:
        """ "ComfyUI_temp_" and five letters that a preview node keeps while the server lives (fact 48)."""
        letters = self._letters.setdefault(
            node_id,
            "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=5)),  # nosec B311 # a name as ComfyUI makes it
        )
        return f"ComfyUI_temp_{letters}"

    def free_name(self, folder: str, subfolder: str, name: str, data: bytes) -> str:
        """The name itself, or "up (1).png" when another content has it (fact 44)."""
        stem, ending = posixpath.splitext(name)
        tried, number = name, 1
        while (there := self.get(folder, subfolder, tried)) and there.data != data:
            tried, number = f"{stem} ({number}){ending}", number + 1
        return tried

    def annotated(self, value: str, default: str = "input") -> StoredFile | None:
        """The file that LoadImage means by "name.png", "sub/name.png" or "name.png [temp]"."""
        name, folder = split_annotation(value)
        # A path that leaves its folder is followed: only the newer server refuses it, and beforehand (D29).
        where, _, path = posixpath.normpath(f"{folder or default}/{name}").partition("/")
        return self._files.get((where, path))

    def pictures(self, folder: str) -> list[str]:
        """The names that LoadImage offers: top-level files with a picture's ending, in order."""
        return sorted(
            path
            for where, path in self._files
            if where == folder and "/" not in path and (_TYPES.guess_type(path)[0] or "").startswith("image/")
        )

    def wipe(self, folder: str) -> None:
        """Empty a folder; ComfyUI does it to temp at every start (fact 48)."""
        self._files = {key: file for key, file in self._files.items() if key[0] != folder}

    def count(self, folder: str) -> int:
        """How many files lie in a folder and below it."""
        return sum(where == folder for where, _ in self._files)

    def _names(self, folder: str, subfolder: str) -> Iterator[str]:
        for where, path in self._files:
            if where == folder and posixpath.dirname(path) == subfolder:
                yield posixpath.basename(path)


def contained(subfolder: str, name: str) -> str:
    """`subfolder/name` in normal form; raises OutsideFolder if it leaves its folder."""
    path = posixpath.normpath(posixpath.join(subfolder, name))
    if path.startswith(("../", "/")) or path in ("..", "."):
        raise OutsideFolder(path)
    return path


def split_annotation(value: str) -> tuple[str, str | None]:
    """ "name.png [temp]" as name and folder; without such a mark the folder is None."""
    match = _ANNOTATED.match(value)
    return (match[1], match[2]) if match else (value, None)
