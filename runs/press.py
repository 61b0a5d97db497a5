"""Prints proofs in the background: a thread for everybody, and of each form only what it shows now.

Sheets take turns, one proof at a time, so that who orders eighty sizes keeps nobody waiting for six.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

log = logging.getLogger(__name__)

THREADS = 1  # two were measured to be no faster: the form's answer takes as long
SHEETS_EACH = 3  # forms of one person that wait at once
MOST_SHEETS = 300

type Sheet = tuple[int, str]  # whose, and which form


class Order(Protocol):
    @property
    def key(self) -> str: ...


class Press[O: Order]:
    """`make` prints one order of a sheet; it must never touch the database, for nobody closes its connection."""

    def __init__(self, make: Callable[[Sheet, O], None], threads: int = THREADS) -> None:
        self._make = make
        self._most = threads
        self._threads = 0
        self._turn = threading.Condition()
        self._waiting: dict[Sheet, dict[str, O]] = {}  # in the order of their turns
        self._printing: set[tuple[Sheet, str]] = set()

    def replace(self, sheet: Sheet, orders: Iterable[O]) -> None:
        """Print these; what the sheet still waited for is not wanted any more."""
        with self._turn:
            self._waiting.pop(sheet, None)
            self._enter(sheet, {order.key: order for order in orders})

    def add(self, sheet: Sheet, order: O) -> None:
        """Print this one too, unless it is under way."""
        with self._turn:
            if not self._is_open(sheet, order.key):
                self._enter(sheet, self._waiting.get(sheet, {}) | {order.key: order})

    def wait(self, sheet: Sheet, key: str, patience: float) -> bool:
        """Until that proof is printed or dropped; False when it is neither in time."""
        with self._turn:
            return self._turn.wait_for(lambda: not self._is_open(sheet, key), patience)

    def _is_open(self, sheet: Sheet, key: str) -> bool:
        return key in self._waiting.get(sheet, {}) or (sheet, key) in self._printing

    def _enter(self, sheet: Sheet, orders: dict[str, O]) -> None:
        if orders:
            self._waiting[sheet] = orders
        own = [other for other in self._waiting if other[0] == sheet[0]]
        for late in own[:-SHEETS_EACH] or list(self._waiting)[:-MOST_SHEETS]:
            del self._waiting[late]
        if self._waiting and self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._work, name=f"proofs-{self._threads}", daemon=True).start()
        self._turn.notify_all()

    def _work(self) -> None:
        while True:
            sheet, order = self._take()
            try:
                self._make(sheet, order)
            except Exception:
                log.exception("A proof could not be printed")
            finally:
                with self._turn:
                    self._printing.discard((sheet, order.key))
                    self._turn.notify_all()

    def _take(self) -> tuple[Sheet, O]:
        with self._turn:
            self._turn.wait_for(lambda: bool(self._waiting))
            sheet = next(iter(self._waiting))
            orders = self._waiting.pop(sheet)
            order = orders.pop(next(iter(orders)))
            if orders:
                self._waiting[sheet] = orders  # behind all others
            self._printing.add((sheet, order.key))
            return sheet, order
