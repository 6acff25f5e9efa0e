"""
A person as a register tells of them, and what is wrong with the row.

A row's faults refuse that row only.  No fault repeats a value.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from common.faults import Fault
from common.values import PartialDate

from ...model.faults import future_faults, lost_letters, malformed, missing, too_long
from ...model.identifiers import FORMS, SINGLE, Identifier, Kind, Sex, State, form_fault
from ...model.persons import Address, address_faults

# The numbers that have a field of their own.
NUMBER_FIELDS: Final = (
    ("personal_id", Kind.PERSONAL_ID),
    ("old_id", Kind.OLD_ID),
    ("social_insurance_number", Kind.SOCIAL_INSURANCE_NUMBER),
)

# The forms of a row's coded fields; all may be empty.
CODES: Final = {
    "nationality": re.compile(r"([0-9]{3})?"),
    "ethnicity": re.compile(r"([0-9]{2})?"),
}

# The one character that PostgreSQL keeps in no text.
NUL: Final = "\0"

# The longest that a row's texts may be, in characters.
MAX_SOURCE_KEY: Final = 64
MAX_LENGTHS: Final = {"source_key": MAX_SOURCE_KEY, "full_name": 255, "phone": 20}

# The longest number of a kind that has no form of its own, in characters.
MAX_NUMBER_LENGTH: Final = 50

SEXES: Final = frozenset(Sex)
STATES: Final = frozenset(State)
# A local identity (`KIND_LOCAL`) is given here, by no register.
KINDS: Final = frozenset(Kind) - {Kind.LOCAL}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a register.  *identifiers* are the numbers that have no field of their own."""

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
    identifiers: tuple[Identifier, ...] = ()

    @property
    def numbers(self) -> list[tuple[Kind, str]]:
        return [(kind, value) for field, kind in NUMBER_FIELDS if (value := getattr(self, field))]


def person_faults(row: PersonRow, now: datetime) -> list[Fault]:
    """Return what is wrong with *row* at *now*, or only doubtful (`refuses` False)."""
    faults = [] if row.source_key or row.personal_id else [missing("personal_id")]
    for field, kind in NUMBER_FIELDS:
        fault = form_fault(field, kind, getattr(row, field))
        faults += [fault] if fault else []
    if not row.full_name:
        faults.append(missing("full_name"))
    faults += [
        too_long(field, limit) for field, limit in MAX_LENGTHS.items() if len(getattr(row, field)) > limit
    ]
    if row.birth is not None and not row.birth.exists:
        faults.append(malformed("birth_date"))
    faults += future_faults("birth_date", row.birth, now)
    if row.sex not in SEXES:
        faults.append(malformed("sex"))
    faults += [malformed(field) for field, form in CODES.items() if not form.fullmatch(getattr(row, field))]
    faults += [malformed(field) for field in MAX_LENGTHS if NUL in getattr(row, field)]
    if NUL in row.address.line:
        faults.append(malformed("address.line"))
    faults += address_faults(row.address, now)
    faults += lost_letters("full_name", row.full_name)
    return faults + history_faults(row, now) if row.identifiers else faults


def history_faults(row: PersonRow, now: datetime) -> list[Fault]:
    faults: list[Fault] = []
    seen = set(row.numbers)
    for index, number in enumerate(row.identifiers):
        faults += _number_faults(f"identifiers[{index}]", number)
        faults += future_faults(f"identifiers[{index}].valid_from", number.valid_from, now)
        if (number.kind, number.value) in seen:
            en, vi = "the row gives this number twice", "Số này đã có trong cùng dòng."
            faults.append(Fault(f"identifiers[{index}].value", "identifiers.duplicate", en, vi))
        seen.add((number.kind, number.value))
    return faults


def _number_faults(path: str, number: Identifier) -> list[Fault]:
    faults = [
        _malformed(path, field)
        for field, is_right in (
            ("kind", number.kind in KINDS),
            ("value", _has_form(number)),
            ("state", number.state in STATES),
        )
        if not is_right
    ]
    if number.kind in SINGLE and number.state is State.CURRENT:
        en = "the number of this kind that is in use has a field of its own"
        vi = "Số đang dùng của loại này phải ghi vào trường riêng."
        faults.append(Fault(f"{path}.state", "identifiers.current", en, vi))
    if not CODES["nationality"].fullmatch(number.country):
        faults.append(_malformed(path, "country"))
    if number.valid_from and number.valid_to and number.valid_to < number.valid_from:
        en, vi = "the number ends before it begins", "Số hết hiệu lực trước ngày bắt đầu."
        faults.append(Fault(f"{path}.valid_to", "identifiers.valid_to.order", en, vi))
    return faults


def _has_form(number: Identifier) -> bool:
    form = FORMS.get(number.kind)
    if form is not None:
        return form.fullmatch(number.value) is not None
    return 1 <= len(number.value) <= MAX_NUMBER_LENGTH and NUL not in number.value


def _malformed(path: str, field: str) -> Fault:
    fault = malformed(f"identifiers.{field}")
    return Fault(f"{path}.{field}", fault.rule, fault.en, fault.vi)
