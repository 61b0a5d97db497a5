"""Prompts that nobody waits for any more. They are noted down, for their server may be away; a probe takes them off."""

from uuid import UUID

from django.db import transaction

from runs import signals
from runs.models import Generation, Server, Withdrawal


def of(row: Generation, *, now: bool = False) -> None:
    """The prompt of a picture that nobody paints any more is still on its server. `now`: ask that at once."""
    if row.server is None or row.prompt_id is None:
        return
    note(row.server, row.prompt_id)
    if now:
        told = row.server
        transaction.on_commit(lambda: signals.prompt_abandoned.send(Withdrawal, server=told))


def note(server: Server, prompt_id: UUID) -> None:
    """That prompt is to be taken off as soon as its server answers."""
    Withdrawal.objects.get_or_create(prompt_id=prompt_id, defaults={"server": server})
