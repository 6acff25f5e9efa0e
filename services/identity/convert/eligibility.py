"""Eligibility and cards."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from common.faults import Fault
from common.names import facility_name, person_name
from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service_pb
from lientuyen.type.v1.money_pb2 import Money

from ..model.coverages import Coverage
from ..model.eligibility import Eligibility, Payment, Question, Reason
from ..model.faults import future_faults, malformed
from ..model.staleness import Staleness
from .values import date_or_fault, set_date, set_time, to_pb_enum


def co_payments_from_pb(
    request: service_pb.CheckEligibilityRequest, now: datetime, faults: list[Fault]
) -> tuple[Payment, ...] | None:
    """Return what was shared of the costs, None when nobody told; what is wrong joins *faults*."""
    if not request.HasField("co_payments"):
        return None
    payments = []
    for index, payment in enumerate(request.co_payments.payments):
        path = f"co_payments.payments[{index}]"
        day = date_or_fault(f"{path}.day", payment.day, faults)
        dong = _dong_or_fault(f"{path}.amount", payment.amount, faults)
        faults += future_faults(f"{path}.day", day, now)
        if day:
            payments.append(Payment(day, dong))
    return tuple(payments)


def visit_cost_from_pb(request: service_pb.CheckEligibilityRequest, faults: list[Fault]) -> int | None:
    """Return the costs of the visit in đồng, None when nobody told."""
    if not request.HasField("visit_cost"):
        return None
    return _dong_or_fault("visit_cost", request.visit_cost, faults)


def _dong_or_fault(field: str, message: Money, faults: list[Fault]) -> int:
    if message.dong < 0:
        faults.append(malformed(field))
    return message.dong


def fill_eligibility(
    message: pb.Eligibility,
    answer: Eligibility,
    question: Question,
    person_id: UUID | None,
    now: datetime,
    staleness: Staleness | None = None,
) -> None:
    """Fill in the answer about *person_id*, None for nobody; *now* tells the age of what is known.

    With *staleness* it is the last known answer, and says so.
    """
    points = answer.basis_points
    message.person = person_name(person_id)
    message.covered = answer.covered
    message.result_code = answer.result_code
    message.message_vi = answer.message_vi
    message.rate_known = points is not None
    message.payment_rate_percent = (points or 0) // 100
    message.payment_rate_basis_points = points or 0
    message.benefit_rate_percent = answer.benefit_rate or 0
    message.entitlement_percent = answer.entitlement or 0
    message.benefit_level = answer.level
    message.arrival = to_pb_enum(pb.Eligibility.Arrival, answer.arrival)
    message.grace = answer.grace
    message.five_years_reached = answer.five_years_reached
    message.care_category = answer.category
    message.proposed_care_category = answer.proposed
    message.co_payment_exempt = answer.exempt
    message.basis = to_pb_enum(pb.Eligibility.Basis, answer.basis)
    message.candidate_care_categories.extend(answer.candidates)
    set_date(message.day, question.day)
    set_date(message.grace_until, answer.grace_until)
    _set_money(message.co_payment_threshold, answer.threshold)
    _set_money(message.co_payment_remaining, answer.remaining)
    _set_money(message.full_payment_below, answer.small_visit)
    if answer.card:
        _fill_card(message, answer.card, now)
    message.reasons.extend(map(_reason, answer.reasons))
    for card in answer.weighed:
        _fill_coverage(message.coverages.add(), card)
    if staleness:
        _flag(message, staleness)


def _set_money(field: Money, dong: int | None) -> None:
    """Write an amount into a *field* of a message; None leaves it absent, and 0 does not."""
    if dong is not None:
        field.SetInParent()
        field.dong = dong


# The same few are told again and again; what is appended is copied.
@lru_cache(maxsize=1024)
def _reason(reason: Reason) -> pb.EligibilityReason:
    code = to_pb_enum(pb.EligibilityReason.Code, reason.code)
    return pb.EligibilityReason(code=code, message=reason.en, message_vi=reason.vi, source=reason.source)


def _flag(message: pb.Eligibility, staleness: Staleness) -> None:
    message.stale = True
    message.stale_reason = staleness.reason.name
    message.ClearField("age")
    if staleness.age is not None:
        message.age.FromTimedelta(staleness.age)


def _fill_card(message: pb.Eligibility, card: Coverage, now: datetime) -> None:
    message.card_number = card.card_number
    set_date(message.valid_from, card.valid_from)
    set_date(message.valid_to, card.valid_to)
    message.initial_facility = facility_name(card.initial_facility)
    set_date(message.five_years_date, card.five_years_date)
    message.group_code = card.group_code
    message.area_code = card.area_code
    set_time(message.verify_time, card.verify_time)
    message.age.seconds = max(0, int((now - card.verify_time).total_seconds()))
    set_date(message.exempt_from, card.exempt_from)


def _fill_coverage(message: pb.Coverage, card: Coverage) -> None:
    message.card_number = card.card_number
    set_date(message.valid_from, card.valid_from)
    set_date(message.valid_to, card.valid_to)
    message.group_code = card.group_code
    message.benefit_level = card.benefit_level
    message.initial_facility = facility_name(card.initial_facility)
    message.area_code = card.area_code
    set_date(message.five_years_date, card.five_years_date)
    message.issuer = to_pb_enum(pb.Coverage.Issuer, card.issuer)
    message.standing = card.standing
    set_time(message.verify_time, card.verify_time)
    set_date(message.exempt_from, card.exempt_from)
