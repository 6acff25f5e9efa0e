"""PersonService."""

import secrets
from collections.abc import AsyncIterator
from functools import partial
from uuid import uuid4

from chassis import audit, clock
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument, NotFound
from chassis.replies import Replies
from lientuyen.identity.v1 import error_reasons as why
from lientuyen.identity.v1 import person_service_pb2 as pb
from lientuyen.identity.v1.person_pb2 import Identifier
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceServicer

from ..convert.names import last_uuid, person_full
from ..convert.persons import person_to_pb, plausibilities, registration
from ..convert.values import number
from ..model.faults import Fault
from ..model.identifiers import CardQr, Kind, local_identity, read_qr
from ..model.persons import Person, PersonState, Registration, numbers, oddities, registration_faults
from ..store import persons
from .decisions import Decisions
from .imports import Totals
from .lookups import look_up
from .person_imports import import_batch
from .refusals import check_own, check_purpose, violations

SHOWN = {
    "personal_id": Kind.PERSONAL_ID,
    "old_id": Kind.OLD_ID,
    "social_insurance_number": Kind.SOCIAL_INSURANCE_NUMBER,
    "card_number": Kind.CARD_NUMBER,
}


class PersonService(PersonServiceServicer):
    """Knows who a person is.  Numbers and names leave it in answers only."""

    def __init__(self, db: Database, replies: Replies, decisions: Decisions) -> None:
        self._db = db
        self._replies = replies
        self._decisions = decisions

    async def GetPerson(self, request: pb.GetPersonRequest, context: object) -> pb.GetPersonResponse:
        check_purpose(request.access)
        person_id = last_uuid(request.name)
        async with self._db.transaction() as tx:
            person = await persons.get_person(tx, person_id)
            if person is None:
                raise NotFound(why.PERSON_NOT_FOUND, name=request.name)
            identifiers = await persons.list_identifiers(tx, person_id)
            await self._decisions.looked(tx, person_id, request.access)
        return pb.GetPersonResponse(person=person_to_pb(person, identifiers))

    async def FindPerson(self, request: pb.FindPersonRequest, context: object) -> pb.FindPersonResponse:
        check_purpose(request.access)
        kind, value, qr = shown_number(request)
        async with self._db.transaction() as tx:
            found = await look_up(tx, kind, value)
            if found is None and qr and qr.old_id:
                found = await look_up(tx, Kind.OLD_ID, qr.old_id)
            person_id = found.person.id if found else None
            await self._decisions.looked(tx, person_id, request.access)
            identifiers = await persons.list_identifiers(tx, person_id) if person_id else []
        if found is None:
            raise NotFound(why.PERSON_NOT_FOUND)
        return pb.FindPersonResponse(
            person=person_to_pb(found.person, identifiers),
            identifier_state=number(Identifier.State, found.state),
            plausibilities=plausibilities(oddities(found.person, identifiers, qr)),
        )

    async def RegisterPerson(
        self, request: pb.RegisterPersonRequest, context: object
    ) -> pb.RegisterPersonResponse:
        check_own("facility", request.facility)
        asked = registration(request)
        faults = registration_faults(asked, clock.today())
        if faults:
            raise InvalidArgument(why.REGISTRATION_INCOMPLETE, violations=violations(faults))
        return await self._replies.once(
            request, pb.RegisterPersonResponse, lambda tx: self._register(tx, request, asked)
        )

    async def _register(
        self, tx: Transaction, request: pb.RegisterPersonRequest, asked: Registration
    ) -> pb.RegisterPersonResponse:
        if asked.mother and await persons.get_person(tx, asked.mother) is None:
            fault = Fault(
                "mother", "mother.unknown", "the mother is not known here", "Không tìm thấy hồ sơ mẹ."
            )
            raise InvalidArgument(why.REGISTRATION_INCOMPLETE, violations=violations([fault]))
        person = new_person(asked)
        identifiers = numbers(asked, local_identity(secrets.token_bytes(10)))
        await persons.insert_person(tx, person, asked)
        await persons.insert_identifiers(tx, person.id, identifiers)
        await audit.record(tx, subject=person_full(person.id), access=request.access)
        return pb.RegisterPersonResponse(person=person_to_pb(person, identifiers))

    async def ImportPersons(
        self, request_iterator: AsyncIterator[pb.ImportPersonsRequest], context: object
    ) -> AsyncIterator[pb.ImportPersonsResponse]:
        totals = Totals()
        async for request in request_iterator:
            answer = await self._replies.once(
                request, pb.ImportPersonsResponse, partial(import_batch, request)
            )
            totals.count(answer.progress)
            yield answer


def shown_number(request: pb.FindPersonRequest) -> tuple[Kind, str, CardQr | None]:
    """Return the number that was shown, and what the QR code says when one was."""
    shown = request.WhichOneof("identifier")
    if shown != "card_qr":
        return SHOWN[shown or "personal_id"], getattr(request, shown or "personal_id"), None
    qr = read_qr(request.card_qr)
    if qr is None:
        raise InvalidArgument(why.CARD_QR_UNREADABLE)
    return qr.kind, qr.value, qr


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
