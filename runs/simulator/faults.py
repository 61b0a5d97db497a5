"""How the simulator misbehaves when it is told to: the switches that the other modules look at, and their names.

`Simulator` (server.py) offers them as methods; POST /simulator/faults as words, where faults are allowed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How a node class fails."""

    message: str
    exception_type: str = "RuntimeError"


@dataclass(slots=True)
class Spoilt:
    """Which answers are replaced by a status, and how many more."""

    path: str
    status: int
    left: int


@dataclass(slots=True)
class Faults:
    """What is wrong at the moment; a fresh one is a healthy server."""

    broken: dict[str, Breakdown] = field(default_factory=dict)
    """node class -> how it fails"""
    silent: bool = False
    """sockets stay open and say nothing, work goes on"""
    slowness: float = 1.0
    """every wait takes so many times as long"""
    corrupt: bool = False
    """pictures come out of /view cut in half"""
    zombie: bool = False
    """prompts are taken and never run"""
    refusal: int | None = None
    """every request is answered with this status"""
    lose_answers: int = 0
    """the next so many accepted prompts are queued, and their connection is cut instead of answered"""
    spoilt: Spoilt | None = None
    """whose answers a proxy replaces"""
    misname: str | None = None
    """outputs are listed under this file name"""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """clear while the work is held"""

    def __post_init__(self) -> None:
        self.released.set()

    @property
    def held(self) -> bool:
        """Whether work stands still until `released` is set."""
        return not self.released.is_set()

    def spoil(self, path: str) -> int | None:
        """The status that the answer of a request to that path is replaced by, if it is."""
        spoilt = self.spoilt
        if spoilt is None or not spoilt.left or not path.endswith(spoilt.path):
            return None
        spoilt.left -= 1
        return spoilt.status

    def heal(self) -> None:
        """Back to health; what is held goes on."""
        self.broken.clear()
        self.silent = self.corrupt = self.zombie = False
        self.spoilt = None
        self.slowness, self.refusal, self.lose_answers, self.misname = 1.0, None, 0, None
        self.released.set()
