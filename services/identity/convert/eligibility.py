"""Eligibility and cards."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from common.names import facility_name, person_name
from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.type.v1.money_pb2 import Money

from ..model.coverages import Coverage
from ..model.eligibility import Eligibility, Question, Reason
from ..model.staleness import Staleness
from .values import set_date, set_time, to_pb_enum


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
    set_date(message.day, question.day)
    set_date(message.grace_until, answer.grace_until)
    if answer.threshold is not None:
        message.co_payment_threshold.CopyFrom(Money(dong=answer.threshold))
    if answer.card:
        _fill_card(message, answer.card, now)
    message.reasons.extend(map(_reason, answer.reasons))
    for card in answer.weighed:
        _fill_coverage(message.coverages.add(), card)
    if staleness:
        _flag(message, staleness)


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
