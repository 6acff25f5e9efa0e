"""
Certificates that name their facility (SPIFFE), of the exchange's own signing authority: the second way.

`kcb.signing_certificates` has the first: certificates of public authorities, registered for a facility.
"""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from kcb.signing_certificates import check_in_force, check_key
from kcb.xml_signature import Signature, SignatureFault


class SigningAuthority:
    """The authority whose certificates are in *pem*; empty: there is none, and nobody is named by one."""

    def __init__(self, pem: bytes, trust_domain: str) -> None:
        self._authorities = list(filter(is_authority, x509.load_pem_x509_certificates(pem))) if pem else []
        self._trust_domain = trust_domain

    def find_signer(self, signature: Signature, receive_time: datetime) -> str | None:
        """Return the facility in the certificate that the authority issued and the file brings, or None.

        SignatureFault when that certificate did not sign, or it or its authority was not in force then.
        """
        for certificate in map(read_certificate, signature.certificates):
            facility = facility_of(certificate, self._trust_domain)
            if facility and self._vouches_for(certificate, signature, receive_time):
                return facility
        return None

    def vouches_for(self, signature: Signature, receive_time: datetime) -> bool:
        """Tell whether the authority issued a certificate that the file brings, whomever it names.

        SignatureFault as for `find_signer`.
        """
        certificates = map(read_certificate, signature.certificates)
        return any(self._vouches_for(each, signature, receive_time) for each in certificates)

    def _vouches_for(
        self, certificate: x509.Certificate, signature: Signature, receive_time: datetime
    ) -> bool:
        issuers = [each for each in self._authorities if is_issued_by(certificate, each)]
        if not issuers:
            return False
        check_key(signature, certificate)
        check_in_force(certificate, signature.signing_time, receive_time)
        newest = max(issuers, key=lambda issuer: issuer.not_valid_after_utc)
        check_in_force(newest, signature.signing_time, receive_time)
        return True


def read_certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise SignatureFault("certificate") from None


def is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False


def facility_of(certificate: x509.Certificate, trust_domain: str) -> str:
    """Return the facility in the certificate's one SPIFFE URI, or an empty string."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ""
    uris = [
        uri for uri in names.get_values_for_type(x509.UniformResourceIdentifier) if uri.startswith("spiffe:")
    ]
    start = f"spiffe://{trust_domain}/facility/"
    return uris[0].removeprefix(start) if len(uris) == 1 and uris[0].startswith(start) else ""
