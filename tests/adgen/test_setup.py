"""`make setup` on machines that do not fit: one clear answer, and nothing is made."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def a_python(folder: Path, *, version: str, lacks: str = "nothing") -> Path:
    """An interpreter of that version on a machine that lacks something a script could ask for."""
    path = folder / "python"
    fits = 0 if version.startswith("3.13.") else 1
    path.write_text(
        "#!/bin/sh\n"
        f'case "$*" in\n--version) echo "Python {version}" ;;\n*version_info*) exit {fits} ;;\n'
        f'*{lacks}*) exit 1 ;;\n*venv*) mkdir "$4" ;;\nesac\n'
    )
    path.chmod(0o755)
    return path


def make_venv(python: Path, venv: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(venv.parent), "PYTHON": str(python)}
    command = [str(ROOT / "scripts" / "make_venv.sh"), str(venv)]
    return subprocess.run(command, env=env, capture_output=True, text=True)


def test_a_machine_that_fits_gets_its_environment(tmp_path: Path) -> None:
    done = make_venv(a_python(tmp_path, version="3.13.5"), tmp_path / "venv")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "venv").is_dir()


@pytest.mark.parametrize("version", ["3.11.2", "3.14.0"])
def test_another_python_is_named_and_nothing_is_made(tmp_path: Path, version: str) -> None:
    done = make_venv(a_python(tmp_path, version=version), tmp_path / "venv")
    assert done.returncode == 1
    assert f"AdGen Studio needs Python 3.13; found here: Python {version}." in done.stderr
    assert "make setup PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_no_python_at_all_is_said_so(tmp_path: Path) -> None:
    done = make_venv(tmp_path / "nowhere", tmp_path / "venv")
    assert done.returncode == 1
    assert "AdGen Studio needs Python 3.13" in done.stderr


@pytest.mark.parametrize(
    ("lacks", "line"),
    [("libEGL", "apt-get install -y libegl1 libgl1"), ("ensurepip", "apt-get install -y python3.13-venv")],
)
def test_what_the_system_lacks_is_a_line_to_type_and_nothing_is_made(
    tmp_path: Path, lacks: str, line: str
) -> None:
    done = make_venv(a_python(tmp_path, version="3.13.5", lacks=lacks), tmp_path / "venv")
    assert done.returncode == 1
    assert line in done.stderr
    assert not (tmp_path / "venv").exists()


def test_make_alone_lists_every_target_for_people() -> None:
    env = {"PATH": os.environ["PATH"]}  # without MAKELEVEL: this make is nobody's child
    listed = subprocess.run(["make"], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    text = (ROOT / "Makefile").read_text()
    [phony] = re.findall(r"^\.PHONY: (.*) FORCE$", text, flags=re.MULTILINE)
    assert [line.split()[1] for line in listed.splitlines()] == phony.split()
