"""EligibilityService."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from chassis import clock
from chassis.db import Database, Transaction
from chassis.errors import ExchangeError, NotFound, PermissionDenied
from chassis.replies import Replies
from lientuyen.identity.v1 import eligibility_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as why
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceServicer

from ..convert.eligibility import eligibility_to_pb
from ..convert.names import facility_name, last, last_uuid
from ..model.eligibility import Eligibility, Place, Question, decide, wrong_number
from ..model.facilities import Level
from ..model.identifiers import Kind, card_result_code, read_qr
from ..model.persons import Person
from ..store import coverages, facilities
from .coverage_imports import import_batch
from .decisions import Decisions
from .imports import Totals
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
