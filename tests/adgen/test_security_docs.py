"""What the pages on security promise: every test they name exists, and no requirement was forgotten."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/security.md", "docs/asvs.md")


def _tests_there_are() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^\s*(?:async )?def (test_\w+)", path.read_text(), flags=re.MULTILINE))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_the_page_names_exists(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / page).read_text()))
    assert len(named) > 50
    assert sorted(named - _tests_there_are()) == []


def test_every_requirement_of_asvs_at_levels_1_and_2_is_answered_once() -> None:
    lines = (ROOT / "tests" / "data" / "asvs-5.0.0.txt").read_text().split("\n")
    wanted = sorted(line.split()[0] for line in lines if line)
    cells = re.findall(r"^\| ([\d., ]+) \|", (ROOT / "docs" / "asvs.md").read_text(), flags=re.MULTILINE)
    answered = sorted(number for cell in cells for number in cell.split(", "))
    assert len(wanted) == 70 + 183
    assert answered == wanted


def test_the_bill_names_every_package_with_its_hashes() -> None:
    requirements = ROOT / "requirements.txt"
    command = [sys.executable, str(ROOT / "scripts" / "sbom.py"), str(requirements)]
    made = [subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(2)]
    bill = json.loads(made[0])
    assert made[0] == made[1]
    wanted = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", requirements.read_text(), flags=re.MULTILINE)
    assert [(part["name"], part["version"]) for part in bill["components"]] == wanted
    kept = {
        hash["content"]
        for part in bill["components"]
        for file in part["externalReferences"]
        for hash in file["hashes"]
    }
    assert kept == set(re.findall(r"--hash=sha256:(\w+)", requirements.read_text()))
