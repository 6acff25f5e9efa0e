"""
The numbers of a person: their forms, what they say, and what looks odd.

No number carries a check digit, and records get corrected: only the form
refuses, everything else warns (Luật Căn cước 26/2023 Art. 12; NĐ 137/2015/NĐ-CP
for the parts of a personal ID).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from common.faults import Fault
from common.values import PartialDate
from kcb.vietnamese_text import folded, visible

from .faults import malformed
from .places import CARD_PROVINCES, PROVINCES_63


class Kind(IntEnum):
    PERSONAL_ID = 1
    OLD_ID = 2
    SOCIAL_INSURANCE_NUMBER = 3
    CARD_NUMBER = 4
    PASSPORT = 5
    BIRTH_CERTIFICATE = 6
    LOCAL = 7


class State(IntEnum):
    CURRENT = 1
    SUPERSEDED = 2
    CANCELLED = 3


class Sex(IntEnum):
    """As `Sex` of the contract and `GIOI_TINH` of the tables."""

    UNSPECIFIED = 0
    MALE = 1
    FEMALE = 2
    UNDETERMINED = 3


@dataclass(frozen=True, slots=True)
class Identifier:
    kind: Kind
    value: str
    state: State = State.CURRENT
    valid_from: date | None = None
    valid_to: date | None = None
    country: str = ""


FORMS: Final = {
    Kind.PERSONAL_ID: re.compile(r"[0-9]{12}"),
    Kind.OLD_ID: re.compile(r"[0-9]{9}"),
    Kind.SOCIAL_INSURANCE_NUMBER: re.compile(r"[0-9]{10}"),
    # A temporary card (TE1) may hold letters in its last ten characters.
    Kind.CARD_NUMBER: re.compile(r"[A-Z]{2}[1-5][0-9]{2}[0-9A-Z]{10}"),
}

# A person has one of these at a time: a new one takes the place of the old.
SINGLE: Final = frozenset({Kind.PERSONAL_ID, Kind.OLD_ID, Kind.SOCIAL_INSURANCE_NUMBER})


def form_fault(field: str, kind: Kind, value: str) -> Fault | None:
    """Return what is wrong with the form of *value*, or None.  An empty one is not wrong."""
    return None if not value or FORMS[kind].fullmatch(value) else malformed(field)


def numbers_to_try(kind: Kind, value: str) -> list[tuple[Kind, str]]:
    """Return where to look for a number that somebody showed, the surest place first.

    What is shown as a card may be the 10 digits printed on new cards or a
    personal ID.  The last ten characters of a 15-character card are the
    social-insurance number, which finds the owner of an older card.
    """
    if kind is not Kind.CARD_NUMBER:
        return [(kind, value)]
    match len(value):
        case 10:
            return [(Kind.SOCIAL_INSURANCE_NUMBER, value)]
        case 12:
            return [(Kind.PERSONAL_ID, value)]
    return [(Kind.CARD_NUMBER, value), (Kind.SOCIAL_INSURANCE_NUMBER, value[-10:])]


def card_result_code(value: str) -> str:
    """Return the result code for a card number of a wrong form (`BHYT_LOOKUP_RESULT`), or an empty string.

    051 the number, 052 the province (characters 4 and 5), 053 the benefit digit (character 3).
    """
    if re.fullmatch(r"[0-9]{10}|[0-9]{12}", value):
        return ""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{3}[0-9A-Z]{10}", value):
        return "051"
    if value[2] not in "12345":
        return "053"
    return "" if value[3:5] in CARD_PROVINCES else "052"


# The centuries of the fourth digit, and its sex: even digits are male.
_CENTURY: Final = {digit: 1900 + 100 * (digit // 2) for digit in range(10)}


def personal_id_warnings(value: str, birth: PartialDate | None, sex: Sex) -> list[Fault]:
    """Return what a personal ID says that the other data do not.  Warnings, never refusals."""
    place, digit, year = value[:3], int(value[3]), int(value[4:6])
    warnings = []
    if not place.startswith("1") and place[1:] not in PROVINCES_63:
        warnings.append(_warning("personal_id", "province", "the province", "mã tỉnh"))
    if birth is not None and birth.year != _CENTURY[digit] + year:
        warnings.append(_warning("birth_date", "birth_year", "the birth year", "năm sinh"))
    if sex in (Sex.MALE, Sex.FEMALE) and sex != (Sex.FEMALE if digit % 2 else Sex.MALE):
        warnings.append(_warning("sex", "sex", "the sex", "giới tính"))
    return warnings


def _warning(field: str, part: str, en: str, vi: str) -> Fault:
    return Fault(
        field,
        f"personal_id.{part}",
        f"{en} in the personal ID does not fit",
        f"Số định danh không khớp {vi}, đề nghị kiểm tra giấy tờ.",
    )


@dataclass(frozen=True, slots=True)
class CardQr:
    """What the QR code of a card says.  Parts that it does not say are empty or None."""

    kind: Kind
    value: str
    old_id: str = ""
    full_name: str = ""
    birth: PartialDate | None = None
    sex: Sex = Sex.UNSPECIFIED


# An identity card writes the sex, an insurance card numbers it as the tables do.
_SEXES: Final = {"nam": Sex.MALE, "nu": Sex.FEMALE, "1": Sex.MALE, "2": Sex.FEMALE}

# `09031985`, `09/03/1985`; of an insurance card also `03/1985` and `1985`, where no more is known.
_QR_DAY: Final = re.compile(r"((?:(?P<day>[0-9]{2})/?)?(?P<month>[0-9]{2})/?)?(?P<year>[0-9]{4})")


def read_qr(text: str) -> CardQr | None:
    """Return what the text of a card's QR code says, or None when it is none.

    An identity card: ID | old CMND | name | birth ddMMyyyy | sex | address | issue date.
    An insurance card: number | name, as the hex of its UTF-8 | birth dd/MM/yyyy | sex 1 or 2 | address …
    """
    parts = [part.strip() for part in visible(text).strip().split("|")]
    number = parts[0].upper()
    if re.fullmatch(r"[0-9]{12}", number) and len(parts) >= 6:
        old = parts[1] if FORMS[Kind.OLD_ID].fullmatch(parts[1]) else ""
        return CardQr(Kind.PERSONAL_ID, number, old, parts[2], _read_day(parts[3]), _read_sex(parts[4]))
    if len(parts) >= 3 and (len(number) == 10 or FORMS[Kind.CARD_NUMBER].fullmatch(number)):
        return _insurance_card(number, *parts[1:3], *parts[3:4]) if not card_result_code(number) else None
    return None


def _insurance_card(number: str, name: str, birth: str, sex: str = "") -> CardQr:
    return CardQr(Kind.CARD_NUMBER, number, "", _unhexed(name), _read_day(birth), _read_sex(sex))


def _unhexed(name: str) -> str:
    """Return the name that an insurance card holds as hex: empty when it is cut off, plain text as it is."""
    if not re.fullmatch(r"[0-9A-Fa-f]+", name):
        return name
    try:
        return bytes.fromhex(name).decode()
    except ValueError:
        return ""


def _read_sex(text: str) -> Sex:
    return _SEXES.get(folded(text), Sex.UNSPECIFIED)


def _read_day(text: str) -> PartialDate | None:
    match = _QR_DAY.fullmatch(text)
    if match is None:
        return None
    day = PartialDate(*(int(match[part] or 0) for part in ("year", "month", "day")))
    return day if day.exists else None


# No 0, 1, I, L, O or U: read aloud and written by hand at a bedside.
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def local_identity(random: bytes) -> str:
    """Return a local identity made of 10 *random* bytes: `LT` and 10 letters or digits.

    It begins with letters, so it never looks like a personal ID.
    """
    return "LT" + "".join(LETTERS[byte % len(LETTERS)] for byte in random[:10])
