"""Rows of insurance cards: messages to models."""

from common.faults import Fault
from lientuyen.identity.v1 import eligibility_service_pb2 as pb

from ...convert.values import date_or_fault
from ..model.coverage_rows import CoverageRow


def coverage_row_from_pb(row: pb.CoverageRow) -> tuple[CoverageRow, list[Fault]]:
    faults: list[Fault] = []
    card = CoverageRow(
        source_key=row.source_key,
        personal_id=row.personal_id,
        social_insurance_number=row.social_insurance_number,
        card_number=row.card_number,
        valid_from=date_or_fault("valid_from", row.valid_from, faults),
        valid_to=date_or_fault("valid_to", row.valid_to, faults),
        group_code=row.group_code,
        benefit_level=row.benefit_level,
        initial_facility=row.initial_facility_code,
        area_code=row.area_code,
        five_years_date=date_or_fault("five_years_date", row.five_years_date, faults),
        issuer=row.issuer,
        standing=row.standing,
        exempt_from=date_or_fault("exempt_from", row.exempt_from, faults),
    )
    return card, faults
