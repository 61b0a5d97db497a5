"""How much one person may ask of the rail: more than anybody types, less than what keeps others waiting."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from accounts.pace import Pace

WINDOW = 10  # seconds
MOST_LOOKS = 40  # at one person's forms in a window: a box ticked every quarter of a second
TURN_PATIENCE = 2.0  # seconds
SEATS, SEATS_EACH = 64, 32  # requests that wait for a proof at once, each in a thread of its own

_lock = Lock()
_taken: Counter[int] = Counter()
_turns = [
    Lock() for _ in range(64)
]  # of all people; two who share one wait for a look of the other's at most


def is_over(user: int) -> bool:
    """Count one more look at a form, and say whether it is too many."""
    return Pace("pace", MOST_LOOKS, WINDOW).is_over(user)


@contextmanager
def turn(user: int) -> Iterator[bool]:
    """One look at a person's forms at a time, or a few tabs would fill every core; False where none comes soon."""
    lock = _turns[user % len(_turns)]
    free = lock.acquire(timeout=TURN_PATIENCE)
    try:
        yield free
    finally:
        if free:
            lock.release()


@contextmanager
def seat(user: int) -> Iterator[bool]:
    """A place to wait in; False where there is none."""
    with _lock:
        free = _taken.total() < SEATS and _taken[user] < SEATS_EACH
        _taken[user] += free
    try:
        yield free
    finally:
        with _lock:
            _taken[user] -= free
            if not _taken[user]:
                del _taken[user]
