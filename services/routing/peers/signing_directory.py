"""Certificates by which practitioners sign (chứng thư số của người hành nghề), as identity registers them."""

from typing import Final

from chassis.peers import Peer
from common.names import FACILITIES
from common.values import timestamp_from_pb
from kcb.signing_certificates import SigningCertificate, fingerprint
from lientuyen.identity.v1 import signing_certificate_pb2
from lientuyen.identity.v1.signing_certificate_service_pb2 import ListSigningCertificatesRequest
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import SigningCertificateServiceStub

# Facilities at which one certificate is registered; nobody works at so many.
MAX_REGISTRATIONS: Final = 500

Reason = signing_certificate_pb2.SigningCertificate.RevokeReason


class SigningDirectory:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._stub = SigningCertificateServiceStub(peer.channel)

    async def list_of_practitioners(self, der: bytes) -> list[SigningCertificate]:
        """Return where the certificate in *der* is registered as a practitioner's own; revoked ones too.

        Raises Unavailable when identity does not answer.
        """
        request = ListSigningCertificatesRequest(
            parent=f"{FACILITIES}-", page_size=MAX_REGISTRATIONS, sha256=fingerprint(der)
        )
        response = await self._peer.ask(self._stub.ListSigningCertificates, request)
        return [
            _certificate_from_pb(message) for message in response.signing_certificates if message.practitioner
        ]


def _certificate_from_pb(message: signing_certificate_pb2.SigningCertificate) -> SigningCertificate:
    """Return a registration; revoked for a reason that we do not know, its key is compromised."""
    is_revoked = message.HasField("revoke_time")
    harmless = (Reason.REVOKE_REASON_SUPERSEDED, Reason.REVOKE_REASON_CEASED)
    return SigningCertificate(
        facility=message.name.split("/")[-3],
        der=message.der,
        revoke_time=timestamp_from_pb(message.revoke_time) if is_revoked else None,
        compromised=is_revoked and message.revoke_reason not in harmless,
        practitioner=message.practitioner,
    )
