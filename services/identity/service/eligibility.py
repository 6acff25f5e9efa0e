"""EligibilityService."""

from collections.abc import AsyncIterator
from typing import Final

from chassis import clock
from chassis.errors import NotFound, PermissionDenied, ServiceError
from chassis.idempotency import Idempotency
from chassis.refusals import note_refused_part
from chassis.streams import answer_stream
from common.names import id_of, last_part
from lientuyen.identity.v1 import eligibility_service_pb2 as pb
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceServicer

from ..convert.eligibility import fill_eligibility
from ..imports.service.coverage_importer import coverage_importer
from ..lookup.batched_lookup import Lookups
from ..lookup.model import NUMBER_FIELDS, LookupKey
from ..lookup.rate_limiter import RateLimiter
from ..model.eligibility import Circumstance, Question, decide, wrong_number
from ..model.identifiers import card_result_code, read_qr
from ..model.staleness import with_source_reasons
from ..policies.facility_cache import FacilityCache
from ..policies.read_decisions import in_emergency
from ..policies.request_checks import check_own, check_purpose, day_from_pb
from ..portal.coverage_source import CoverageSource

NOBODY: Final = LookupKey()

# The result code of a number that nobody has (`BHYT_LOOKUP_RESULT`).
NOT_FOUND_CODE: Final = "050"

# Questions of one stream that are answered at the same time.
MAX_CONCURRENCY: Final = 16


class EligibilityService(EligibilityServiceServicer):
    """Says whether the insurance pays.  Never refuses care: who is not found is answered with code 050."""

    def __init__(
        self,
        idempotency: Idempotency,
        lookups: Lookups,
        facilities: FacilityCache,
        source: CoverageSource,
        rate_limiter: RateLimiter,
    ) -> None:
        self._lookups = lookups
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
        day = day_from_pb("day", request.day) or clock.today()
        treatment_start = day_from_pb("treatment_start", request.treatment_start)
        place = await self._facilities.place(last_part(request.facility))
        wrong_code = card_result_code(request.card_number) if request.HasField("card_number") else ""
        key = NOBODY if wrong_code else lookup_key(request)
        async with self._rate_limiter.admit(patient=patient, urgent=in_emergency(request.access)):
            lookup = await self._lookups.insured.find(key, request.access)
        if lookup.insured is None and request.HasField("person"):
            self._rate_limiter.count_failure()
            raise NotFound(reasons.PERSON_NOT_FOUND, name=request.person)
        question = Question(
            day=day,
            place=place,
            care_category=request.care_category,
            care_form=request.care_form,
            treatment_start=treatment_start,
            shown_card=request.card_number,
            birth=lookup.insured.birth if lookup.insured else None,
            circumstances=frozenset(map(Circumstance, request.circumstances)),
        )
        coverage = await self._source.cards(lookup.id, lookup.cards)
        if wrong_code:
            answer = wrong_number(wrong_code)
        else:
            answer = with_source_reasons(decide(question, list(coverage.cards)), coverage)
        if lookup.id is None and answer.result_code == NOT_FOUND_CODE:
            self._rate_limiter.count_failure()
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
