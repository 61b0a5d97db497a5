"""An address of a file that works without a session or a token: for one file, one of its sizes, and a while."""

import time
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

LIFE = 3600  # seconds
_SALT = "runs.passes"


def signature(kind: str, uid: UUID, *, small: bool = False, life: int = LIFE) -> str:
    """What goes into `?sig=`."""
    until = int(time.time()) + life
    return f"{until}.{_proof(kind, uid, small, until)}"


def opens(given: str, kind: str, uid: UUID, *, small: bool) -> bool:
    """Whether it was made for this file in this size, and its time is not over."""
    until, _, proof = given.partition(".")
    if not (until.isascii() and until.isdecimal() and len(until) < 13 and int(until) > time.time()):
        return False
    return constant_time_compare(proof, _proof(kind, uid, small, int(until)))


def _proof(kind: str, uid: UUID, small: bool, until: int) -> str:
    told = f"{kind}:{UUID(str(uid))}:{'small' if small else 'whole'}:{until}"
    return salted_hmac(_SALT, told, algorithm="sha256").hexdigest()
