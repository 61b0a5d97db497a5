"""A clean-up that is killed in the middle, again and again, in a real process: in the end rows and files agree."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.processes import ROOT
from tests.chaos.processes import environment, manage

pytestmark = pytest.mark.chaos

FURNISH = "from benchmarks import retention as r; r.furnish(3000); print(r.write_files())"
LOOK = "from benchmarks import retention as r; print(r.lost(3600))"
PRUNE = [sys.executable, str(ROOT / "manage.py"), "prune", "--days", "30"]


def killed_after(lines: int, env: dict[str, str]) -> None:
    """SIGKILL as soon as it has said so much: it is then at the next run's rows or files."""
    with subprocess.Popen(PRUNE, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as prune:
        assert prune.stdout is not None
        for _ in range(lines):
            assert prune.stdout.readline()
        prune.send_signal(signal.SIGKILL)
        assert prune.wait() == -signal.SIGKILL


def test_killed_in_the_middle_it_goes_on_and_nothing_is_left_over(tmp_path: Path) -> None:
    env = environment(VAR_DIR=tmp_path, SECRET_KEY="a-key-for-tests-only-" + "x" * 40)
    manage(env, "migrate", "--verbosity=0")
    assert manage(env, "shell", "--no-imports", "-c", FURNISH) == "3600"
    for lines in (2, 5, 9):
        killed_after(lines, env)
        # Whatever moment it was: no row names a file that is gone.
        assert "; 0 rows without files" in manage(env, "shell", "--no-imports", "-c", LOOK)
    told = manage(env, "prune", "--days", "30")
    assert "could not be removed" not in told
    # Of sixty runs every eighth is pinned, every fifth has an approved ad.
    assert manage(env, "shell", "--no-imports", "-c", LOOK) == (
        f"{60 * kept()} of 3600 files; 0 rows without files, 0 files without rows"
    )
    assert "0 runs, 0 interrupted removals" in manage(env, "prune", "--days", "30")


def kept() -> int:
    return len([run for run in range(1, 61) if run % 8 == 0 or run % 5 == 0])
