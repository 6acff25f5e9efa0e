"""
The certificates of every caller on one machine: issued when missing, renewed before they end.

Services and clients notice changed files by themselves.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from .authority import TRUST_DOMAIN, Authority, issue, issue_signing, make_ca, names_of, purposes_of
from .home_folder import Home
from .service_settings import SERVICES, SIGNING_SERVICES

# Two district hospitals (invented), Bạch Mai and Chợ Rẫy; three pharmacies (invented).
FACILITIES: Final = ("facility/01999", "facility/79999", "facility/01929", "facility/79024")
PHARMACIES: Final = ("pharmacy/NT00001", "pharmacy/NT00002", "pharmacy/NT00003")
AUTHORITIES: Final = ("authority/vneid", "authority/bhxh")
OPERATOR: Final = "operator/dev"

CALLERS: Final = (*(f"service/{name}" for name in SERVICES), *FACILITIES, *PHARMACIES, *AUTHORITIES, OPERATOR)

# Who signs documents: the facilities their dossiers, identity its directory, routing its receipts.
SIGNERS: Final = (*FACILITIES, *(f"service/{name}" for name in SIGNING_SERVICES))

# A certificate is renewed when this part of its life is left.
RENEWAL_FRACTION: Final = 1 / 3


def make_certificates(home: Home, renew_at: float = RENEWAL_FRACTION) -> None:
    """Issue what is missing, of an older authority or make, or has less than *renew_at* of its life left."""
    ca = make_ca(home.path / "ca")
    for identity in CALLERS:
        folder = home.tls_of(identity)
        certificate, domain = folder / "tls.crt", home.trust_domain
        if not (is_fresh(certificate, ca, renew_at) and is_current(certificate, identity, domain)):
            issue(ca, folder, identity, trust_domain=domain)
    for identity in SIGNERS:
        folder = home.tls_of(identity)
        if not is_fresh(folder / "signing.crt", ca, renew_at):
            issue_signing(ca, folder, identity, trust_domain=home.trust_domain)


def is_fresh(path: Path, ca: Authority, renew_at: float = RENEWAL_FRACTION) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(ca.certificate)
    except Exception:  # missing, damaged, or signed by another: each is a reason to issue it anew
        return False
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - datetime.now(UTC) > lifetime * renew_at


def is_current(path: Path, identity: str, trust_domain: str = TRUST_DOMAIN) -> bool:
    """Whether the certificate has the names and purposes that *identity* would be issued now.

    An older release issued other ones: facilities' certificates that could serve, services' without
    the name that callers demand.
    """
    extensions = x509.load_pem_x509_certificate(path.read_bytes()).extensions
    return {names_of(identity, trust_domain), purposes_of(identity)} <= {
        extension.value for extension in extensions
    }
