"""Whom a row is about, as its own fields say: a number to ask identity by, and the name beside it."""

import re
from dataclasses import dataclass
from typing import Final

from common.values import PartialDate
from kcb.report import Row

_PERSONAL_NUMBERS = (
    ("personal_id", re.compile(r"[0-9]{12}")),
    ("old_id", re.compile(r"[0-9]{9}")),
)
_CARD = re.compile(r"[A-Z]{2}[0-9][0-9A-Z]{12}")
_INSURANCE = re.compile(r"[0-9]{10}")
_BIRTH = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?:[0-9]{4})?")
_SEXES: Final = {"1": 1, "2": 2, "3": 3}

# The fields that say who a person is beside the number: of `Demographics`, and of the tables.
STATED_FIELDS: Final = {"full_name": "HO_TEN", "birth_date": "NGAY_SINH", "sex": "GIOI_TINH"}


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A number that names a person: `personal_id`, `old_id`, `card_number` or `social_insurance_number`."""

    kind: str
    value: str

    @property
    def field(self) -> str:
        """The field of the row that holds it."""
        return "SO_CCCD" if self.kind in ("personal_id", "old_id") else "MA_THE_BHYT"


@dataclass(frozen=True, slots=True)
class StatedPerson:
    """Whom a row names: the number, and the name, birth date and sex beside it.

    *sex* is as `GIOI_TINH` and `Sex` of the contract number it, 0 when it is not told.
    """

    number: PersonNumber
    full_name: str
    birth: PartialDate | None
    sex: int


def stated_person(row: Row) -> StatedPerson | None:
    """Return whom *row* names; None when no number of it can be looked up."""
    number = person_number(row)
    if number is None:
        return None
    sex = _SEXES.get(row.get("GIOI_TINH"), 0)
    return StatedPerson(number, row.get("HO_TEN"), _birth(row.get("NGAY_SINH")), sex)


def person_number(row: Row) -> PersonNumber | None:
    """Return the number to look a person up by: SO_CCCD, else the first card (MA_THE_BHYT), or None."""
    number = row.get("SO_CCCD")
    for kind, pattern in _PERSONAL_NUMBERS:
        if pattern.fullmatch(number):
            return PersonNumber(kind, number)
    card = row.get("MA_THE_BHYT").split(";")[0].strip()
    if _CARD.fullmatch(card):
        return PersonNumber("card_number", card)
    return PersonNumber("social_insurance_number", card) if _INSURANCE.fullmatch(card) else None


def _birth(value: str) -> PartialDate | None:
    """Return the date of NGAY_SINH, yyyyMMddHHmm with unknown parts as zeros; None when there is none."""
    match = _BIRTH.fullmatch(value)
    if match is None:
        return None
    birth = PartialDate(*(int(match[part]) for part in ("year", "month", "day")))
    return birth if birth.exists else None
