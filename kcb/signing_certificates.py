"""
Whose key signed a file: certificates that are registered for a facility (chữ ký số đã đăng ký).

A certificate of a public authority carries no name of any exchange: whose it is follows from the register,
which holds the certificate itself.  So the key is always the registered one, whatever key or name the file
brings, and a certificate is judged by the time of signing where the file tells it under its signature, and
otherwise by its receipt; never by a clock of this machine or of a library (docs/adr/0066).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .xml_signature import Signature, SignatureFault

# How far the clock of a signer may run ahead of ours.
MAX_CLOCK_SKEW: Final = timedelta(minutes=15)

# Bits of an RSA key: fewer are no more secure, more only cost time.
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192

CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")

HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate that is registered for a facility (bare code); empty *facility* is any.

    From *revoke_time* on it signs nothing more; when its key is *compromised*, nobody believes the time that
    a signature tells of itself.  *practitioner* is the full name of who signs with it, empty for the
    facility.
    """

    facility: str
    der: bytes
    revoke_time: datetime | None = None
    compromised: bool = False
    practitioner: str = ""

    @property
    def sha256(self) -> str:
        return fingerprint(self.der)

    def read(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate: 64 hex digits."""
    return hashlib.sha256(der).hexdigest()


def find_certificate(
    signature: Signature, registered: Iterable[SigningCertificate], facility: str
) -> SigningCertificate:
    """Return the certificate among *registered* that the file names and *facility* may sign with.

    SignatureFault `unregistered` when nobody has it, `wrong-facility` when another has.
    """
    prints = frozenset(map(fingerprint, signature.certificates))
    named = [
        each
        for each in registered
        if each.sha256 in prints or (not prints and each.read().serial_number in signature.serials)
    ]
    if not named:
        raise SignatureFault("unregistered")
    own = [each for each in named if each.facility in ("", facility)]
    if not own:
        raise SignatureFault("wrong-facility")
    if len(own) == 1:
        return own[0]
    # A file may name a whole chain: the key that signed is the one that fits.
    return next((each for each in own if is_signed_by(signature, each.read())), own[0])


def check_signer(signature: Signature, certificate: SigningCertificate, receive_time: datetime) -> None:
    """Refuse a signature that another key made, or made when the certificate was not in force.

    *receive_time* is when the file came.  SignatureFault `key`, `expired`, `not-yet-valid`, `revoked` or
    `signing-time`.
    """
    x509_certificate = certificate.read()
    check_key(signature, x509_certificate)
    check_in_force(x509_certificate, signature.signing_time, receive_time)
    counted = receive_time if certificate.compromised else signature.signing_time or receive_time
    if certificate.revoke_time is not None and certificate.revoke_time <= counted:
        raise SignatureFault("revoked")


def check_in_force(
    certificate: x509.Certificate, signing_time: datetime | None, receive_time: datetime
) -> None:
    """Refuse a certificate that was not valid at the *signing_time*; without one, when the file came."""
    if signing_time is not None and signing_time > receive_time + MAX_CLOCK_SKEW:
        raise SignatureFault("signing-time")
    counted = signing_time or receive_time
    if counted < certificate.not_valid_before_utc:
        raise SignatureFault("not-yet-valid")
    if counted > certificate.not_valid_after_utc:
        raise SignatureFault("expired")


def check_key(signature: Signature, certificate: x509.Certificate) -> None:
    if not is_signed_by(signature, certificate):
        raise SignatureFault("key")


def is_signed_by(signature: Signature, certificate: x509.Certificate) -> bool:
    """Tell whether the key of *certificate* made the signature, by the method that the signature names."""
    kind, hash_name = signature.method
    key, algorithm = public_key_of(certificate), HASHES[hash_name]
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind == "rsa":
            key.verify(signature.value, signature.signed_info, padding.PKCS1v15(), algorithm)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
            key.verify(_der_of(signature.value, key), signature.signed_info, ec.ECDSA(algorithm))
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def _der_of(value: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """Return an ECDSA signature as DER: XMLDSig writes the two numbers, each in full length."""
    length = (key.curve.key_size + 7) // 8
    if len(value) != 2 * length:
        raise ValueError("not two numbers of the curve's length")
    return encode_dss_signature(int.from_bytes(value[:length]), int.from_bytes(value[length:]))


def public_key_of(certificate: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    """Return the key of a certificate when it is one that may sign files: RSA or ECDSA, and strong enough."""
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, NotImplementedError):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return key if MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS else None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key if key.curve.name in CURVES else None
    return None
