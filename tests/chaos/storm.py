"""Hurts a stage on a schedule, and measures how long what was hit takes to go on.

Each fault first looks whether it would hit anything; one that would not gives its turn to another. The order comes
from a seed.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from tests.chaos.processes import Engine
from tests.chaos.rows import Row
from tests.chaos.stage import Stage
from tests.services import Postgres, Redis

SAMPLES_APART = 0.3  # seconds between two looks at the rows


@dataclass(slots=True)
class Blow:
    """A fault that hit. `held` is the work that has to go on without what was hit; `seconds` how long that took."""

    at: float
    fault: str
    target: str
    proof: str
    held: dict[int, Row] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    def __str__(self) -> str:
        took = f"; went on after {max(self.seconds.values()):.1f} s at the latest" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.fault} {self.target}: {self.proof}{took}"


type Fault = Callable[["Storm"], Blow | None]


class Storm:
    def __init__(
        self, stage: Stage, seed: int, postgres: Postgres | None = None, redis: Redis | None = None
    ) -> None:
        self.stage, self.postgres, self.redis = stage, postgres, redis
        self.rng = random.Random(seed)
        self.blows: list[Blow] = []
        self.database_is_away = self.redis_is_away = False
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._began = self._sampled = time.monotonic()

    def rage(self, faults: Sequence[Fault], *, every: float, lasts: float) -> None:
        """Strike every so many seconds; return when all that was taken away is back."""
        self._began = time.monotonic()
        deck: deque[Fault] = deque()
        due = every
        while self.now < lasts or self._later:
            self._do_what_is_due()
            self._sample()
            if due <= self.now < lasts:
                if not deck:
                    deck.extend(self.rng.sample(faults, len(faults)))
                if self._strike(deck):
                    due += every
            time.sleep(0.1)

    @property
    def now(self) -> float:
        return time.monotonic() - self._began

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self._later.append((self.now + seconds, action))

    def _do_what_is_due(self) -> None:
        due = [entry for entry in self._later if entry[0] <= self.now]
        for entry in due:
            self._later.remove(entry)
            entry[1]()

    def _strike(self, deck: deque[Fault]) -> bool:
        for fault in list(deck):
            if blow := fault(self):
                deck.remove(fault)
                self.blows.append(blow)
                print(blow, flush=True)
                return True
        return False

    def blow(self, fault: str, target: object, proof: str, held: Sequence[Row] = ()) -> Blow:
        return Blow(self.now, fault, str(target), proof, {row.pk: row for row in held})

    # --- What goes on ------------------------------------------------------------------------------------------

    def held_by(self, member: Engine) -> list[Row]:
        """The rows that this life of it holds; none while the database cannot be asked."""
        if self.database_is_away:
            return []
        return [row for row in self.stage.rows.held() if member.holds(row.worker)]

    def watch(self, until_quiet: float) -> None:
        """Go on looking at the rows after the storm, until nothing is unfinished."""
        ends = time.monotonic() + until_quiet
        while self.stage.rows.unfinished():
            self._sample()
            assert time.monotonic() < ends, f"still not done: {self.stage.rows.counts()}"
            time.sleep(SAMPLES_APART)
        self._sample(at_once=True)

    def _sample(self, at_once: bool = False) -> None:
        open_blows = [blow for blow in self.blows if len(blow.seconds) < len(blow.held)]
        if self.database_is_away or not open_blows:
            return
        if time.monotonic() - self._sampled < SAMPLES_APART and not at_once:
            return
        self._sampled = time.monotonic()
        with suppress(psycopg.OperationalError):
            now = {row.pk: row for row in self.stage.rows.generations()}
            for blow in open_blows:
                for pk, before in blow.held.items():
                    if pk not in blow.seconds and _goes_on(before, now[pk]):
                        blow.seconds[pk] = self.now - blow.at


def _goes_on(before: Row, now: Row) -> bool:
    """Another worker has it, or a new prompt of it is known, or it has come further."""
    if now.is_final or (now.status == "composing" and before.status != "composing"):
        return True
    return bool(now.worker) and (now.worker != before.worker or now.prompt_id != before.prompt_id)
