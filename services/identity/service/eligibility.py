"""EligibilityService."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Final

from chassis import clock
from chassis.errors import NotFound, PermissionDenied, ServiceError
from chassis.idempotency import Idempotency
from chassis.streams import answers_in_order
from common.values import PartialDate
from lientuyen.identity.v1 import eligibility_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceServicer

from ..convert.eligibility import tell_eligibility
from ..convert.names import last, last_uuid
from ..imports.service.coverage_importer import coverage_importer
from ..model.eligibility import Circumstance, Place, Question, decide, wrong_number
from ..model.identifiers import Kind, card_result_code, read_qr
from ..model.lookups import Shown, by_number, by_qr
from ..model.staleness import with_source_reasons
from ..portal.coverage_source import CoverageSource
from .decisions import in_emergency
from .directory import Directory
from .guard import Evenly, Guard
from .lookups import Lookups
from .refusals import check_own, check_purpose, day_of

KINDS = {
    "personal_id": Kind.PERSONAL_ID,
    "card_number": Kind.CARD_NUMBER,
    "social_insurance_number": Kind.SOCIAL_INSURANCE_NUMBER,
    "old_id": Kind.OLD_ID,
}

NOBODY: Final = Shown()

# The result code of a number that nobody has (`BHYT_LOOKUP_RESULT`).
NOBODY_HAS_IT: Final = "050"

# Questions of one stream that are answered at the same time.
AT_ONCE: Final = 16


class EligibilityService(EligibilityServiceServicer):
    """Says whether the insurance pays.  Never refuses care: who is not found is answered with code 050."""

    def __init__(
        self,
        idempotency: Idempotency,
        lookups: Lookups,
        directory: Directory,
        source: CoverageSource,
        guard: Guard,
    ) -> None:
        self._guard = guard
        self._source = source
        self._importer = coverage_importer(idempotency)
        self._lookups = lookups
        self._directory = directory

    async def CheckEligibility(
        self, request: pb.CheckEligibilityRequest, context: object
    ) -> pb.CheckEligibilityResponse:
        async with self._guard.evenly() as even:
            return await self._check(request, even)

    async def _check(
        self, request: pb.CheckEligibilityRequest, even: Evenly, *, patient: bool = False
    ) -> pb.CheckEligibilityResponse:
        """Answer *request*; a *patient* one waits for its look-up when the caller has used up the others."""
        check_purpose(request.access)
        check_own("facility", request.facility)
        days = days_of(request)
        place = await self._directory.place(last(request.facility))
        wrong = card_result_code(request.card_number) if request.HasField("card_number") else ""
        async with self._guard.turn(patient=patient, urgent=in_emergency(request.access)):
            found = await self._lookups.holder(NOBODY if wrong else shown(request), request.access, even)
        if found.holder is None and request.HasField("person"):
            self._guard.missed()
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.person)
        question = asked(request, days, place, found.holder.birth if found.holder else None)
        result = await self._source.cards(found.id, found.cards)
        if wrong:
            answer = wrong_number(wrong)
        else:
            answer = with_source_reasons(decide(question, list(result.cards)), result)
        if found.id is None and answer.result_code == NOBODY_HAS_IT:
            self._guard.missed()
        response = pb.CheckEligibilityResponse()
        tell_eligibility(response.eligibility, answer, question, found.id, clock.now(), result.staleness)
        return response

    async def CheckEligibilities(
        self, request_iterator: AsyncIterator[pb.CheckEligibilitiesRequest], context: object
    ) -> AsyncIterator[pb.CheckEligibilitiesResponse]:
        async for answer in answers_in_order(request_iterator, self._check_one, at_once=AT_ONCE):
            yield answer

    async def _check_one(self, request: pb.CheckEligibilitiesRequest) -> pb.CheckEligibilitiesResponse:
        """Answer one question of a stream; its fault is an answer too, but for a denial, which ends all."""
        try:
            async with self._guard.evenly() as even:
                answer = await self._check(request.question, even, patient=True)
        except PermissionDenied:
            raise
        except ServiceError as error:
            return pb.CheckEligibilitiesResponse(tag=request.tag, fault=fault_to_pb(error))
        return pb.CheckEligibilitiesResponse(tag=request.tag, eligibility=answer.eligibility)

    async def ImportCoverages(
        self, request_iterator: AsyncIterator[pb.ImportCoveragesRequest], context: object
    ) -> AsyncIterator[pb.ImportCoveragesResponse]:
        async for answer in self._importer.import_batches(request_iterator):
            yield answer


def days_of(request: pb.CheckEligibilityRequest) -> tuple[date, date | None]:
    """Return the day that is asked about, and that on which the treatment began; refuse what is no day."""
    return day_of("day", request.day) or clock.today(), day_of("treatment_start", request.treatment_start)


def asked(
    request: pb.CheckEligibilityRequest,
    days: tuple[date, date | None],
    place: Place,
    birth: PartialDate | None,
) -> Question:
    """Return the question, by what was found of the facility and of the person."""
    return Question(
        day=days[0],
        place=place,
        care_category=request.care_category,
        care_form=request.care_form,
        treatment_start=days[1],
        shown_card=request.card_number,
        birth=birth,
        circumstances=frozenset(map(Circumstance, request.circumstances)),
    )


def shown(request: pb.CheckEligibilityRequest) -> Shown:
    """Return what was shown; a QR code that cannot be read is as good as nothing."""
    field = request.WhichOneof("subject") or "person"
    if field == "person":
        return Shown(person=last_uuid(request.person))
    if field == "card_qr":
        qr = read_qr(request.card_qr)
        return by_qr(qr) if qr else NOBODY
    return by_number(KINDS[field], getattr(request, field))


def fault_to_pb(error: ServiceError) -> pb.CheckFault:
    """Return what the error of one question would have said."""
    return pb.CheckFault(
        reason=error.reason.name,
        domain=error.reason.domain,
        message=str(error),
        message_vi=error.message_vi,
    )
