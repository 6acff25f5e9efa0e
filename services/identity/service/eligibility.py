"""EligibilityService."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from chassis import call, clock
from chassis.db import Database, Transaction
from chassis.errors import ExchangeError, NotFound, PermissionDenied
from chassis.replies import Replies
from lientuyen.identity.v1 import eligibility_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as why
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceServicer

from ..convert.eligibility import coverage_row, eligibility_to_pb
from ..convert.names import facility_name, last, last_uuid
from ..model.eligibility import Eligibility, Place, Question, decide, wrong_number
from ..model.facilities import Level
from ..model.identifiers import Kind, card_result_code, read_qr
from ..model.imports import CoverageRow, Holder, coverage_faults, duplicate, unknown_person
from ..model.persons import Person
from ..store import coverages, facilities, persons
from .decisions import Decisions
from .imports import Batch, Totals, checked
from .lookups import look_up, resolve
from .refusals import check_own, check_purpose, day_of

SHOWN = {
    "personal_id": Kind.PERSONAL_ID,
    "card_number": Kind.CARD_NUMBER,
    "social_insurance_number": Kind.SOCIAL_INSURANCE_NUMBER,
    "old_id": Kind.OLD_ID,
}


class EligibilityService(EligibilityServiceServicer):
    """Says whether the insurance pays.  Never refuses care: who is not found is answered with code 050."""

    def __init__(self, db: Database, replies: Replies, decisions: Decisions) -> None:
        self._db = db
        self._replies = replies
        self._decisions = decisions

    async def CheckEligibility(
        self, request: pb.CheckEligibilityRequest, context: object
    ) -> pb.CheckEligibilityResponse:
        check_purpose(request.access)
        check_own("facility", request.facility)
        question = asked(request)
        async with self._db.transaction() as tx:
            person, answer = await self._decide(tx, request, question)
            person_id = person.id if person else None
            await self._decisions.looked(tx, person_id, request.access)
        message = eligibility_to_pb(answer, question, person_id, clock.now())
        return pb.CheckEligibilityResponse(eligibility=message)

    async def CheckEligibilities(
        self, request_iterator: AsyncIterator[pb.CheckEligibilitiesRequest], context: object
    ) -> AsyncIterator[pb.CheckEligibilitiesResponse]:
        async for request in request_iterator:
            try:
                answer = await self.CheckEligibility(request.question, context)
            except PermissionDenied:
                raise
            except ExchangeError as error:
                yield pb.CheckEligibilitiesResponse(tag=request.tag, fault=fault_to_pb(error))
            else:
                yield pb.CheckEligibilitiesResponse(tag=request.tag, eligibility=answer.eligibility)

    async def ImportCoverages(
        self, request_iterator: AsyncIterator[pb.ImportCoveragesRequest], context: object
    ) -> AsyncIterator[pb.ImportCoveragesResponse]:
        totals = Totals()
        async for request in request_iterator:
            answer = await self._replies.once(
                request, pb.ImportCoveragesResponse, partial(import_batch, request)
            )
            totals.count(answer.progress)
            yield answer

    async def _decide(
        self, tx: Transaction, request: pb.CheckEligibilityRequest, question: Question
    ) -> tuple[Person | None, Eligibility]:
        """Return who is asked about, None when nobody has the number, and the answer."""
        place = await _place(tx, question.place.code)
        wrong = card_result_code(request.card_number) if request.HasField("card_number") else ""
        if wrong:
            return None, wrong_number(wrong)
        person = await _subject(tx, request)
        cards = await coverages.list_coverages(tx, person.id) if person else []
        birth = person.birth if person else None
        return person, decide(replace(question, place=place, birth=birth), cards)


def asked(request: pb.CheckEligibilityRequest) -> Question:
    """Return the question; the facility's level and the birth date are not known yet."""
    return Question(
        day=day_of("day", request.day) or clock.today(),
        place=Place(last(request.facility)),
        care_category=request.care_category,
        care_form=request.care_form,
        treatment_start=day_of("treatment_start", request.treatment_start),
        shown_card=request.card_number,
    )


async def _place(tx: Transaction, code: str) -> Place:
    """Return what counts of the facility, or refuse one that is not in the directory."""
    facility = await facilities.get_facility(tx, code)
    if facility is None:
        raise NotFound(why.FACILITY_NOT_FOUND, name=facility_name(code))
    return Place(code, Level(facility.level))


async def _subject(tx: Transaction, request: pb.CheckEligibilityRequest) -> Person | None:
    """Return who is asked about; None when nobody has the number that was shown."""
    shown = request.WhichOneof("subject") or "person"
    if shown == "person":
        person = await resolve(tx, last_uuid(request.person))
        if person is None:
            raise NotFound(why.PERSON_NOT_FOUND, name=request.person)
        return person
    if shown == "card_qr":
        qr = read_qr(request.card_qr)
        found = await look_up(tx, qr.kind, qr.value) if qr else None
    else:
        found = await look_up(tx, SHOWN[shown], getattr(request, shown))
    return found.person if found else None


def fault_to_pb(error: ExchangeError) -> pb.CheckFault:
    """Return what the error of one question would have said."""
    return pb.CheckFault(
        reason=error.reason.name,
        domain=error.reason.domain,
        message=str(error),
        message_vi=error.message_vi,
    )


async def import_batch(request: pb.ImportCoveragesRequest, tx: Transaction) -> pb.ImportCoveragesResponse:
    """Check the cards of one batch, find whose they are, and write them."""
    batch = Batch(request.request_id, request.first_row, len(request.rows))
    rows = (coverage_row(row) for row in request.rows)
    good = await checked(batch, rows, coverage_faults, row_key, duplicate)
    source = str(call.caller())
    owned = await owners(tx, source, batch, good)
    await coverages.put_coverages(tx, source, clock.now(), owned)
    return pb.ImportCoveragesResponse(progress=batch.progress())


def row_key(row: CoverageRow) -> tuple[str, object]:
    """Return what tells a card of a batch from the others."""
    owner = row.source_key or row.personal_id or row.insurance_number
    return "card_number", (owner, row.card_number, row.valid_from)


async def owners(
    tx: Transaction, source: str, batch: Batch, good: dict[int, CoverageRow]
) -> list[tuple[UUID, CoverageRow]]:
    """Return each good card with its owner; refuse those whose owner is not known or in doubt."""
    keys = [row.source_key for row in good.values() if row.source_key]
    personal_ids = [row.personal_id for row in good.values() if row.personal_id]
    insurance = [row.insurance_number for row in good.values() if row.insurance_number]
    known = await persons.known(tx, source, keys, personal_ids)
    insured = await persons.holders_of(tx, Kind.SOCIAL_INSURANCE_NUMBER, insurance)
    found: dict[object, tuple[UUID, CoverageRow]] = {}
    for place, row in good.items():
        holders = known.by_personal_id.get(row.personal_id) or insured.get(row.insurance_number, [])
        who = known.by_key.get(row.source_key) or sole(holders)
        if who is None:
            batch.refuse(place, [unknown_person("personal_id" if row.personal_id else "card_number")])
        elif (who, row.card_number, row.valid_from) in found:
            batch.refuse(place, [duplicate("card_number")])
        else:
            found[who, row.card_number, row.valid_from] = (who, row)
    return list(found.values())


def sole(holders: Sequence[Holder]) -> UUID | None:
    """Return the one who has a number; None when nobody has it, or several do."""
    return holders[0].person_id if len(holders) == 1 else None
