"""
Signatures by a key whose certificate goes with them (ECDSA on P-256 with SHA-256, or Ed25519).

Whoever holds the authority's certificate can verify them years later, without asking us: the certificate
had to be valid when it was signed, not when it is verified.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

SigningKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

ECDSA: Final = "ecdsa_p256_sha256"
ED25519: Final = "ed25519"


class Unverified(Exception):
    """Something signed does not prove what it says; the message tells which check failed."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signing key and its certificate, in DER; *algorithm* is ECDSA or ED25519.

    *key_id* is the SHA-256 of the public key, in DER.
    """

    key: SigningKey
    certificate: bytes
    algorithm: str
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", key_id_of(self.key.public_key()))

    def sign(self, body: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(body)
        return self.key.sign(body, ec.ECDSA(hashes.SHA256()))


class SigningFolder:
    """The signing pair in two PEM files, read again when an issuer has renewed it.

    Raises OSError or ValueError at once when there is no usable pair; while one is being renewed the old
    one goes on.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._modified = self._modification_times()
        self._pair = read_pair(*self._files)

    @classmethod
    def of(cls, signing_dir: Path | None, tls_dir: Path) -> "SigningFolder":
        """Return the pair of *signing_dir*; without one, the service's own for TLS."""
        if signing_dir is None:
            return cls(tls_dir / "tls.crt", tls_dir / "tls.key")
        return cls(signing_dir / "signing.crt", signing_dir / "signing.key")

    def current(self) -> KeyPair:
        modified = self._modification_times()
        if modified != self._modified:
            with suppress(OSError, ValueError):  # half renewed
                self._pair, self._modified = read_pair(*self._files), modified
        return self._pair

    def _modification_times(self) -> tuple[int, ...]:
        try:
            return tuple(path.stat().st_mtime_ns for path in self._files)
        except OSError:
            return ()


def read_pair(certificate_file: Path, key_file: Path) -> KeyPair:
    """Return the pair in two PEM files; OSError or ValueError when they are none that can sign."""
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError(f"{key_file} must be ECDSA on P-256, or Ed25519")
    if key.public_key() != certificate.public_key():
        raise ValueError(f"{key_file} is not the key of {certificate_file}")
    return KeyPair(key, certificate.public_bytes(serialization.Encoding.DER), algorithm_of(key))


def key_id_of(key: PublicKeyTypes) -> bytes:
    """Return the id of a public key: the SHA-256 of its DER (SubjectPublicKeyInfo)."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).digest()


def identity_of(certificate: bytes) -> str:
    """Return the one URI in *certificate* (DER), `spiffe://lientuyen.test/service/routing`; else empty."""
    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if len(uris) == 1 else ""


def algorithm_of(key: SigningKey) -> str:
    """Return how *key* signs; ValueError for a curve other than P-256."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return ED25519
    if isinstance(key.curve, ec.SECP256R1):
        return ECDSA
    raise ValueError("the signing key must be ECDSA on P-256, or Ed25519")


def verify(
    body: bytes, signature: bytes, certificate: bytes, algorithm: str, authority: bytes, at: datetime
) -> None:
    """Raise `Unverified` unless *body* was signed *at* that time by whom *authority* (PEM) certified.

    *authority* may hold several certificates, as while authorities change.
    """
    try:
        signer = x509.load_der_x509_certificate(certificate)
    except (ValueError, x509.InvalidVersion) as error:
        raise Unverified("the certificate cannot be read") from error
    if not any(_issued(signer, issuer) for issuer in x509.load_pem_x509_certificates(authority)):
        raise Unverified("the certificate was not issued by this authority")
    if not signer.not_valid_before_utc <= at <= signer.not_valid_after_utc:
        raise Unverified("the certificate was not valid when it was signed")
    key = signer.public_key()
    try:
        if algorithm == ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, body)
        elif algorithm == ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, body, ec.ECDSA(hashes.SHA256()))
        else:
            raise Unverified("the algorithm is not the certificate's")
    except InvalidSignature as error:
        raise Unverified("the signature is not over this content") from error


def _issued(signer: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        signer.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
