"""How often one person, workspace or program may do something: counted in the shared cache, in windows of time."""

from dataclasses import dataclass
from time import time

from django.core.cache import cache


@dataclass(frozen=True)
class Pace:
    """At most so often within so many seconds."""

    name: str
    most: int
    window: int

    def is_over(self, who: object, at: float | None = None) -> bool:
        """Count once more, now or at that second, and say whether it is too often."""
        key = f"{self.name}:{who}:{int(time() if at is None else at) // self.window}"
        cache.add(key, 0, 2 * self.window)
        try:
            return int(cache.incr(key)) > self.most
        except ValueError:  # it was forgotten between the two
            return False


CALLS = Pace("calls", most=600, window=10)  # of one token at the API
UPLOADS = Pace("uploads", most=60, window=60)  # into one workspace
