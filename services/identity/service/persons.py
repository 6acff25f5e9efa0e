"""PersonService."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

from chassis import audit, call_context, clock
from chassis.audit_service import OPERATIONS
from chassis.db import Database, Transaction
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound
from chassis.idempotency import Idempotency, idempotent
from chassis.pagination import Paginator
from chassis.rate_limiter import RateLimiter
from common.faults import Fault
from common.names import id_of, person_name
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.identity.v1.person_pb2 import Identifier
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceServicer

from ..convert.merges import merge_to_pb
from ..convert.persons import person_to_pb, plausibilities_to_pb, registration_from_pb
from ..convert.values import to_pb_enum
from ..imports.service.person_importer import person_importer
from ..lookup.batched_lookup import Lookups
from ..lookup.model import NUMBER_FIELDS, FoundPerson, LookupKey
from ..matching.matcher import Matcher
from ..matching.model.stated_person import Comparison
from ..model.identifiers import local_identity, read_qr
from ..model.persons import (
    Person,
    PersonState,
    Registration,
    plausibility_warnings,
    registered_identifiers,
    registration_faults,
)
from ..policies.person_merges import merge_persons, unmerge_persons
from ..policies.read_decisions import in_emergency
from ..policies.request_checks import acting_for, check_asks_for_itself, check_own, check_purpose
from ..store import merging, persons
from .stated_person import StatedPersons, agreements_to_pb, check_stated, warnings_of

MOTHER_UNKNOWN = Fault("mother", "mother.unknown", "the mother is not known here", "Không tìm thấy hồ sơ mẹ.")


class PersonService(PersonServiceServicer):
    """Knows who a person is.  Numbers and names leave it in answers only."""

    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        paginator: Paginator,
        lookups: Lookups,
        matcher: Matcher,
        rate_limiter: RateLimiter,
    ) -> None:
        self._db = db
        self._idempotency = idempotency
        self._paginator = paginator
        self._lookups = lookups
        self._stated_persons = StatedPersons(db)
        self._matcher = matcher
        self._rate_limiter = rate_limiter
        self._importer = person_importer(idempotency)

    async def GetPerson(self, request: pb.GetPersonRequest, context: object) -> pb.GetPersonResponse:
        check_purpose(request.access)
        key = LookupKey(person=id_of(request.name), itself=True)
        async with self._rate_limiter.admit(urgent=in_emergency(request.access)):
            lookup = await self._lookups.persons.find(key, request.access)
        if lookup.person is None:
            self._rate_limiter.count_failure()
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.name)
        return pb.GetPersonResponse(person=person_to_pb(lookup.person, lookup.identifiers))

    async def FindPerson(self, request: pb.FindPersonRequest, context: object) -> pb.FindPersonResponse:
        check_purpose(request.access)
        check_asks_for_itself(request.facility)
        check_stated(request)
        key, facility = lookup_key(request), acting_for(request.facility)
        async with self._rate_limiter.admit(urgent=in_emergency(request.access), acting_for=facility):
            lookup = await self._lookups.persons.find(key, request.access, facility)
        if lookup.person is None:
            self._rate_limiter.count_failure(facility)
            raise NotFound(reasons.PERSON_NOT_FOUND)
        compared = await self._stated_persons.compare(lookup, key.qr, request)
        if any(comparison.is_another_person for comparison in compared):
            self._rate_limiter.count_failure(facility)
            raise FailedPrecondition(reasons.PERSON_DIFFERS)
        return found_to_pb(lookup, lookup.person, compared)

    async def MatchPersons(self, request: pb.MatchPersonsRequest, context: object) -> pb.MatchPersonsResponse:
        return await self._matcher.match(request)

    @idempotent(pb.RegisterPersonResponse)
    async def RegisterPerson(
        self, request: pb.RegisterPersonRequest, tx: Transaction
    ) -> pb.RegisterPersonResponse:
        check_own("facility", request.facility)
        registration = registration_from_pb(request)
        if faults := registration_faults(registration, clock.now()):
            raise InvalidArgument(reasons.REGISTRATION_INCOMPLETE, violations=faults)
        if registration.mother and await persons.get_person(tx, registration.mother) is None:
            raise InvalidArgument(reasons.REGISTRATION_INCOMPLETE, violations=[MOTHER_UNKNOWN])
        person = new_person(registration)
        identifiers = registered_identifiers(registration, local_identity(secrets.token_bytes(10)))
        await persons.insert_person(tx, person, registration)
        await persons.insert_identifiers(tx, person.id, identifiers)
        await audit.record(tx, subject=person_name(person.id), access=request.access)
        warnings = plausibility_warnings(person, identifiers)
        return pb.RegisterPersonResponse(
            person=person_to_pb(person, identifiers), plausibilities=plausibilities_to_pb(warnings)
        )

    @idempotent(pb.MergePersonsResponse)
    async def MergePersons(self, request: pb.MergePersonsRequest, tx: Transaction) -> pb.MergePersonsResponse:
        return await merge_persons(tx, request)

    @idempotent(pb.UnmergePersonsResponse)
    async def UnmergePersons(
        self, request: pb.UnmergePersonsRequest, tx: Transaction
    ) -> pb.UnmergePersonsResponse:
        return await unmerge_persons(tx, request)

    async def ListMerges(self, request: pb.ListMergesRequest, context: object) -> pb.ListMergesResponse:
        page = self._paginator.open(request)
        person_id = id_of(request.parent)
        async with self._db.transaction() as tx:
            records = await merging.cluster(tx, person_id)
            if not records:
                raise NotFound(reasons.PERSON_NOT_FOUND, name=request.parent)
            rows = await merging.list_merges(
                tx, records, ended=not request.standing_only, before=page.before, limit=page.limit
            )
            await audit.record(tx, subject=person_name(person_id), access=request.access)
        merges, next_page_token = page.close(rows, key=lambda merge: (merge.merge_time, merge.id))
        return pb.ListMergesResponse(merges=map(merge_to_pb, merges), next_page_token=next_page_token)

    async def ResolvePerson(
        self, request: pb.ResolvePersonRequest, context: object
    ) -> pb.ResolvePersonResponse:
        if call_context.caller().kind == "operator":
            async with self._db.transaction() as tx:
                await audit.record(tx, subject=request.name, access=OPERATIONS)
        async with self._db.connection() as tx:
            records = await merging.cluster(tx, id_of(request.name))
        if not records:
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.name)
        return pb.ResolvePersonResponse(persons=map(person_name, records))

    async def ImportPersons(
        self, request_iterator: AsyncIterator[pb.ImportPersonsRequest], context: object
    ) -> AsyncIterator[pb.ImportPersonsResponse]:
        async for answer in self._importer.import_batches(request_iterator):
            yield answer


def lookup_key(request: pb.FindPersonRequest) -> LookupKey:
    field = request.WhichOneof("identifier") or "personal_id"
    if field != "card_qr":
        return LookupKey.from_number(NUMBER_FIELDS[field], getattr(request, field))
    qr = read_qr(request.card_qr)
    if qr is None:
        raise InvalidArgument(reasons.CARD_QR_UNREADABLE)
    return LookupKey.from_qr(qr)


def found_to_pb(lookup: FoundPerson, person: Person, compared: list[Comparison]) -> pb.FindPersonResponse:
    warnings = plausibility_warnings(person, lookup.identifiers)
    warnings += warnings_of(compared)
    return pb.FindPersonResponse(
        person=person_to_pb(person, lookup.identifiers),
        identifier_state=to_pb_enum(Identifier.State, lookup.state),
        entry=person_name(lookup.holder or person.id),
        plausibilities=plausibilities_to_pb(warnings),
        agreements=agreements_to_pb(compared),
    )


def new_person(registration: Registration) -> Person:
    now = clock.now()
    return Person(
        id=uuid4(),
        state=PersonState.ACTIVE,
        origin=registration.origin,
        full_name=registration.full_name,
        birth=registration.birth,
        birth_time=registration.birth_time,
        sex=registration.sex,
        nationality=registration.nationality,
        ethnicity="",
        address=registration.address,
        phone="",
        mother=registration.mother,
        merged_into=None,
        create_time=now,
        update_time=now,
        version=1,
    )
