"""
One value against one field: length, type, code list.

Most values of most files are right, so each field gets a quick test made once; only
a value that fails it is looked at slowly, to say what is wrong with it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache, lru_cache

from .tables import Field

# A rule that is broken, and the detail of its sentence.
Broken = tuple[str, object]

_NUMBER = re.compile(r"-?(?:\d+)(?:\.(\d+))?", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_FACILITY = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_ICD10 = re.compile(r"[A-Z]\d{2}(?:\.\d{1,2})?[*†+]?", re.ASCII)
_PERSONAL_ID = re.compile(r"\d{12}|\d{9}|[A-Z]\d{7}", re.ASCII)

# Codes of catalogues that are not shipped: only their shape is known, so it is never more than a doubt.
# Each with an example for the sentence.
SHAPES = {"FACILITY": _FACILITY, "ICD10": _ICD10}
EXAMPLES = {"FACILITY": "01999", "ICD10": "I10.0"}

# MA_BENH_KT holds at most 12 codes, MA_BENH_CHINH exactly one (annex of QĐ 4750).
MAX_CODES = {"MA_BENH_KT": 12}
ONE_CODE = frozenset({"MA_BENH_CHINH"})

DATE, DATETIME = "yyyyMMdd", "yyyyMMddHHmm"

# Nobody in any file was born before this year, and no instant of the year 1 exists in every time zone.
EARLIEST_YEAR = "1900"

# Of a day and of a minute both are right (annex of QĐ 4750, XML1).
EITHER_FORM = frozenset({"NGAY_MIEN_CCT"})

# QĐ 3176 shortened NGAY_HEN_KL from 12 to 8 characters; both are read.
MAY_HAVE_TIME = frozenset({"NGAY_HEN_KL"})


def is_facility_code(value: str) -> bool:
    """Whether *value* has the shape of a facility code (mã cơ sở KCB; QĐ 384/QĐ-BYT)."""
    return _FACILITY.fullmatch(value) is not None


# The days and times of a file repeat from row to row: each is looked at once.
@lru_cache(maxsize=8192)
def is_day(value: str) -> bool:
    """Whether *value* is a real calendar day written yyyyMMdd, of 1900 or later."""
    if len(value) != 8 or not _DIGITS.fullmatch(value) or value < EARLIEST_YEAR:
        return False
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=8192)
def is_moment(value: str) -> bool:
    if len(value) != 12 or not _DIGITS.fullmatch(value):
        return False
    return is_day(value[:8]) and value[8:10] < "24" and value[10:] < "60"


def is_birth(value: str) -> bool:
    """Whether *value* is a birth date yyyyMMddHHmm, whose unknown month and day are 00."""
    if len(value) != 12 or not _DIGITS.fullmatch(value) or value < EARLIEST_YEAR:
        return False
    month, day = value[4:6], value[6:8]
    if month == "00":
        return day == "00" and value[8:] == "0000"
    if day == "00":
        return month <= "12" and value[8:] == "0000"
    return is_moment(value)


@lru_cache(maxsize=8192)
def moment(value: str) -> datetime | None:
    """Return the local time of a date or date-time value, or None."""
    if is_moment(value):
        return datetime(*day_parts(value), int(value[8:10]), int(value[10:]))  # noqa: DTZ001
    return datetime(*day_parts(value)) if is_day(value) else None  # noqa: DTZ001


def day_parts(value: str) -> tuple[int, int, int]:
    return int(value[:4]), int(value[4:6]), int(value[6:8])


def broken_rules(field: Field, value: str) -> Iterator[Broken]:
    """Give the rules that a value (not empty) breaks: at most one that refuses, and that one last."""
    for rule, detail in check_for(field)(field, value):
        yield rule, detail
        if rule in REFUSING:
            return


REFUSING = frozenset(
    {
        *("max-length", "number-format", "decimals", "date-format", "code-list"),
        *("amount-negative", "icd-main-one", "icd-secondary-12"),
    }
)


def check_for(field: Field) -> Callable[[Field, str], Iterator[Broken]]:
    if field.name == "NGAY_SINH" and field.kind == "datetime":
        return check_birth
    if field.kind in ("date", "datetime") or field.format.startswith("yyyyMMdd"):
        return check_date
    if field.kind == "number" or field.format.startswith("decimal"):
        return check_number
    return check_text


def check_birth(field: Field, value: str) -> Iterator[Broken]:
    if not is_birth(value):
        yield "date-format", DATETIME


def check_date(field: Field, value: str) -> Iterator[Broken]:
    """One date, or several where the field is a list; the older or wider forms are doubted only."""
    timed = field.format.startswith(DATETIME) or field.kind == "datetime"
    form, is_right = (DATETIME, is_moment) if timed else (DATE, is_day)
    values = [part.strip() for part in value.split(";")] if takes_several(field) else [value]
    if not any(values):
        yield "date-format", form
    for part in values:
        if is_right(part) or (field.separator and not part):
            continue
        if field.name in EITHER_FORM and is_day(part):
            continue
        if has_older_form(field, part):
            yield "date-doubt", ""
        else:
            yield "date-format", form
            return
    if len(values) > 1 and not field.separator:
        yield "date-doubt", ""


def takes_several(field: Field) -> bool:
    """Whether several dates may stand in the field; QĐ 3176 is said to have widened two to 100 characters."""
    return bool(field.separator) or (field.hard or 0) > 12


def has_older_form(field: Field, value: str) -> bool:
    if " or " in field.format:
        return is_day(value)
    return field.name in MAY_HAVE_TIME and is_moment(value)


def check_number(field: Field, value: str) -> Iterator[Broken]:
    if field.amount and _NUMBER.fullmatch(value) and value.startswith("-"):
        yield "amount-negative", ""
    yield from check_length(field, value)
    match = _NUMBER.fullmatch(value)
    if not match:
        yield "number-format", ""
        return
    limit, decimals = 2 if field.format else field.decimals or 0, match[1] or ""
    if len(decimals.rstrip("0")) > limit:
        yield "decimals", limit
    elif len(decimals) > limit:
        yield "decimals-doubt", limit
    if value.startswith("-"):
        yield "number-negative", ""
    yield from check_codes(field, value)


def check_text(field: Field, value: str) -> Iterator[Broken]:
    codes = [part for part in (part.strip() for part in value.split(";")) if part]
    if field.name in ONE_CODE and len(codes) > 1:
        yield "icd-main-one", ""
    if len(codes) > MAX_CODES.get(field.name, len(codes)):
        yield "icd-secondary-12", MAX_CODES[field.name]
    yield from check_length(field, value)
    yield from check_codes(field, value)
    yield from check_shape(field, codes)


def check_length(field: Field, value: str) -> Iterator[Broken]:
    if field.hard is not None and len(value) > field.hard:
        yield "max-length", field.hard
    elif field.soft is not None and len(value) > field.soft:
        yield "length-doubt", field.soft


def check_codes(field: Field, value: str) -> Iterator[Broken]:
    if field.codes is None:
        return
    codes = [part.strip() for part in value.split(";")] if field.separator else [value]
    if any(code not in field.codes.values for code in codes):
        yield ("code-doubt" if field.codes.open else "code-list"), field.codes.name
    elif any(code in field.codes.doubtful for code in codes):
        yield "code-doubt", field.codes.name


def check_shape(field: Field, codes: list[str]) -> Iterator[Broken]:
    shape = SHAPES.get(field.external)
    if shape and not all(shape.fullmatch(code) for code in codes):
        yield "code-format", EXAMPLES[field.external]
    if field.name == "SO_CCCD" and not all(_PERSONAL_ID.fullmatch(code) for code in codes):
        yield "personal-id-format", ""


@cache
def quick_test(field: Field) -> Callable[[str], bool]:
    """Return a test that is true only for values that break no rule; cheap, and may be false too often."""
    if field.kind in ("date", "datetime"):
        return is_moment if field.kind == "datetime" and check_for(field) is check_date else quick_date(field)
    if field.codes and not field.separator:
        return (field.codes.values - field.codes.doubtful).__contains__
    if field.kind == "number":
        return quick_number(field)
    if not (
        field.codes or field.format or field.name in ONE_CODE or field.name in MAX_CODES or has_shape(field)
    ):
        limit = min(limit for limit in (field.soft, field.hard, UNLIMITED) if limit is not None)
        return lambda value: len(value) <= limit
    return lambda value: not any(True for _ in broken_rules(field, value))


def quick_date(field: Field) -> Callable[[str], bool]:
    return is_day if field.kind == "date" else is_birth


UNLIMITED = 1 << 30


def has_shape(field: Field) -> bool:
    return field.external in SHAPES or field.name == "SO_CCCD"


def quick_number(field: Field) -> Callable[[str], bool]:
    fraction = rf"(?:\.\d{{1,{field.decimals}}})?" if field.decimals else ""
    pattern = re.compile(rf"\d+{fraction}", re.ASCII)
    limit = field.soft or UNLIMITED
    return lambda value: len(value) <= limit and pattern.fullmatch(value) is not None
