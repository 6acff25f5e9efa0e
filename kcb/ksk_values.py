"""
One value of a health check against its field.

A critical field is refused by the rules of the tables of care; any other is doubted, for nobody has read
the signed text (docs/adr/0012).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from .field_formats import (
    DATE,
    DATETIME,
    EXAMPLES,
    SHAPES,
    Broken,
    is_birth,
    is_day,
    is_facility_code,
    is_moment,
)
from .ksk_catalogue import KskField
from .tables import PORTAL_MAX_TEXT

_DIGITS: Final = re.compile(r"\d+", re.ASCII)
_DECIMAL: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_PERSONAL_ID: Final = re.compile(r"\d{12}|\d{9}|[A-Z]\d{7}", re.ASCII)
_CARD: Final = re.compile(r"[A-Z]{2}[0-9][0-9A-Z]{12}|\d{10}", re.ASCII)
_PRESSURE: Final = re.compile(r"(\d{2,3})/(\d{2,3})", re.ASCII)
_YEAR: Final = re.compile(r"(?:19|20)\d{2}", re.ASCII)

# The key of a check is kept and searched: no longer than the contract has it.
MAX_KEY: Final = 100


def broken_rules(field: KskField, value: str) -> Iterator[Broken]:
    """Give the rules that a value (not empty) breaks, each with the detail of its sentence."""
    if field.codes is not None:
        if field.codes.code_of(value) not in field.codes.values:
            yield ("code-list" if field.critical else "code-unlisted"), field.codes.name
        return
    yield from check_length(field, value)
    yield from KINDS[field.kind](field, value)
    if field.shape in SHAPE_CHECKS:
        yield from SHAPE_CHECKS[field.shape](value)


def check_length(field: KskField, value: str) -> Iterator[Broken]:
    if field.critical and field.hard is not None and len(value) > field.hard:
        yield "max-length", field.hard
    elif len(value) > (field.soft or PORTAL_MAX_TEXT):
        yield "length-doubt", field.soft or PORTAL_MAX_TEXT


def check_text(field: KskField, value: str) -> Iterator[Broken]:
    yield from ()


def check_number(field: KskField, value: str) -> Iterator[Broken]:
    if not _DIGITS.fullmatch(value):
        yield ("number-format" if field.critical else "number-doubt"), ""


def check_decimal(field: KskField, value: str) -> Iterator[Broken]:
    if not _DECIMAL.fullmatch(value):
        yield "number-doubt", ""
    elif field.limits and len(value) <= (field.hard or MAX_KEY):
        low, high = field.limits
        if not low <= float(value) <= high:
            yield "value-doubt", f"{low:g}–{high:g}"


def check_date(field: KskField, value: str) -> Iterator[Broken]:
    is_right = is_birth(value) if field.name == "NGAY_SINH" else is_moment(value)
    form = DATETIME
    if field.kind == "date":
        is_right, form = is_day(value), DATE
    if not is_right:
        yield ("date-format" if field.critical else "date-unreal"), form


KINDS: Final[Mapping[str, Callable[[KskField, str], Iterator[Broken]]]] = {
    "string": check_text,
    "number": check_number,
    "decimal": check_decimal,
    "date": check_date,
    "datetime": check_date,
}


def check_facility(value: str) -> Iterator[Broken]:
    if not is_facility_code(value):
        yield "facility-code", ""


def check_gln(value: str) -> Iterator[Broken]:
    if not is_gln(value):
        yield "gln-format", ""


def is_gln(value: str) -> bool:
    """Whether *value* is a GLN: 13 digits, of which the last is the check digit of GS1."""
    if len(value) != 13 or not _DIGITS.fullmatch(value):
        return False
    total = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(value[:12]))
    return (10 - total % 10) % 10 == int(value[12])


def check_pressure(value: str) -> Iterator[Broken]:
    match = _PRESSURE.fullmatch(value)
    if match is None or int(match[1]) <= int(match[2]):
        yield "blood-pressure", ""


def check_icd10(value: str) -> Iterator[Broken]:
    codes = [part for part in (part.strip() for part in value.split(";")) if part]
    if not all(SHAPES["ICD10"].fullmatch(code) for code in codes):
        yield "code-format", EXAMPLES["ICD10"]


def check_personal_id(value: str) -> Iterator[Broken]:
    if not _PERSONAL_ID.fullmatch(value):
        yield "personal-id-format", ""


def check_card(value: str) -> Iterator[Broken]:
    if not _CARD.fullmatch(value):
        yield "card-format", ""


def check_year(value: str) -> Iterator[Broken]:
    if not _YEAR.fullmatch(value):
        yield "year-doubt", ""


SHAPE_CHECKS: Final[Mapping[str, Callable[[str], Iterator[Broken]]]] = {
    "facility": check_facility,
    "gln": check_gln,
    "blood-pressure": check_pressure,
    "icd10": check_icd10,
    "personal-id": check_personal_id,
    "card": check_card,
    "year": check_year,
}
