"""Signed ads: verified by the C2PA library against a certificate chain made here, and never over the limit."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from runs import formats
from runs.composition import Ad, CannotSign, Credentials, check, compose
from runs.composition.marks import Source, found
from runs.composition.sign import INSTALL, sign, weight
from runs.formats import Format

from . import scenes

SQUARE = formats.get("google_display_square")
STRIP = formats.get("google_display_leaderboard")


def _name(words: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Nordlys")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    """A certificate as C2PA asks for it: a leaf signs and is for e-mail protection, an authority signs certificates."""
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement"], False
    )
    usage |= {"digital_signature": not ca, "key_cert_sign": ca, "crl_sign": ca}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**usage, encipher_only=False, decipher_only=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not ca:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(by, hashes.SHA256())


def pem(key: Any) -> str:
    form = serialization.PrivateFormat.PKCS8
    plain: bytes = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return plain.decode()


@cache
def chain() -> tuple[Credentials, str]:
    """The credentials of a signer, and the certificate of the authority that vouches for it."""
    authority, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Root", authority, "Root", authority, ca=True)
    leaf = _certificate("Studio", signer, "Root", authority, ca=False)
    both = [entry.public_bytes(serialization.Encoding.PEM).decode() for entry in (leaf, root)]
    return Credentials("".join(both), pem(signer)), both[1]


def made(format: Format, picture: Callable[..., bytes] = scenes.calm, signed: bool = True) -> Ad:
    credentials = chain()[0] if signed else None
    data = picture(format.shape)
    return compose(data, format, scenes.ENGLISH, scenes.STYLE, "en", simulated=False, credentials=credentials)


def read(ad: Ad) -> tuple[str, dict[str, Any]]:
    """How the library that checks such files judges it, trusting that authority; and its manifest."""
    trust = {"trust": {"trust_anchors": chain()[1]}, "verify": {"verify_trust": True}}
    context = c2pa.Context.from_dict(trust)
    with c2pa.Reader(ad.mime, BytesIO(ad.data), context=context) as reader:
        told = json.loads(reader.json())
        return str(reader.get_validation_state()), told["manifests"][told["active_manifest"]]


@pytest.mark.parametrize("format", [SQUARE, STRIP], ids=lambda format: format.id)
def test_a_signed_ad_is_trusted_and_says_what_it_is_made_of(format: Format) -> None:
    ad = made(format)
    state, manifest = read(ad)
    assert state == "Trusted"
    (actions,) = [row["data"]["actions"] for row in manifest["assertions"] if "actions" in row["label"]]
    (action,) = actions
    assert action["digitalSourceType"] == Source.COMPOSITE.uri == ad.report.source_type
    assert action["softwareAgent"]["name"] == manifest["claim_generator_info"][0]["name"] == "AdGen Studio"
    assert manifest["signature_info"]["common_name"] == "Studio"
    assert "time" not in manifest["signature_info"]
    assert all(row.ok for row in check(ad.data, format)), "its rules hold as without a signature"
    assert found(ad.data) is Source.COMPOSITE


def test_a_changed_pixel_breaks_the_signature() -> None:
    ad = made(SQUARE)
    changed = bytearray(ad.data)
    changed[-200] ^= 1
    assert read(replace(ad, data=bytes(changed)))[0] == "Invalid"


def test_the_picture_is_the_one_that_is_not_signed() -> None:
    pair = [made(SQUARE, signed=signed) for signed in (True, False)]
    pixels = [Image.open(BytesIO(ad.data)).tobytes() for ad in pair]
    assert pixels[0] == pixels[1]
    heavier = len(pair[0].data) - len(pair[1].data)
    assert 1_000 < heavier <= weight(Source.COMPOSITE, chain()[0])


@pytest.mark.parametrize("limit", [24_000, 40_000, 61_000])
def test_the_limit_holds_with_the_signature_in_it(limit: int) -> None:
    tight = replace(SQUARE, max_bytes=limit)
    ad = made(tight, scenes.busy)
    assert limit * 0.8 < len(ad.data) <= limit and ad.report.bytes == len(ad.data)
    assert next(row for row in ad.report.checks if row.name == "bytes").ok


def test_without_credentials_nothing_is_signed() -> None:
    assert b"c2pa" not in made(SQUARE, signed=False).data


def test_something_else_in_the_place_of_a_signature_is_stray() -> None:
    data = made(SQUARE, signed=False).data
    foreign = data[:2] + b"\xff\xeb\x00\x0aJP\x00\x01abcd" + data[2:]
    assert [row.words for row in check(foreign, SQUARE) if not row.ok] == ["Stray metadata: segment EB."]


def test_a_key_that_does_not_belong_to_the_certificate_is_refused() -> None:
    other = Credentials(chain()[0].certificates, pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(CannotSign, match="certificate or key is not fit"):
        sign(made(SQUARE, signed=False).data, "image/jpeg", Source.COMPOSITE, other)


def test_a_key_that_cannot_be_used_is_refused_with_what_to_do() -> None:
    for key, words in (
        ("no key", "Give it as PEM, without a password"),
        (pem(dsa.generate_private_key(1024)), "Use one on the curve P-256"),
    ):
        with pytest.raises(CannotSign, match=words):
            weight(Source.COMPOSITE, Credentials(chain()[0].certificates, key))


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)  # as Python itself marks a module that is not there
    with pytest.raises(CannotSign) as caught:
        sign(b"", "image/jpeg", Source.COMPOSITE, chain()[0])
    assert str(caught.value) == (
        f"The ad cannot be signed: the package c2pa-python is not installed. Run {INSTALL}."
    )


def test_the_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(chain()[0])
