"""compose.yaml and what its containers begin with. There is no container engine in a test: their scripts are run."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OURS = ["migrate", "web", "worker", "simulator"]
ENTRY, HEALTH = ROOT / "scripts" / "container_entry.sh", ROOT / "scripts" / "healthcheck.py"


def enter(*arguments: str, **knobs: str) -> subprocess.CompletedProcess[str]:
    """What the container's first process does, with this checkout's Python."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [ENTRY, *arguments], cwd=ROOT, env={"PATH": path, **knobs}, capture_output=True, text=True
    )


def is_well(*arguments: str) -> bool:
    done = subprocess.run([sys.executable, HEALTH, *arguments], env={"PORT": "9"}, capture_output=True)
    return done.returncode == 0


@pytest.mark.parametrize("name", OURS)
def test_every_part_is_one_that_the_image_knows(name: str) -> None:
    (role,) = SERVICES[name]["command"]
    assert re.search(rf"^    {role}\)", ENTRY.read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_every_part_is_locked_down(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "USER 10001" in (ROOT / "Dockerfile").read_text() if name in OURS else service["user"] != "root"


@pytest.mark.parametrize("name", SERVICES)
def test_only_the_web_processes_are_reached_from_outside(name: str) -> None:
    assert ("ports" in SERVICES[name]) == (name == "web")
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_nobody_works_before_the_tables_are_there() -> None:
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_every_setting_that_is_passed_on_exists() -> None:
    known = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), flags=re.MULTILINE)
    )
    passed_on = set(SERVICES["web"]["environment"])
    assert passed_on - known == {"DEMO"}  # which the entry reads


def test_a_part_that_does_not_exist_is_answered_with_those_that_do() -> None:
    done = enter("worcker")
    assert done.returncode == 2
    assert "studio, migrate, web, worker or simulator" in done.stderr


def test_the_simulator_leaves_where_gpu_servers_are_named() -> None:
    done = enter("simulator", GPU_SERVERS="http://gpu-1:8188")
    assert done.returncode == 0 and "not needed" in done.stdout


@pytest.mark.thorough
def test_migrate_makes_key_tables_demo_and_a_link(tmp_path: Path) -> None:
    # One process's database: a part of several would refuse it only when it begins to work.
    done = enter("migrate", VAR_DIR=str(tmp_path), DEMO="1", PUBLIC_URL="http://localhost:8000")
    assert done.returncode == 0, done.stderr
    assert re.search(r"http://localhost:8000/accounts/link/\S+", done.stdout)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    again = enter("migrate", VAR_DIR=str(tmp_path))
    assert (again.returncode, again.stdout) == (0, "")


def test_a_worker_is_well_while_it_shows_itself(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    assert not is_well("--alive", str(alive))
    alive.touch()
    assert is_well("--alive", str(alive))
    a_minute_ago = time.time() - 60
    os.utime(alive, (a_minute_ago, a_minute_ago))
    assert not is_well("--alive", str(alive))


def test_a_web_process_that_does_not_answer_is_not_well() -> None:
    assert not is_well("http://127.0.0.1:9/health/ready")
    assert not is_well()
