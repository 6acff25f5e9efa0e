"""The signature on receipts (chữ ký số của hệ thống điều phối): where its key is, and what it signs."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from chassis import spans

from ..convert.messages import receipt_body
from ..model.messages import Message
from ..model.receipts import Algorithm, Kind, Receipt, SigningKey, algorithm_of, sign


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signing key and its certificate, in DER."""

    key: SigningKey
    certificate: bytes
    algorithm: Algorithm


class ReceiptSigner:
    """Signs receipts with the key in a folder; reads it again when an issuer has renewed it.

    Raises OSError or ValueError at once when the folder has no usable pair;
    while a pair is being renewed the old one goes on.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._modified = self._modification_times()
        self._pair = _read(*self._files)

    @classmethod
    def from_folders(cls, signing_dir: Path | None, tls_dir: Path) -> "ReceiptSigner":
        """Return the signer of *signing_dir*; without one, of the service's own TLS certificate."""
        if signing_dir is None:
            return cls(tls_dir / "tls.crt", tls_dir / "tls.key")
        return cls(signing_dir / "signing.crt", signing_dir / "signing.key")

    def sign(self, message: Message, kind: Kind) -> Receipt:
        pair = self._current()
        body = receipt_body(message, kind, spans.trace_id())
        return Receipt(message.id, kind, body, sign(pair.key, body), pair.certificate, pair.algorithm)

    def _current(self) -> KeyPair:
        modified = self._modification_times()
        if modified != self._modified:
            with suppress(OSError, ValueError):  # half renewed
                self._pair, self._modified = _read(*self._files), modified
        return self._pair

    def _modification_times(self) -> tuple[int, ...]:
        try:
            return tuple(path.stat().st_mtime_ns for path in self._files)
        except OSError:
            return ()


def _read(certificate_file: Path, key_file: Path) -> KeyPair:
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError(f"{key_file} must be ECDSA on P-256, or Ed25519")
    if key.public_key() != certificate.public_key():
        raise ValueError(f"{key_file} is not the key of {certificate_file}")
    return KeyPair(key, certificate.public_bytes(serialization.Encoding.DER), algorithm_of(key))
