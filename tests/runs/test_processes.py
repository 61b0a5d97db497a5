"""Processes that do heavy work: what goes wrong in one harms nobody else."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from runs.composition import BadPicture, clean_picture
from runs.processes import ROOT, ProcessDied, Processes
from tests.conftest import make_png


@pytest.fixture
def one() -> Iterator[Processes]:
    with closing(Processes(1)) as processes:
        yield processes


@pytest.fixture
def hurried() -> Iterator[Processes]:
    with closing(Processes(1, limit=1.0)) as processes:
        yield processes


def test_a_function_is_called_elsewhere_and_its_answer_comes_back(one: Processes) -> None:
    assert one.compute(os.getpid) != os.getpid()
    assert one.compute(int, "ff", base=16) == 255


def test_a_process_is_used_again(one: Processes) -> None:
    assert one.compute(os.getpid) == one.compute(os.getpid)


def test_what_it_raises_is_raised_here_and_the_process_goes_on(one: Processes) -> None:
    pid = one.compute(os.getpid)
    with pytest.raises(BadPicture, match="not PNG, JPEG or WebP") as refusal:
        one.compute(clean_picture, b"no picture")
    assert "pictures.py" in refusal.value.__notes__[0]  # where it happened
    assert one.compute(os.getpid) == pid


def test_an_answer_that_cannot_be_sent_is_said(one: Processes) -> None:
    with pytest.raises(RuntimeError, match="cannot pickle"):
        one.compute(open, os.devnull)
    assert one.compute(math.sqrt, 4.0) == 2.0


def test_a_process_that_dies_takes_one_piece_of_work_with_it(one: Processes) -> None:
    with pytest.raises(ProcessDied, match="exit code 3"):
        one.compute(os._exit, 3)
    assert one.compute(math.sqrt, 4.0) == 2.0


def test_work_without_an_end_does_not_keep_its_place(hurried: Processes) -> None:
    with pytest.raises(ProcessDied, match="exit code -9"):
        hurried.compute(time.sleep, 60)
    assert hurried.compute(math.sqrt, 4.0) == 2.0


def test_a_process_that_takes_no_work_does_not_keep_its_place(hurried: Processes) -> None:
    os.kill(hurried.compute(os.getpid), signal.SIGSTOP)
    with pytest.raises(ProcessDied):
        hurried.compute(len, bytes(10_000_000))  # more than a socket holds
    assert hurried.compute(math.sqrt, 4.0) == 2.0


def test_a_process_that_died_idle_costs_nothing(one: Processes) -> None:
    pid = one.compute(os.getpid)
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        time.sleep(0.01)
    assert one.compute(os.getpid) != pid


def test_stopping_the_studio_lets_a_process_finish(one: Processes) -> None:
    for stop in (signal.SIGTERM, signal.SIGINT):
        os.kill(one.compute(os.getpid), stop)
    assert one.compute(clean_picture, make_png()).width == 8


def test_one_that_waited_long_is_not_trusted_to_be_there() -> None:
    with closing(Processes(1, idle=0.0)) as processes:
        assert processes.compute(os.getpid) != processes.compute(os.getpid)


def test_after_closing_the_next_piece_of_work_starts_anew(one: Processes) -> None:
    pid = one.compute(os.getpid)
    one.close()
    assert one.compute(os.getpid) != pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_ends_when_its_studio_is_killed() -> None:
    script = "import os; from runs.processes import Processes; one = Processes(1)\n"
    script += "print(one.compute(os.getpid), flush=True); os.kill(os.getpid(), 9)"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    pid = int(told.stdout)
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    raise AssertionError("it is still there")
