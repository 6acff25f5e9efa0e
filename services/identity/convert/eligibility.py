"""Eligibility and cards."""

from datetime import datetime
from uuid import UUID

from google.protobuf.duration_pb2 import Duration

from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.identity.v1 import eligibility_service_pb2 as service_pb

from ..model.coverages import Coverage
from ..model.eligibility import Eligibility, Question, Reason
from ..model.faults import Fault
from ..model.imports import CoverageRow
from .names import facility_name, person_name
from .values import date_to_pb, number, time_to_pb, whole_or_fault


def eligibility_to_pb(
    answer: Eligibility, question: Question, person_id: UUID | None, now: datetime
) -> pb.Eligibility:
    """Return the answer about *person_id*, None for nobody; *now* tells the age of what is known."""
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
        reasons=[reason_to_pb(one) for one in answer.reasons],
        coverages=[coverage_to_pb(one) for one in answer.weighed],
        day=date_to_pb(question.day),
    )
    if answer.card:
        _tell_card(message, answer.card, now)
    return message


def _tell_card(message: pb.Eligibility, card: Coverage, now: datetime) -> None:
    """Fill in what the card that counts says."""
    told = pb.Eligibility(
        card_number=card.card_number,
        valid_from=date_to_pb(card.valid_from),
        valid_to=date_to_pb(card.valid_to),
        initial_facility=facility_name(card.initial_facility),
        five_years_date=date_to_pb(card.five_years_date),
        group_code=card.group_code,
        area_code=card.area_code,
        verify_time=time_to_pb(card.verify_time),
        age=Duration(seconds=max(0, int((now - card.verify_time).total_seconds()))),
    )
    message.MergeFrom(told)


def reason_to_pb(one: Reason) -> pb.EligibilityReason:
    """Return the message."""
    code = number(pb.EligibilityReason.Code, one.code)
    return pb.EligibilityReason(code=code, message=one.en, message_vi=one.vi, source=one.source)


def coverage_to_pb(card: Coverage) -> pb.Coverage:
    """Return the message."""
    return pb.Coverage(
        card_number=card.card_number,
        valid_from=date_to_pb(card.valid_from),
        valid_to=date_to_pb(card.valid_to),
        group_code=card.group_code,
        benefit_level=card.benefit_level,
        initial_facility=facility_name(card.initial_facility),
        area_code=card.area_code,
        five_years_date=date_to_pb(card.five_years_date),
        issuer=number(pb.Coverage.Issuer, card.issuer),
        standing=card.standing,
        verify_time=time_to_pb(card.verify_time),
    )


def coverage_row(row: service_pb.CoverageRow) -> tuple[CoverageRow, list[Fault]]:
    """Return the row of a register, and the faults of its dates."""
    faults: list[Fault] = []
    read = CoverageRow(
        source_key=row.source_key,
        personal_id=row.personal_id,
        social_insurance_number=row.social_insurance_number,
        card_number=row.card_number,
        valid_from=whole_or_fault("valid_from", row.valid_from, faults),
        valid_to=whole_or_fault("valid_to", row.valid_to, faults),
        group_code=row.group_code,
        benefit_level=row.benefit_level,
        initial_facility=row.initial_facility_code,
        area_code=row.area_code,
        five_years_date=whole_or_fault("five_years_date", row.five_years_date, faults),
        issuer=row.issuer,
        standing=row.standing,
    )
    return read, faults
