"""ConsentService: the consents of a person, and the review of emergency accesses."""

from typing import Final
from uuid import UUID, uuid4

from chassis import audit, call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound, PermissionDenied
from chassis.idempotency import Idempotency, idempotent
from chassis.legal_basis import VNEID
from chassis.pagination import Paginator
from common.faults import Fault
from common.names import id_of, last_part, person_name
from lientuyen.identity.v1 import consent_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1.consent_pb2 import Consent as ConsentMessage
from lientuyen.identity.v1.consent_pb2 import ConsentProof
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceServicer
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.consents import consent_from_pb, consent_to_pb, emergency_to_pb
from ..convert.names import ids_of_child
from ..model.consents import (
    DEAD_GUARDIAN,
    OWN_GUARDIAN,
    Consent,
    ConsentState,
    consent_faults,
    guardian_faults,
)
from ..model.emergencies import EmergencyAccess, ReviewState
from ..model.persons import Person, PersonState
from ..policies.read_decisions import Decisions, own_facility
from ..policies.request_checks import check_etag, check_own
from ..store import consents, emergencies, facilities, merging, persons

# What the person reads in the access log.
SELF_RECORDED: Final = "Văn bản đồng ý do chính cơ sở ghi nhận, chưa được xác nhận trên VNeID."
NOT_UPHELD: Final = "Hậu kiểm không công nhận văn bản đồng ý do cơ sở tự ghi nhận."

# The ground on which the health authority or an operator looks at an emergency and decides on it.
REVIEW: Final = AccessContext(
    purpose=AccessContext.PURPOSE_OPERATIONS,
    legal_basis=AccessContext.LEGAL_BASIS_LEGAL_DUTY,
    reason="Hậu kiểm truy cập đã được gắn cờ.",
)


class ConsentService(ConsentServiceServicer):
    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, decisions: Decisions
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._decisions = decisions

    @idempotent(pb.CreateConsentResponse)
    async def CreateConsent(
        self, request: pb.CreateConsentRequest, tx: Transaction
    ) -> pb.CreateConsentResponse:
        check_grantee(request.consent)
        check_proof(request.consent.proof)
        person = await known_person(tx, request.parent)
        consent, faults = consent_from_pb(
            request.consent,
            id_=uuid4(),
            person_id=id_of(request.parent),
            recorder=str(call_context.caller()),
            now=clock.now(),
            today=clock.today(),
        )
        faults += consent_faults(consent, person.birth, clock.today())
        if consent.guardian:
            faults += await faults_of_guardian(tx, consent.guardian, person)
        if faults:
            raise InvalidArgument(reasons.CONSENT_INVALID, violations=faults)
        if consent.facility and await facilities.get_facility(tx, consent.facility) is None:
            raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.consent.facility)
        await consents.insert_consent(tx, consent)
        await record_consent(tx, consent)
        return pb.CreateConsentResponse(consent=consent_to_pb(consent))

    @idempotent(pb.WithdrawConsentResponse)
    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, tx: Transaction
    ) -> pb.WithdrawConsentResponse:
        person_id, consent_id = ids_of_child(request.name)
        consent = await consents.get_consent(tx, await merging.cluster(tx, person_id), consent_id)
        if consent is None or own_facility() not in ("", consent.facility):
            raise NotFound(reasons.CONSENT_NOT_FOUND, name=request.name)
        if consent.state is ConsentState.WITHDRAWN:
            raise FailedPrecondition(reasons.CONSENT_WITHDRAWN, name=request.name)
        check_etag(request.name, request.etag, consent.version)
        caller, now = str(call_context.caller()), clock.now()
        withdrawn = await consents.withdraw(tx, consent, at=now, by=caller, reason=request.reason)
        await audit.record(tx, subject=person_name(person_id), access=None)
        return pb.WithdrawConsentResponse(consent=consent_to_pb(withdrawn))

    async def ListConsents(self, request: pb.ListConsentsRequest, context: object) -> pb.ListConsentsResponse:
        page = self._paginator.open(request)
        async with self._db.transaction() as tx:
            person = await known_person(tx, request.parent)
            rows = await consents.list_consents(
                tx,
                await merging.cluster(tx, person.id),
                facility=own_facility(),
                active=request.active_only,
                before=page.before,
                limit=page.limit,
            )
            await self._decisions.record_reads(tx, [id_of(request.parent)], request.access)
        rows, next_page_token = page.close(rows, key=lambda consent: (consent.create_time, consent.id))
        return pb.ListConsentsResponse(consents=map(consent_to_pb, rows), next_page_token=next_page_token)

    async def Authorize(self, request: pb.AuthorizeRequest, context: object) -> pb.AuthorizeResponse:
        async with self._db.transaction() as tx:
            decision = await self._decisions.decide(tx, request)
        return pb.AuthorizeResponse(decision=decision)

    async def ListEmergencyAccesses(
        self, request: pb.ListEmergencyAccessesRequest, context: object
    ) -> pb.ListEmergencyAccessesResponse:
        check_own("facility", request.facility)
        page = self._paginator.open(request)
        async with self._db.transaction() as tx:
            rows = await emergencies.list_accesses(
                tx,
                records=await records_of(tx, request.person),
                facility=last_part(request.facility),
                state=request.state,
                before=page.before,
                limit=page.limit,
            )
            rows, next_page_token = page.close(rows, key=lambda access: (access.access_time, access.id))
            for person_id in {access.person_id for access in rows}:
                await audit.record(tx, subject=person_name(person_id), access=request.access)
        messages = map(emergency_to_pb, rows)
        return pb.ListEmergencyAccessesResponse(emergency_accesses=messages, next_page_token=next_page_token)

    @idempotent(pb.ReviewEmergencyAccessResponse)
    async def ReviewEmergencyAccess(
        self, request: pb.ReviewEmergencyAccessRequest, tx: Transaction
    ) -> pb.ReviewEmergencyAccessResponse:
        access = await emergencies.get_access(tx, id_of(request.name))
        if access is None:
            raise NotFound(reasons.EMERGENCY_ACCESS_NOT_FOUND, name=request.name)
        if access.state is not ReviewState.OPEN:
            raise FailedPrecondition(reasons.EMERGENCY_ACCESS_REVIEWED, name=request.name)
        check_etag(request.name, request.etag, access.version)
        state = ReviewState.JUSTIFIED if request.justified else ReviewState.UNJUSTIFIED
        caller, now = str(call_context.caller()), clock.now()
        reviewed = await emergencies.review(tx, access, state=state, by=caller, at=now, note=request.note)
        await audit.record(tx, subject=person_name(access.person_id), access=REVIEW)
        if access.consent:
            await settle_consent(tx, access, justified=request.justified)
        return pb.ReviewEmergencyAccessResponse(emergency_access=emergency_to_pb(reviewed))


async def record_consent(tx: Transaction, consent: Consent) -> None:
    """Write down that somebody recorded *consent*: a facility for itself is flagged, and told so."""
    own_word = consent.is_unconfirmed
    access = AccessContext(reason=SELF_RECORDED) if own_word else None
    await audit.record(tx, subject=person_name(consent.person_id), access=access, flagged=own_word)


async def settle_consent(tx: Transaction, access: EmergencyAccess, *, justified: bool) -> None:
    """Let the consent whose use was reviewed count as confirmed, or no more."""
    assert access.consent is not None
    records = await merging.cluster(tx, access.person_id)
    consent = await consents.get_consent(tx, records, access.consent)
    if consent is None or consent.state is ConsentState.WITHDRAWN:
        return
    if justified:
        await consents.uphold(tx, consent)
        return
    by, now = str(call_context.caller()), clock.now()
    await consents.withdraw(tx, consent, at=now, by=by, reason=NOT_UPHELD)
    await audit.record(tx, subject=person_name(consent.person_id), access=AccessContext(reason=NOT_UPHELD))


def check_grantee(consent: ConsentMessage) -> None:
    own = own_facility()
    if own and own != last_part(consent.facility):
        raise PermissionDenied(reasons.CONSENT_GRANTEE_DENIED, facility=consent.facility)


def check_proof(proof: ConsentProof) -> None:
    """Refuse a confirmation in VNeID that anybody but VNeID brings: only it knows of one."""
    if proof.kind == ConsentProof.KIND_VNEID and str(call_context.caller()) != VNEID:
        fault = Fault(
            "consent.proof.kind",
            "proof.kind.vneid",
            "only VNeID tells of a confirmation in VNeID",
            "Chỉ VNeID được ghi nhận xác nhận trên VNeID.",
        )
        raise InvalidArgument(reasons.CONSENT_INVALID, violations=[fault])


async def faults_of_guardian(tx: Transaction, guardian_id: UUID, person: Person) -> list[Fault]:
    """Return why *guardian_id* cannot agree for *person*; empty when they can."""
    guardian = await persons.get_survivor(tx, guardian_id)
    birth = guardian.birth if guardian else None
    faults = guardian_faults(guardian is not None, birth, clock.today())
    if guardian and guardian.state is PersonState.DECEASED:
        faults.append(DEAD_GUARDIAN)
    if guardian and guardian.id == person.id:
        faults.append(OWN_GUARDIAN)
    return faults


async def records_of(tx: Transaction, name: str) -> list[UUID] | None:
    """Return every record of the person of *name*; that one when nobody is known so, None for no name."""
    if not name:
        return None
    return await merging.cluster(tx, id_of(name)) or [id_of(name)]


async def known_person(tx: Transaction, name: str) -> Person:
    person = await persons.get_survivor(tx, id_of(name))
    if person is None:
        raise NotFound(reasons.PERSON_NOT_FOUND, name=name)
    return person
