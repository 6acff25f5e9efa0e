"""
The certificates by which facilities sign (chứng thư số), and what may be registered as one.

Any authority's will do: who keeps the directory has compared its paper.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from cryptography import x509

from common.faults import Fault
from kcb.signing_certificates import fingerprint, public_key_of

# Bytes of a certificate, as the contract has it.
MAX_BYTES: Final = 8192


class RevokeReason(IntEnum):
    """Why a certificate is revoked; as `SigningCertificate.RevokeReason` of the contract."""

    UNSPECIFIED = 0
    KEY_COMPROMISED = 1
    SUPERSEDED = 2
    CEASED = 3

    @property
    def compromises(self) -> bool:
        """Whether somebody else may have the key; so it is when nothing is told."""
        return self in (RevokeReason.UNSPECIFIED, RevokeReason.KEY_COMPROMISED)


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate of a facility (bare code), or of the *practitioner* who signs there with it.

    *issuer* as RFC 4514 writes it; *serial_number* in hex.  Both are empty for one that was known
    before there was a register.
    """

    facility: str
    sha256: str
    der: bytes
    issuer: str
    serial_number: str
    valid_from: datetime
    valid_to: datetime
    practitioner: UUID | None
    registrar: str
    register_time: datetime
    revoke_time: datetime | None = None
    revoke_reason: RevokeReason = RevokeReason.UNSPECIFIED
    version: int = 1

    def is_stricter(self, revoke_time: datetime, reason: RevokeReason) -> bool:
        """Tell whether to revoke it so takes more away than it has lost already."""
        if self.revoke_time is None:
            return True
        looser = revoke_time > self.revoke_time or (self.revoke_reason.compromises and not reason.compromises)
        same = (revoke_time, reason.compromises) == (self.revoke_time, self.revoke_reason.compromises)
        return not looser and not same


def faults_of(der: bytes) -> list[Fault]:
    """Return every reason why the certificate in *der* cannot sign; empty when it can."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.issuer.rfc4514_string()
        return certificate_faults(certificate)
    except (ValueError, TypeError):
        return [_fault("form", "no X.509 certificate in DER", "Không phải chứng thư số X.509 dạng DER.")]


def new_certificate(
    der: bytes, facility: str, practitioner: UUID | None, registrar: str, now: datetime
) -> SigningCertificate:
    """Return the certificate in *der*, which has no faults, as *registrar* registers it for *facility*."""
    certificate = x509.load_der_x509_certificate(der)
    return SigningCertificate(
        facility=facility,
        sha256=fingerprint(der),
        der=der,
        issuer=certificate.issuer.rfc4514_string(),
        serial_number=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        practitioner=practitioner,
        registrar=registrar,
        register_time=now,
    )


def certificate_faults(certificate: x509.Certificate) -> list[Fault]:
    """Return why a certificate cannot sign files; empty when it can."""
    faults = []
    if public_key_of(certificate) is None:
        en, vi = "neither RSA of 2,048 bits or more nor ECDSA", "Khóa không phải RSA từ 2.048 bit hoặc ECDSA."
        faults.append(_fault("key", en, vi))
    if certificate.serial_number <= 0:
        faults.append(_fault("serial", "has no serial number", "Không có số hiệu chứng thư."))
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            en, vi = (
                "an authority's own certificate",
                "Là chứng thư của tổ chức chứng thực, không phải của cơ sở.",
            )
            faults.append(_fault("authority", en, vi))
        if isinstance(value, x509.KeyUsage) and not (value.digital_signature or value.content_commitment):
            faults.append(_fault("usage", "not made for signing", "Chứng thư không được cấp để ký số."))
    return faults


def signing_faults(field: str, der: bytes) -> list[Fault]:
    """Return why the certificate in *der* cannot sign, at a *field* of a list."""
    return [replace(fault, field=field) for fault in faults_of(der)]


def _fault(rule: str, en: str, vi: str) -> Fault:
    return Fault("der", f"certificate.{rule}", en, vi)
