"""Whom a dossier is about, as its own fields say: by which number to ask identity for the person."""

import re
from dataclasses import dataclass

from kcb.report import Row

_PERSONAL_NUMBERS = (
    ("personal_id", re.compile(r"[0-9]{12}")),
    ("old_id", re.compile(r"[0-9]{9}")),
)
_CARD = re.compile(r"[A-Z]{2}[0-9][0-9A-Z]{12}")
_INSURANCE = re.compile(r"[0-9]{10}")


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A number that names a person: `personal_id`, `old_id`, `card_number` or `social_insurance_number`."""

    kind: str
    value: str


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
