"""
An insurance card (thẻ BHYT) as a register tells of it, and what is wrong with the row.

A row's faults refuse that row only.  No fault repeats a value.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.faults import Fault

from ...model.coverages import STANDINGS, Issuer
from ...model.faults import malformed, missing
from ...model.identifiers import Kind, card_result_code, form_fault
from .person_rows import MAX_SOURCE_KEY, NUL

# Digits printed on a new card, which are the social-insurance number; characters of a card before that.
SHORT_CARD, LONG_CARD = 10, 15

GROUP: Final = re.compile(r"([A-Z]{2})?")
FACILITY: Final = re.compile(r"([0-9A-Z]{5})?")
AREAS: Final = frozenset({"", "K1", "K2", "K3"})
ISSUERS: Final = frozenset(Issuer)
MAX_BENEFIT_LEVEL: Final = 5


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A card of a register.  What it leaves out is filled in from the card's number, which must be right."""

    source_key: str
    personal_id: str
    social_insurance_number: str
    card_number: str
    valid_from: date | None
    valid_to: date | None
    group_code: str
    benefit_level: int
    initial_facility: str
    area_code: str
    five_years_date: date | None
    issuer: int
    standing: str
    exempt_from: date | None = None

    @property
    def insurance_number(self) -> str:
        """The social-insurance number: as told, else the last ten digits of the card; empty with letters."""
        last = self.card_number[-10:]
        is_number = len(last) == 10 and last.isascii() and last.isdecimal()
        return self.social_insurance_number or (last if is_number else "")

    @property
    def card_group(self) -> str:
        """The group of insured people (mã đối tượng): as told, else the card's first two letters."""
        return self.group_code or (self.card_number[:2] if self._is_long else "")

    @property
    def card_benefit_level(self) -> int:
        """The benefit level (mức hưởng): as told, else the card's third character; 0 when neither tells."""
        return self.benefit_level or (int(self.card_number[2]) if self._is_long else 0)

    @property
    def card_issuer(self) -> int:
        return self.issuer or int(Issuer.SOCIAL_INSURANCE)

    @property
    def owner_key(self) -> str:
        return self.source_key or self.personal_id or self.insurance_number

    @property
    def _is_long(self) -> bool:
        return len(self.card_number) == LONG_CARD


def coverage_faults(row: CoverageRow) -> list[Fault]:
    faults = [] if row.owner_key else [missing("personal_id")]
    for field, kind in (
        ("personal_id", Kind.PERSONAL_ID),
        ("social_insurance_number", Kind.SOCIAL_INSURANCE_NUMBER),
    ):
        fault = form_fault(field, kind, getattr(row, field))
        faults += [fault] if fault else []
    if len(row.card_number) not in (SHORT_CARD, LONG_CARD) or card_result_code(row.card_number):
        faults.append(malformed("card_number"))
    if row.valid_from is None:
        faults.append(missing("valid_from"))
    elif row.valid_to and row.valid_to < row.valid_from:
        en, vi = "the card ends before it begins", "Thẻ hết hạn trước ngày bắt đầu."
        faults.append(Fault("valid_to", "valid_to.order", en, vi))
    rules = (
        ("source_key", len(row.source_key) <= MAX_SOURCE_KEY and NUL not in row.source_key),
        ("group_code", GROUP.fullmatch(row.group_code)),
        ("benefit_level", 0 <= row.benefit_level <= MAX_BENEFIT_LEVEL),
        ("initial_facility_code", FACILITY.fullmatch(row.initial_facility)),
        ("area_code", row.area_code in AREAS),
        ("issuer", row.issuer in ISSUERS),
        ("standing", row.standing in STANDINGS),
    )
    return faults + [malformed(field) for field, is_right in rules if not is_right]
