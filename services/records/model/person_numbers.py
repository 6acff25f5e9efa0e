"""Whom a dossier is about, as its own fields say: which number to ask `identity` for."""

import re
from dataclasses import dataclass

from kcb.report import Row

_KINDS = (
    ("personal_id", re.compile(r"[0-9]{12}")),
    ("old_id", re.compile(r"[0-9]{9}")),
)
_CARD = re.compile(r"[A-Z]{2}[0-9][0-9A-Z]{12}")
_INSURANCE = re.compile(r"[0-9]{10}")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that names a person: `personal_id`, `old_id`, `card_number` or `social_insurance_number`."""

    kind: str
    value: str


def number_of(row: Row) -> Number | None:
    """Return the number to look a person up by: SO_CCCD, else the first card (MA_THE_BHYT), or None."""
    number = row.get("SO_CCCD")
    for kind, pattern in _KINDS:
        if pattern.fullmatch(number):
            return Number(kind, number)
    card = row.get("MA_THE_BHYT").split(";")[0].strip()
    if _CARD.fullmatch(card):
        return Number("card_number", card)
    return Number("social_insurance_number", card) if _INSURANCE.fullmatch(card) else None
