"""When something that went wrong is tried again."""

import secrets
from datetime import timedelta

from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

OUTAGE = 20.0  # seconds a server may be away before what is being painted there is given to another
OUTAGE_PAUSE = 2  # seconds before a server that came back is asked again


def next_turn(tries: int, keep_prompt: bool, blame: bool) -> CombinedExpression | None:
    """At once for the prompt of a dead worker; soon after an outage; later and later for what keeps failing."""
    if keep_prompt and blame and tries == 1:
        return None
    return Now() + timedelta(seconds=pause(tries) if blame else OUTAGE_PAUSE)


def pause(tries: int) -> float:
    """Seconds before the next turn: twice as long each time, and never all at once."""
    return float(min(60, 2**tries)) * (0.5 + secrets.randbelow(100) / 100)
