"""The recorded traces of both versions, as tests/data/comfyui holds them."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "comfyui"
VERSIONS = ("0.3.64", "0.33")


@cache
def trace(version: str, name: str) -> dict[str, Any]:
    """The trace whose file begins with `name`."""
    (path,) = (FOLDER / version).glob(f"{name}*.json.gz")
    return dict(json.loads(gzip.decompress(path.read_bytes())))


def every() -> list[tuple[str, str]]:
    """Version and name of all traces."""
    paths = sorted(FOLDER.glob("*/*.json.gz"))
    return [(path.parent.name, path.name.removesuffix(".json.gz")) for path in paths]


def object_info(version: str) -> dict[str, Any]:
    """The excerpt of GET /object_info."""
    return dict(json.loads((FOLDER / version / "object_info.json").read_text()))


def noted(version: str, name: str, note: str) -> dict[str, Any]:
    """The HTTP exchange whose note begins so."""
    return next(ask for ask in trace(version, name)["http"] if ask.get("note", "").startswith(note))
