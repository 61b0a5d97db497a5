"""What the scheduler decides and lifecycle carries out."""

from dataclasses import dataclass

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
