"""
Proof without a call: does this receipt hold?

A hospital keeps receipts for years and shows them to others, so they verify from
their own bytes and the authority's certificate alone.
"""

from datetime import UTC

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from lientuyen.routing.v1.receipt_pb2 import Receipt, ReceiptBody


class ReceiptInvalid(Exception):
    """The receipt proves nothing; the sentence says why."""


def verify(receipt: Receipt, authority: bytes) -> ReceiptBody:
    """Return what *receipt* attests.

    *authority* is the authority's CA certificate in PEM (`ca.crt`).  Raises
    `ReceiptInvalid` when the certificate is not the authority's, was not valid
    at the time attested, or did not sign exactly these bytes.
    """
    signer = x509.load_der_x509_certificate(receipt.certificate)
    try:
        signer.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise ReceiptInvalid("the certificate was not issued by this authority") from error
    try:
        check_signature(signer.public_key(), receipt)
    except InvalidSignature as error:
        raise ReceiptInvalid("the signature does not fit the bytes") from error
    body = ReceiptBody.FromString(receipt.body)
    attested = body.acknowledge_time if body.HasField("acknowledge_time") else body.accept_time
    if not signer.not_valid_before_utc <= attested.ToDatetime(UTC) <= signer.not_valid_after_utc:
        raise ReceiptInvalid("the certificate was not valid at the time attested")
    return body


def check_signature(key: object, receipt: Receipt) -> None:
    """Raise InvalidSignature or ReceiptInvalid unless *key* signed the body of *receipt*."""
    match receipt.algorithm, key:
        case Receipt.ALGORITHM_ECDSA_P256_SHA256, ec.EllipticCurvePublicKey():
            key.verify(receipt.signature, receipt.body, ec.ECDSA(hashes.SHA256()))
        case Receipt.ALGORITHM_ED25519, ed25519.Ed25519PublicKey():
            key.verify(receipt.signature, receipt.body)
        case _:
            raise ReceiptInvalid("the algorithm is unknown or does not fit the certificate")
