"""ConsentService: the consents of a person, and the review of emergency accesses."""

from uuid import UUID, uuid4

from chassis import audit, call_context, clock
from chassis.audit import END_OF_TIME, LAST_ID
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound, PermissionDenied
from chassis.idempotency import Idempotency
from chassis.legal_basis import VNEID
from chassis.pagination import Paginator, from_micros, to_micros
from lientuyen.identity.v1 import consent_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1.consent_pb2 import ConsentProof
from lientuyen.identity.v1.consent_service_pb2_grpc import ConsentServiceServicer

from ..convert.consents import consent, consent_to_pb, emergency_to_pb
from ..convert.names import consent_ids, last, last_uuid, person_full
from ..model.consents import DEAD_GUARDIAN, OWN_GUARDIAN, ConsentState, consent_faults, guardian_faults
from ..model.emergencies import ReviewState
from ..model.faults import Fault
from ..model.persons import Person, PersonState
from ..store import consents, emergencies, facilities, merging
from .decisions import Decisions, own_facility
from .lookups import resolve
from .refusals import check_etag, check_own, violations


class ConsentService(ConsentServiceServicer):
    """Keeps consents and decides who may read."""

    def __init__(
        self, db: Database, idempotency: Idempotency, paginator: Paginator, decisions: Decisions
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._decisions = decisions

    async def CreateConsent(
        self, request: pb.CreateConsentRequest, context: object
    ) -> pb.CreateConsentResponse:
        own = own_facility()
        if own and own != last(request.consent.facility):
            raise PermissionDenied(reasons.CONSENT_GRANTEE_DENIED, facility=request.consent.facility)
        check_proof(request.consent.proof)
        return await self._idempotency.run_once(
            request, pb.CreateConsentResponse, lambda tx: self._create(tx, request)
        )

    async def _create(self, tx: Transaction, request: pb.CreateConsentRequest) -> pb.CreateConsentResponse:
        person = await known_person(tx, request.parent)
        made, faults = consent(
            request.consent,
            id_=uuid4(),
            person_id=last_uuid(request.parent),
            recorder=str(call_context.caller()),
            now=clock.now(),
            today=clock.today(),
        )
        faults += consent_faults(made, person.birth, clock.today())
        if made.guardian:
            guardian = await resolve(tx, made.guardian)
            birth = guardian.birth if guardian else None
            faults += guardian_faults(guardian is not None, birth, clock.today())
            if guardian and guardian.state is PersonState.DECEASED:
                faults.append(DEAD_GUARDIAN)
            if guardian and guardian.id == person.id:
                faults.append(OWN_GUARDIAN)
        if faults:
            raise InvalidArgument(reasons.CONSENT_INVALID, violations=violations(faults))
        if made.facility and await facilities.get_facility(tx, made.facility) is None:
            raise NotFound(reasons.FACILITY_NOT_FOUND, name=request.consent.facility)
        await consents.insert_consent(tx, made)
        await audit.record(tx, subject=person_full(made.person_id), access=None)
        return pb.CreateConsentResponse(consent=consent_to_pb(made))

    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, context: object
    ) -> pb.WithdrawConsentResponse:
        return await self._idempotency.run_once(
            request, pb.WithdrawConsentResponse, lambda tx: self._withdraw(tx, request)
        )

    async def _withdraw(
        self, tx: Transaction, request: pb.WithdrawConsentRequest
    ) -> pb.WithdrawConsentResponse:
        person_id, consent_id = consent_ids(request.name)
        found = await consents.get_consent(tx, await merging.cluster(tx, person_id), consent_id)
        if found is None or own_facility() not in ("", found.facility):
            raise NotFound(reasons.CONSENT_NOT_FOUND, name=request.name)
        if found.state is ConsentState.WITHDRAWN:
            raise FailedPrecondition(reasons.CONSENT_WITHDRAWN, name=request.name)
        check_etag(request.name, request.etag, found.version)
        by, at = str(call_context.caller()), clock.now()
        gone = await consents.withdraw(tx, found, at=at, by=by, why=request.reason)
        await audit.record(tx, subject=person_full(person_id), access=None)
        return pb.WithdrawConsentResponse(consent=consent_to_pb(gone))

    async def ListConsents(self, request: pb.ListConsentsRequest, context: object) -> pb.ListConsentsResponse:
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        before = (from_micros(position[0]), UUID(str(position[1]))) if position else (END_OF_TIME, LAST_ID)
        async with self._db.transaction() as tx:
            person = await known_person(tx, request.parent)
            rows = await consents.list_consents(
                tx,
                await merging.cluster(tx, person.id),
                facility=own_facility(),
                active=request.active_only,
                before=before,
                limit=size + 1,
            )
            await self._decisions.looked(tx, [last_uuid(request.parent)], request.access)
        page, next_token = self._paginator.cut(
            rows, size, lambda one: [to_micros(one.create_time), str(one.id)], request
        )
        found = [consent_to_pb(one) for one in page]
        return pb.ListConsentsResponse(consents=found, next_page_token=next_token)

    async def Authorize(self, request: pb.AuthorizeRequest, context: object) -> pb.AuthorizeResponse:
        async with self._db.transaction() as tx:
            decision = await self._decisions.decide(tx, request)
        return pb.AuthorizeResponse(decision=decision)

    async def ListEmergencyAccesses(
        self, request: pb.ListEmergencyAccessesRequest, context: object
    ) -> pb.ListEmergencyAccessesResponse:
        check_own("facility", request.facility)
        position = self._paginator.position(request.page_token, request)
        size = self._paginator.size(request.page_size)
        before = (from_micros(position[0]), UUID(str(position[1]))) if position else (END_OF_TIME, LAST_ID)
        async with self._db.transaction() as tx:
            rows = await emergencies.list_accesses(
                tx,
                entries=await entries_of(tx, request.person),
                facility=last(request.facility),
                state=request.state,
                before=before,
                limit=size + 1,
            )
            page, next_token = self._paginator.cut(
                rows, size, lambda one: [to_micros(one.access_time), str(one.id)], request
            )
            for person_id in {one.person_id for one in page}:
                await audit.record(tx, subject=person_full(person_id), access=request.access)
        found = [emergency_to_pb(one) for one in page]
        return pb.ListEmergencyAccessesResponse(emergency_accesses=found, next_page_token=next_token)

    async def ReviewEmergencyAccess(
        self, request: pb.ReviewEmergencyAccessRequest, context: object
    ) -> pb.ReviewEmergencyAccessResponse:
        return await self._idempotency.run_once(
            request, pb.ReviewEmergencyAccessResponse, lambda tx: self._review(tx, request)
        )

    async def _review(
        self, tx: Transaction, request: pb.ReviewEmergencyAccessRequest
    ) -> pb.ReviewEmergencyAccessResponse:
        found = await emergencies.get_access(tx, last_uuid(request.name))
        if found is None:
            raise NotFound(reasons.EMERGENCY_ACCESS_NOT_FOUND, name=request.name)
        if found.state is not ReviewState.OPEN:
            raise FailedPrecondition(reasons.EMERGENCY_ACCESS_REVIEWED, name=request.name)
        check_etag(request.name, request.etag, found.version)
        state = ReviewState.JUSTIFIED if request.justified else ReviewState.UNJUSTIFIED
        by, at = str(call_context.caller()), clock.now()
        reviewed = await emergencies.review(tx, found, state=state, by=by, at=at, note=request.note)
        return pb.ReviewEmergencyAccessResponse(emergency_access=emergency_to_pb(reviewed))


def check_proof(proof: ConsentProof) -> None:
    """Refuse a confirmation in VNeID that anybody but VNeID brings: only it knows of one."""
    if proof.kind == ConsentProof.KIND_VNEID and str(call_context.caller()) != VNEID:
        fault = Fault(
            "consent.proof.kind",
            "proof.kind.vneid",
            "only VNeID tells of a confirmation in VNeID",
            "Chỉ VNeID được ghi nhận xác nhận trên VNeID.",
        )
        raise InvalidArgument(reasons.CONSENT_INVALID, violations=violations([fault]))


async def entries_of(tx: Transaction, name: str) -> list[UUID] | None:
    """Return every entry of the person of *name*; that one when nobody is known so, None for no name."""
    if not name:
        return None
    return await merging.cluster(tx, last_uuid(name)) or [last_uuid(name)]


async def known_person(tx: Transaction, name: str) -> Person:
    """Return the person of *name*, merges followed, or refuse."""
    person = await resolve(tx, last_uuid(name))
    if person is None:
        raise NotFound(reasons.PERSON_NOT_FOUND, name=name)
    return person
