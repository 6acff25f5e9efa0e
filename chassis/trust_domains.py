"""
Trust domains other than ours: whom a certificate of one names, and by whose authorities (docs/adr/0086).

A connection's pool of authorities says that one of them certified its leaf, and not which.  The authority of
one trust domain must not make names of another: so the leaf is held to the authorities of the domain that it
names, again, by us.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from .signing import Unverified, verify
from .tls import SPIFFE


@dataclass(frozen=True, slots=True)
class TrustDomain:
    """A trust domain and its authorities' certificates (X.509 in DER), which issue its leaves directly."""

    name: str
    authorities: tuple[bytes, ...]

    @property
    def pem(self) -> bytes:
        return b"".join(pem_of(der) for der in self.authorities)

    def path_of(self, certificate: x509.Certificate) -> str | None:
        """Return whom *certificate* names here, as `service/routing`; None unless our authorities issued it.

        A certificate of exactly one URI (SPIFFE X509-SVID, section 2), and that of this trust domain.
        """
        domain, path = spiffe_id_of(certificate)
        if domain != self.name or not any(_issued(certificate, der) for der in self.authorities):
            return None
        return path

    def verify_signed_by(
        self, path: str, body: bytes, signature: bytes, certificate: bytes, algorithm: str, at: datetime
    ) -> None:
        """Raise `Unverified` unless *path* of this trust domain signed *body* *at* that time."""
        try:
            signer = x509.load_der_x509_certificate(certificate)
        except ValueError as error:
            raise Unverified("the certificate cannot be read") from error
        if self.path_of(signer) != path:
            raise Unverified(f"the certificate is not one of {path} of {self.name}")
        verify(body, signature, certificate, algorithm, self.pem, at)


def pem_of(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def spiffe_id_of(certificate: x509.Certificate) -> tuple[str, str]:
    """Return the trust domain and the path of the one SPIFFE id in *certificate*; both empty without."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return "", ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1 or not uris[0].startswith(SPIFFE):
        return "", ""
    domain, _, path = uris[0].removeprefix(SPIFFE).partition("/")
    return domain, path


def find_caller(certificate: bytes, domains: Iterable[TrustDomain]) -> tuple[TrustDomain, str] | None:
    """Return of which of *domains* a leaf (PEM) is, and whom it names there; None for anybody else."""
    try:
        leaf = x509.load_pem_x509_certificate(certificate)
    except ValueError:
        return None
    for domain in domains:
        path = domain.path_of(leaf)
        if path is not None:
            return domain, path
    return None


def _issued(certificate: x509.Certificate, authority: bytes) -> bool:
    try:
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(authority))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
