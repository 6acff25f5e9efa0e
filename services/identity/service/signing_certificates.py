"""SigningCertificateService: who may sign in a facility's name, until when."""

from datetime import datetime
from uuid import UUID

from chassis import audit, call_context, clock
from chassis.db import Database, Transaction
from chassis.db_clock import db_now
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import Paginator
from common.names import id_of, last_part
from common.values import timestamp_from_pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import signing_certificate_service_pb2 as pb
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import SigningCertificateServiceServicer

from ..convert.signing_certificates import certificate_name, certificate_to_pb, parts_of_name
from ..model.faults import future_faults, missing
from ..model.signing_certificates import RevokeReason, SigningCertificate, faults_of, new_certificate
from ..policies.request_checks import check_etag, check_own, refuse
from ..store import facilities, practitioners
from ..store import signing_certificates as store

# What `facilities/-` means: every facility (AIP-159).
ANY_FACILITY = "-"


class SigningCertificateService(SigningCertificateServiceServicer):
    def __init__(self, db: Database, idempotency: Idempotency, paginator: Paginator) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator

    @idempotent(pb.RegisterSigningCertificateResponse)
    async def RegisterSigningCertificate(
        self, request: pb.RegisterSigningCertificateRequest, tx: Transaction
    ) -> pb.RegisterSigningCertificateResponse:
        practitioner = await known_parties(tx, request)
        if faults := faults_of(request.der):
            raise InvalidArgument(reasons.SIGNING_CERTIFICATE_INVALID, violations=faults)
        registrar, now = str(call_context.caller()), await db_now(tx)
        certificate = new_certificate(request.der, last_part(request.parent), practitioner, registrar, now)
        standing = await store.insert_certificate(tx, certificate)
        if standing is not None:
            raise AlreadyExists(reasons.SIGNING_CERTIFICATE_REGISTERED, name=name_of(standing))
        await audit.record(tx, subject=name_of(certificate), access=None)
        return pb.RegisterSigningCertificateResponse(signing_certificate=certificate_to_pb(certificate))

    async def GetSigningCertificate(
        self, request: pb.GetSigningCertificateRequest, context: object
    ) -> pb.GetSigningCertificateResponse:
        async with self._db.connection() as tx:
            certificate = await store.get_certificate(tx, *parts_of_name(request.name))
        if certificate is None:
            raise NotFound(reasons.SIGNING_CERTIFICATE_NOT_FOUND, name=request.name)
        return pb.GetSigningCertificateResponse(signing_certificate=certificate_to_pb(certificate))

    async def ListSigningCertificates(
        self, request: pb.ListSigningCertificatesRequest, context: object
    ) -> pb.ListSigningCertificatesResponse:
        facility = last_part(request.parent)
        is_any = facility == ANY_FACILITY
        if is_any and not request.sha256 and not request.serial_number:
            refuse([missing("sha256")])
        page = self._paginator.open(request)
        async with self._db.connection() as tx:
            rows = await store.list_certificates(
                tx,
                facility="" if is_any else facility,
                sha256=request.sha256,
                serial_number=request.serial_number,
                active=request.active_only,
                after=[str(part) for part in page.position] or ("", ""),
                limit=page.limit,
            )
        rows, next_page_token = page.close(rows, key=lambda row: (row.facility, row.sha256))
        messages = map(certificate_to_pb, rows)
        return pb.ListSigningCertificatesResponse(
            signing_certificates=messages, next_page_token=next_page_token
        )

    @idempotent(pb.RevokeSigningCertificateResponse)
    async def RevokeSigningCertificate(
        self, request: pb.RevokeSigningCertificateRequest, tx: Transaction
    ) -> pb.RevokeSigningCertificateResponse:
        facility, sha256 = parts_of_name(request.name)
        check_own("name", facility)
        certificate = await store.get_certificate(tx, facility, sha256, lock=True)
        if certificate is None:
            raise NotFound(reasons.SIGNING_CERTIFICATE_NOT_FOUND, name=request.name)
        check_etag(request.name, request.etag, certificate.version)
        time, reason = revoke_time_of(request, await db_now(tx)), RevokeReason(request.reason)
        if not certificate.is_stricter(time, reason):
            raise FailedPrecondition(reasons.SIGNING_CERTIFICATE_REVOKED, name=request.name)
        revoked = await store.revoke(tx, certificate, time, reason)
        await audit.record(tx, subject=request.name, access=None)
        return pb.RevokeSigningCertificateResponse(signing_certificate=certificate_to_pb(revoked))


def name_of(certificate: SigningCertificate) -> str:
    return certificate_name(certificate.facility, certificate.sha256)


async def known_parties(tx: Transaction, request: pb.RegisterSigningCertificateRequest) -> UUID | None:
    """Return the practitioner whose own certificate it is, or None; NotFound for whom the directory lacks."""
    if await facilities.get_facility(tx, last_part(request.parent)) is None:
        raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.parent)
    if not request.practitioner:
        return None
    practitioner = id_of(request.practitioner)
    if await practitioners.get_practitioner(tx, practitioner) is None:
        raise NotFound(reasons.PRACTITIONER_NOT_FOUND, name=request.practitioner)
    return practitioner


def revoke_time_of(request: pb.RevokeSigningCertificateRequest, now: datetime) -> datetime:
    """Return from when a certificate is revoked: as the request says, and *now* without."""
    if not request.HasField("revoke_time"):
        return now
    time = timestamp_from_pb(request.revoke_time)
    refuse(future_faults("revoke_time", time, clock.now()))
    return min(time, now)
