"""
Drugs as prescriptions name them and as the catalogue has them, and their registration numbers.

A registration number (số đăng ký, SĐK) has an old form (`VD-12345-26`) or is
12 digits (TT 32/2026/TT-BYT, from 2026-10-01): country 3, group 1,
prescription flag 1, control 1, serial 4, year 2.  Both live together, and 12
digits were also given before under rules that are not confirmed: so what is
read out of a number only ever warns.
"""

import re
from dataclasses import dataclass
from enum import Enum

from common.faults import Fault
from kcb.vietnamese_text import folded

# Forms seen on the market before TT 32/2026; the last is [GK].
OLD_NUMBER = re.compile(r"(VD\d?|VN\d?|QLSP|GC)-[0-9A-Z]{1,6}-\d{2}", re.IGNORECASE)
NEW_NUMBER = re.compile(r"\d{12}")


class Control(Enum):
    """How closely a drug is watched: the 6th digit of 12 (list SDK_CONTROL)."""

    NONE = "0"
    NARCOTIC = "1"
    PSYCHOTROPIC = "2"
    PRECURSOR = "3"
    TOXIC = "4"
    BANNED = "5"
    RADIOACTIVE = "6"


@dataclass(frozen=True, slots=True)
class Medicine:
    """A drug as a prescription names it; every part but the INN may be empty."""

    inn: str
    code: str = ""
    brand: str = ""
    registration_number: str = ""
    ingredient_code: str = ""
    strength: str = ""
    route_code: str = ""


@dataclass(frozen=True, slots=True)
class Drug:
    registration_number: str
    inn: str
    brand: str = ""
    ingredient_code: str = ""
    strength: str = ""
    route_code: str = ""
    dosage_form: str = ""
    unit: str = ""
    manufacturer: str = ""
    prescription_only: bool = False

    @property
    def id(self) -> str:
        """The last part of the resource name: `VD-12345-26` is `vd-12345-26`."""
        return slug(self.registration_number)

    @property
    def words(self) -> str:
        return folded(" ".join((self.inn, self.brand, self.strength, self.registration_number)))


def number_is_known(number: str) -> bool:
    return bool(OLD_NUMBER.fullmatch(number.strip()) or NEW_NUMBER.fullmatch(number.strip()))


def registration_number_warnings(drug: Medicine, path: str) -> list[Fault]:
    if not drug.registration_number or number_is_known(drug.registration_number):
        return []
    return [
        Fault(
            f"{path}.registration_number",
            "REGISTRATION_FORM_UNKNOWN",
            "The registration number has none of the known forms.",
            "Số đăng ký không đúng định dạng đã biết.",
            refuses=False,
        )
    ]


def control_of(number: str) -> Control | None:
    """Return what a number of 12 digits says of control; None when it says nothing."""
    number = number.strip()
    if not NEW_NUMBER.fullmatch(number) or number[5] not in {control.value for control in Control}:
        return None
    return Control(number[5])


def slug(number: str) -> str:
    return re.sub(r"[^0-9a-z]+", "-", folded(number)).strip("-")
