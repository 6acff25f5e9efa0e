"""
Signing an opinion from afar (ý kiến hội chẩn từ xa) with a doctor's own key, and verifying one offline.

    signature = sign_opinion(consultation.name, opinion, "application/pdf", key, certificate)
    body = verify_opinion(opinion, reply.consultation.opinion)

Whose the certificate is, identity's register says; here is told whether its key signed this opinion.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from lientuyen.routing.v1.consultation_pb2 import OpinionBody, OpinionSignature

SigningKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

HASH: Final = hashes.SHA256()


class OpinionUnverified(Exception):
    """The signature does not prove the opinion; the message tells which check failed."""


def sign_opinion(
    consultation: str,
    opinion: bytes,
    media_type: str,
    key: SigningKey,
    certificate: x509.Certificate,
    sign_time: datetime | None = None,
) -> OpinionSignature:
    """Return the signature of *opinion* for a *consultation* (full name); signed now without a time."""
    body = OpinionBody(
        consultation=consultation, opinion_sha256=hashlib.sha256(opinion).digest(), media_type=media_type
    )
    body.sign_time.FromDatetime(sign_time or datetime.now(UTC))
    signed = body.SerializeToString(deterministic=True)
    return OpinionSignature(
        body=signed, signature=_sign(key, signed), certificate=certificate.public_bytes(Encoding.DER)
    )


def verify_opinion(opinion: bytes, signature: OpinionSignature) -> OpinionBody:
    """Return what was signed; OpinionUnverified when it is not *opinion*, or not by the certificate's key."""
    body = OpinionBody.FromString(signature.body)
    if body.opinion_sha256 != hashlib.sha256(opinion).digest():
        raise OpinionUnverified("the signature is over another opinion")
    key = x509.load_der_x509_certificate(signature.certificate).public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature.signature, signature.body, padding.PKCS1v15(), HASH)
            return body
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_der_of(signature.signature), signature.body, ec.ECDSA(HASH))
            return body
    except InvalidSignature:
        raise OpinionUnverified("the certificate's key did not sign it") from None
    raise OpinionUnverified("the certificate has another kind of key")


def _sign(key: SigningKey, body: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(body, padding.PKCS1v15(), HASH)
    r, s = decode_dss_signature(key.sign(body, ec.ECDSA(HASH)))
    length = (key.curve.key_size + 7) // 8
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def _der_of(value: bytes) -> bytes:
    """Return an ECDSA signature as DER: it comes as two numbers, each in full length."""
    half = len(value) // 2
    return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
