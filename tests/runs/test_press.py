"""Proofs are printed in the background: the newest state of a form alone, everybody in turn, and never without end."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Semaphore

import pytest

from runs.press import SHEETS_EACH, Press, Sheet

SOON = 10.0  # seconds: only a fault takes so long
ALICE, BOB = (1, "form"), (2, "form")


@dataclass(frozen=True)
class Order:
    key: str


class Machine:
    """One thread that prints what it is let to, and remembers it."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._steps = Semaphore(0)
        self._begun = Semaphore(0)
        self.press = Press(self._make, threads=1)

    def order(self, sheet: Sheet, *keys: str) -> None:
        self.press.replace(sheet, [Order(key) for key in keys])

    def let(self, count: int = 1) -> None:
        self._steps.release(count)

    def wait_begun(self, count: int = 1) -> None:
        for _ in range(count):
            assert self._begun.acquire(timeout=SOON)

    def _make(self, _sheet: Sheet, order: Order) -> None:
        self.begun.append(order.key)
        self._begun.release()
        self._steps.acquire(timeout=SOON)
        if order.key == "broken":
            raise ValueError("It cannot be printed.")


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.let(1000)


def test_what_a_form_does_not_show_any_more_is_dropped(machine: Machine) -> None:
    machine.order(ALICE, "a1", "a2", "a3")
    machine.wait_begun()
    machine.order(ALICE, "b1", "b2")
    machine.let(3)
    machine.wait_begun(2)
    assert machine.press.wait(ALICE, "b2", SOON)
    assert machine.begun == ["a1", "b1", "b2"]


def test_who_waits_for_a_dropped_one_is_told_at_once(machine: Machine) -> None:
    machine.order(ALICE, "a1", "a2")
    machine.wait_begun()
    assert not machine.press.wait(ALICE, "a2", 0.01)
    machine.order(ALICE, "b1")
    assert machine.press.wait(ALICE, "a2", 0.01)


def test_a_large_order_keeps_nobody_waiting(machine: Machine) -> None:
    machine.order(ALICE, *(f"a{n}" for n in range(80)))
    machine.wait_begun()
    machine.order(BOB, "b1", "b2")
    machine.let(4)
    machine.wait_begun(4)
    assert machine.begun == ["a0", "a1", "b1", "a2", "b2"]


def test_one_person_has_so_many_forms_waiting_and_no_more(machine: Machine) -> None:
    machine.order(BOB, "begun")
    machine.wait_begun()
    for number in range(SHEETS_EACH + 2):
        machine.order((1, f"form {number}"), f"a{number}")
    machine.let(SHEETS_EACH + 1)
    machine.wait_begun(SHEETS_EACH)
    assert machine.begun == ["begun", *(f"a{number}" for number in range(2, SHEETS_EACH + 2))]


def test_one_that_fails_keeps_the_others_from_nothing(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.order(ALICE, "broken", "whole")
    machine.let(2)
    machine.wait_begun(2)
    assert machine.press.wait(ALICE, "whole", SOON)
    assert "It cannot be printed." in caplog.text


def test_one_that_is_under_way_is_not_printed_twice(machine: Machine) -> None:
    machine.order(ALICE, "a1")
    machine.wait_begun()
    machine.press.add(ALICE, Order("a1"))
    machine.press.add(ALICE, Order("a2"))
    machine.press.add(ALICE, Order("a2"))
    machine.let(3)
    machine.wait_begun()
    assert machine.press.wait(ALICE, "a2", SOON)
    assert machine.begun == ["a1", "a2"]


def test_printing_begins_again_after_a_rest(machine: Machine) -> None:
    machine.let(2)
    for key in ("a1", "a2"):
        machine.order(ALICE, key)
        machine.wait_begun()
        assert machine.press.wait(ALICE, key, SOON)
    assert machine.begun == ["a1", "a2"]
