"""The words people read: what the code calls creative, format, generation, shape and seat they never see."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = re.compile(r"\b(creatives?|formats?|generations?|shapes?|seats?)\b", re.IGNORECASE)
TEMPLATES = sorted(
    path
    for path in (ROOT / "templates").rglob("*.*")
    if "admin" not in path.relative_to(ROOT / "templates").parts
)
READ_ALOUD = {"title", "alt", "aria-label", "placeholder", "aria-valuetext", "content"}
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# Operators and programs have the design's own words: the admin, the API, commands, and ComfyUI's protocol.
NOT_READ = {"admin", "management", "migrations", "simulator", "comfyui", "data"}
FOR_PROGRAMS = re.compile(r"_?(admin|api|schemas|checks|metrics|consumers)\.py$|_api\.py$")
CODE = sorted(
    path
    for room in ("accounts", "studio", "runs")
    for path in (ROOT / room).rglob("*.py")
    if not NOT_READ & set(path.relative_to(ROOT).parts) and not FOR_PROGRAMS.search(path.name)
)
QUOTED = re.compile(r"`[^`]*`|\{\w+\}")  # commands, and the placeholders of file names
SENTENCE = re.compile(r"^[A-Z“].* .*[.:?”]$", re.DOTALL)


class Words(HTMLParser):
    """The text of a page, and the attributes that are read out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in READ_ALOUD and value]


def read_in_template(source: str) -> Iterator[str]:
    """What stays when tags, variables and comments are gone, and what is handed to a translation."""
    source = re.sub(r"\{#.*?#\}", "", source)
    yield from re.findall(r"{%\s*trans(?:late)?\s+[\"']([^\"']+)", source)
    yield from re.findall(r"_\(\"([^\"]+)\"\)", source)
    yield from Words(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)).found


def read_in_code(source: str) -> Iterator[str]:
    """What is translated, and whole sentences that are no docstrings."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            yield from (part.value for part in node.args if _is_text(part))  # type: ignore[attr-defined]
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if _is_text(part) else "…" for part in node.values)  # type: ignore[attr-defined]
        elif _is_text(node) and id(node) not in silent and SENTENCE.match(node.value):  # type: ignore[attr-defined]
            yield node.value  # type: ignore[attr-defined]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def forbidden(texts: Iterator[str]) -> list[str]:
    bare = ((text.strip(), QUOTED.sub("", text).strip()) for text in texts)
    return [text for text, rest in bare if (" " in text or rest.isalpha()) and FORBIDDEN.search(rest)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_says_a_word_of_the_code(path: Path) -> None:
    assert forbidden(read_in_template(path.read_text())) == []


def test_no_sentence_of_the_code_does_either() -> None:
    found = {str(path.relative_to(ROOT)): forbidden(read_in_code(path.read_text())) for path in CODE}
    assert len(found) > 100
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_this_test_sees_what_is_read_and_nothing_else() -> None:
    html = '<p class="format" title="Which format">{% trans "A shape" %}{# seat #}{{ ad.format }}Good</p>'
    assert forbidden(read_in_template(html)) == ["A shape", "Which format"]
    code = '''"""A format."""\nx = _("One seat") + f"The {y} of a generation." + "format" + "The creative is gone."'''
    assert sorted(forbidden(read_in_code(code))) == [
        "One seat",
        "The creative is gone.",
        "The … of a generation.",
    ]
