"""
Rows of the national registers, checked one by one, and whom each row is about.

A row's faults refuse that row only.  No fault repeats a value.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from .coverages import STANDINGS, Issuer
from .dates import PartialDate
from .faults import Fault, malformed, missing, too_long
from .identifiers import Kind, Sex, card_result_code, form_fault
from .persons import Address, address_faults


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a register."""

    source_key: str
    personal_id: str
    old_id: str
    social_insurance_number: str
    full_name: str
    birth: PartialDate | None
    sex: int
    nationality: str
    ethnicity: str
    address: Address
    phone: str
    deceased: bool

    @property
    def numbers(self) -> list[tuple[Kind, str]]:
        """The numbers that the row gives."""
        all_of_them = (
            (Kind.PERSONAL_ID, self.personal_id),
            (Kind.OLD_ID, self.old_id),
            (Kind.SOCIAL_INSURANCE_NUMBER, self.social_insurance_number),
        )
        return [(kind, value) for kind, value in all_of_them if value]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A card of a register.  Group and level are filled in from the card where the row is silent."""

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

    @property
    def group(self) -> str:
        """The group: as told, else the first two letters of a 15-character card."""
        return self.group_code or (self.card_number[:2] if len(self.card_number) == 15 else "")

    @property
    def level(self) -> int:
        """The benefit level: as told, else the third character of a 15-character card, else 0."""
        return self.benefit_level or (int(self.card_number[2]) if len(self.card_number) == 15 else 0)

    @property
    def insurance_number(self) -> str:
        """The social-insurance number: as told, else the last ten digits of the card."""
        last = self.card_number[-10:]
        return self.social_insurance_number or (last if re.fullmatch(r"[0-9]{10}", last) else "")


# The forms of a row's coded fields; all may be empty.
CODES = {
    "nationality": re.compile(r"([0-9]{3})?"),
    "ethnicity": re.compile(r"([0-9]{2})?"),
}


def person_faults(row: PersonRow) -> list[Fault]:
    """Return what is wrong with a row of persons; empty when nothing."""
    faults = [] if row.source_key or row.personal_id else [missing("personal_id")]
    fields = ("personal_id", "old_id", "social_insurance_number")
    kinds = (Kind.PERSONAL_ID, Kind.OLD_ID, Kind.SOCIAL_INSURANCE_NUMBER)
    for field, kind in zip(fields, kinds, strict=True):
        fault = form_fault(field, kind, getattr(row, field))
        faults += [fault] if fault else []
    if not row.full_name.strip():
        faults.append(missing("full_name"))
    limits = {"source_key": 64, "full_name": 255, "phone": 20}
    faults += [too_long(field, limit) for field, limit in limits.items() if len(getattr(row, field)) > limit]
    if row.birth is not None and not row.birth.exists:
        faults.append(malformed("birth_date"))
    if row.sex not in frozenset(Sex):
        faults.append(malformed("sex"))
    faults += [malformed(field) for field, form in CODES.items() if not form.fullmatch(getattr(row, field))]
    return faults + address_faults(row.address)


def coverage_faults(row: CoverageRow) -> list[Fault]:
    """Return what is wrong with a row of cards; empty when nothing."""
    faults = [] if row.source_key or row.personal_id or row.insurance_number else [missing("personal_id")]
    for field, kind in (
        ("personal_id", Kind.PERSONAL_ID),
        ("social_insurance_number", Kind.SOCIAL_INSURANCE_NUMBER),
    ):
        fault = form_fault(field, kind, getattr(row, field))
        faults += [fault] if fault else []
    if len(row.card_number) not in (10, 15) or card_result_code(row.card_number):
        faults.append(malformed("card_number"))
    if row.valid_from is None:
        faults.append(missing("valid_from"))
    elif row.valid_to and row.valid_to < row.valid_from:
        en, vi = "the card ends before it begins", "Thẻ hết hạn trước ngày bắt đầu."
        faults.append(Fault("valid_to", "valid_to.order", en, vi))
    forms = {
        "group_code": re.fullmatch(r"([A-Z]{2})?", row.group_code),
        "benefit_level": 0 <= row.benefit_level <= 5,
        "initial_facility_code": re.fullmatch(r"([0-9A-Z]{5})?", row.initial_facility),
        "area_code": row.area_code in ("", "K1", "K2", "K3"),
        "issuer": row.issuer in frozenset(Issuer),
        "standing": row.standing in STANDINGS,
    }
    return faults + [malformed(field) for field, right in forms.items() if not right]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has a personal ID now."""

    person_id: UUID
    birth: PartialDate | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows about the keys and numbers of a batch."""

    by_key: Mapping[str, UUID]
    by_personal_id: Mapping[str, Sequence[Holder]]


def resolve_person(row: PersonRow, known: Known) -> UUID | Fault | None:
    """Return whom a row is about: a person, nobody yet (None), or why that cannot be said.

    The sender's own key decides.  A number decides for a row without a key;
    for a new key the birth dates must agree too, because a typing mistake in a
    number must not lay one person over another.
    """
    if row.source_key in known.by_key:
        return known.by_key[row.source_key]
    holders = known.by_personal_id.get(row.personal_id, ())
    if not holders:
        return None
    if len(holders) > 1:
        en, vi = "several entries have this number; merge them first", "Nhiều hồ sơ cùng số định danh."
        return Fault("personal_id", "personal_id.ambiguous", en, vi)
    holder = holders[0]
    if row.source_key and row.birth and holder.birth and not row.birth.agrees(holder.birth):
        en, vi = (
            "the number belongs to somebody born on another day",
            "Số định danh thuộc người có ngày sinh khác.",
        )
        return Fault("birth_date", "birth_date.conflict", en, vi)
    return holder.person_id


def duplicate(field: str) -> Fault:
    """Return the fault of a row whose key an earlier row of the batch has."""
    en, vi = "an earlier row of the batch has the same key", "Trùng khóa với một dòng trước trong cùng lô."
    return Fault(field, "row.duplicate", en, vi)


def unknown_person(field: str) -> Fault:
    """Return the fault of a card whose owner is not known."""
    return Fault(field, "person.unknown", "the owner is not known here", "Chưa có hồ sơ của chủ thẻ.")
