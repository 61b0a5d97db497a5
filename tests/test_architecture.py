"""Which room may import which: the README's arrow picture, executed on imports and on migrations."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DJANGO = ["django", "channels", "ninja", "allauth"]
RECORDS = ["runs.models", "runs.lifecycle", "runs.leases", "runs.storage", "runs.live", "runs.summary"]
EDGES = [
    "runs.api",
    "runs.ads_api",
    "runs.assets_api",
    "runs.admin",
    "runs.checks",
    "runs.doctor",
    "runs.downloads",
    "runs.schemas",
    "runs.urls",
    "runs.health",
    "runs.management",
    "runs.metrics",
]
ABOVE = ["studio", "adgen"]

MAY_NOT_IMPORT = {
    "accounts": ["runs", *ABOVE],
    "runs": ABOVE,
    "runs/states.py": [*DJANGO, "runs", "accounts", *ABOVE],
    "runs/errors.py": [*DJANGO, "runs", "accounts", *ABOVE],
    "runs/formats.py": [*DJANGO, "runs", "accounts", *ABOVE],
    "runs/brief.py": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.comfyui", "accounts", *ABOVE],
    "runs/post_text.py": [*DJANGO, "runs", "accounts", *ABOVE],
    "runs/post_copy.py": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.comfyui", "accounts", *ABOVE],
    "runs/banned.py": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.comfyui", "accounts", *ABOVE],
    "runs/prompts.py": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.comfyui", "accounts", *ABOVE],
    "runs/models": ["runs.engine", "runs.lifecycle", *EDGES, *ABOVE],
    "runs/lifecycle.py": ["runs.engine", *EDGES, *ABOVE],
    "runs/engine": [*EDGES, "django.http", "django.shortcuts", *ABOVE],
    "runs/comfyui": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.simulator", "runs.composition", *ABOVE],
    "runs/composition": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.comfyui", "runs.simulator", *ABOVE],
    "runs/simulator": [*DJANGO, *RECORDS, *EDGES, "runs.engine", "runs.composition", "accounts", *ABOVE],
}
OF_COMFYUI_THE_SIMULATOR_KNOWS = ("runs.comfyui.protocol", "runs.comfyui.events")
MAY_BE_ASYNC = (
    "runs/engine/",
    "runs/comfyui/",
    "runs/simulator/",
    "consumers.py",
    "studio/feed.py",  # what the consumers share
    "adgen/tasks.py",
    "adgen/worker_tasks.py",
    "adgen/asgi.py",
    "adgen/gate.py",  # stands before pages and before static files
    "adgen/limits.py",  # ASGI middleware
    "adgen/logs.py",  # ASGI middleware
    "adgen/origin.py",  # ASGI middleware
    "adgen/outage.py",  # ASGI middleware
    "adgen/pages.py",  # the ASGI handler
    "studio/serving.py",  # starts the loop
    "runs/live.py",  # hands over to the channel layer
    "runs/headless.py",
    "runs/downloads.py",  # sends a ZIP in pieces
    "runs/management/commands/",
)


def sources(place: str = "") -> list[Path]:
    target = ROOT / place
    if target.suffix:
        return [target]
    tops = [target] if place else [ROOT / top for top in ("accounts", "adgen", "runs", "studio")]
    return [path for top in tops for path in sorted(top.rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(path, node)


def _from(path: Path, node: ast.ImportFrom) -> Iterator[str]:
    base = path.relative_to(ROOT).with_suffix("").parts[: -node.level] if node.level else ()
    name = ".".join([*base, *filter(None, [node.module])])
    yield name
    yield from (f"{name}.{alias.name}" for alias in node.names)


def within(name: str, banned: str) -> bool:
    return name == banned or name.startswith(f"{banned}.")


@pytest.mark.parametrize("place", MAY_NOT_IMPORT)
def test_imports_point_inwards(place: str) -> None:
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(place)
        for name in imports(path)
        for banned in MAY_NOT_IMPORT[place]
        if within(name, banned)
    ]
    assert not broken, "\n".join(broken)


def test_the_simulator_shares_only_the_wire_with_the_client() -> None:
    names = {
        name for path in sources("runs/simulator") for name in imports(path) if within(name, "runs.comfyui")
    }
    strangers = [
        name for name in names if not any(within(name, known) for known in OF_COMFYUI_THE_SIMULATOR_KNOWS)
    ]
    assert strangers == []


def test_only_these_places_are_async() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sources()
        if any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(ast.parse(path.read_text())))
    ]
    assert [path for path in found if not any(place in path for place in MAY_BE_ASYNC)] == []


@pytest.mark.parametrize(("app", "below"), [("accounts", ["runs", "studio"]), ("runs", ["studio"])])
def test_no_migration_depends_on_a_higher_room(app: str, below: list[str]) -> None:
    text = "".join(path.read_text() for path in sources(f"{app}/migrations"))
    assert [other for other in below if f"('{other}'," in text or f'("{other}",' in text] == []


@pytest.mark.parametrize("path", [p for p in sources() if "migrations" not in p.parts], ids=str)
def test_only_lifecycle_writes_a_status(path: Path) -> None:
    if path == ROOT / "runs" / "lifecycle.py":
        return
    written = [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if _writes_status(node)]
    assert written == [], f"{path} writes a status: {written}"


def _writes_status(node: ast.AST) -> bool:
    """`row.status = …`, or `.update(status=…)` and `create(status=…)` on a table."""
    match node:
        case ast.Assign(targets=targets):
            return any(isinstance(t, ast.Attribute) and t.attr == "status" for t in targets)
        case ast.Call(func=ast.Attribute(attr="update" | "create" | "bulk_update"), keywords=keywords):
            return any(keyword.arg == "status" for keyword in keywords)
        case _:
            return False


def test_no_file_is_over_400_lines_and_no_function_over_60() -> None:
    """Those of the tests and of the tools too."""
    beside = [
        path for top in ("benchmarks", "scripts", "tests") for path in sorted((ROOT / top).rglob("*.py"))
    ]
    for path in [*sources(), *beside]:
        if "migrations" in path.parts:
            continue
        text = path.read_text()
        assert len(text.splitlines()) <= 400, f"{path} is too long"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name} is too long"


def test_no_merge_was_left_half_done() -> None:
    ends = ("*.py", "*.html", "*.css", "*.js", "*.md", "*.toml", "*.yml")
    files = (
        path
        for end in ends
        for path in ROOT.rglob(end)
        if not path.relative_to(ROOT).parts[0].startswith((".", "var", "staticfiles"))
    )
    left = [
        path
        for path in files
        if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in path.read_text().splitlines())
    ]
    assert left == []
