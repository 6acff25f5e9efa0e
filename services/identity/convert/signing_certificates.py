"""Signing certificates."""

from common.names import facility_name
from common.values import timestamp_to_pb
from lientuyen.identity.v1 import signing_certificate_pb2 as pb

from ..model.signing_certificates import SigningCertificate
from .practitioners import practitioner_name
from .values import to_pb_enum


def certificate_name(facility: str, sha256: str) -> str:
    return f"{facility_name(facility)}/signingCertificates/{sha256}"


def parts_of_name(name: str) -> tuple[str, str]:
    """Return the code of the facility and the digest in `…/facilities/{}/signingCertificates/{}`."""
    parts = name.split("/")
    return parts[-3], parts[-1]


def certificate_to_pb(certificate: SigningCertificate) -> pb.SigningCertificate:
    is_revoked = certificate.revoke_time is not None
    State = pb.SigningCertificate.State
    return pb.SigningCertificate(
        name=certificate_name(certificate.facility, certificate.sha256),
        state=to_pb_enum(State, State.STATE_REVOKED if is_revoked else State.STATE_ACTIVE),
        der=certificate.der,
        issuer=certificate.issuer,
        serial_number=certificate.serial_number,
        valid_from_time=timestamp_to_pb(certificate.valid_from),
        valid_to_time=timestamp_to_pb(certificate.valid_to),
        practitioner=practitioner_name(certificate.practitioner) if certificate.practitioner else "",
        register_time=timestamp_to_pb(certificate.register_time),
        revoke_time=timestamp_to_pb(certificate.revoke_time),
        revoke_reason=to_pb_enum(pb.SigningCertificate.RevokeReason, certificate.revoke_reason),
        etag=str(certificate.version),
    )
