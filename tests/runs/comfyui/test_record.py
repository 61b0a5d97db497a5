"""The record of the protocol is whole, and the tests it names exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
RECORD = HERE.parents[2] / "docs" / "comfyui-protocol.md"
ROW = re.compile(r"^\| (D?\d+) \| (S,C|S|C) \| (.+?) \| (.+?) \| (?:`(test_\w+)`|none: .+) \|$", re.M)


def rows() -> list[tuple[str, ...]]:
    return ROW.findall(RECORD.read_text())


def defined() -> set[str]:
    sources = (path.read_text() for path in HERE.glob("test_*.py"))
    return {name for source in sources for name in re.findall(r"^(?:async )?def (test_\w+)", source, re.M)}


def test_every_fact_stands_in_the_record_once() -> None:
    expected = [str(number) for number in range(1, 56)] + [f"D{number}" for number in range(1, 47)]
    assert [row[0] for row in rows()] == expected


def test_every_test_the_record_names_exists() -> None:
    named = {row[4] for row in rows() if row[4]}
    assert named - defined() == set()


def test_facts_named_in_the_code_and_the_tests_are_facts_of_the_record() -> None:
    known = {row[0] for row in rows()}
    sources = [*(HERE.parents[2] / "runs" / "comfyui").glob("*.py"), *HERE.glob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    named = set(re.findall(r"\bfact (\d+)|\bfact_(\d+)", text)) | set(re.findall(r"\b(D\d+)()\b", text))
    assert {first or second for first, second in named} <= known
