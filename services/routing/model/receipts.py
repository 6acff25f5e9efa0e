"""
Signing and verifying receipts (biên nhận).  The key comes in; no file is read here.

A receipt verifies without asking us: see `verify`, and the words on `Receipt`
in the contract.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

SigningKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Kind(StrEnum):
    """What a receipt attests; also the last part of its name."""

    ACCEPTANCE = "acceptance"
    ACKNOWLEDGEMENT = "acknowledgement"


class Algorithm(StrEnum):
    ECDSA_P256_SHA256 = "ecdsa_p256_sha256"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt of one message: *body* is exactly what *signature* covers; *certificate* is DER."""

    message_id: UUID
    kind: Kind
    body: bytes
    signature: bytes
    certificate: bytes
    algorithm: Algorithm


class Unverified(Exception):
    """A receipt does not prove what it says; the message tells which check failed."""


def algorithm_of(key: SigningKey) -> Algorithm:
    """Return how *key* signs; ValueError for a curve other than P-256."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Algorithm.ED25519
    if isinstance(key.curve, ec.SECP256R1):
        return Algorithm.ECDSA_P256_SHA256
    raise ValueError("the signing key must be ECDSA on P-256, or Ed25519")


def sign(key: SigningKey, body: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(body)
    return key.sign(body, ec.ECDSA(hashes.SHA256()))


def verify(receipt: Receipt, authority: x509.Certificate, at: datetime) -> None:
    """Return when *receipt* was signed by one that *authority* certified; else raise Unverified.

    *at* is the time that the body names: the certificate had to be valid then.
    """
    certificate = x509.load_der_x509_certificate(receipt.certificate)
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise Unverified("the certificate was not issued by this authority") from error
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise Unverified("the certificate was not valid at the time of the receipt")
    try:
        _verify_signature(certificate, receipt)
    except InvalidSignature as error:
        raise Unverified("the signature is not over this body") from error


def _verify_signature(certificate: x509.Certificate, receipt: Receipt) -> None:
    key = certificate.public_key()
    if receipt.algorithm is Algorithm.ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(receipt.signature, receipt.body)
    elif receipt.algorithm is Algorithm.ECDSA_P256_SHA256 and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(receipt.signature, receipt.body, ec.ECDSA(hashes.SHA256()))
    else:
        raise Unverified("the algorithm is not the certificate's")
