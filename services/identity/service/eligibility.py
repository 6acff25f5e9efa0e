"""EligibilityService."""

from collections.abc import AsyncIterator
from typing import Final

from chassis import clock
from chassis.db import Database
from chassis.errors import NotFound, PermissionDenied, ServiceError
from chassis.idempotency import Idempotency
from chassis.rate_limiter import RateLimiter
from chassis.refusals import note_refused_part
from chassis.streams import answer_stream
from common.faults import Fault
from common.names import id_of, last_part
from lientuyen.identity.v1 import eligibility_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceServicer

from ..convert.eligibility import co_payments_from_pb, fill_eligibility, visit_cost_from_pb
from ..imports.service.coverage_importer import coverage_importer
from ..lookup.batched_lookup import Lookups
from ..lookup.model import NUMBER_FIELDS, FoundInsured, LookupKey
from ..model.eligibility import (
    Circumstance,
    Question,
    another_person,
    decide,
    with_differences,
    wrong_number,
)
from ..model.identifiers import card_result_code, read_qr
from ..model.staleness import with_source_reasons
from ..policies.facility_cache import FacilityCache
from ..policies.read_decisions import in_emergency
from ..policies.request_checks import (
    acting_for,
    check_own,
    check_purpose,
    day_from_pb,
    past_day_from_pb,
    refuse,
)
from ..portal.coverage_source import CoverageSource
from .stated_person import StatedPersons, check_stated, warnings_of

NOBODY: Final = LookupKey()
NOBODY_FOUND: Final = FoundInsured(0, None, [])

# The result code of a number that nobody has (`BHYT_LOOKUP_RESULT`).
NOT_FOUND_CODE: Final = "050"

# Questions of one stream that are answered at the same time.
MAX_CONCURRENCY: Final = 16


class EligibilityService(EligibilityServiceServicer):
    """Says whether the insurance pays.  Never refuses care: who is not found is answered with code 050."""

    def __init__(
        self,
        db: Database,
        idempotency: Idempotency,
        lookups: Lookups,
        facilities: FacilityCache,
        source: CoverageSource,
        rate_limiter: RateLimiter,
    ) -> None:
        self._lookups = lookups
        self._stated_persons = StatedPersons(db)
        self._facilities = facilities
        self._source = source
        self._rate_limiter = rate_limiter
        self._importer = coverage_importer(idempotency)

    async def CheckEligibility(
        self, request: pb.CheckEligibilityRequest, context: object
    ) -> pb.CheckEligibilityResponse:
        return await self._check(request)

    async def _check(
        self, request: pb.CheckEligibilityRequest, *, patient: bool = False
    ) -> pb.CheckEligibilityResponse:
        """Answer *request*; a *patient* one waits for its look-up when the caller has used up the others."""
        check_purpose(request.access)
        check_own("facility", request.facility)
        check_stated(request)
        day = day_from_pb("day", request.day) or clock.today()
        treatment_start = day_from_pb("treatment_start", request.treatment_start)
        slip_date = past_day_from_pb("transfer_slip_date", request.transfer_slip_date)
        faults: list[Fault] = []
        co_payments = co_payments_from_pb(request, clock.now(), faults)
        visit_cost = visit_cost_from_pb(request, faults)
        refuse(faults)
        place = await self._facilities.place(last_part(request.facility))
        wrong_code = card_result_code(request.card_number) if request.HasField("card_number") else ""
        key, facility = NOBODY if wrong_code else lookup_key(request), acting_for(request.facility)
        urgent = in_emergency(request.access)
        async with self._rate_limiter.admit(patient=patient, urgent=urgent, acting_for=facility):
            lookup = await self._lookups.insured.find(key, request.access, facility)
        if lookup.insured is None and request.HasField("person"):
            self._rate_limiter.count_failure(facility)
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.person)
        compared = await self._stated_persons.compare(lookup, key.qr, request)
        if is_another := any(comparison.is_another_person for comparison in compared):
            lookup = NOBODY_FOUND
        question = Question(
            day=day,
            place=place,
            care_category=request.care_category,
            care_form=request.care_form,
            treatment_start=treatment_start,
            shown_card=request.card_number,
            birth=lookup.insured.birth if lookup.insured else None,
            circumstances=frozenset(map(Circumstance, request.circumstances)),
            slip_date=slip_date,
            co_payments=co_payments,
            visit_cost=visit_cost,
        )
        coverage = await self._source.cards(lookup.id, lookup.cards)
        if is_another:
            answer = another_person()
        elif wrong_code:
            answer = wrong_number(wrong_code)
        else:
            answer = with_source_reasons(decide(question, list(coverage.cards)), coverage)
            answer = with_differences(answer, warnings_of(compared))
        if is_another or (lookup.id is None and answer.result_code == NOT_FOUND_CODE):
            self._rate_limiter.count_failure(facility)
        response = pb.CheckEligibilityResponse()
        fill_eligibility(response.eligibility, answer, question, lookup.id, clock.now(), coverage.staleness)
        return response

    async def CheckEligibilities(
        self, request_iterator: AsyncIterator[pb.CheckEligibilitiesRequest], context: object
    ) -> AsyncIterator[pb.CheckEligibilitiesResponse]:
        answers = answer_stream(
            request_iterator, self._check_one_of_stream, max_concurrency=MAX_CONCURRENCY, in_order=True
        )
        async for answer in answers:
            yield answer

    async def _check_one_of_stream(
        self, request: pb.CheckEligibilitiesRequest
    ) -> pb.CheckEligibilitiesResponse:
        """Answer one question of a stream; its fault is an answer too, but for a denial, which ends all."""
        try:
            answer = await self._check(request.question, patient=True)
        except PermissionDenied:
            raise
        except ServiceError as error:
            note_refused_part(error)
            return pb.CheckEligibilitiesResponse(tag=request.tag, fault=fault_to_pb(error))
        return pb.CheckEligibilitiesResponse(tag=request.tag, eligibility=answer.eligibility)

    async def ImportCoverages(
        self, request_iterator: AsyncIterator[pb.ImportCoveragesRequest], context: object
    ) -> AsyncIterator[pb.ImportCoveragesResponse]:
        async for answer in self._importer.import_batches(request_iterator):
            yield answer


def lookup_key(request: pb.CheckEligibilityRequest) -> LookupKey:
    """Return what was shown; a QR code that cannot be read is as good as nothing."""
    field = request.WhichOneof("subject") or "person"
    if field == "person":
        return LookupKey(person=id_of(request.person))
    if field == "card_qr":
        qr = read_qr(request.card_qr)
        return LookupKey.from_qr(qr) if qr else NOBODY
    return LookupKey.from_number(NUMBER_FIELDS[field], getattr(request, field))


def fault_to_pb(error: ServiceError) -> pb.CheckFault:
    return pb.CheckFault(
        reason=error.reason.name,
        domain=error.reason.domain,
        message=str(error),
        message_vi=error.message_vi,
    )
