"""How much one person may ask of the rail: more than anybody types, less than what keeps others waiting."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.http import HttpResponse

from accounts.pace import Pace

LOOKS = Pace("pace", most=40, window=10)  # at one person's forms: a box ticked every quarter of a second
TURN_PATIENCE = 2.0  # seconds
SEATS, SEATS_EACH = 64, 32  # requests that wait for a proof at once, each in a thread of its own

_lock = Lock()
_taken: Counter[int] = Counter()
# Of all people: two who share one wait for a look of the other's at most.
_turns = [Lock() for _ in range(64)]


def is_over(user: int) -> bool:
    """Count one more look at a form, and say whether it is too many."""
    return LOOKS.is_over(user)


def refusal() -> HttpResponse:
    """What a look that is one too many is answered with: the page stays as it is."""
    return HttpResponse(status=429, headers={"Retry-After": str(LOOKS.window), "HX-Reswap": "none"})


@contextmanager
def turn(user: int, *, patience: float = TURN_PATIENCE) -> Iterator[bool]:
    """One look at a person's forms at a time, or a few tabs would fill every core; False where none comes soon."""
    lock = _turns[user % len(_turns)]
    free = lock.acquire(timeout=patience)
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
