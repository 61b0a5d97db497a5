"""What the documents promise exists: every link, every reason for a dependency, every command."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
MADE_LATER = {"docs/screenshot.png"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    inside = [link for link in links if "://" not in link and link not in MADE_LATER]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_dependency_has_its_reason(name: str) -> None:
    wanted = re.findall(r"^([A-Za-z][\w-]*)", (ROOT / name).read_text(), flags=re.MULTILINE)
    reasons = (ROOT / "docs" / "decisions" / "0007-dependencies.md").read_text()
    listed = re.findall(r"^\| ([A-Za-z][\w-]+) \|", reasons, flags=re.MULTILINE)
    assert [package for package in wanted if package not in listed] == []


def test_every_command_in_the_documents_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"manage\.py (\w+)", page.read_text())}
    assert named - set(get_commands()) == set()


def test_every_make_target_in_the_documents_exists() -> None:
    named = {
        name
        for page in PAGES
        for name in re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), flags=re.M)
    }
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert named - targets == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(page.name[:4]) for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
