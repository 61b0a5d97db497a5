"""Each page brings along the stylesheets that its parts need, and no more than the budget of bytes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES, SHEETS = ROOT / "templates", ROOT / "static" / "css"
OTHERS = ("admin", "docs")  # styles of pages that have a base of their own
MOST = 40 * 1024


def _classes(css: str) -> set[str]:
    """Those that a sheet styles anywhere; within one part of one page it may style more."""
    rules = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", css))
    selectors = (one.strip() for rule in rules for one in rule.split(","))
    return {
        name for one in selectors if not one.startswith("#") for name in re.findall(r"\.([a-z][\w-]*)", one)
    }


CLASSES = {path.stem: _classes(path.read_text()) for path in SHEETS.glob("*.css") if path.stem not in OTHERS}
NAMED = re.compile(r"""(?:extends|include) "([\w/.-]+\.html)\"""")


def _read(name: str) -> str:
    path = TEMPLATES / name
    return path.read_text() if path.exists() else ""


def _parts(name: str) -> set[str]:
    """The template, what it stands on and what it includes."""
    found, open_ = set(), [name]
    while open_:
        one = open_.pop()
        if one not in found:
            found.add(one)
            open_ += NAMED.findall(_read(one))
    return found


PAGES = sorted(
    name
    for path in TEMPLATES.rglob("*.html")
    if "base.html" in _parts(name := str(path.relative_to(TEMPLATES)))
    and name not in ("base.html", "app.html")
)


def _linked(name: str) -> set[str]:
    return {sheet for part in _parts(name) for sheet in re.findall(r"'css/(\w+)\.css'", _read(part))}


def _worn(name: str) -> set[str]:
    """The classes of its parts; what a variable says is not seen."""
    said = (value for part in _parts(name) for value in re.findall(r'class="([^"]*)"', _read(part)))
    return {word for value in said for word in re.sub(r"\{[{%].*?[}%]\}", "", value).split()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_brings_the_styles_of_its_parts(name: str) -> None:
    linked = _linked(name)
    there = set[str]().union(*(CLASSES[sheet] for sheet in linked))
    anywhere = set[str]().union(*CLASSES.values())
    assert (_worn(name) & anywhere) - there == set()


@pytest.mark.parametrize("name", PAGES)
def test_the_styles_of_a_page_keep_within_their_budget(name: str) -> None:
    assert sum((SHEETS / f"{sheet}.css").stat().st_size for sheet in _linked(name)) <= MOST


def test_what_people_write_runs_in_its_own_direction() -> None:
    """As its first letter does, whatever the page is written in."""
    [rule] = re.findall(r"([^{}]*)\{ unicode-bidi: plaintext \}", (SHEETS / "base.css").read_text())
    assert {"input", "textarea", "b", ".cut"} <= {each.strip() for each in rule.split(",")}
