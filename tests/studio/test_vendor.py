"""The files that others wrote are the very ones that their packages hold; VENDORED.md says which."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
VENDOR = STATIC / "vendor"
ROW = re.compile(r"^\| (?P<name>\S+) \|.*\| (?P<sha256>[0-9a-f]{64}) \|$", re.MULTILINE)


def _listed() -> dict[Path, str]:
    rows = ROW.finditer((VENDOR / "VENDORED.md").read_text())
    return {(VENDOR / row["name"]).resolve(): row["sha256"] for row in rows}


def test_every_vendored_file_has_the_sum_that_is_written_down() -> None:
    sums = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in _listed()}
    assert len(sums) >= 4
    assert sums == _listed()


def test_no_file_stands_in_vendor_without_its_row() -> None:
    unlisted = {path for path in VENDOR.iterdir() if path.name != "VENDORED.md"} - set(_listed())
    assert unlisted == set()


def test_pages_load_the_vendored_scripts_by_their_versions() -> None:
    pages = "".join(path.read_text() for path in (STATIC.parent / "templates").rglob("*.html"))
    scripts = {path.name for path in _listed() if path.suffix == ".js"}
    assert scripts and all(f"vendor/{name}" in pages for name in scripts)


def test_licences_stand_beside_font_and_icons() -> None:
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "LICENSE-inter.txt").read_text()
    assert "ISC License" in (STATIC / "LICENSE-lucide.txt").read_text()
