"""With what ads are signed: the certificate and key of the settings, when there are any."""

from django.conf import settings

from runs.composition import CannotSign, Credentials
from runs.composition.marks import Source
from runs.composition.sign import weight


def credentials() -> Credentials | None:
    """None where ads are not signed."""
    if not settings.C2PA_CERT or not settings.C2PA_KEY:
        return None
    return Credentials(settings.C2PA_CERT, settings.C2PA_KEY)


def fault() -> str:
    """Why ads could not be signed, though that is wanted; empty when all is well. Signs once to find out."""
    if bool(settings.C2PA_CERT) != bool(settings.C2PA_KEY):
        return "Signed ads need C2PA_CERT and C2PA_KEY. Set both, or neither."
    mine = credentials()
    try:
        if mine:
            weight(Source.COMPOSITE, mine)
    except CannotSign as refusal:
        return f"C2PA_CERT and C2PA_KEY are set, but ads cannot be signed: {refusal.why}."
    return ""
