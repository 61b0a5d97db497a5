"""What the scheduler decides and lifecycle carries out."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Value, When

from runs.models import Generation, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What the scheduler decided for one waiting generation."""

    generation: Generation
    server: Server
    checkpoint: str

    @property
    def moves(self) -> bool:
        """Its server is away: elsewhere it is another prompt, and paid for anew."""
        return self.generation.prompt_id is not None and self.generation.server_id != self.server.pk


def servers_of(seats: Iterable[Seat]) -> Case:
    """For one UPDATE of all of them: the server of each."""
    of: dict[int, list[int]] = {}
    for seat in seats:
        of.setdefault(seat.server.pk, []).append(seat.generation.pk)
    return Case(*(When(pk__in=pks, then=Value(server)) for server, pks in of.items()))
