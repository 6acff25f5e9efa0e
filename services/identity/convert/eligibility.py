"""Eligibility and cards."""

from datetime import datetime
from uuid import UUID

from google.protobuf.duration_pb2 import Duration

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.type.v1.money_pb2 import Money

from ..model.coverages import Coverage
from ..model.eligibility import Eligibility, Question
from ..model.sources import Staleness
from .names import facility_name, person_name
from .values import number, tell_date, tell_time


def eligibility_to_pb(
    answer: Eligibility,
    question: Question,
    person_id: UUID | None,
    now: datetime,
    staleness: Staleness | None = None,
) -> pb.Eligibility:
    """Return the answer about *person_id*, None for nobody; *now* tells the age of what is known.

    With *staleness* it is the last known answer, and says so.
    """
    points = answer.basis_points
    message = pb.Eligibility(
        person=person_name(person_id),
        covered=answer.covered,
        result_code=answer.result_code,
        message_vi=answer.message_vi,
        rate_known=points is not None,
        payment_rate_percent=(points or 0) // 100,
        payment_rate_basis_points=points or 0,
        benefit_rate_percent=answer.benefit_rate or 0,
        entitlement_percent=answer.entitlement or 0,
        benefit_level=answer.level,
        arrival=number(pb.Eligibility.Arrival, answer.arrival),
        grace=answer.grace,
        five_years_reached=answer.five_years_reached,
        care_category=answer.category,
        proposed_care_category=answer.proposed,
        co_payment_exempt=answer.exempt,
    )
    tell_date(message.day, question.day)
    tell_date(message.grace_until, answer.grace_until)
    if answer.threshold is not None:
        message.co_payment_threshold.CopyFrom(Money(dong=answer.threshold))
    if answer.card:
        _tell_card(message, answer.card, now)
    for reason in answer.reasons:
        code = number(pb.EligibilityReason.Code, reason.code)
        message.reasons.add(code=code, message=reason.en, message_vi=reason.vi, source=reason.source)
    for card in answer.weighed:
        _tell_coverage(message.coverages.add(), card)
    if staleness:
        _flag(message, staleness)
    return message


def _flag(message: pb.Eligibility, staleness: Staleness) -> None:
    """Say that the source did not confirm this, why, and how long ago it last did, if ever."""
    message.stale = True
    message.stale_reason = staleness.reason.name
    message.ClearField("age")
    if staleness.age is not None:
        message.age.FromTimedelta(staleness.age)


def _tell_card(message: pb.Eligibility, card: Coverage, now: datetime) -> None:
    """Fill in the fields of the card that counts."""
    message.card_number = card.card_number
    tell_date(message.valid_from, card.valid_from)
    tell_date(message.valid_to, card.valid_to)
    message.initial_facility = facility_name(card.initial_facility)
    tell_date(message.five_years_date, card.five_years_date)
    message.group_code = card.group_code
    message.area_code = card.area_code
    tell_time(message.verify_time, card.verify_time)
    message.age.CopyFrom(Duration(seconds=max(0, int((now - card.verify_time).total_seconds()))))
    tell_date(message.exempt_from, card.exempt_from)


def _tell_coverage(message: pb.Coverage, card: Coverage) -> None:
    """Fill in a card that was weighed."""
    message.card_number = card.card_number
    tell_date(message.valid_from, card.valid_from)
    tell_date(message.valid_to, card.valid_to)
    message.group_code = card.group_code
    message.benefit_level = card.benefit_level
    message.initial_facility = facility_name(card.initial_facility)
    message.area_code = card.area_code
    tell_date(message.five_years_date, card.five_years_date)
    message.issuer = number(pb.Coverage.Issuer, card.issuer)
    message.standing = card.standing
    tell_time(message.verify_time, card.verify_time)
    tell_date(message.exempt_from, card.exempt_from)
