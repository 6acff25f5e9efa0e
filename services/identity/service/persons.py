"""PersonService."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

from chassis import audit, clock
from chassis.db import Transaction
from chassis.errors import InvalidArgument, NotFound
from chassis.idempotency import Idempotency
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.identity.v1.person_pb2 import Identifier
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceServicer

from ..convert.names import last_uuid, person_full, person_name
from ..convert.persons import person_to_pb, plausibilities, registration
from ..convert.values import number
from ..imports.service.person_importer import person_importer
from ..model.faults import Fault
from ..model.identifiers import Kind, local_identity, read_qr
from ..model.lookups import Shown, by_number, by_qr
from ..model.persons import Person, PersonState, Registration, numbers, oddities, registration_faults
from ..store import persons
from .decisions import in_emergency
from .guard import Guard
from .lookups import Lookups
from .matching import Matching
from .merging import Merging
from .refusals import check_own, check_purpose, violations

KINDS = {
    "personal_id": Kind.PERSONAL_ID,
    "old_id": Kind.OLD_ID,
    "social_insurance_number": Kind.SOCIAL_INSURANCE_NUMBER,
    "card_number": Kind.CARD_NUMBER,
}


class PersonService(PersonServiceServicer):
    """Knows who a person is.  Numbers and names leave it in answers only."""

    def __init__(
        self, idempotency: Idempotency, lookups: Lookups, matching: Matching, merging: Merging, guard: Guard
    ) -> None:
        self._guard = guard
        self._idempotency = idempotency
        self._importer = person_importer(idempotency)
        self._lookups = lookups
        self._matching = matching
        self._merging = merging

    async def GetPerson(self, request: pb.GetPersonRequest, context: object) -> pb.GetPersonResponse:
        check_purpose(request.access)
        entry = Shown(person=last_uuid(request.name), itself=True)
        async with self._guard.turn(urgent=in_emergency(request.access)):
            found = await self._lookups.person(entry, request.access)
        if found.person is None:
            self._guard.missed()
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.name)
        return pb.GetPersonResponse(person=person_to_pb(found.person, found.identifiers))

    async def FindPerson(self, request: pb.FindPersonRequest, context: object) -> pb.FindPersonResponse:
        check_purpose(request.access)
        shown = shown_number(request)
        async with self._guard.evenly() as even:
            async with self._guard.turn(urgent=in_emergency(request.access)):
                found = await self._lookups.person(shown, request.access, even)
            if found.person is None:
                self._guard.missed()
                raise NotFound(reasons.PERSON_NOT_FOUND)
            return pb.FindPersonResponse(
                person=person_to_pb(found.person, found.identifiers),
                identifier_state=number(Identifier.State, found.state),
                entry=person_name(found.claimant or found.person.id),
                plausibilities=plausibilities(oddities(found.person, found.identifiers, shown.qr)),
            )

    async def MatchPersons(self, request: pb.MatchPersonsRequest, context: object) -> pb.MatchPersonsResponse:
        return await self._matching.match(request)

    async def RegisterPerson(
        self, request: pb.RegisterPersonRequest, context: object
    ) -> pb.RegisterPersonResponse:
        check_own("facility", request.facility)
        asked = registration(request)
        faults = registration_faults(asked, clock.today())
        if faults:
            raise InvalidArgument(reasons.REGISTRATION_INCOMPLETE, violations=violations(faults))
        return await self._idempotency.run_once(
            request, pb.RegisterPersonResponse, lambda tx: self._register(tx, request, asked)
        )

    async def _register(
        self, tx: Transaction, request: pb.RegisterPersonRequest, asked: Registration
    ) -> pb.RegisterPersonResponse:
        if asked.mother and await persons.get_person(tx, asked.mother) is None:
            fault = Fault(
                "mother", "mother.unknown", "the mother is not known here", "Không tìm thấy hồ sơ mẹ."
            )
            raise InvalidArgument(reasons.REGISTRATION_INCOMPLETE, violations=violations([fault]))
        person = new_person(asked)
        identifiers = numbers(asked, local_identity(secrets.token_bytes(10)))
        await persons.insert_person(tx, person, asked)
        await persons.insert_identifiers(tx, person.id, identifiers)
        await audit.record(tx, subject=person_full(person.id), access=request.access)
        return pb.RegisterPersonResponse(person=person_to_pb(person, identifiers))

    async def MergePersons(self, request: pb.MergePersonsRequest, context: object) -> pb.MergePersonsResponse:
        return await self._merging.merge(request)

    async def UnmergePersons(
        self, request: pb.UnmergePersonsRequest, context: object
    ) -> pb.UnmergePersonsResponse:
        return await self._merging.unmerge(request)

    async def ListMerges(self, request: pb.ListMergesRequest, context: object) -> pb.ListMergesResponse:
        return await self._merging.list_merges(request)

    async def ResolvePerson(
        self, request: pb.ResolvePersonRequest, context: object
    ) -> pb.ResolvePersonResponse:
        return await self._merging.resolve(request)

    async def ImportPersons(
        self, request_iterator: AsyncIterator[pb.ImportPersonsRequest], context: object
    ) -> AsyncIterator[pb.ImportPersonsResponse]:
        async for answer in self._importer.import_batches(request_iterator):
            yield answer


def shown_number(request: pb.FindPersonRequest) -> Shown:
    """Return the number that was shown; refuse a QR code that cannot be read."""
    field = request.WhichOneof("identifier") or "personal_id"
    if field != "card_qr":
        return by_number(KINDS[field], getattr(request, field))
    qr = read_qr(request.card_qr)
    if qr is None:
        raise InvalidArgument(reasons.CARD_QR_UNREADABLE)
    return by_qr(qr)


def new_person(asked: Registration) -> Person:
    """Return the entry of somebody who is registered now."""
    now = clock.now()
    return Person(
        id=uuid4(),
        state=PersonState.ACTIVE,
        origin=asked.origin,
        full_name=asked.full_name,
        birth=asked.birth,
        birth_time=asked.birth_time,
        sex=asked.sex,
        nationality=asked.nationality,
        ethnicity="",
        address=asked.address,
        phone="",
        mother=asked.mother,
        merged_into=None,
        create_time=now,
        update_time=now,
        version=1,
    )
