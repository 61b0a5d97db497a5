"""Signs a finished file with Content Credentials (C2PA): who made it, with what, from which layers.

Off unless the studio is given a certificate and a key. Its package, c2pa-python, is no requirement of the studio: it is
loaded when the first file is signed. A manifest has an id of its own, so a signed ad has other bytes each time.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any

from PIL import Image

from .errors import CannotSign
from .marks import CREATOR_TOOL, Source

SPARE = 64  # bytes: signatures of one key differ a little in length
INSTALL = "pip install --require-hashes -r requirements-c2pa.txt"
# By default a thumbnail of 250 KB would go in: more than most formats allow for the whole ad.
SETTINGS = {"builder": {"thumbnail": {"enabled": False}}}
CURVES = {"secp256r1": b"es256", "secp384r1": b"es384", "secp521r1": b"es512"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The signer's certificate with those that vouch for it, and its private key, both as PEM."""

    certificates: str
    key: str = field(repr=False)


def sign(data: bytes, mime: str, source: Source, credentials: Credentials) -> bytes:
    """The JPEG or PNG (`mime` says which) with a signed manifest: creator tool and digital source type, no prompt.

    The picture's own bytes stay as they are; the file grows by `weight`. No time-stamp authority is asked: signing
    needs no network. Source of the rules: C2PA specification 2.2, “Manifests” and “X.509 Certificates”.
    Raises CannotSign: the package is missing, or certificate and key are not fit for it.
    """
    c2pa = _package()
    signed = BytesIO()
    try:
        with _signer(c2pa, credentials) as signer:
            builder = c2pa.Builder.from_json(json.dumps(_manifest(source)), c2pa.Context.from_dict(SETTINGS))
            with builder:
                builder.sign(signer, mime, BytesIO(data), signed)
    except c2pa.C2paError as error:
        raise CannotSign(f"certificate or key is not fit for it ({error})") from error
    return signed.getvalue()


@lru_cache(maxsize=16)
def weight(source: Source, credentials: Credentials) -> int:
    """By how many bytes signing makes a file heavier, at most. Raises CannotSign."""
    probe = BytesIO()
    Image.new("RGB", (16, 16)).save(probe, "JPEG")
    plain = probe.getvalue()
    return len(sign(plain, "image/jpeg", source, credentials)) - len(plain) + SPARE


def _package() -> Any:
    try:
        import c2pa
    except ImportError:
        raise CannotSign(f"the package c2pa-python is not installed. Run {INSTALL}") from None
    return c2pa


def _manifest(source: Source) -> dict[str, Any]:
    tool = {"name": CREATOR_TOOL}
    action = {"action": "c2pa.created", "digitalSourceType": source.uri, "softwareAgent": tool}
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [action]}}
    return {"claim_generator_info": [tool], "assertions": [actions]}


def _signer(c2pa: Any, credentials: Credentials) -> Any:
    certificates, key = credentials.certificates.encode(), credentials.key.encode()
    info = c2pa.C2paSignerInfo(alg=_algorithm(key), sign_cert=certificates, private_key=key, ta_url=None)
    return c2pa.Signer.from_info(info)


def _algorithm(key: bytes) -> bytes:
    """How a key of that kind signs. Raises CannotSign."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise CannotSign("the key cannot be read. Give it as PEM, without a password") from error
    match private:
        case ec.EllipticCurvePrivateKey() if private.curve.name in CURVES:
            return CURVES[private.curve.name]
        case ed25519.Ed25519PrivateKey():
            return b"ed25519"
        case rsa.RSAPrivateKey():
            return b"ps256"
        case _:
            raise CannotSign("the key is of a kind that C2PA does not sign with. Use one on the curve P-256")
