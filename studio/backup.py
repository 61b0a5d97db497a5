"""A copy of a whole studio in one process, taken while it runs: its database as of one moment, and every file it names.

Files are copied before the database and once more after it: what is removed meanwhile is in the copy already, and what
comes meanwhile is fetched. So a file is one too many, never one too few. Files are written once under a name of their
own, so that those that are there already are not copied again.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

DATABASE = "studio.sqlite3"
MEDIA = "media"
HALF = ".part-"  # begins the names of files that are just being written


def back_up(database: Path, files: Path | None, folder: Path) -> tuple[int, int]:
    """Both, so that they fit together; how many files were copied, and how many were there already."""
    before = copy_files(files, folder) if files else (0, 0)
    copy_database(database, folder)
    after = copy_files(files, folder) if files else (0, 0)
    return before[0] + after[0], before[1]


def copy_database(source: Path, folder: Path) -> Path:
    """As of one moment, whoever writes meanwhile (https://www.sqlite.org/backup.html)."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished, target = folder / f"{DATABASE}.unfinished", folder / DATABASE
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)  # how to get in at GPU servers is in it
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(unfinished)) as copy:
        live.backup(copy)  # at one go: in write-ahead mode nobody waits for a reader
    unfinished.replace(target)
    return target


def copy_files(source: Path, folder: Path) -> tuple[int, int]:
    """How many files were copied, and how many were there already."""
    copied = kept = 0
    for file in source.rglob("*"):
        if file.name.startswith(HALF) or not file.is_file():
            continue
        target = folder / MEDIA / file.relative_to(source)
        if _is_there(file, target):
            kept += 1
        elif _copy(file, target):
            copied += 1
    return copied, kept


def _is_there(file: Path, target: Path) -> bool:
    try:
        return target.stat().st_size == file.stat().st_size
    except FileNotFoundError:
        return False


def _copy(file: Path, target: Path) -> bool:
    """False for one that went away meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        shutil.copy2(file, unfinished)
    except FileNotFoundError:
        return False
    unfinished.replace(target)
    return True
