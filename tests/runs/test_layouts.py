"""Solved layouts are kept, and many are solved beside the pages."""

import os
import signal
from threading import Timer

import pytest

from runs import layouts
from runs.composition import Copy, DoesNotFit, Layout, Style

STYLE = Style(brand_name="Nordlys")


def key(headline: str, size: str = "meta_feed_square") -> layouts.Key:
    return size, Copy(headline), STYLE, "en"


def test_what_is_solved_beside_the_pages_is_what_is_solved_here() -> None:
    keys = [key("Slow brewed"), key("Fast gone"), key("x" * 150)]
    layouts.solve_all(keys)
    there = [layouts.solved(*one) for one in keys]
    layouts.forget()
    assert [layouts.solved(*one) for one in keys[:2]] == there[:2]
    assert isinstance(there[0], Layout) and isinstance(there[2], DoesNotFit)
    assert str(layouts.solved(*keys[2])) == str(there[2])


def test_all_that_is_kept_shares_the_files_of_one_brand() -> None:
    layouts.forget()
    style = Style(brand_name="Nordlys", logo=bytes(1000))
    layouts.solve_all(("meta_feed_square", Copy(headline), style, "en") for headline in ("One", "Two"))
    assert [key[2] is style for key in layouts._kept] == [True, True]


def test_a_process_that_dies_over_layouts_is_not_missed(caplog: pytest.LogCaptureFixture) -> None:
    layouts.forget()
    pid = layouts.processes.compute(os.getpid)
    os.kill(pid, signal.SIGSTOP)  # it takes the work, and is killed over it
    Timer(1, os.kill, (pid, signal.SIGKILL)).start()
    layouts.solve_all([key("One"), key("Two"), key("Three")])
    assert "solved here instead" in caplog.text
    assert isinstance(layouts.solved(*key("One")), Layout)


def test_a_layout_is_solved_once() -> None:
    layouts.solve_all([key("One"), key("Two")])
    assert layouts.solved(*key("One")) is layouts.solved(*key("One"))


def test_only_so_many_are_kept_and_the_oldest_goes_first() -> None:
    layouts.forget()
    oldest = layouts.solved(*key("Oldest"))
    layouts.solved(*key("Second"))
    layouts.solved(*key("Oldest"))
    layouts.trim(1)
    assert layouts.solved(*key("Oldest")) is oldest
