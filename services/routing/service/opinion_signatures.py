"""
The signature of an opinion: is it over this opinion, and a registered practitioner's of the consultant.

What was signed is a serialised `OpinionBody`, compared with the call field by field; the bytes themselves are
verified, and never written anew.  The certificate is the registered one, in force when it was signed
(docs/adr/0083).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from google.protobuf.message import DecodeError

from chassis import clock
from chassis.errors import InvalidArgument
from chassis.resource_names import make_full
from common.names import last_part
from common.values import timestamp_from_pb
from kcb.signing_certificates import MAX_CLOCK_SKEW, check_signer, find_certificate, public_key_of
from kcb.xml_signature import Signature, SignatureFault
from lientuyen.routing.v1 import consultation_pb2
from lientuyen.routing.v1 import consultation_service_pb2 as pb
from lientuyen.routing.v1 import error_reasons as reasons

from ..model.consultations import Consultation, Opinion
from ..peers.signing_directory import SigningDirectory

# The hash of every signature of an opinion.
HASH = "sha256"


class OpinionSignatures:
    def __init__(self, directory: SigningDirectory) -> None:
        self._directory = directory

    async def verify(self, consultation: Consultation, request: pb.AnswerConsultationRequest) -> Opinion:
        """Return the opinion's signature, which holds.

        InvalidArgument: OPINION_ALTERED when it is over something else, OPINION_SIGNATURE_INVALID when it is
        no registered practitioner's of the consultant.  Unavailable when identity does not answer.
        """
        sign_time = check_body(consultation, request)
        stated = request.signature
        registered = await self._directory.list_of_practitioners(stated.certificate)
        with _signature_fault():
            signature = _signature_of(stated, sign_time)
            certificate = find_certificate(signature, registered, last_part(consultation.consultant))
            check_signer(signature, certificate, clock.now())
        return Opinion(stated.body, stated.signature, stated.certificate, certificate.practitioner)


def check_body(consultation: Consultation, request: pb.AnswerConsultationRequest) -> datetime:
    """Return when the opinion was signed; OPINION_ALTERED when what was signed is not what was sent."""
    body = consultation_pb2.OpinionBody()
    try:
        body.ParseFromString(request.signature.body)
        sign_time = timestamp_from_pb(body.sign_time)
    except (DecodeError, ValueError, OverflowError):
        raise _altered("body") from None
    make_full(body)
    if body.consultation != consultation.name:
        raise _altered("consultation")
    if body.opinion_sha256 != hashlib.sha256(request.opinion).digest():
        raise _altered("opinion_sha256")
    if body.media_type != request.opinion_media_type:
        raise _altered("media_type")
    if not body.HasField("sign_time") or sign_time < consultation.create_time - MAX_CLOCK_SKEW:
        raise _altered("sign_time")
    return sign_time


def _signature_of(stated: consultation_pb2.OpinionSignature, sign_time: datetime) -> Signature:
    return Signature(
        signed_info=stated.body,
        value=stated.signature,
        method=(_kind_of_key(stated.certificate), HASH),
        certificates=(stated.certificate,),
        serials=(),
        signing_time=sign_time,
    )


def _kind_of_key(der: bytes) -> str:
    """Return `rsa` or `ecdsa`; SignatureFault for what is no certificate that may sign."""
    try:
        key = public_key_of(x509.load_der_x509_certificate(der))
    except ValueError:
        raise SignatureFault("certificate") from None
    if key is None:
        raise SignatureFault("certificate")
    return "rsa" if isinstance(key, rsa.RSAPublicKey) else "ecdsa"


def _altered(field: str) -> InvalidArgument:
    return InvalidArgument(reasons.OPINION_ALTERED, field=field)


@contextmanager
def _signature_fault() -> Iterator[None]:
    try:
        yield
    except SignatureFault as fault:
        raise InvalidArgument(reasons.OPINION_SIGNATURE_INVALID, cause=fault.cause) from None
