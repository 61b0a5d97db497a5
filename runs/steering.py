"""What people decide over the heads of servers: a picture goes to another one, or is given up. Lifecycle's verbs."""

from collections.abc import Iterable

from django.db import transaction

from runs import lifecycle, withdrawals
from runs.errors import NotAllowed
from runs.models import Generation
from runs.states import SEATED, Event, IllegalTransition, Status


def send_elsewhere(generations: Iterable[Generation], *, actor: str) -> int:
    """Take these off their servers; the scheduler then prefers others. Returns how many were at one."""
    moved = 0
    for row in sorted(generations, key=lambda row: (row.run_id, row.pk)):  # the order in which all lock
        if Status(row.status) not in SEATED:
            continue
        try:
            lifecycle.lose(row, f"{actor} sent it to another server.", blame=False)
        except (IllegalTransition, NotAllowed):  # it went on meanwhile
            continue
        moved += 1
    return moved


def give_up(generations: Iterable[Generation], words: str, *, actor: str) -> int:
    """These have failed, says a person with these words. Returns how many had not come to an end."""
    ended = 0
    for row in sorted(generations, key=lambda row: (row.run_id, row.pk)):
        try:
            with transaction.atomic():
                failed = lifecycle.advance(row, Event.FAIL, actor=actor, words=words, error=words)
                withdrawals.of(failed, now=True)
        except (IllegalTransition, NotAllowed):
            continue
        ended += 1
    return ended
